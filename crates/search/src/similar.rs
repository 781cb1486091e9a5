//! `search_similar_tickets`: the one function that all callers use.
//!
//! A caller may leave: its future is dropped, and with it the guard of the token that the blocking work checks.

use std::collections::HashSet;
use std::sync::Arc;

use anyhow::ensure;
use store::Store;
use ticket::{TenantId, TicketId};
use tokio_util::sync::CancellationToken;

use crate::analysis::Words;
use crate::index::{Indexes, Unavailable, is_damage};
use crate::query::{Matches, find};
use crate::request::SearchQuery;
use crate::response::{Helpdesk, Precedent, StoredTicket, extract};

/// Returns the stored tickets that help most with a new one, best first; none if none is similar enough. It sees every
/// batch that was committed before the call.
///
/// # Errors
/// Those of the store, and [`crate::Unavailable`].
pub async fn search_similar_tickets(
    store: &Store,
    indexes: &Indexes,
    tenant: &TenantId,
    query: SearchQuery,
) -> anyhow::Result<Vec<Precedent>> {
    let cancel = CancellationToken::new();
    let _guard = cancel.clone().drop_guard();
    let query = Arc::new(query);
    match answer(store, indexes, tenant, &query, &cancel).await {
        Err(error) if is_damage(&error) => {
            tracing::warn!(tenant_id = %tenant, "a search failed; building the search index again: {error:#}");
            indexes.discard_damaged(tenant).await?;
            let answered = answer(store, indexes, tenant, &query, &cancel).await;
            answered.map_err(|error| match is_damage(&error) {
                true => error.context(Unavailable),
                false => error,
            })
        }
        answered => answered,
    }
}

/// Returns a stored ticket; `None` if there is none, or it was withdrawn.
///
/// # Errors
/// Those of the store.
pub async fn get_ticket(store: &Store, tenant: &TenantId, id: &str) -> anyhow::Result<Option<StoredTicket>> {
    let Some(id) = TicketId::from_shown(id) else {
        return Ok(None);
    };
    let Some(found) = store.tickets(tenant, &[id]).await?.pop() else {
        return Ok(None);
    };
    let helpdesk = Helpdesk::new(&store.history(tenant).await?.helpdesk_url);
    Ok(Some(StoredTicket::new(found, &helpdesk)))
}

async fn answer(
    store: &Store,
    indexes: &Indexes,
    tenant: &TenantId,
    query: &Arc<SearchQuery>,
    cancel: &CancellationToken,
) -> anyhow::Result<Vec<Precedent>> {
    let history = store.history(tenant).await?;
    let helpdesk = Helpdesk::new(&history.helpdesk_url);
    let index = indexes.current(store, tenant, &history).await?;
    let turn = indexes.turn().await?;
    let shared = (turn.clone(), query.clone(), cancel.clone());
    let found = tokio::task::spawn_blocking(move || {
        let (_turn, query, cancel) = shared;
        find(&index, &query, &cancel).map(|found| (found, index.words()))
    });
    let (found, words) = found.await??;
    let ids: Vec<_> = found
        .matches
        .iter()
        .filter_map(|hit| TicketId::new(&hit.id))
        .collect();
    let tickets = store.excerpts(tenant, &ids).await?;
    let cancel = cancel.clone();
    tokio::task::spawn_blocking(move || {
        let _turn = turn;
        precedents(found, tickets, words, &helpdesk, &cancel)
    })
    .await?
}

/// Joins the matches with their current rows of the table.
fn precedents(
    found: Matches,
    mut tickets: Vec<ticket::Ticket>,
    mut words: Words,
    helpdesk: &Helpdesk,
    cancel: &CancellationToken,
) -> anyhow::Result<Vec<Precedent>> {
    let mut precedents = Vec::with_capacity(tickets.len());
    for hit in found.matches {
        ensure!(!cancel.is_cancelled(), "the caller left");
        let Some(at) = tickets.iter().position(|ticket| ticket.id.as_str() == hit.id) else {
            continue;
        };
        let ticket = StoredTicket::new(tickets.swap_remove(at), helpdesk);
        let content = &ticket.untrusted_content;
        let whole = format!("{}\n{}", content.description, content.resolution);
        let words = words.of(&whole);
        let present: HashSet<_> = words.iter().map(|word| &word.term).collect();
        let matched = found.terms.iter().filter(|term| present.contains(term));
        let mut matched_terms: Vec<_> = matched.cloned().collect();
        matched_terms.sort_unstable();
        let extract = extract(&words, &whole, &found.terms);
        precedents.push(Precedent::new(ticket, hit.likelihood, matched_terms, extract));
    }
    Ok(precedents)
}
