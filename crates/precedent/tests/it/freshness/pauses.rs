//! A pause that one helpdesk asks for: no process calls it, and no other tenant waits.

use std::time::Duration;

use servicedesk_sim::{Edition, Options, Rows, Simulator};

use crate::support::{Bench, Server};

const PAUSE: Duration = Duration::from_secs(600);

/// Default limit of requests in a minute.
const DEFAULT_PACE: u32 = 100;

fn options(seed: u64) -> Options {
    Options {
        tickets: Some(60),
        days: 80,
        open_every: 6,
        seed,
        ..Options::default()
    }
}

/// Adds tenants whose helpdesks throttle: more than a worker runs at the same time.
async fn add_throttled_tenants(bench: &Bench) -> Vec<(String, Simulator)> {
    let mut throttled = Vec::new();
    for seed in 0..9 {
        let simulator = Simulator::start(options(100 + seed)).await.expect("a helpdesk");
        let tenant = format!("throttled-{seed}");
        bench.add_default_tenant_of(&simulator, &tenant, Edition::Cloud);
        simulator.desk().throttle(PAUSE, Some(PAUSE));
        throttled.push((tenant, simulator));
    }
    throttled
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_pause_of_one_helpdesk_delays_no_other_tenant() {
    let bench = Bench::new(options(1)).await;
    bench.import();
    let throttled = add_throttled_tenants(&bench).await;
    let few = Options {
        tickets: Some(25),
        ..options(50)
    };
    let well = Simulator::start(few).await.expect("a helpdesk");
    bench.add_default_tenant_of(&well, "well", Edition::Cloud);
    bench.set_pace("acme", DEFAULT_PACE);
    for (tenant, _) in &throttled {
        bench.good(&["import", "--tenant-id", tenant, "--days=90", "--detach"]);
    }
    let hooks = throttled.iter().map(|(tenant, _)| bench.create_webhook(tenant));
    let hooks: Vec<_> = hooks.collect();
    let acme = bench.create_webhook("acme");
    let server = Server::start(&bench, &[]);
    let workers = [(); 2].map(|()| Server::start(&bench, &["--role=worker"]));

    let desk = bench.simulator.desk();
    let id = desk.truth()[0].id.clone();
    for hook in &hooks {
        hook.notify(&server, &id).await;
    }
    let put_off = || {
        let (_, jobs, _) = bench.run(&["jobs", "list", "--json"]);
        jobs.matches("paused until").count()
    };
    bench
        .wait_until("jobs that were put off", || put_off() == throttled.len())
        .await;

    desk.edit_resolution(&id, "it was the flugkompensator")
        .expect("edited");
    acme.notify(&server, &id).await;
    bench.good(&["import", "--tenant-id=well", "--days=90", "--detach"]);
    bench
        .wait_until("event of another tenant", || {
            !bench.found("flugkompensator", &[]).is_empty()
        })
        .await;
    let list = ["jobs", "list", "--tenant-id=well"];
    let is_imported = || !bench.run(&list).1.contains("import");
    bench.wait_until("import of another tenant", is_imported).await;
    let differences = bench.differences_of("well", well.desk()).await;
    assert!(differences.is_empty(), "{differences:#?}");

    // One call of each tenant met the pause; three processes kept it.
    for (tenant, simulator) in &throttled {
        let calls = simulator.desk().log();
        assert!(calls.len() <= 2, "{tenant}: {calls:#?}");
    }
    drop(workers);
    assert_eq!(server.stop(), 0);
}

/// Calls in any 20 s at a limit of 60 a minute: one each second, and five that may come at once.
const MOST_IN_20_S: usize = 25;

#[tokio::test(flavor = "multi_thread")]
async fn the_limit_of_a_tenant_holds_for_all_processes_together() {
    let options = Options {
        tickets: Some(22),
        rows: Rows::Thin,
        edition: Edition::OnPremises,
        ..options(1)
    };
    let bench = Bench::new(options).await;
    let acme = bench.create_webhook("acme");
    bench.set_pace("acme", 60);
    let servers = [(); 2].map(|()| Server::start(&bench, &[]));
    let mut import = bench
        .command(&["import", "--tenant-id=acme", "--days=90"])
        .spawn()
        .expect("started");
    let desk = bench.simulator.desk();
    for (number, ticket) in desk.truth().iter().enumerate() {
        acme.notify(&servers[number % 2], &ticket.id).await;
    }
    assert!(import.wait().expect("ended").success());
    let times: Vec<_> = desk.log().iter().map(|call| call.at_ms).collect();
    assert!(times.len() > MOST_IN_20_S, "{times:?}");
    let within_20_s = |start: i64| {
        let later = times
            .iter()
            .filter(|time| (start..start + 20_000).contains(*time));
        later.count()
    };
    let most = times.iter().map(|time| within_20_s(*time)).max();
    assert!(most <= Some(MOST_IN_20_S), "{most:?} calls in 20 s: {times:?}");
    assert!(desk.stats().most_calls_in_60s <= 60);
}
