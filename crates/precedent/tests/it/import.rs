//! What an import leaves in the table.

use servicedesk_sim::{Api, CallKind, Edition, Options, Rows};

use crate::bench::{Bench, Database, summary};

fn options(tickets: u32) -> Options {
    Options {
        tickets: Some(tickets),
        days: 80,
        open_every: 0,
        ..Options::default()
    }
}

fn full(tickets: u32) -> Options {
    Options {
        rows: Rows::Full,
        ..options(tickets)
    }
}

/// Calls of a kind in the helpdesk's log.
fn calls(bench: &Bench, kind: CallKind) -> usize {
    bench
        .simulator
        .desk()
        .log()
        .iter()
        .filter(|call| call.kind == kind)
        .count()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_edition_and_row_form_fills_both_databases_word_for_word() {
    for database in [Database::Postgres, Database::Sqlite] {
        for edition in [Edition::Cloud, Edition::OnPremises, Edition::Msp] {
            for rows in [Rows::Thin, Rows::Full] {
                let bench = Bench::on(
                    database,
                    Options {
                        edition,
                        rows,
                        open_every: 7,
                        days: 120,
                        ..options(230)
                    },
                )
                .await;
                bench.import();
                bench.assert_complete().await;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_story_form_reads_two_pages_in_two_calls() {
    let bench = Bench::new(Options {
        api: Api::Story,
        ..full(150)
    })
    .await;
    let stderr = bench.good(&["import", "--tenant-id=acme", "--days=90"]);
    let imported = bench.rows().await.len();
    assert_eq!(
        summary(&stderr),
        format!("{imported} imported, 0 updated, 0 skipped, 0")
    );
    let story = |status: &str| status == "Closed" || status == "Resolved";
    let expected = bench
        .simulator
        .desk()
        .truth()
        .iter()
        .filter(|ticket| story(&ticket.status))
        .count();
    assert_eq!(imported, expected);
    assert!(imported > 100, "{imported}");
    assert_eq!(calls(&bench, CallKind::List), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_run_skips_all_and_an_edit_is_updated() {
    for (database, rows) in [(Database::Postgres, Rows::Thin), (Database::Sqlite, Rows::Full)] {
        let bench = Bench::on(database, Options { rows, ..options(150) }).await;
        assert_eq!(bench.import(), "150 imported, 0 updated, 0 skipped, 0");
        let before = bench.rows().await;
        assert_eq!(bench.import(), "0 imported, 0 updated, 150 skipped, 0");
        assert_eq!(bench.rows().await, before);

        let id = &before[75].ticket_id;
        bench
            .simulator
            .desk()
            .edit_resolution(id, "Replaced the cable.")
            .expect("edited");
        assert_eq!(bench.import(), "0 imported, 1 updated, 149 skipped, 0");
        let after = bench.rows().await;
        assert_eq!(
            (after[75].resolution.as_str(), after[75].version),
            ("Replaced the cable.", 1)
        );
        bench.assert_complete().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_new_and_fifty_known_tickets() {
    let bench = Bench::new(full(50)).await;
    assert_eq!(bench.import(), "50 imported, 0 updated, 0 skipped, 0");
    bench.simulator.desk().add_tickets(100);
    let final_tickets = bench.simulator.desk().truth().len();
    assert_eq!(
        bench.import(),
        format!("{} imported, 0 updated, 50 skipped, 0", final_tickets - 50)
    );
    bench.assert_complete().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_that_stands_twice_in_the_list_is_stored_once() {
    let bench = Bench::new(Options {
        duplicate_every: 3,
        ..full(60)
    })
    .await;
    let summary = bench.import();
    assert!(summary.starts_with("60 imported, 0 updated, "), "{summary}");
    bench.assert_complete().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_tickets_are_set_aside_with_reason_and_raw_form_and_the_rest_is_stored() {
    for (database, rows) in [
        (Database::Postgres, Rows::Full),
        (Database::Postgres, Rows::Thin),
        (Database::Sqlite, Rows::Full),
    ] {
        let bench = Bench::on(
            database,
            Options {
                rows,
                bad_every: 4,
                ..options(200)
            },
        )
        .await;
        let summary = bench.import();
        bench.assert_complete().await;
        let stored = bench.rows().await.len();
        let truth = bench.simulator.desk().truth();
        // A ticket without any final time is in no window, so nobody ever sees it.
        let seen = truth
            .iter()
            .filter(|ticket| !ticket.valid && ticket.reason.as_deref() != Some("no_final_time"));
        let bad = seen.count();
        assert!(bad >= 40, "{bad}");
        assert_eq!(summary, format!("{stored} imported, 0 updated, 0 skipped, {bad}"));
        assert_eq!(
            bench.import(),
            format!("0 imported, 0 updated, {stored} skipped, {bad}"),
            "again"
        );
        if database == Database::Postgres {
            let rejected: Vec<(Option<String>, String, String)> = sqlx::query_as(
                "select ticket_id, reason, raw from rejected_tickets where tenant_id = 'acme'",
            )
            .fetch_all(&mut bench.postgres().await)
            .await
            .expect("rows");
            for part in [
                "no id",
                "no subject",
                "resolved time",
                "a number",
                "U+0000",
                "too long",
                "an object",
            ] {
                assert!(
                    rejected.iter().any(|(_, reason, _)| reason.contains(part)),
                    "{part}: {rejected:?}"
                );
            }
            assert!(rejected.iter().all(|(_, _, raw)| !raw.is_empty()));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn thin_rows_cost_one_detail_each_and_none_when_nothing_changed() {
    let bench = Bench::new(options(300)).await;
    bench.import();
    assert_eq!(calls(&bench, CallKind::Detail), 300);
    assert_eq!(bench.simulator.desk().stats().most_details_of_one_ticket, 1);
    bench.simulator.desk().clear_log();
    bench.import();
    assert_eq!(calls(&bench, CallKind::Detail), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn progress_is_logged_every_hundred_tickets_as_lines_and_as_json() {
    let bench = Bench::new(full(250)).await;
    let stderr = bench.good(&["import", "--tenant-id=acme"]);
    assert!(stderr.contains("Imported 100/250 tickets (40%)"), "{stderr}");
    assert!(stderr.contains("Imported 200/250 tickets (80%)"), "{stderr}");
    assert!(!stderr.contains("Imported 250/250"), "{stderr}");

    let (code, stdout, stderr) = bench.run(&["import", "--tenant-id=acme", "--json"]);
    assert_eq!(code, 0, "{stderr}");
    let lines: Vec<serde_json::Value> = stderr
        .lines()
        .map(|line| serde_json::from_str(line).expect(line))
        .collect();
    let progress: Vec<_> = lines.iter().filter(|line| line["done"].is_u64()).collect();
    assert_eq!(progress.len(), 2, "{stderr}");
    for line in progress {
        assert_eq!(
            (&line["tenant_id"], &line["operation"], &line["total"]),
            (&"acme".into(), &"import".into(), &250.into())
        );
        assert!(line["run_id"].as_str().is_some_and(|id| id.len() == 36), "{line}");
    }
    let result: serde_json::Value = serde_json::from_str(&stdout).expect("one object");
    assert_eq!(
        (&result["imported"], &result["skipped"]),
        (&0.into(), &250.into())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_range_is_imported_both_ends_included() {
    let bench = Bench::new(Options {
        days: 200,
        ..full(400)
    })
    .await;
    bench.import();
    bench.assert_complete().await;

    let truth = bench.simulator.desk().truth();
    let day = |days_ago: i64| {
        let ms = bench.simulator.desk().now_ms() - days_ago * 86_400_000;
        chrono::DateTime::from_timestamp_millis(ms)
            .expect("in range")
            .date_naive()
    };
    let (start, end) = (day(150), day(120));
    let before = bench.rows().await.len();
    bench.good(&[
        "import",
        "--tenant-id=acme",
        &format!("--start-date={start}"),
        &format!("--end-date={end}"),
    ]);
    let inside = truth.iter().filter(|ticket| {
        let resolved = ticket
            .resolved_ms
            .and_then(chrono::DateTime::from_timestamp_millis);
        resolved.is_some_and(|time| (start..=end).contains(&time.date_naive()))
    });
    assert_eq!(bench.rows().await.len(), before + inside.count());
}

/// More than a window holds: what was only ever completed is asked for by itself.
#[tokio::test(flavor = "multi_thread")]
async fn a_long_history_is_read_in_parts() {
    for edition in [Edition::Cloud, Edition::OnPremises] {
        let options = Options {
            edition,
            ..full(11_000)
        };
        let bench = Bench::on(Database::Sqlite, options).await;
        bench.import();
        bench.assert_complete().await;
        let object = |arguments: &[&str]| -> serde_json::Value {
            serde_json::from_str(&bench.run(arguments).1).expect("an object")
        };
        let run = object(&["runs", "list", "--tenant-id=acme", "--json"]);
        let id = run["run_id"].as_str().expect("an id");
        let shown = object(&["runs", "show", "--tenant-id=acme", "--json", "--run-id", id]);
        let windows = shown["windows"].as_array().expect("a list");
        assert!(windows.iter().all(|window| window["done"] == true), "{shown}");
        let apart = |window: &serde_json::Value| window["plan"].to_string().contains("completed_only");
        assert!(windows.iter().any(apart), "{shown}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn missing_resolution_and_tags_are_empty_not_null() {
    let bench = Bench::new(full(200)).await;
    bench.import();
    let rows = bench.rows().await;
    assert!(rows.iter().any(|row| row.resolution.is_empty()));
    assert!(rows.iter().any(|row| !row.resolution.is_empty()));
    assert!(rows.iter().any(|row| row.tags.0.is_empty()));
    assert!(
        rows.iter()
            .all(|row| row.description.starts_with(row.subject.as_str()))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_row_that_comes_the_same_again_is_not_read_anew() {
    let options = Options {
        tickets: Some(50),
        days: 80,
        rows: Rows::Full,
        open_every: 0,
        ..Options::default()
    };
    let bench = Bench::new(options).await;
    assert_eq!(bench.import(), "50 imported, 0 updated, 0 skipped, 0");
    let mut connection = bench.postgres().await;
    let mut as_if_converted_otherwise = async |more: &str| {
        let update = format!("update ticket_history set content_digest = '\\x07'{more}");
        let updated = sqlx::query(sqlx::AssertSqlSafe(update))
            .execute(&mut connection)
            .await;
        updated.expect("updated");
    };
    as_if_converted_otherwise("").await;
    assert_eq!(bench.import(), "0 imported, 0 updated, 50 skipped, 0");
    bench
        .simulator
        .desk()
        .edit_resolution(&bench.rows().await[0].ticket_id, "another cure")
        .expect("edited");
    assert_eq!(bench.import(), "0 imported, 1 updated, 49 skipped, 0");
    as_if_converted_otherwise(", source_digest = null").await;
    assert_eq!(bench.import(), "0 imported, 50 updated, 0 skipped, 0");
    bench.assert_complete().await;
}
