//! Resolutions that a team writes into notes instead of the field made for them.
//!
//! A list of notes has no texts, so it costs one call for the list and one for each note that is looked at:
//! only for tickets without a resolution, only where the tenant is set so.

use futures::future::join_all;
use ticket::html_to_text;

use crate::finish::{Finished, Outcome, worse};
use crate::wire::Note;
use crate::{Client, Error, Result, Row};

/// Notes that are looked at, the newest first.
const NOTES: usize = 3;

/// Maximum characters of a note's id.
const NOTE_ID_DIGITS: usize = 100;

impl Client {
    /// Gives tickets without a resolution the text of their newest note. Those whose notes cannot be read for a reason
    /// that concerns more than them are left.
    pub(crate) async fn resolve_from_notes(&self, finished: &mut Finished) {
        // What one failed of, the others need not try.
        let part = self.stopped_by(self.stop().child());
        let resolving = finished.outcomes.drain(..).map(async |outcome| match outcome {
            Outcome::Ticket(mut ticket, original) if ticket.resolution.is_empty() => {
                match part.note_of(ticket.id.as_str()).await {
                    Ok(note) => ticket.resolution = note.unwrap_or_default(),
                    Err(error) => {
                        part.stop().soft.cancel();
                        return Err((Row::from_json(&original.raw.to_string()), error));
                    }
                }
                Ok(Outcome::Ticket(ticket, original))
            }
            done => Ok(done),
        });
        let resolved = join_all(resolving).await;
        for outcome in resolved {
            match outcome {
                Ok(outcome) => finished.outcomes.push(outcome),
                Err((row, error)) => {
                    finished.left.push(row);
                    finished.failure = worse(finished.failure.take(), error);
                }
            }
        }
    }

    async fn note_of(&self, ticket: &str) -> Result<Option<String>> {
        let place = self.stop().before_sending(self.details().acquire()).await?;
        let _place = place.expect("never closed");
        self.newest_note(ticket).await
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
