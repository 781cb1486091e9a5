//! A helpdesk that asks for a pause holds up nobody else, and nothing is sent to it meanwhile, by any process.

use std::time::Duration;

use serde_json::{Value, json};
use servicedesk_sim::{Api, Edition, Options, Simulator};

use crate::bench::Bench;
use crate::server::Server;

const PAUSE: Duration = Duration::from_secs(600);

fn options(seed: u64) -> Options {
    Options {
        tickets: Some(60),
        days: 80,
        open_every: 6,
        seed,
        ..Options::default()
    }
}

/// The path and the secret of a tenant's webhook.
fn webhook(bench: &Bench, tenant: &str) -> (String, String) {
    let (code, stdout, stderr) = bench.run(&["webhook", "create", "--tenant-id", tenant, "--json"]);
    assert_eq!(code, 0, "{stderr}");
    let hook: Value = serde_json::from_str(&stdout).expect("an object");
    let field = |name: &str| hook[name].as_str().expect(name).to_owned();
    let url = field("url");
    let path = url
        .strip_prefix("http://127.0.0.1:8080")
        .expect("the default")
        .to_owned();
    (path, field("secret"))
}

async fn hint(server: &Server, (path, secret): &(String, String), id: &str) {
    let body = json!({"request": {"id": id}}).to_string();
    let sent = server.post(path).header("x-precedent-secret", secret).body(body);
    assert_eq!(sent.send().await.expect("an answer").status(), 202);
}

fn set_default_pace(bench: &Bench, tenant: &str) {
    bench.good(&[
        "tenant",
        "set",
        "--tenant-id",
        tenant,
        "--requests-per-minute=100",
    ]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_pause_of_one_helpdesk_holds_up_no_other_tenant() {
    let bench = Bench::new(options(1)).await;
    bench.import();
    // More throttled tenants than a worker has places.
    let mut throttled = Vec::new();
    for seed in 0..9 {
        let simulator = Simulator::start(options(100 + seed)).await.expect("a helpdesk");
        let tenant = format!("throttled-{seed}");
        bench.add_tenant_of(&simulator, &tenant, Edition::Cloud, Api::V3);
        set_default_pace(&bench, &tenant);
        simulator.desk().throttle(PAUSE, Some(PAUSE));
        throttled.push((tenant, simulator));
    }
    let well = Simulator::start(options(50)).await.expect("a helpdesk");
    bench.add_tenant_of(&well, "well", Edition::Cloud, Api::V3);
    set_default_pace(&bench, "well");
    set_default_pace(&bench, "acme");
    for (tenant, _) in &throttled {
        bench.good(&["import", "--tenant-id", tenant, "--days=90", "--detach"]);
    }
    let hooks = throttled.iter().map(|(tenant, _)| webhook(&bench, tenant));
    let hooks: Vec<_> = hooks.collect();
    let acme = webhook(&bench, "acme");
    let server = Server::start(&bench, &[]);
    let workers = [(); 2].map(|()| Server::start(&bench, &["--role=worker"]));

    let desk = bench.simulator.desk();
    let id = desk.truth()[0].id.clone();
    for hook in &hooks {
        hint(&server, hook, &id).await;
    }
    let put_off = || {
        let (_, stdout, _) = bench.run(&["jobs", "list", "--json"]);
        stdout
            .lines()
            .filter(|line| line.contains("paused until"))
            .count()
    };
    bench
        .wait_until("jobs that were put off", || put_off() == throttled.len())
        .await;

    desk.edit_resolution(&id, "it was the flugkompensator")
        .expect("edited");
    hint(&server, &acme, &id).await;
    bench.good(&["import", "--tenant-id=well", "--days=90", "--detach"]);
    bench
        .wait_until("event of another tenant", || {
            !bench.found("flugkompensator", &[]).is_empty()
        })
        .await;
    let imported = || {
        !bench
            .run(&["jobs", "list", "--tenant-id=well"])
            .1
            .contains("import")
    };
    bench.wait_until("import of another tenant", imported).await;
    let differences = bench.differences_of("well", well.desk()).await;
    assert!(differences.is_empty(), "{differences:#?}");

    // One call each learned of the pause; three processes kept to it.
    for (tenant, simulator) in &throttled {
        let calls = simulator.desk().log();
        assert!(calls.len() <= 2, "{tenant}: {calls:#?}");
    }
    drop(workers);
    assert_eq!(server.stop(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_limit_is_the_tenants_whichever_process_calls() {
    let options = Options {
        rows: servicedesk_sim::Rows::Thin,
        edition: Edition::OnPremises,
        ..options(1)
    };
    let bench = Bench::new(options).await;
    let acme = webhook(&bench, "acme");
    bench.good(&["tenant", "set", "--tenant-id=acme", "--requests-per-minute=60"]);
    let servers = [(); 2].map(|()| Server::start(&bench, &[]));
    let mut import = bench
        .command(&["import", "--tenant-id=acme", "--days=90"])
        .spawn()
        .expect("started");
    let desk = bench.simulator.desk();
    let ids: Vec<_> = desk.truth().into_iter().map(|ticket| ticket.id).collect();
    for (number, id) in ids.iter().enumerate() {
        hint(&servers[number % 2], &acme, id).await;
    }
    assert!(import.wait().expect("ended").success());
    let stats = desk.stats();
    assert!(stats.calls > 60, "{stats:?}");
    assert!(stats.most_calls_in_60s <= 60, "{stats:?}");
}
