//! What helpdesks report reaches the table, whoever sends it in whatever form, and nothing else does.

use std::time::{Duration, Instant};

use base64::Engine as _;
use hmac::{Hmac, KeyInit, Mac};
use reqwest::RequestBuilder;
use serde_json::{Value, json};
use servicedesk_sim::{Edition, Options};
use sha2::Sha256;

use crate::bench::{Bench, Database, Row, finished};
use crate::serve::problem;
use crate::server::Server;

const SECRET: &str = "planted-webhook-secret-4711";

pub(crate) async fn bench(database: Database, edition: Edition) -> Bench {
    let options = Options {
        tickets: Some(60),
        days: 80,
        open_every: 6,
        edition,
        ..Options::default()
    };
    let bench = Bench::on(database, options).await;
    bench.import();
    let mut command = bench.command(&["tenant", "set", "--tenant-id=acme", "--webhook-secret-stdin"]);
    let file = bench.home.path().join("secret");
    std::fs::write(&file, format!("{SECRET}\n")).expect("written");
    command.stdin(std::fs::File::open(file).expect("there"));
    let (code, _, stderr) = finished(command.output().expect("started"));
    assert_eq!(code, 0, "{stderr}");
    bench
}

fn signature(body: &str) -> String {
    let mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).expect("any length");
    hex::encode(mac.chain_update(body).finalize().into_bytes())
}

pub(crate) fn signed(server: &Server, body: &str) -> RequestBuilder {
    server
        .post("/webhook/servicedesk/resolved-ticket")
        .header("content-type", "application/json")
        .header("x-servicedesk-signature", format!("sha256={}", signature(body)))
        .body(body.to_owned())
}

pub(crate) fn report(id: &str, resolution: &str, date: &str) -> String {
    json!({"tenant_id": "acme", "ticket_id": id, "subject": "Flugkompensator broken", "description": "It hums.",
        "resolution": resolution, "resolved_date": date, "priority": "High", "tags": ["time"]})
    .to_string()
}

/// The webhook as `show` prints it.
fn hook(bench: &Bench) -> Value {
    let (code, stdout, stderr) = bench.run(&["webhook", "show", "--tenant-id=acme", "--json"]);
    assert_eq!(code, 0, "{stderr}");
    serde_json::from_str(&stdout).expect("an object")
}

fn path(hook: &Value) -> String {
    let url = hook["url"].as_str().expect("a URL");
    url.strip_prefix("http://127.0.0.1:8080")
        .expect("the default")
        .to_owned()
}

#[track_caller]
fn accepted(status: reqwest::StatusCode) {
    assert_eq!(status, 202);
}

/// Reports as ServiceDesk Plus does, and is told that it is stored.
async fn hint(server: &Server, path: &str, body: String) {
    let report = server.post(path).header("x-precedent-secret", SECRET).body(body);
    accepted(report.send().await.expect("an answer").status());
}

