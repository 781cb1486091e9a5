//! Imports from every edition, row form and API form.

use servicedesk_sim::{Api, CallKind, Edition, Options, Rows};

use crate::support::{Bench, Database, summary};

async fn every_edition_and_row_form_is_imported_word_for_word(edition: Edition, rows: Rows) {
    for database in [Database::Postgres, Database::Sqlite] {
        let options = Options {
            tickets: Some(230),
            days: 120,
            open_every: 7,
            edition,
            rows,
            ..Options::default()
        };
        let bench = Bench::on(database, options).await;
        bench.import();
        bench.assert_complete().await;
    }
}

cases!(every_edition_and_row_form_is_imported_word_for_word:
    cloud_thin => (Edition::Cloud, Rows::Thin),
    cloud_full => (Edition::Cloud, Rows::Full),
    on_premises_thin => (Edition::OnPremises, Rows::Thin),
    on_premises_full => (Edition::OnPremises, Rows::Full),
    msp_thin => (Edition::Msp, Rows::Thin),
    msp_full => (Edition::Msp, Rows::Full),
);

#[tokio::test(flavor = "multi_thread")]
async fn the_story_form_reads_two_pages_in_two_calls() {
    let bench = Bench::new(Options {
        api: Api::Story,
        tickets: Some(150),
        days: 80,
        open_every: 0,
        rows: Rows::Full,
        ..Options::default()
    })
    .await;
    let stderr = bench.good(&["import", "--tenant-id=acme", "--days=90"]);
    let imported = bench.rows().await.len();
    assert_eq!(
        summary(&stderr),
        format!("{imported} imported, 0 updated, 0 skipped, 0")
    );
    let is_listed = |status: &str| status == "Closed" || status == "Resolved";
    let expected = bench
        .simulator
        .desk()
        .truth()
        .iter()
        .filter(|ticket| is_listed(&ticket.status))
        .count();
    assert_eq!(imported, expected);
    assert!(imported > 100, "{imported}");
    assert_eq!(bench.calls(CallKind::List), 2);
}

/// A window holds at most 10,000 tickets; tickets that were only ever completed have windows of their own.
async fn a_long_history_is_read_in_windows(edition: Edition) {
    let options = Options {
        edition,
        tickets: Some(11_000),
        days: 80,
        open_every: 0,
        rows: Rows::Full,
        ..Options::default()
    };
    let bench = Bench::on(Database::Sqlite, options).await;
    bench.import();
    bench.assert_complete().await;
    let run = bench.object(&["runs", "list", "--tenant-id=acme"]);
    let id = run["run_id"].as_str().expect("an id");
    let shown = bench.object(&["runs", "show", "--tenant-id=acme", "--run-id", id]);
    let windows = shown["windows"].as_array().expect("a list");
    assert!(windows.iter().all(|window| window["done"] == true), "{shown}");
    let is_apart = |window: &serde_json::Value| window["plan"].to_string().contains("completed_only");
    assert!(windows.iter().any(is_apart), "{shown}");
}

cases!(a_long_history_is_read_in_windows:
    cloud => (Edition::Cloud),
    on_premises => (Edition::OnPremises),
);
