//! Long lists: commands print and retry them page by page.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use serde_json::{Value, json};
use servicedesk_sim::Options;

use crate::support::{Bench, Database, peak_memory_bytes};

async fn bench(database: Database) -> Bench {
    let options = Options {
        tickets: Some(40),
        days: 80,
        open_every: 0,
        ..Options::default()
    };
    Bench::on(database, options).await
}

impl Bench {
    /// Returns the rejected tickets, ordered by key.
    fn rejected(&self, more: &[&str]) -> Vec<Value> {
        self.objects(&[&["rejected", "list", "--tenant-id=acme"], more].concat())
    }

    fn retry(&self) -> Value {
        self.object(&["rejected", "retry", "--tenant-id=acme"])
    }

    /// Adds a rejected ticket.
    async fn reject(&self, key: &str, raw: &str) {
        let raw = raw.replace('\'', "''");
        self.execute(&format!(
            "insert into rejected_tickets (tenant_id, rejection_key, ticket_id, reason, raw, run_id, rejected_at)
             values ('acme', '{key}', '{key}', 'the first reason', '{raw}', '', now())"
        ))
        .await;
    }

    /// Returns the peak of a command's memory after its first line, in MiB.
    fn memory_at_first_line(&self, arguments: &[&str]) -> u64 {
        let mut process = self
            .command(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .expect("started");
        let mut stdout = BufReader::new(process.stdout.take().expect("piped"));
        let mut line = String::new();
        stdout.read_line(&mut line).expect("a line");
        assert!(line.len() > 1_000_000, "{}", line.len());
        // The next line does not fit into the pipe: the command waits.
        let peak = peak_memory_bytes(&process);
        drop(stdout);
        assert_eq!(process.wait().expect("ended").code(), Some(0));
        peak >> 20
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_list_is_never_whole_in_memory() {
    let bench = bench(Database::Postgres).await;
    bench
        .execute(
            "insert into rejected_tickets (tenant_id, rejection_key, reason, raw, run_id, rejected_at)
             select 'acme', n::text, 'too large', repeat('x', 1000000), '', now() from generate_series(1, 400) n;
             insert into inbox (tenant_id, note_id, kind, body, received_at, due_at)
             select 'acme', n::text, 'resolved', repeat('x', 1000000), now(), now() from generate_series(1, 400) n",
        )
        .await;
    for list in ["rejected", "inbox"] {
        let arguments = [list, "list", "--tenant-id=acme", "--limit=400", "--json"];
        let peak = bench.memory_at_first_line(&arguments);
        // Each text of a page is in memory twice for a moment.
        assert!(peak < 250, "{list}: {peak} MiB for a list of 400");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_shows_the_first_entries_and_mentions_the_rest() {
    let bench = bench(Database::Postgres).await;
    bench
        .execute(
            "insert into rejected_tickets (tenant_id, rejection_key, reason, raw, run_id, rejected_at)
             select 'acme', to_char(n, 'FM000'), 'unreadable', '{}', '', now() from generate_series(1, 130) n",
        )
        .await;
    for (limit, shown, is_said) in [(1, 1, true), (50, 50, true), (129, 129, true), (130, 130, false)] {
        let list = ["rejected", "list", "--tenant-id=acme", "--limit"];
        let (code, stdout, stderr) = bench.run(&[&list[..], &[&limit.to_string()]].concat());
        assert_eq!(code, 0, "{stderr}");
        let keys: Vec<_> = stdout
            .lines()
            .map(|line| line.split(' ').next().expect("a key"))
            .collect();
        let expected: Vec<_> = (1..=shown).map(|number| format!("{number:03}")).collect();
        assert_eq!(keys, expected);
        assert_eq!(
            stderr.contains("there are more than"),
            is_said,
            "{limit}: {stderr}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_retry_keeps_the_raw_form_and_the_first_reason() {
    let bench = bench(Database::Postgres).await;
    let victim = bench.simulator.desk().truth()[10].id.clone();
    let failing = |code: u16| format!("status:code={code},on=detail,id={victim},every=1");
    let desk = bench.simulator.desk();
    desk.add_fault(failing(500).parse().expect("a fault"));
    bench.import();
    // An event of another program, and a ticket that the database refuses.
    let report = json!({"ticket_id": "reported", "subject": "a \u{0}"}).to_string();
    let resolved = bench.rows().await[0].resolved_date.timestamp_millis().to_string();
    let refused = json!({"id": "77", "subject": "a \u{0}", "description": "b", "resolution": "c",
        "status": {"name": "Closed"}, "resolved_time": {"value": resolved}, "completed_time": null})
    .to_string();
    for (key, raw) in [("reported", &report), ("77", &refused)] {
        bench.reject(key, raw).await;
    }
    let before = bench.rejected(&[]);
    assert_eq!(before.len(), 3);

    desk.clear_faults();
    desk.add_fault(failing(403).parse().expect("a fault"));
    for _ in 0..2 {
        let retried = bench.retry();
        assert_eq!(
            (&retried["stored"], &retried["rejected"]),
            (&0.into(), &3.into()),
            "{retried}"
        );
        let after = bench.rejected(&[]);
        assert_eq!(after.len(), 3, "no row is doubled: {after:#?}");
        for (before, after) in before.iter().zip(&after) {
            assert_eq!((&after["key"], &after["raw"]), (&before["key"], &before["raw"]));
            let (first, reason) = (before["reason"].as_str(), after["reason"].as_str());
            let (first, reason) = (first.expect("a text"), reason.expect("a text"));
            let again = reason.strip_prefix(first).expect("the first reason");
            assert_eq!(again.matches("; tried again: ").count(), 1, "{reason}");
            let newest = match before["key"].as_str() {
                Some("77") => "U+0000",
                Some("reported") => "it has no id",
                _ => "403",
            };
            assert!(again.contains(newest), "{reason}");
        }
    }
    let at = |rows: &[Value]| {
        rows.iter().find(|row| row["key"] == "reported").expect("there")["rejected_at"].clone()
    };
    assert_eq!(
        at(&bench.rejected(&[])),
        at(&before),
        "the time of the first rejection"
    );

    desk.clear_faults();
    assert_eq!(bench.retry()["stored"], 1);
    assert_eq!(bench.rejected(&[]).len(), 2);
    bench.assert_complete().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn more_than_a_page_is_retried() {
    let bench = bench(Database::Postgres).await;
    bench.import();
    let resolved = bench.rows().await[0].resolved_date.timestamp_millis();
    // One of every three still cannot be read.
    bench
        .execute(&format!(
            "insert into rejected_tickets (tenant_id, rejection_key, ticket_id, reason, raw, run_id, rejected_at)
             select 'acme', '9' || n, '9' || n, 'the first reason', case n % 3 when 0 then '{{\"id\": 1' else
                 json_build_object('id', '9' || n, 'subject', 'a', 'description', 'b', 'resolution', 'c', 'status',
                     json_build_object('name', 'Closed'), 'resolved_time', json_build_object('value', '{resolved}'),
                     'completed_time', null)::text end, '', now()
             from generate_series(1, 150) n"
        ))
        .await;
    let retried = bench.retry();
    assert_eq!(
        retried,
        json!({"stored": 100, "gone": 0, "rejected": 50}),
        "each once"
    );
    assert_eq!(bench.rejected(&["--limit=1000"]).len(), 50);
    assert_eq!(bench.rows().await.len(), 140);
}
