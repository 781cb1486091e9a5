//! Hydrates the rows of a page: details for thin rows, then tickets.

use tokio::task::spawn_blocking;

use super::complete::refuse_if_all_are_gone;
use super::completed::Completed;
use super::convert::convert_all;
use super::hydrated::Hydrated;
use super::normalise::Normaliser;
use super::stored::StoredTickets;
use crate::{Client, Result, Row, Window};

impl Client {
    /// Completes and converts the rows of a page.
    ///
    /// A row with the time of update of a stored ticket is unchanged and costs no detail call. A whole row with
    /// the digest of a stored ticket is not converted again.
    ///
    /// A failure that concerns more than one row (an unavailable server, refused credentials, a stop) is in
    /// [`Hydrated::failure`], with the rows that are left.
    pub async fn hydrate(&self, window: Window, rows: Vec<Row>, stored: StoredTickets) -> Hydrated {
        let mut normaliser = self.normaliser(window);
        let requests = rows.iter().filter_map(|row| row.request.as_ref().ok());
        normaliser.statuses = match self.statuses_for(requests).await {
            Ok(statuses) => statuses,
            Err(failure) => {
                return Hydrated {
                    left: rows,
                    failure: Some(failure),
                    ..Hydrated::default()
                };
            }
        };
        let mut page = self.complete_all(&normaliser, rows, &stored).await;
        if let Err(error) = self.check_details(&mut normaliser, &page.completed).await {
            page.fail(error);
        }
        // Notes may change without a change of the ticket.
        let stored = if self.settings().resolution_from_notes {
            StoredTickets::new()
        } else {
            stored
        };
        let mut hydrated = self.convert_off_thread(normaliser, page.completed, stored).await;
        hydrated.left = page.left;
        hydrated.failure = page.failure;
        if self.settings().resolution_from_notes {
            self.resolve_from_notes(&mut hydrated).await;
        }
        hydrated
    }

    /// Checks that details exist at all, and learns their statuses: a detail may have another one than its row.
    async fn check_details(&self, normaliser: &mut Normaliser, completed: &[Completed]) -> Result<()> {
        refuse_if_all_are_gone(completed)?;
        let requests = completed.iter().filter_map(Completed::request);
        normaliser.statuses = self.statuses_for(requests).await?;
        Ok(())
    }

    /// Converts rows on a thread for CPU work: conversion of HTML would block the threads of the network.
    async fn convert_off_thread(
        &self,
        normaliser: Normaliser,
        completed: Vec<Completed>,
        stored: StoredTickets,
    ) -> Hydrated {
        let core = self.conversions().acquire().await.expect("never closed");
        let converted = spawn_blocking(move || convert_all(&normaliser, completed, &stored)).await;
        drop(core);
        match converted {
            Ok(hydrated) => hydrated,
            Err(error) => match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                // The runtime shuts down and drops this future.
                Err(_) => std::future::pending().await,
            },
        }
    }
}
