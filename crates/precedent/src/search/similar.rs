//! `search_similar_tickets`: one function behind every caller.

use std::collections::HashSet;
use std::sync::Arc;

use store::Store;
use ticket::{TenantId, TicketId};

use super::extract::extract;
use super::indexes::Indexes;
use super::precedent::{Precedent, StoredTicket};
use super::query::{Matches, find};
use super::question::Question;
use super::words::Words;

/// The stored tickets that help most with the question, best first; none if none is alike enough. Sees every batch
/// that was committed before the call.
pub(crate) async fn search_similar_tickets(
    store: &Arc<dyn Store>,
    indexes: &Indexes,
    tenant: &TenantId,
    question: Question,
) -> anyhow::Result<Vec<Precedent>> {
    let question = Arc::new(question);
    let (found, words) = match look(store, indexes, tenant, &question).await {
        Ok(found) => found,
        Err(error) if error.is::<tantivy::TantivyError>() => {
            tracing::warn!(tenant_id = %tenant, "the search index is damaged and made anew: {error:#}");
            indexes.discard(tenant).await?;
            look(store, indexes, tenant, &question).await?
        }
        Err(error) => return Err(error),
    };
    let ids: Vec<_> = found
        .matches
        .iter()
        .filter_map(|hit| TicketId::new(&hit.id))
        .collect();
    let tickets = store.tickets(tenant, &ids).await?;
    tokio::task::spawn_blocking(move || Ok(precedents(found, tickets, words))).await?
}

/// One stored ticket; `None` where there is none, or it was withdrawn.
pub(crate) async fn get_ticket(
    store: &dyn Store,
    tenant: &TenantId,
    id: &str,
) -> anyhow::Result<Option<StoredTicket>> {
    let Some(id) = TicketId::new(id) else {
        return Ok(None);
    };
    let found = store.tickets(tenant, &[id]).await?.pop();
    Ok(found.map(StoredTicket::from))
}

async fn look(
    store: &Arc<dyn Store>,
    indexes: &Indexes,
    tenant: &TenantId,
    question: &Arc<Question>,
) -> anyhow::Result<(Matches, Words)> {
    let index = indexes.current(store, tenant).await?;
    let question = question.clone();
    tokio::task::spawn_blocking(move || Ok((find(&index, &question)?, index.words()))).await?
}

/// The matches with what the table holds of them now.
fn precedents(found: Matches, mut tickets: Vec<ticket::Ticket>, mut words: Words) -> Vec<Precedent> {
    let mut precedents = Vec::with_capacity(tickets.len());
    for hit in found.matches {
        let Some(at) = tickets.iter().position(|ticket| ticket.id.as_str() == hit.id) else {
            continue;
        };
        let ticket = tickets.swap_remove(at);
        let whole = format!("{}\n{}", ticket.description, ticket.resolution);
        let there: HashSet<_> = words.of(&whole).into_iter().map(|word| word.term).collect();
        let mut matched_terms: Vec<_> = found.terms.intersection(&there).cloned().collect();
        matched_terms.sort_unstable();
        let extract = extract(&mut words, &whole, &found.terms);
        precedents.push(Precedent::new(ticket, hit.likelihood, matched_terms, extract));
    }
    precedents
}
