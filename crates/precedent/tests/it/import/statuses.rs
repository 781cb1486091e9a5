//! Helpdesks whose statuses have their own names, and whose list of statuses fails at times.

use servicedesk_sim::{CallKind, Edition, Options, Quirk, Rows};

use crate::support::Bench;

/// Open tickets have a resolved time: only the list of statuses shows that they are open.
async fn bench() -> Bench {
    Bench::new(Options {
        tickets: Some(250),
        days: 80,
        open_every: 4,
        edition: Edition::OnPremises,
        rows: Rows::Full,
        quirks: vec![Quirk::Q38],
        ..Options::default()
    })
    .await
}

impl Bench {
    fn fault(&self, spec: &str) {
        self.simulator.desk().add_fault(spec.parse().expect("a fault"));
    }

    /// Returns how many tickets are served as resolved though the helpdesk has them open.
    async fn open_and_served(&self) -> usize {
        let open = self.simulator.desk().open_tickets();
        let rows = self.rows().await;
        rows.iter()
            .filter(|row| row.withdrawn_at.is_none() && open.contains(&row.ticket_id))
            .count()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn open_tickets_are_not_served_without_the_list_of_statuses() {
    let bench = bench().await;
    bench.fault("status:code=503,on=statuses,times=4");
    let (code, _, stderr) = bench.run(&["import", "--tenant-id=acme", "--days=90"]);
    assert_eq!(bench.open_and_served().await, 0);
    assert_eq!(code, 3, "{stderr}");
    assert!(stderr.contains("list of statuses"), "{stderr}");
    bench.import();
    bench.assert_complete().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_status_that_is_newer_than_the_last_check_is_learned() {
    let bench = bench().await;
    bench.good(&["tenant", "check", "--tenant-id=acme"]);
    // The helpdesk has added a status since the check.
    let changed = sqlx::query(
        "update tenant_configs set probe = replace(probe, '\"Esperando proveedor\"', '\"Another\"') \
         where probe like '%\"Esperando proveedor\"%'",
    )
    .execute(&mut bench.postgres().await)
    .await
    .expect("changed");
    assert_eq!(changed.rows_affected(), 1);
    bench.import();
    assert_eq!(bench.open_and_served().await, 0);
    bench.assert_complete().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_may_not_read_the_statuses_still_imports() {
    let bench = bench().await;
    bench.fault("status:code=403,on=statuses");
    bench.import();
    let asked = bench.simulator.desk().stats();
    let statuses = &asked.by_kind[&CallKind::Statuses];
    assert_eq!(statuses[&403], 1, "{asked:?}");
    assert_eq!(bench.rows().await.len(), 250, "without the list, times decide");
}
