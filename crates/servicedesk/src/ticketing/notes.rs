//! Resolutions that a team writes into notes instead of the resolution field.
//!
//! A list of notes has no texts, so a ticket costs one call for the list and one for each note. Only tickets
//! without a resolution cost them, and only if the tenant enables it.

use futures::future::join_all;
use ticket::html_to_text;

use super::hydrated::Hydrated;
use super::outcome::Outcome;
use crate::wire::Note;
use crate::{Client, Error, Result, Row};

/// Maximum notes read per ticket, the newest first.
const NOTES: usize = 3;

/// Maximum characters of a note's id.
const NOTE_ID_DIGITS: usize = 100;

impl Client {
    /// Sets the resolution of tickets without one to the text of their newest note. Leaves a row for later if its
    /// notes fail for a reason that concerns more than this ticket.
    pub(crate) async fn resolve_from_notes(&self, hydrated: &mut Hydrated) {
        // The failure of one ticket stops the calls for the others.
        let part = self.stopped_by(self.stop().child()).reading_ahead();
        let resolving = hydrated.outcomes.drain(..).map(async |outcome| match outcome {
            Outcome::Ticket(mut ticket, fingerprint) if ticket.resolution.is_empty() => {
                match part.note_of(ticket.id.as_str()).await {
                    Ok(note) => ticket.resolution = note.unwrap_or_default(),
                    Err(error) => {
                        part.stop().soft.cancel();
                        return Err((Row::from_json(&fingerprint.raw.to_string()), error));
                    }
                }
                Ok(Outcome::Ticket(ticket, fingerprint))
            }
            done => Ok(done),
        });
        let resolved = join_all(resolving).await;
        for outcome in resolved {
            match outcome {
                Ok(outcome) => hydrated.outcomes.push(outcome),
                Err((row, error)) => hydrated.leave(row, error),
            }
        }
    }

    /// Returns the text of the newest note, within the limit of concurrent detail calls.
    async fn note_of(&self, ticket: &str) -> Result<Option<String>> {
        let place = self.stop().before_sending(self.details().acquire()).await?;
        let _place = place.expect("never closed");
        self.newest_note(ticket).await
    }

    /// Returns the text of the newest note that has one.
    async fn newest_note(&self, ticket: &str) -> Result<Option<String>> {
        let url = self.address().api(&["requests", ticket, "notes"]);
        let what = format!("notes of {ticket}");
        let read = self.call(&what, url, |answer| Ok(answer.notes.unwrap_or_default()));
        let mut notes = match read.await {
            Err(error) if has_no_text(&error) => return Ok(None),
            notes => notes?,
        };
        notes.sort_by_key(|note| std::cmp::Reverse(note.added_time.milliseconds()));
        for note in notes.into_iter().take(NOTES) {
            let text = match self.text_of(ticket, &note).await {
                Err(error) if has_no_text(&error) => continue,
                text => text?,
            };
            if !text.is_empty() {
                return Ok(Some(text));
            }
        }
        Ok(None)
    }

    /// Reads the text of one note.
    async fn text_of(&self, ticket: &str, listed: &Note) -> Result<String> {
        // The id becomes part of a URL.
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

/// Returns whether a note has no text for this key: it may not read notes, the ticket was deleted in the meantime, or
/// the note is so long that it is no resolution.
fn has_no_text(error: &Error) -> bool {
    matches!(
        error,
        Error::Forbidden(_) | Error::NotFound(_) | Error::Refused(_) | Error::TooLong { .. }
    )
}
