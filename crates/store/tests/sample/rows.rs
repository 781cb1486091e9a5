//! Tenants and tickets for the tests of this crate.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use store::{Batch, Incoming, LearnedSettings, Tenant, TicketOrigin};
use ticket::{TenantId, Ticket, TicketId};

pub(crate) fn id(name: &str) -> TenantId {
    name.parse().expect("an id")
}

pub(crate) fn now() -> DateTime<Utc> {
    DateTime::from_timestamp_millis(1_770_000_000_123).expect("in range")
}

pub(crate) fn tenant(name: &str) -> Tenant {
    Tenant {
        id: id(name),
        name: name.into(),
        edition: "cloud".into(),
        api: "v3".into(),
        base_url: "https://desk.example.com".into(),
        portal: None,
        accounts_url: None,
        credentials: "v1.sealed".into(),
        ca_certificate: None,
        insecure: false,
        allow_http: false,
        allow_loopback: false,
        requests_per_minute: 100,
        resolution_from_notes: false,
        keep_html: false,
        keep_days: None,
        quota: store::Quota::default(),
        usage: store::Usage::default(),
        language: "english".into(),
        learned: LearnedSettings::default(),
        created_at: now(),
        updated_at: now(),
    }
}

pub(crate) fn ticket(number: &str) -> Incoming {
    let ticket = Ticket {
        id: TicketId::new(number).expect("not blank"),
        display_id: None,
        subject: "VPN drops".into(),
        description: "VPN drops\n\nevery hour".into(),
        resolution: "Replaced the cable".into(),
        resolved_at: now(),
        source_updated_at: Some(now()),
        status: Some("Closed".into()),
        category: None,
        priority: None,
        url: None,
        tags: Vec::new(),
        description_html: None,
        resolution_html: None,
    };
    Incoming {
        ticket,
        raw: Arc::new("{}"),
        source_digest: Some(vec![7; 32]),
    }
}

/// Tickets that were read by themselves, under no lease.
pub(crate) fn batch(tickets: Vec<Incoming>) -> Batch {
    Batch {
        tickets,
        ..Batch::new(None, TicketOrigin::BulkImport, now())
    }
}
