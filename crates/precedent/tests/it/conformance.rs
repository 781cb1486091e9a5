//! The whole import under every quirk of real desks, alone and in pairs, compared with the desk's truth.

mod page;

use std::time::Duration;

use futures::StreamExt;
use servicedesk_sim::{Edition, Options, Quirk};

use crate::bench::{Bench, Database};

/// Cases at the same time.
const AT_ONCE: usize = 4;
/// Pairs, and the seed that chooses them.
const PAIRS: usize = 100;
const SEED: u64 = 20_260_311;

/// One import to try.
#[derive(Clone, Debug)]
struct Case {
    quirks: Vec<Quirk>,
    edition: Edition,
}

/// Quirks that no import can end well under; each has its own expectation.
fn is_refused(quirk: Quirk) -> bool {
    matches!(quirk, Quirk::Q39 | Quirk::Q42 | Quirk::Q43)
}

impl Case {
    fn has(&self, quirk: Quirk) -> bool {
        self.quirks.contains(&quirk)
    }

    fn options(&self) -> Options {
        let portal = match self.edition {
            Edition::Cloud => self.has(Quirk::Q45).then_some("itdesk"),
            Edition::OnPremises | Edition::Msp => self.has(Quirk::Q46).then_some("2"),
        };
        Options {
            // Deep enough for pages that never come.
            tickets: Some(if self.has(Quirk::Q14) { 400 } else { 230 }),
            days: 80,
            edition: self.edition,
            portal: portal.map(str::to_owned),
            quirks: self.quirks.clone(),
            lock: Duration::from_secs(1),
            token_refreshes: 0,
            ..Options::default()
        }
    }

    /// A tenant whose helpdesk has the quirks, as an operator would set it up.
    async fn bench(&self) -> Bench {
        let options = self.options();
        let portal = options.portal.clone();
        let bench = Bench::on(Database::Sqlite, options).await;
        let secrets = bench.simulator.desk().credentials();
        let credentials = match self.edition {
            Edition::Cloud => serde_json::json!({
                "client_id": secrets.client_id,
                "client_secret": secrets.client_secret,
                "refresh_token": secrets.refresh_token,
            }),
            _ if self.has(Quirk::Q46) => serde_json::json!({"technician_key": secrets.authtoken}),
            _ => serde_json::json!({"authtoken": secrets.authtoken}),
        };
        let file = bench.home.path().join("credentials.json");
        std::fs::write(&file, credentials.to_string()).expect("written");
        let url = bench.simulator.url();
        let mut arguments = vec!["tenant", "set", "--tenant-id=acme", "--requests-per-minute=60000"];
        arguments.extend(["--credentials-file", file.to_str().expect("plain")]);
        if self.edition == Edition::Cloud {
            arguments.extend(["--accounts-url", &url]);
        }
        let portal = portal.unwrap_or_default();
        arguments.extend(["--portal", &portal]);
        bench.good(&arguments);
        if let Some(authority) = bench.simulator.authority() {
            let (code, _, stderr) = bench.run(&["import", "--tenant-id=acme"]);
            assert_eq!(code, 3, "without the authority's certificate: {stderr}");
            let file = bench.home.path().join("authority.pem");
            std::fs::write(&file, authority).expect("written");
            let file = file.to_str().expect("plain");
            bench.good(&["tenant", "set", "--tenant-id=acme", "--ca-certificate", file]);
        }
        bench
    }

    /// Imports twice; what is wrong in the end.
    async fn run(&self) -> Vec<String> {
        let bench = self.bench().await;
        // A busy machine takes more than a moment for 20 MB.
        let timeout = if self.has(Quirk::Q37) {
            "--timeout=15"
        } else {
            "--timeout=3"
        };
        let mut arguments = vec!["import", "--tenant-id=acme", timeout, "--lock-wait=2"];
        if self.has(Quirk::Q34) {
            arguments.push("--resolution-from-notes");
        }
        if self.quirks.iter().copied().any(is_refused) {
            let (code, _, stderr) = bench.run(&arguments);
            let told = code == 3 && stderr.contains("needs re-authorisation");
            return if told { Vec::new() } else { vec![stderr] };
        }
        let mut wrong = Vec::new();
        for _ in 0..2 {
            let (code, _, stderr) = bench.run(&arguments);
            if code != 0 {
                wrong.push(format!("exit {code}: {stderr}"));
            }
        }
        wrong.extend(bench.differences().await);
        let during_lock = bench.simulator.desk().stats().calls_during_lock;
        // Those that were on their way when one of three locks began; a client that does not wait makes thousands.
        if during_lock > 120 {
            wrong.push(format!("{during_lock} calls during locks"));
        }
        wrong
    }
}

/// Runs cases side by side; panics with every difference.
async fn all_hold(cases: Vec<Case>) {
    let count = cases.len();
    let runs = cases.into_iter().map(|case| async move {
        let runtime = tokio::runtime::Handle::current();
        let name = format!("{:?} on {:?}", case.quirks, case.edition);
        let wrong = tokio::task::spawn_blocking(move || runtime.block_on(case.run())).await;
        (name, wrong.unwrap_or_else(|panic| vec![panic.to_string()]))
    });
    let failures: Vec<_> = futures::stream::iter(runs)
        .buffer_unordered(AT_ONCE)
        .filter(|(_, wrong)| std::future::ready(!wrong.is_empty()))
        .map(|(name, wrong)| {
            let first: Vec<_> = wrong.iter().take(3).map(String::as_str).collect();
            format!("{name}: {} differences:\n{}", wrong.len(), first.join("\n"))
        })
        .collect()
        .await;
    assert!(
        failures.is_empty(),
        "{} of {count}:\n{}",
        failures.len(),
        failures.join("\n\n")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn every_quirk_alone() {
    let cases = Quirk::ALL.iter().flat_map(|quirk| {
        quirk.editions().iter().map(|edition| Case {
            quirks: vec![*quirk],
            edition: *edition,
        })
    });
    all_hold(cases.collect()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_pairs() {
    all_hold(pairs(SEED, PAIRS)).await;
}

/// Different pairs, each on an edition where both can occur.
fn pairs(seed: u64, count: usize) -> Vec<Case> {
    let combinable: Vec<_> = Quirk::ALL
        .iter()
        .copied()
        .filter(|quirk| !is_refused(*quirk))
        .collect();
    let mut state = seed;
    let mut random = |below: usize| {
        // SplitMix64.
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((mixed ^ (mixed >> 31)) % below as u64) as usize
    };
    let mut cases: Vec<Case> = Vec::new();
    while cases.len() < count {
        let mut quirks = vec![
            combinable[random(combinable.len())],
            combinable[random(combinable.len())],
        ];
        quirks.sort();
        let editions: Vec<_> = quirks[0]
            .editions()
            .iter()
            .filter(|edition| quirks[1].editions().contains(edition))
            .collect();
        // Names that nobody knows and a list of them that nobody may read: nobody can tell what is final.
        let unknowable = quirks == [Quirk::Q38, Quirk::Q44];
        let known = cases.iter().any(|case| case.quirks == quirks);
        if quirks[0] == quirks[1] || editions.is_empty() || unknowable || known {
            continue;
        }
        let edition = *editions[random(editions.len())];
        cases.push(Case { quirks, edition });
    }
    cases
}
