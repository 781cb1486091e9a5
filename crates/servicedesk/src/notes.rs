//! Resolutions that a team writes into notes instead of the field made for them.
//!
//! A list of notes has no texts, so it costs one call for the list and one for each note that is looked at:
//! only for tickets without a resolution, only where the tenant is set so.

use futures::future::try_join_all;
use ticket::html_to_text;

use crate::finish::{Finished, Outcome};
use crate::wire::Note;
use crate::{Client, Error, Result};

/// Notes that are looked at, the newest first.
const NOTES: usize = 3;

/// Maximum characters of a note's id.
const NOTE_ID_DIGITS: usize = 100;

impl Client {
    /// Gives tickets without a resolution the text of their newest note.
    pub(crate) async fn resolve_from_notes(&self, finished: &mut Finished) -> Result<()> {
        let unresolved = finished.outcomes.iter_mut().filter_map(|outcome| match outcome {
            Outcome::Ticket(ticket, _) if ticket.resolution.is_empty() => Some(ticket),
            _ => None,
        });
        let resolved = unresolved.map(async |ticket| {
            let _place = self.details().acquire().await.expect("never closed");
            if let Some(text) = self.newest_note(ticket.id.as_str()).await? {
                ticket.resolution = text;
            }
            Ok::<_, Error>(())
        });
        try_join_all(resolved).await?;
        Ok(())
    }

    async fn newest_note(&self, ticket: &str) -> Result<Option<String>> {
        let url = self.address().api(&["requests", ticket, "notes"]);
        let what = format!("notes of {ticket}");
        let read = self.call(&what, url, |answer| Ok(answer.notes.unwrap_or_default()));
        let mut notes = match read.await {
            // Notes may be closed to this key, or the ticket gone since.
            Err(Error::Forbidden(_) | Error::NotFound(_) | Error::Refused(_)) => return Ok(None),
            notes => notes?,
        };
        notes.sort_by_key(|note| std::cmp::Reverse(note.added_time.milliseconds()));
        for note in notes.into_iter().take(NOTES) {
            let text = match self.text_of(ticket, &note).await {
                Err(Error::Forbidden(_) | Error::NotFound(_) | Error::Refused(_)) => continue,
                text => text?,
            };
            if !text.is_empty() {
                return Ok(Some(text));
            }
        }
        Ok(None)
    }

    async fn text_of(&self, ticket: &str, listed: &Note) -> Result<String> {
        // It becomes part of a URL.
        let plain =
            |id: &&String| id.len() <= NOTE_ID_DIGITS && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let Some(id) = listed.id.0.as_ref().filter(plain) else {
            return Ok(String::new());
        };
        let url = self.address().api(&["requests", ticket, "notes", id]);
        let what = format!("note {id} of {ticket}");
        let note = self
            .call(&what, url, |answer| Ok(answer.note.ok_or("no note")?))
            .await?;
        Ok(note.description.read().map(html_to_text).unwrap_or_default())
    }
}
