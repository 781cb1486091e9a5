//! Tickets of a removed tenant belong to no tenant until an operator assigns or erases them.

use servicedesk_sim::{Api, Edition, Options};

use crate::support::{Bench, Database};

async fn bench(database: Database) -> Bench {
    let options = Options {
        tickets: Some(60),
        days: 80,
        bad_every: 20,
        ..Options::default()
    };
    Bench::on(database, options).await
}

impl Bench {
    fn add_again(&self, id: &str, more: &[&str]) -> (i32, String, String) {
        let file = self.home.path().join("credentials.json");
        let url = self.simulator.url();
        let file = file.to_str().expect("plain");
        let mut arguments = vec![
            "tenant",
            "add",
            "--tenant-id",
            id,
            "--name=Other",
            "--edition=cloud",
        ];
        arguments.extend(["--url", &url, "--allow-loopback", "--credentials-file", file]);
        arguments.extend(more);
        self.run(&arguments)
    }
}

async fn a_new_tenant_with_an_old_id_gets_no_old_ticket(database: Database) {
    let bench = bench(database).await;
    bench.import();
    let words = bench.simulator.desk().truth()[0].subject.clone();
    assert!(!bench.found(&words, &[]).is_empty());
    let (_, stdout, _) = bench.run(&["tenant", "remove", "--tenant-id=acme", "--yes"]);
    assert!(stdout.contains("--adopt"), "{stdout}");

    let (code, _, stderr) = bench.add_again("acme", &[]);
    assert_eq!(code, 1, "{stderr}");
    assert!(
        stderr.contains("--adopt") && stderr.contains("--erase"),
        "{stderr}"
    );
    assert_eq!(
        bench.run(&["search", "--tenant-id=acme", "vpn"]).0,
        2,
        "no tenant is added"
    );
    assert_eq!(bench.add_again("acme", &["--adopt", "--erase"]).0, 1);
    assert!(!bench.rows().await.is_empty(), "kept so far");

    let (code, _, stderr) = bench.add_again("acme", &["--erase"]);
    assert_eq!(code, 0, "{stderr}");
    assert_eq!(bench.rows().await, []);
    assert!(bench.found(&words, &[]).is_empty());
    assert_eq!(bench.run(&["rejected", "list", "--tenant-id=acme"]).1, "");
    assert_eq!(bench.run(&["runs", "list", "--tenant-id=acme"]).1, "");
}

async fn an_adopted_tenant_keeps_its_tickets_and_finds_later_changes(database: Database) {
    let bench = bench(database).await;
    bench.import();
    let before = bench.rows().await;
    bench.good(&["tenant", "remove", "--tenant-id=acme", "--yes"]);
    let (code, _, stderr) = bench.add_again("acme", &["--adopt"]);
    assert_eq!(code, 0, "{stderr}");
    assert_eq!(bench.rows().await, before);
    let truth = bench.simulator.desk().truth();
    assert!(!bench.found(&truth[0].subject, &[]).is_empty());
    let edited = bench
        .simulator
        .desk()
        .edit_resolution(&truth[0].id, "flugkompensator");
    edited.expect("edited");
    bench.import();
    assert_eq!(bench.found("flugkompensator", &[]), [truth[0].id.as_str()]);
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_of_the_platform_belong_to_the_first_tenant_with_their_id() {
    let bench = bench(Database::Postgres).await;
    bench
        .execute(
            "insert into ticket_history (tenant_id, ticket_id, description, resolved_date)
             values ('beta', '1', 'of the platform', now())",
        )
        .await;
    bench.add_tenant("beta", Edition::Cloud, Api::V3);
    bench.good(&["tenant", "remove", "--tenant-id=beta", "--yes"]);
    let (code, _, stderr) = bench.add_again("beta", &[]);
    assert_eq!(code, 1, "they may be of another customer: {stderr}");
    assert_eq!(bench.add_again("beta", &["--adopt"]).0, 0);
}

on_both_databases!(
    a_new_tenant_with_an_old_id_gets_no_old_ticket,
    an_adopted_tenant_keeps_its_tickets_and_finds_later_changes
);
