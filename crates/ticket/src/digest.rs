//! When two copies of a ticket are the same.

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

use crate::Ticket;

/// SHA-256 over every stored field of a ticket, so that an unchanged ticket costs no write.
///
/// Stored with the row: a change of what goes in, or in which order, makes every stored ticket look
/// changed once. Every field is preceded by its length, so that moving text from one field to the
/// next changes the digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ContentDigest([u8; 32]);

impl ContentDigest {
    /// The digest as stored.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    pub(crate) fn of(ticket: &Ticket) -> Self {
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
        // Kept by few tenants: without them the digest is what it is for all others.
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

fn text(hash: &mut Sha256, value: &str) {
    hash.update((value.len() as u64).to_le_bytes());
    hash.update(value.as_bytes());
}

fn optional(hash: &mut Sha256, value: Option<&str>) {
    hash.update([u8::from(value.is_some())]);
    text(hash, value.unwrap_or_default());
}

fn time(hash: &mut Sha256, value: Option<DateTime<Utc>>) {
    // No ticket is from the last millisecond that chrono can tell.
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
    fn every_field_counts() {
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
