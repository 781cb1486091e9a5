//! Limits of what is stored for a tenant.

use std::time::Duration;

use servicedesk_sim::Edition;

use crate::support::{
    Bench, Database, HostileDesk, Row, Server, assert_accepted, resolved_ticket, signed, status,
};

async fn a_full_quota_ends_the_run_and_a_higher_one_continues_it(database: Database) {
    let bench = Bench::with_closed_tickets(database, 3_000).await;
    bench.good(&["tenant", "set", "--tenant-id=acme", "--max-stored-mib=1"]);
    let import = ["import", "--tenant-id=acme", "--days=90"];
    let (code, _, stderr) = bench.run(&import);
    assert_eq!(code, 5, "{stderr}");
    assert!(
        stderr.contains("tenant acme has used its quota of 1 MiB for tickets")
            && stderr.contains("--max-stored-mib=N"),
        "{stderr}"
    );
    let stored = bench.rows().await.len();
    assert!(stored < 3_000, "{stored}");
    let (_, used, _) = bench.run(&["tenant", "show", "--tenant-id=acme", "--json"]);
    assert!(used.contains("\"max_stored_mib\":1"), "{used}");

    bench.good(&["tenant", "set", "--tenant-id=acme", "--max-stored-mib=100"]);
    let stderr = bench.good(&import);
    assert!(stderr.contains("resuming"), "{stderr}");
    bench.assert_complete().await;
}

async fn the_used_part_is_right_after_updates(database: Database) {
    let bench = Bench::with_imported_tickets(database, 300).await;
    let used = async || bench.count("select stored_bytes from tenant_configs").await;
    let before = used().await;
    assert!(before > 300 * 500, "{before}");
    // Each import stores all tickets again, with the same size, so the sum grows far beyond the truth.
    for _ in 0..3 {
        bench
            .execute("update ticket_history set content_digest = null, source_digest = null, source_updated_at = null")
            .await;
        bench.good(&["import", "--tenant-id=acme", "--days=90", "--fresh"]);
    }
    assert!(used().await >= before, "{}", used().await);
    bench
        .execute(
            "update tenant_configs set max_stored_mib = 1, stored_bytes = 1048500, stored_counted_at = null",
        )
        .await;
    let (_, shown, _) = bench.run(&["tenant", "show", "--tenant-id=acme", "--json"]);
    let shown: serde_json::Value = serde_json::from_str(&shown).expect("one object");
    let counted = shown["stored_bytes"].as_i64().expect("a number");
    assert!(counted.abs_diff(before) < 300 * 100, "{counted} after {before}");
}

async fn a_run_warns_when_most_of_the_quota_is_used(database: Database) {
    let bench = Bench::with_imported_tickets(database, 30).await;
    bench
        .execute("update tenant_configs set stored_bytes = 17179869184, stored_counted_at = '2999-01-01T00:00:00+00:00'")
        .await;
    // A count in the future is not believed.
    let stderr = bench.good(&["sync", "--tenant-id=acme"]);
    assert!(!stderr.contains("of the quota"), "{stderr}");
    bench
        .execute("update tenant_configs set max_stored_mib = 1, stored_bytes = 1000000")
        .await;
    let stderr = bench.good(&["sync", "--tenant-id=acme"]);
    assert!(
        stderr.contains("95 % of the quota of 1 MiB for tickets is used")
            && stderr.contains("--max-stored-mib=N"),
        "{stderr}"
    );
}

/// The helpdesk lists ten tickets without a time of resolution, each of 300 KB.
async fn rejections_beyond_their_quota_are_kept_without_their_raw_form(database: Database) {
    let bench = Bench::with_closed_tickets(database, 1).await;
    let desk = HostileDesk::start(|_| {
        let text = "words ".repeat(50_000);
        let row = |id: u32| {
            format!(
                "{{\"id\":{id},\"subject\":\"one\",\"description\":\"{text}\",\"resolution\":null,\
                 \"status\":{{\"name\":\"Closed\"}},\"resolved_time\":null,\"completed_time\":null}}"
            )
        };
        let rows: Vec<_> = (1..=10).map(row).collect();
        let list = "{\"list_info\":{\"has_more_rows\":false,\"total_count\":10},\"requests\":[";
        (format!("{list}{}]}}", rows.join(",")).into_bytes(), None)
    })
    .await;
    bench.add_tenant_of_hostile(&desk, "hostile");
    bench.good(&["tenant", "set", "--tenant-id=hostile", "--max-rejected-mib=1"]);
    for _ in 0..2 {
        let (_, _, stderr) = bench.run(&["import", "--tenant-id=hostile", "--days=30", "--fresh"]);
        assert!(stderr.contains("10 rejected"), "{stderr}");
        let of = |condition: &str| {
            format!("select count(*) from rejected_tickets where tenant_id = 'hostile' and {condition}")
        };
        assert_eq!(bench.count(&of("raw <> ''")).await, 3);
        let told = "raw = '' and reason like '%has no resolved time%raw form was not kept%'";
        assert_eq!(bench.count(&of(told)).await, 7);
    }
}

async fn events_wait_while_the_quota_is_full(database: Database) {
    let bench = Bench::with_webhook(database, Edition::Cloud).await;
    let full = "update tenant_configs set max_stored_mib = 1, stored_bytes = 1048576, stored_counted_at = ";
    let now = chrono::DateTime::<chrono::Utc>::from(std::time::SystemTime::now()).to_rfc3339();
    bench.execute(&format!("{full} '{now}'")).await;
    let server = Server::start(&bench, &[]);
    assert_accepted(
        status(signed(
            &server,
            &resolved_ticket("4711", "Reset it", "2026-10-01T12:00:00Z"),
        ))
        .await,
    );
    bench
        .wait_until("the event is refused", || {
            let (_, events, _) = bench.run(&["inbox", "list", "--tenant-id=acme"]);
            events.contains("quota of 1 MiB")
        })
        .await;
    bench.good(&["tenant", "set", "--tenant-id=acme", "--max-stored-mib=0"]);
    bench.good(&["inbox", "retry", "--tenant-id=acme"]);
    let is_stored = |rows: &[Row]| rows.iter().any(|row| row.ticket_id == "4711");
    bench.wait_for_rows(Duration::from_secs(30), is_stored).await;
}

on_both_databases!(
    a_full_quota_ends_the_run_and_a_higher_one_continues_it,
    the_used_part_is_right_after_updates,
    a_run_warns_when_most_of_the_quota_is_used,
    rejections_beyond_their_quota_are_kept_without_their_raw_form,
    events_wait_while_the_quota_is_full,
);
