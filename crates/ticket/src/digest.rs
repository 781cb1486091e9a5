//! The digest of a ticket: two copies with the same digest are equal.

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

use crate::Ticket;

/// SHA-256 over every stored field of a ticket. An unchanged ticket then costs no write.
///
/// The database stores the digest, so a change of the fields or of their order makes every stored ticket look
/// changed once. The length of each field precedes it, so that text that moves from one field to the next
/// changes the digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ContentDigest([u8; 32]);

impl ContentDigest {
    /// Returns the bytes of the digest.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    fn of(ticket: &Ticket) -> Self {
        let mut hash = Sha256::new();
        text(&mut hash, ticket.id.as_str());
        optional(&mut hash, ticket.display_id.as_deref());
        text(&mut hash, &ticket.subject);
        text(&mut hash, &ticket.description);
        text(&mut hash, &ticket.resolution);
        time(&mut hash, Some(ticket.resolved_at));
        time(&mut hash, ticket.source_updated_at);
        optional(&mut hash, ticket.status.as_deref());
        optional(&mut hash, ticket.category.as_deref());
        optional(&mut hash, ticket.priority.as_deref());
        optional(&mut hash, ticket.url.as_deref());
        hash.update((ticket.tags.len() as u64).to_le_bytes());
        for tag in &ticket.tags {
            text(&mut hash, tag);
        }
        // Few tenants keep the HTML. Without it the digest equals that of all other tenants.
        for (name, html) in [
            ("description", &ticket.description_html),
            ("resolution", &ticket.resolution_html),
        ] {
            if let Some(html) = html {
                text(&mut hash, name);
                text(&mut hash, html);
            }
        }
        Self(hash.finalize().into())
    }
}

impl Ticket {
    /// Returns the digest of all stored fields of this ticket.
    pub fn digest(&self) -> ContentDigest {
        ContentDigest::of(self)
    }
}

fn text(hash: &mut Sha256, value: &str) {
    hash.update((value.len() as u64).to_le_bytes());
    hash.update(value.as_bytes());
}

fn optional(hash: &mut Sha256, value: Option<&str>) {
    hash.update([u8::from(value.is_some())]);
    text(hash, value.unwrap_or_default());
}

fn time(hash: &mut Sha256, value: Option<DateTime<Utc>>) {
    // The last possible millisecond stands for "no time": no ticket has it.
    hash.update(
        value
            .map_or(i64::MAX, |time| time.timestamp_millis())
            .to_le_bytes(),
    );
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use crate::{Ticket, TicketId};

    fn ticket() -> Ticket {
        Ticket {
            id: TicketId::new("7").expect("not blank"),
            display_id: None,
            subject: "VPN".into(),
            description: "VPN\n\ndrops".into(),
            resolution: String::new(),
            resolved_at: DateTime::from_timestamp_millis(1_741_694_400_000).expect("in range"),
            source_updated_at: None,
            status: Some("Closed".into()),
            category: None,
            priority: None,
            url: None,
            tags: vec!["a".into(), "b".into()],
            description_html: None,
            resolution_html: None,
        }
    }

    #[test]
    fn each_field_changes_the_digest() {
        let changes: [fn(&mut Ticket); 14] = [
            |t| t.id = TicketId::new("8").expect("not blank"),
            |t| t.display_id = Some(String::new()),
            |t| t.subject.push('s'),
            |t| t.description.push('d'),
            |t| t.resolution.push('r'),
            |t| t.resolved_at += chrono::TimeDelta::milliseconds(1),
            |t| t.source_updated_at = Some(t.resolved_at),
            |t| t.status = None,
            |t| t.category = Some("Network".into()),
            |t| t.priority = Some("High".into()),
            |t| t.url = Some("https://desk.example.com/7".into()),
            |t| t.tags = vec!["ab".into()],
            |t| t.description_html = Some("<p>d</p>".into()),
            |t| t.resolution_html = Some("<p>d</p>".into()),
        ];
        let mut digests = vec![ticket().digest()];
        for change in changes {
            let mut changed = ticket();
            change(&mut changed);
            digests.push(changed.digest());
        }
        let distinct: std::collections::HashSet<_> = digests.iter().collect();
        assert_eq!(distinct.len(), digests.len());
        assert_eq!(ticket().digest(), ticket().digest());
    }
}
