//! Settings of a tenant that change how its tickets are read.

use servicedesk_sim::{Edition, Options};

use crate::support::{Bench, Database};

fn options() -> Options {
    Options {
        tickets: Some(60),
        days: 80,
        open_every: 0,
        ..Options::default()
    }
}

const NOTE: &str = "asked the network team, waiting for an answer";

#[tokio::test(flavor = "multi_thread")]
async fn resolutions_are_read_from_notes_only_if_set() {
    let bench = Bench::new(options()).await;
    bench.import();
    assert!(bench.rows().await.iter().all(|row| row.resolution != NOTE));
    let unresolved = bench
        .rows()
        .await
        .iter()
        .filter(|row| row.resolution.is_empty())
        .count();
    assert!(unresolved > 0);

    let other = Bench::on(
        Database::Sqlite,
        Options {
            edition: Edition::OnPremises,
            ..options()
        },
    )
    .await;
    other.good(&["import", "--tenant-id=acme", "--resolution-from-notes"]);
    let rows = other.rows().await;
    let from_notes = rows.iter().filter(|row| row.resolution == NOTE).count();
    assert!(from_notes > 0);
    let truth = other.simulator.desk().truth();
    for ticket in truth.iter().filter(|ticket| !ticket.resolution_words.is_empty()) {
        let row = rows
            .iter()
            .find(|row| row.ticket_id == ticket.id)
            .expect("stored");
        assert_ne!(
            row.resolution, NOTE,
            "{}: a resolution counts more than a note",
            ticket.id
        );
    }
}

/// Rows without texts are unchanged after the first import; the second still reads their notes.
#[tokio::test(flavor = "multi_thread")]
async fn notes_of_imported_tickets_are_read_later() {
    let bench = Bench::new(Options {
        edition: Edition::OnPremises,
        ..options()
    })
    .await;
    bench.import();
    bench.good(&["import", "--tenant-id=acme", "--resolution-from-notes"]);
    let rows = bench.rows().await;
    let from_notes = rows.iter().filter(|row| row.resolution == NOTE).count();
    assert!(from_notes > 0);
    let (code, stdout, stderr) = bench.run(&["verify", "--tenant-id=acme", "--resolution-from-notes"]);
    assert_eq!(code, 0, "{stdout}{stderr}");
    let (code, _, stderr) = bench.run(&["verify", "--tenant-id=acme"]);
    assert_eq!(code, 5);
    assert!(stderr.contains("--resolution-from-notes"), "{stderr}");
}

#[tokio::test(flavor = "multi_thread")]
async fn html_is_stored_only_if_the_tenant_keeps_it() {
    let bench = Bench::new(options()).await;
    bench.good(&["tenant", "set", "--tenant-id=acme", "--keep-html"]);
    bench.import();
    let (kept,): (i64,) = sqlx::query_as(
        "select count(*) from ticket_history where description_html like '%<%' and description not like '%<p%'",
    )
    .fetch_one(&mut bench.postgres().await)
    .await
    .expect("a count");
    assert!(kept > 20, "{kept}");
    bench.assert_complete().await;

    let without = Bench::new(options()).await;
    without.import();
    let (kept,): (i64,) = sqlx::query_as("select count(description_html) from ticket_history")
        .fetch_one(&mut without.postgres().await)
        .await
        .expect("a count");
    assert_eq!(kept, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_run_warns_about_an_unchecked_certificate() {
    let bench = Bench::new(options()).await;
    bench.good(&["tenant", "set", "--tenant-id=acme", "--insecure"]);
    for _ in 0..2 {
        let stderr = bench.good(&["import", "--tenant-id=acme"]);
        assert!(stderr.contains("is not checked"), "{stderr}");
    }
    bench.good(&["tenant", "set", "--tenant-id=acme", "--insecure=false"]);
    let stderr = bench.good(&["import", "--tenant-id=acme"]);
    assert!(!stderr.contains("is not checked"), "{stderr}");
}