/// Looks until the table is as expected, or fails after a while with what it is.
async fn eventually(bench: &Bench, what: impl Fn(&[Row]) -> bool) -> Vec<Row> {
    let started = Instant::now();
    loop {
        let rows = bench.rows().await;
        if what(&rows) {
            return rows;
        }
        assert!(started.elapsed() < Duration::from_secs(30), "{rows:#?}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signed_ticket_is_stored_and_found_and_never_goes_over_newer_data() {
    for database in [Database::Postgres, Database::Sqlite] {
        let bench = bench(database, Edition::Cloud).await;
        let server = Server::start(&bench, &[]);
        let send = async |body: &str| signed(&server, body).send().await.expect("an answer").status();
        accepted(send(&report("4711", "Reset it", "2026-10-01T12:00:00Z")).await);
        let row = |rows: &[Row]| rows.iter().find(|row| row.ticket_id == "4711").cloned();
        let rows = eventually(&bench, |rows| row(rows).is_some()).await;
        let stored = row(&rows).expect("there");
        assert_eq!(
            (stored.resolution.as_str(), stored.source.as_str()),
            ("Reset it", "webhook_resolved")
        );
        assert_eq!(stored.description, "Flugkompensator broken\n\nIt hums.");
        assert_eq!(bench.found("flugkompensator", &[]), ["4711"]);

        // Newer: taken over. Older, and the same again: not.
        accepted(send(&report("4711", "Replaced it", "2026-10-02T12:00:00Z")).await);
        let rows = eventually(&bench, |rows| {
            row(rows).is_some_and(|row| row.resolution == "Replaced it")
        })
        .await;
        let updated = row(&rows).expect("there");
        assert!(updated.ingested_at > stored.ingested_at && updated.version == 1);
        accepted(send(&report("4711", "Reset it", "2026-10-01T12:00:00Z")).await);
        accepted(send(&report("4711", "Replaced it", "2026-10-02T12:00:00Z")).await);
        accepted(send(&report("4712", "Last", "2026-10-02T12:00:00Z")).await);
        let rows = eventually(&bench, |rows| rows.iter().any(|row| row.ticket_id == "4712")).await;
        assert_eq!(row(&rows).expect("there"), updated);

        // What the helpdesk itself said last is newer than any such report of the past.
        let known = bench.simulator.desk().truth()[0].clone();
        let old = report(&known.id, "not so", "2026-01-01T12:00:00Z");
        accepted(send(&old).await);
        accepted(send(&report("4713", "Last", "2026-10-02T12:00:00Z")).await);
        eventually(&bench, |rows| rows.iter().any(|row| row.ticket_id == "4713")).await;
        assert!(bench.rows().await.iter().all(|row| row.resolution != "not so"));
        let (_, listed, _) = bench.run(&["inbox", "list", "--tenant-id=acme"]);
        assert_eq!(listed, "");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_status_says_what_is_wrong() {
    let bench = bench(Database::Postgres, Edition::Cloud).await;
    let server = Server::start(&bench, &[]);
    let good = report("1", "x", "2026-10-01T12:00:00Z");
    let post = || server.post("/webhook/servicedesk/resolved-ticket");
    problem(post().body(good.clone()), 401).await;
    for wrong in ["", "sha256=", "zz", &signature("something else")] {
        problem(
            post().header("x-servicedesk-signature", wrong).body(good.clone()),
            401,
        )
        .await;
    }
    for tenant in ["nobody", "../..", ""] {
        let body = good.replace("acme", tenant);
        problem(signed(&server, &body), 401).await;
    }
    for broken in ["", "{", "[1]", "\"x\"", "no json"] {
        problem(signed(&server, broken), 400).await;
    }
    problem(signed(&server, &"x".repeat(5 << 20)), 413).await;
    problem(signed(&server, "{}"), 422).await;
    let wrong =
        json!({"tenant_id": "acme", "ticket_id": "", "tags": "vpn", "resolved_date": "soon"}).to_string();
    let told = problem(signed(&server, &wrong), 422).await;
    let fields: Vec<_> = told["errors"]
        .as_array()
        .expect("errors")
        .iter()
        .map(|error| &error["field"])
        .collect();
    assert_eq!(fields, ["ticket_id", "resolved_date", "tags"]);
    problem(server.get("/webhook/servicedesk/resolved-ticket"), 405).await;

    // Standard Webhooks: the time counts as well.
    let standard = |timestamp: i64| {
        let mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).expect("any length");
        let digest = mac
            .chain_update(format!("msg_1.{timestamp}.{good}"))
            .finalize()
            .into_bytes();
        let signature = base64::prelude::BASE64_STANDARD.encode(digest);
        post()
            .header("webhook-id", "msg_1")
            .header("webhook-timestamp", timestamp)
            .header("webhook-signature", format!("v1,{signature}"))
            .body(good.clone())
    };
    let now = bench.simulator.desk().now_ms() / 1_000;
    problem(standard(now - 600), 401).await;
    accepted(standard(now).send().await.expect("an answer").status());

    // The form that ServiceDesk Plus sends itself.
    let hook = hook(&bench);
    let path = path(&hook);
    let hint = |path: &str, body: &str| {
        server
            .post(path)
            .header("x-precedent-secret", SECRET)
            .body(body.to_owned())
    };
    problem(server.post(&path).body("{\"id\": 1}"), 401).await;
    problem(
        server
            .post(&path)
            .header("x-precedent-secret", "wrong")
            .body("{\"id\": 1}"),
        401,
    )
    .await;
    problem(hint("/webhook/servicedesk/acme/ffff", "{\"id\": 1}"), 404).await;
    problem(hint("/webhook/servicedesk/nobody/ffff", "{\"id\": 1}"), 404).await;
    problem(hint(&path, "hello"), 400).await;
    let told = problem(hint(&path, "{\"id\":\"${id}\"}"), 422).await;
    assert!(
        told["detail"]
            .as_str()
            .is_some_and(|detail| detail.contains("not replaced")),
        "{told}"
    );
    problem(hint(&path, &"x".repeat(5 << 20)), 413).await;

    bench.lose_database().await;
    problem(signed(&server, &good), 503).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signed_report_that_is_sent_again_brings_no_withdrawn_ticket_back() {
    for database in [Database::Postgres, Database::Sqlite] {
        let bench = bench(database, Edition::Cloud).await;
        let desk = bench.simulator.desk();
        let path = path(&hook(&bench));
        let server = Server::start(&bench, &[]);
        let send = async |body: &str| signed(&server, body).send().await.expect("an answer").status();
        let row = |rows: &[Row], id: &str| rows.iter().find(|row| row.ticket_id == id).cloned();
        let ticket = desk.open_tickets()[0].clone();
        desk.close(&ticket).expect("closed");
        let event = report(&ticket, "Reset it", "2026-10-01T12:00:00Z");
        accepted(send(&event).await);
        eventually(&bench, |rows| row(rows, &ticket).is_some()).await;
        assert_eq!(bench.found("flugkompensator", &[]), [ticket.as_str()]);
        desk.delete(&ticket).expect("deleted");
        hint(&server, &path, json!({"id": ticket}).to_string()).await;
        let is_withdrawn = |rows: &[Row]| row(rows, &ticket).is_some_and(|row| row.withdrawn_at.is_some());
        let rows = eventually(&bench, is_withdrawn).await;
        let withdrawn = row(&rows, &ticket).expect("kept");

        // The very same event again; another that comes later tells that it was worked off.
        accepted(send(&event).await);
        accepted(send(&report("4712", "Last", "2026-10-02T12:00:00Z")).await);
        let rows = eventually(&bench, |rows| row(rows, "4712").is_some()).await;
        assert_eq!(row(&rows, &ticket).expect("kept"), withdrawn);
        assert_eq!(bench.found("flugkompensator", &[]), ["4712"]);

        // Resolved after the withdrawal, sent before the old one: the order in which they come does not count.
        let later = chrono::DateTime::from_timestamp_millis(desk.now_ms() + 300_000).expect("in range");
        let newer = later.to_rfc3339();
        accepted(send(&report(&ticket, "Replaced it", &newer)).await);
        accepted(send(&event).await);
        let is_served = |rows: &[Row]| {
            row(rows, &ticket)
                .is_some_and(|row| row.withdrawn_at.is_none() && row.resolution == "Replaced it")
        };
        eventually(&bench, is_served).await;

        // What a hint has read is true now.
        let other = desk.truth()[1].id.clone();
        let is_served = |rows: &[Row]| row(rows, &other).is_some_and(|row| row.withdrawn_at.is_none());
        desk.reopen(&other).expect("reopened");
        hint(&server, &path, json!({"id": other}).to_string()).await;
        eventually(&bench, |rows| !is_served(rows)).await;
        desk.close(&other).expect("closed");
        hint(&server, &path, json!({"id": other}).to_string()).await;
        eventually(&bench, is_served).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hint_in_any_form_has_the_ticket_read_anew() {
    for (database, edition) in [
        (Database::Postgres, Edition::Cloud),
        (Database::Sqlite, Edition::OnPremises),
    ] {
        let bench = bench(database, edition).await;
        let desk = bench.simulator.desk();
        let truth = desk.truth();
        let open = desk.open_tickets();
        let hook = hook(&bench);
        let path = path(&hook);
        assert_eq!(hook["secret"], SECRET);
        let server = Server::start(&bench, &[]);
        let send = async |body: String| hint(&server, &path, body).await;
        desk.edit_resolution(&truth[0].id, "the real cause")
            .expect("edited");
        send(format!("{{\"requestId\": \"{}\"}}", truth[0].id)).await;
        desk.reopen(&truth[1].id).expect("reopened");
        send(format!(
            "request_id={}&status=Open&subject=VPN+drops",
            truth[1].display_id
        ))
        .await;
        desk.close(&open[0]).expect("closed");
        send(format!(
            "{{\"id\":\"{}\",\"subject\":\"Fehler \"809\" beim VPN\",\"text\":\"a\nb\"}}",
            open[0]
        ))
        .await;
        desk.delete(&truth[2].id).expect("deleted");
        desk.trash(&truth[3].id).expect("trashed");
        send(json!({"workorder": {"id": truth[2].id}}).to_string()).await;
        let url = format!("{path}?secret={SECRET}&id={}", truth[3].id);
        accepted(server.get(&url).send().await.expect("an answer").status());
        desk.clear_log();
        for _ in 0..50 {
            send(json!({"id": truth[4].id}).to_string()).await;
        }
        eventually(&bench, |rows| {
            rows.iter().filter(|row| row.withdrawn_at.is_some()).count() == 3
        })
        .await;
        let empty = || bench.run(&["inbox", "list", "--tenant-id=acme"]).1.is_empty();
        let started = Instant::now();
        while !empty() {
            assert!(started.elapsed() < Duration::from_secs(30));
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        bench.assert_complete().await;
        let reads = desk
            .log()
            .iter()
            .filter(|call| call.id.as_ref() == Some(&truth[4].id))
            .count();
        assert!((1..=5).contains(&reads), "{reads} reads for 50 hints");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hint_that_was_accepted_outlives_the_server() {
    let bench = bench(Database::Sqlite, Edition::Cloud).await;
    let desk = bench.simulator.desk();
    let victim = desk.truth()[0].id.clone();
    desk.edit_resolution(&victim, "the real cause").expect("edited");
    let path = path(&hook(&bench));
    let server = Server::start(&bench, &[]);
    hint(&server, &path, json!({"id": victim}).to_string()).await;
    drop(server);
    let (_, listed, _) = bench.run(&["inbox", "list", "--tenant-id=acme"]);
    assert!(listed.contains(&format!("changed:{victim}")), "{listed}");
    let _server = Server::start(&bench, &[]);
    eventually(&bench, |rows| {
        rows.iter().any(|row| row.resolution == "the real cause")
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_accepted_report_is_stored_though_the_server_is_killed() {
    // Longer, and more a second: PRECEDENT_REPORT_SECONDS and PRECEDENT_REPORTS_A_SECOND.
    let setting = |name: &str, default: u64| {
        std::env::var(name).map_or(default, |text| text.parse().expect("a number"))
    };
    let (seconds, rate) = (
        setting("PRECEDENT_REPORT_SECONDS", 4),
        setting("PRECEDENT_REPORTS_A_SECOND", 200),
    );
    let bench = bench(Database::Postgres, Edition::Cloud).await;
    let mut server = Server::start(&bench, &[]);
    let address = server.url.strip_prefix("http://").expect("an address").to_owned();
    let url = format!("{}/webhook/servicedesk/resolved-ticket", server.url);
    let client = reqwest::Client::new();
    let mut sent = tokio::task::JoinSet::new();
    let mut tick = tokio::time::interval(Duration::from_micros(1_000_000 / rate));
    let count = seconds * rate;
    for number in 0..count {
        tick.tick().await;
        let id = format!("event-{number}");
        let body = report(&id, "Reset it", "2026-10-01T12:00:00Z");
        let request = client
            .post(&url)
            .header("x-servicedesk-signature", signature(&body))
            .body(body);
        sent.spawn(async move {
            let started = Instant::now();
            let status = request.send().await.ok()?.status();
            (status == 202).then(|| (id, started.elapsed()))
        });
        if (1..=3).any(|kill| number == kill * count / 4) {
            // SIGKILL, and up again as a supervisor would do it.
            drop(server);
            server = Server::start_at(&bench, &address, &[]);
        }
    }
    let answers = sent.join_all().await;
    let mut accepted: Vec<_> = answers.into_iter().flatten().collect();
    accepted.sort_by_key(|(_, took)| *took);
    let percentile = |share: usize| accepted[(accepted.len() * share / 100).min(accepted.len() - 1)].1;
    println!(
        "{count} reports in {seconds} s, 3 kills: {} accepted, p50 {:?}, p99 {:?}",
        accepted.len(),
        percentile(50),
        percentile(99)
    );
    assert!(accepted.len() as u64 > count / 2, "{}", accepted.len());
    let started = Instant::now();
    loop {
        let stored: std::collections::HashSet<_> =
            bench.rows().await.into_iter().map(|row| row.ticket_id).collect();
        let missing = accepted.iter().filter(|(id, _)| !stored.contains(id)).count();
        if missing == 0 {
            println!("all stored {:?} after the last", started.elapsed());
            break;
        }
        assert!(
            started.elapsed() < Duration::from_secs(180),
            "{missing} are missing"
        );
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

#[test]
fn a_webhook_is_made_shown_and_rotated() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let bench = runtime.block_on(Bench::on(Database::Sqlite, Options::default()));
    let run = |command: &str| {
        bench.run(&[
            "webhook",
            command,
            "--tenant-id=acme",
            "--public-url=https://p.example.com/",
        ])
    };
    let (code, _, stderr) = run("show");
    assert!(
        code == 1 && stderr.contains("precedent webhook create --tenant-id=acme"),
        "{stderr}"
    );
    let (code, made, _) = run("create");
    assert_eq!(code, 0);
    for part in [
        "https://p.example.com/webhook/servicedesk/acme/",
        "x-precedent-secret: whsec_",
        "{\"id\": \"${id}\"",
    ] {
        assert!(made.contains(part), "{part}: {made}");
    }
    assert_eq!(run("create").0, 1);
    assert_eq!(run("show").1, made);
    let (code, rotated, _) = run("rotate");
    assert!(code == 0 && rotated != made && run("show").1 == rotated);
    let (_, audited, _) = bench.run(&["audit", "--tenant-id=acme"]);
    assert!(
        audited.contains("webhook rotate") && !audited.contains("whsec_"),
        "{audited}"
    );
}
