//! `search_similar_tickets`: one function behind every caller.

use std::path::Path;

use store::Store;
use ticket::{TenantId, Ticket, TicketId};

use super::catch_up::catch_up;
use super::extract::{Extract, extract};
use super::index::TicketIndex;
use super::query::{Question, find};

/// A precedent.
#[derive(Clone, Debug)]
pub(crate) struct Hit {
    pub(crate) ticket: Ticket,
    /// 0 to 1.
    pub(crate) score: f32,
    /// What it has of the terms that were looked for, ordered.
    pub(crate) matched_terms: Vec<String>,
    pub(crate) extract: Extract,
}

/// The stored tickets most like the question, best first. Sees every batch that was committed before the call.
///
/// `folder` holds the tenants' indexes.
pub(crate) async fn search_similar_tickets(
    store: &dyn Store,
    folder: &Path,
    tenant: &TenantId,
    question: &Question,
) -> anyhow::Result<Vec<Hit>> {
    let revision = store.revision(tenant).await?;
    let index = TicketIndex::open(&folder.join(tenant.as_str()), revision)?;
    catch_up(store, tenant, &index, revision).await?;
    let found = find(&index, question)?;
    let ids: Vec<_> = found
        .matches
        .iter()
        .filter_map(|hit| TicketId::new(&hit.id))
        .collect();
    let mut tickets = store.tickets(tenant, &ids).await?;
    let mut words = index.words();
    let mut hits = Vec::with_capacity(tickets.len());
    for hit in &found.matches {
        let Some(at) = tickets.iter().position(|ticket| ticket.id.as_str() == hit.id) else {
            continue;
        };
        let ticket = tickets.swap_remove(at);
        let whole = format!("{}\n{}", ticket.description, ticket.resolution);
        let mut matched_terms: Vec<_> = words
            .of(&whole)
            .into_iter()
            .filter(|word| found.terms.contains(&word.term))
            .map(|word| word.term)
            .collect();
        matched_terms.sort_unstable();
        matched_terms.dedup();
        hits.push(Hit {
            extract: extract(&mut words, &whole, &found.terms),
            score: hit.score,
            matched_terms,
            ticket,
        });
    }
    Ok(hits)
}
