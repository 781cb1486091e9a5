//! Rejected tickets are listed, shown and retried.

use servicedesk_sim::Options;

use crate::support::{Bench, Database};

async fn rejected_tickets_are_listed_shown_and_retried(database: Database) {
    let bench = Bench::on(
        database,
        Options {
            tickets: Some(40),
            days: 80,
            open_every: 0,
            bad_every: 20,
            ..Options::default()
        },
    )
    .await;
    let victim = bench.simulator.desk().truth()[10].id.clone();
    let fault = format!("status:code=500,on=detail,id={victim},every=1")
        .parse()
        .expect("a fault");
    bench.simulator.desk().add_fault(fault);
    bench.import();
    let listed = bench.objects(&["rejected", "list", "--tenant-id=acme"]);
    assert_eq!(listed.len(), 3, "{listed:?}");
    let shown = bench
        .run(&["rejected", "show", "--tenant-id=acme", "--key", &victim])
        .1;
    assert!(
        shown.contains("its detail cannot be read") && shown.contains("\"id\""),
        "{shown}"
    );
    assert_eq!(
        bench
            .run(&["rejected", "show", "--tenant-id=acme", "--key=unknown"])
            .0,
        1
    );

    bench.simulator.desk().clear_faults();
    let retried = bench.objects(&["rejected", "retry", "--tenant-id=acme"]);
    assert_eq!(retried[0]["stored"], 1, "{retried:?}");
    assert_eq!(bench.objects(&["rejected", "list", "--tenant-id=acme"]).len(), 2);
    bench.assert_complete().await;
}

on_both_databases!(rejected_tickets_are_listed_shown_and_retried);
