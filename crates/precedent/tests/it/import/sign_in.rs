//! Cloud sign-in: access tokens expire, and grants are revoked.

use std::process::Stdio;
use std::time::Duration;

use servicedesk_sim::{CallKind, Options};

use crate::support::{Bench, finished, summary};

async fn bench(options: Options) -> Bench {
    let bench = Bench::new(Options {
        days: 80,
        open_every: 0,
        ..options
    })
    .await;
    let grant = bench.write_grant("1000.sim.refresh");
    bench.set_credentials(&grant);
    bench
}

impl Bench {
    fn set_credentials(&self, file: &str) {
        self.good(&[
            "tenant",
            "set",
            "--tenant-id=acme",
            "--accounts-url",
            &self.simulator.url(),
            "--credentials-file",
            file,
        ]);
    }

    /// Returns the settings as `tenant show` prints them.
    fn shown(&self) -> String {
        self.run(&["tenant", "show", "--tenant-id=acme"]).1
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_token_serves_a_whole_import() {
    let bench = bench(Options {
        tickets: Some(120),
        ..Options::default()
    })
    .await;
    assert_eq!(bench.import(), "120 imported, 0 updated, 0 skipped, 0");
    assert_eq!(bench.calls(CallKind::Token), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_access_token_is_replaced_once_for_all_calls() {
    let bench = bench(Options {
        tickets: Some(300),
        latency: Duration::from_millis(50),
        ..Options::default()
    })
    .await;
    let mut command = bench.command(&["import", "--tenant-id=acme"]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let import = command.spawn().expect("started");
    while bench.calls(CallKind::Detail) < 100 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    bench.simulator.desk().revoke_access_tokens();
    let (code, _, stderr) = finished(import.wait_with_output().expect("ended"));
    assert_eq!(code, 0, "{stderr}");
    assert_eq!(summary(&stderr), "300 imported, 0 updated, 0 skipped, 0");
    assert_eq!(bench.calls(CallKind::Token), 2);
    bench.assert_complete().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_grant_stops_at_once_and_explains_how_to_authorise() {
    let bench = bench(Options {
        tickets: Some(20),
        ..Options::default()
    })
    .await;
    let revoked = bench.write_grant("1000.revoked");
    bench.set_credentials(&revoked);
    let (code, _, stderr) = bench.run(&["import", "--tenant-id=acme"]);
    assert_eq!(code, 3, "{stderr}");
    for step in [
        "invalid_code",
        "needs re-authorisation",
        "api-console.zoho.com",
        "SDPOnDemand.setup.READ",
        "precedent tenant set --tenant-id=acme --credentials-stdin",
    ] {
        assert!(stderr.contains(step), "{step}: {stderr}");
    }
    assert_eq!(
        (bench.calls(CallKind::Token), bench.calls(CallKind::List)),
        (1, 0),
        "no storm"
    );
    assert!(bench.shown().contains("needs re-authorisation since"));

    let granted = bench.write_grant("1000.sim.refresh");
    bench.set_credentials(&granted);
    assert!(!bench.shown().contains("needs re-authorisation"));
    assert_eq!(bench.import(), "20 imported, 0 updated, 0 skipped, 0");
}
