//! Webhooks and what helpdesks send to them.

use hmac::{Hmac, KeyInit, Mac};
use reqwest::{RequestBuilder, StatusCode};
use serde_json::{Value, json};
use servicedesk_sim::{Edition, Options};
use sha2::Sha256;

use super::bench::Bench;
use super::database::Database;
use super::process::finished;
use super::server::Server;

/// Secret that signs resolved tickets of acme in benches with a webhook.
pub(crate) const SECRET: &str = "planted-webhook-secret-of-acme-4711";

/// A tenant's webhook for change notifications of ServiceDesk Plus.
pub(crate) struct Webhook {
    pub(crate) path: String,
    pub(crate) secret: String,
    pub(crate) signing_secret: String,
}

impl Webhook {
    /// Reads the JSON of `webhook create` or `webhook show`.
    pub(crate) fn parse(json: &Value) -> Self {
        let url = json["url"].as_str().expect("a URL");
        let path = url
            .strip_prefix("http://127.0.0.1:8080")
            .expect("the default address");
        Self {
            path: path.to_owned(),
            secret: json["secret"].as_str().expect("a secret").to_owned(),
            signing_secret: json["signing_secret"].as_str().expect("a secret").to_owned(),
        }
    }

    /// Sends a change notification as ServiceDesk Plus does, which must be accepted.
    pub(crate) async fn send(&self, server: &Server, body: impl Into<String>) {
        let request = server.post(&self.path).header("x-precedent-secret", &self.secret);
        let answer = request.body(body.into()).send().await.expect("an answer");
        assert_accepted(answer.status());
    }

    /// Sends a change notification of one ticket, which must be accepted.
    pub(crate) async fn notify(&self, server: &Server, id: &str) {
        self.send(server, json!({"request": {"id": id}}).to_string())
            .await;
    }
}

impl Bench {
    /// Creates the webhook of a tenant.
    #[track_caller]
    pub(crate) fn create_webhook(&self, tenant: &str) -> Webhook {
        Webhook::parse(&self.object(&["webhook", "create", "--tenant-id", tenant]))
    }

    /// Returns acme's webhook.
    #[track_caller]
    pub(crate) fn webhook(&self) -> Webhook {
        Webhook::parse(&self.object(&["webhook", "show", "--tenant-id=acme"]))
    }

    /// Sets a bench up whose tenant acme has imported its tickets and has a webhook
    /// that signs with [`SECRET`].
    pub(crate) async fn with_webhook(database: Database, edition: Edition) -> Self {
        let options = Options {
            tickets: Some(60),
            days: 80,
            open_every: 6,
            edition,
            ..Options::default()
        };
        let bench = Self::on(database, options).await;
        bench.import();
        let mut command = bench.command(&["tenant", "set", "--tenant-id=acme", "--webhook-secret-stdin"]);
        let file = bench.write("secret", format!("{SECRET}\n"));
        command.stdin(std::fs::File::open(file).expect("there"));
        let (code, _, stderr) = finished(command.output().expect("started"));
        assert_eq!(code, 0, "{stderr}");
        bench
    }
}

#[track_caller]
pub(crate) fn assert_accepted(status: StatusCode) {
    assert_eq!(status, 202);
}

/// Returns the signature of a body in hexadecimal digits.
pub(crate) fn sign(body: &str) -> String {
    let mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).expect("any length");
    hex::encode(mac.chain_update(body).finalize().into_bytes())
}

/// Returns a request with a signed body to the webhook for resolved tickets.
pub(crate) fn signed(server: &Server, body: &str) -> RequestBuilder {
    server
        .post("/webhook/servicedesk/resolved-ticket")
        .header("content-type", "application/json")
        .header("x-servicedesk-signature", format!("sha256={}", sign(body)))
        .body(body.to_owned())
}

/// Returns the body that reports a resolved ticket.
pub(crate) fn resolved_ticket(id: &str, resolution: &str, date: &str) -> String {
    json!({"tenant_id": "acme", "ticket_id": id, "subject": "Flugkompensator broken", "description": "It hums.",
        "resolution": resolution, "resolved_date": date, "priority": "High", "tags": ["time"]})
    .to_string()
}
