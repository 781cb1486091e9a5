//! Faults of a helpdesk during an import, and the messages about them.

use std::time::Duration;

use servicedesk_sim::{CallKind, Limit, Options, Rows};

use crate::support::Bench;

async fn bench(faults: &[&str]) -> Bench {
    let faults = faults
        .iter()
        .map(|fault| fault.parse().expect("a fault"))
        .collect();
    Bench::new(Options {
        tickets: Some(250),
        days: 80,
        open_every: 0,
        rows: Rows::Full,
        faults,
        ..Options::default()
    })
    .await
}

async fn a_passing_fault_is_waited_out_and_the_page_is_read_again(fault: &str) {
    let bench = bench(&[fault]).await;
    let summary = bench.import();
    assert_eq!(summary, "250 imported, 0 updated, 0 skipped, 0", "{fault}");
    bench.assert_complete().await;
    let lists = bench.calls(CallKind::List);
    assert!(lists > 6, "{fault} never struck: {lists} calls");
}

cases!(a_passing_fault_is_waited_out_and_the_page_is_read_again:
    throttled => ("status:code=429,retry_after=1,on=list,at=5"),
    locked => ("status:code=400,body=4015,retry_after=1,on=list,at=5"),
    status_500 => ("status:code=500,on=list,at=5,times=3"),
    status_502 => ("status:code=502,on=list,at=5"),
    status_503 => ("status:code=503,on=list,at=4,times=2"),
    status_504 => ("status:code=504,on=list,at=6"),
    truncated => ("truncate:on=list,at=5"),
    connection_reset => ("reset:on=list,at=5"),
    html => ("html:on=list,at=5"),
    empty => ("empty:on=list,at=6"),
    failed => ("failed:on=list,at=5"),
);

#[tokio::test(flavor = "multi_thread")]
async fn a_throttle_is_waited_out_as_long_as_it_says() {
    // The first page, after three counts: no later page makes it superfluous.
    let bench = bench(&["status:code=429,retry_after=2,on=list,at=4"]).await;
    bench.import();
    let log = bench.simulator.desk().log();
    let refused = log.iter().find(|call| call.status == 429);
    let refused_ms = refused.expect("the fault struck").at_ms;
    // Calls that were on their way have arrived by then.
    let mut later = log
        .iter()
        .map(|call| call.at_ms - refused_ms)
        .filter(|after| *after > 500);
    let waited_ms = later.next().expect("it went on");
    // Without a duration in the answer the pause is a minute.
    assert!((2_000..15_000).contains(&waited_ms), "{waited_ms}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_without_an_answer_is_retried() {
    let bench = bench(&["hang:on=list,at=5"]).await;
    bench.good(&["import", "--tenant-id=acme", "--timeout=1"]);
    bench.assert_complete().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn refused_credentials_are_not_retried_and_have_a_hint() {
    for code in ["401", "403"] {
        let bench = bench(&[&format!("status:code={code},after=0,every=1")]).await;
        let (exit, _, stderr) = bench.run(&["import", "--tenant-id=acme"]);
        assert_eq!(exit, 3, "{stderr}");
        assert!(
            stderr.contains("tenant acme") && stderr.contains("hint: "),
            "{stderr}"
        );
        assert_eq!(bench.simulator.desk().stats().calls, 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_stays_broken_ends_the_run_resumable() {
    let bench = bench(&["status:code=503,on=list,after=4,every=1"]).await;
    let (exit, _, stderr) = bench.run(&["import", "--tenant-id=acme"]);
    assert_eq!(exit, 3, "{stderr}");
    assert!(stderr.contains("continues where it stopped"), "{stderr}");
    bench.simulator.desk().clear_faults();
    bench.import();
    bench.assert_complete().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_whose_detail_stays_broken_is_rejected() {
    let bench = Bench::new(Options {
        tickets: Some(40),
        days: 80,
        open_every: 0,
        ..Options::default()
    })
    .await;
    let victim = bench.simulator.desk().truth()[17].id.clone();
    let fault = format!("status:code=500,on=detail,id={victim},every=1")
        .parse()
        .expect("a fault");
    bench.simulator.desk().add_fault(fault);
    assert_eq!(bench.import(), "39 imported, 0 updated, 0 skipped, 1");
    bench.simulator.desk().clear_faults();
    assert_eq!(bench.import(), "1 imported, 0 updated, 39 skipped, 0");
    let (left,): (i64,) = sqlx::query_as("select count(*) from rejected_tickets where tenant_id = 'acme'")
        .fetch_one(&mut bench.postgres().await)
        .await
        .expect("a count");
    assert_eq!(left, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pace_stays_within_a_limit_that_the_server_enforces() {
    // One call for each ticket; without a pace all of them come within a second. At 120 a minute, ten come at once and one
    // each half second after them: 20 in five seconds.
    let options = Options {
        tickets: Some(30),
        days: 80,
        open_every: 0,
        limit: Some(Limit {
            window: Duration::from_secs(5),
            ..Limit::per_minute(24)
        }),
        ..Options::default()
    };
    let bench = Bench::new(options).await;
    bench.good(&["tenant", "set", "--tenant-id=acme", "--requests-per-minute=120"]);
    assert_eq!(bench.import(), "30 imported, 0 updated, 0 skipped, 0");
    let stats = bench.simulator.desk().stats();
    assert!(stats.calls > 30, "more than the limit allows at once: {stats:?}");
    assert!(
        stats
            .by_kind
            .values()
            .all(|by_status| !by_status.contains_key(&429)),
        "{stats:?}"
    );
}
