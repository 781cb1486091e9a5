//! One import under quirks, and the check of its result.

use std::time::Duration;

use servicedesk_sim::{Edition, Options, Quirk};

use crate::support::{Bench, Database};

/// Maximum calls during locks: those that were sent before one of three locks began. A client that does not wait sends
/// thousands.
const CALLS_DURING_LOCKS: usize = 120;

/// Quirks that no import can succeed under; the error is the expected result.
pub(super) fn is_refused(quirk: Quirk) -> bool {
    matches!(quirk, Quirk::Q39 | Quirk::Q42 | Quirk::Q43)
}

#[derive(Clone, Debug)]
pub(super) struct Case {
    pub(super) quirks: Vec<Quirk>,
    pub(super) edition: Edition,
}

impl Case {
    /// Imports twice; panics with every difference to the helpdesk.
    pub(super) async fn assert_holds(&self) {
        let bench = self.bench().await;
        let wrong = if self.quirks.iter().copied().any(is_refused) {
            self.import_that_is_refused(&bench)
        } else {
            self.import_twice(&bench).await
        };
        let first: Vec<_> = wrong.iter().take(3).map(String::as_str).collect();
        assert!(
            wrong.is_empty(),
            "{self:?}: {} differences:\n{}",
            wrong.len(),
            first.join("\n")
        );
    }

    fn has(&self, quirk: Quirk) -> bool {
        self.quirks.contains(&quirk)
    }

    fn import_that_is_refused(&self, bench: &Bench) -> Vec<String> {
        let (code, _, stderr) = bench.run(&self.command());
        let is_explained = code == 3 && stderr.contains("needs re-authorisation");
        if is_explained { Vec::new() } else { vec![stderr] }
    }

    async fn import_twice(&self, bench: &Bench) -> Vec<String> {
        let mut wrong = Vec::new();
        for _ in 0..2 {
            let (code, _, stderr) = bench.run(&self.command());
            if code != 0 {
                wrong.push(format!("exit {code}: {stderr}"));
            }
        }
        wrong.extend(bench.differences().await);
        let during_lock = bench.simulator.desk().stats().calls_during_lock;
        if during_lock > CALLS_DURING_LOCKS {
            wrong.push(format!("{during_lock} calls during locks"));
        }
        wrong
    }

    fn command(&self) -> Vec<&'static str> {
        // A busy machine needs seconds for 20 MB.
        let timeout = if self.has(Quirk::Q37) {
            "--timeout=15"
        } else {
            "--timeout=3"
        };
        let mut arguments = vec!["import", "--tenant-id=acme", timeout, "--lock-wait=2"];
        if self.has(Quirk::Q34) {
            arguments.push("--resolution-from-notes");
        }
        arguments
    }

    fn options(&self) -> Options {
        let portal = match self.edition {
            Edition::Cloud => self.has(Quirk::Q45).then_some("itdesk"),
            Edition::OnPremises | Edition::Msp => self.has(Quirk::Q46).then_some("2"),
        };
        Options {
            // Q14 never sends the pages behind the first few hundred rows.
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

    /// Sets up a tenant whose helpdesk has the quirks, as an operator would.
    async fn bench(&self) -> Bench {
        let options = self.options();
        let portal = options.portal.clone().unwrap_or_default();
        let bench = Bench::on(Database::Sqlite, options).await;
        let credentials = self.credentials(&bench);
        let url = bench.simulator.url();
        let mut arguments = vec!["tenant", "set", "--tenant-id=acme", "--requests-per-minute=60000"];
        arguments.extend(["--credentials-file", &credentials, "--portal", &portal]);
        if self.edition == Edition::Cloud {
            arguments.extend(["--accounts-url", &url]);
        }
        bench.good(&arguments);
        if let Some(authority) = bench.simulator.authority() {
            let (code, _, stderr) = bench.run(&["import", "--tenant-id=acme"]);
            assert_eq!(code, 3, "without the authority's certificate: {stderr}");
            let file = bench.write("authority.pem", authority);
            bench.good(&["tenant", "set", "--tenant-id=acme", "--ca-certificate", &file]);
        }
        bench
    }

    fn credentials(&self, bench: &Bench) -> String {
        let secrets = bench.simulator.desk().credentials();
        match self.edition {
            Edition::Cloud => bench.write_grant(&secrets.refresh_token),
            _ if self.has(Quirk::Q46) => {
                bench.write_credentials(&serde_json::json!({"technician_key": secrets.authtoken}))
            }
            _ => bench.write_credentials(&serde_json::json!({"authtoken": secrets.authtoken})),
        }
    }
}
