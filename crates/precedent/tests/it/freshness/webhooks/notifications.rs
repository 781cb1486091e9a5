//! Change notifications of ServiceDesk Plus, in any form.

use std::time::Duration;

use serde_json::json;
use servicedesk_sim::Edition;

use crate::support::{Bench, Database, Server, assert_accepted, status};

/// Timeout until an accepted notification is in the table, on a busy machine.
const SOON: Duration = Duration::from_secs(30);

async fn a_notification_in_any_form_updates_its_ticket(database: Database, edition: Edition) {
    let bench = Bench::with_webhook(database, edition).await;
    let desk = bench.simulator.desk();
    let (truth, open) = (desk.truth(), desk.open_tickets());
    bench.good(&["webhook", "rotate", "--tenant-id=acme", "--secret-in-url"]);
    let webhook = bench.webhook();
    let server = Server::start(&bench, &[]);
    let send = async |body: String| webhook.send(&server, body).await;
    desk.edit_resolution(&truth[0].id, "the real cause")
        .expect("edited");
    send(format!("{{\"requestId\": \"{}\"}}", truth[0].id)).await;
    desk.reopen(&truth[1].id).expect("reopened");
    let display_id = &truth[1].display_id;
    send(format!("request_id={display_id}&status=Open&subject=VPN+drops")).await;
    desk.close(&open[0]).expect("closed");
    // ServiceDesk Plus does not escape the texts that it pastes.
    let unescaped = "\"subject\":\"Fehler \"809\" beim VPN\",\"text\":\"a\nb\"";
    send(format!("{{\"id\":\"{}\",{unescaped}}}", open[0])).await;
    desk.delete(&truth[2].id).expect("deleted");
    desk.trash(&truth[3].id).expect("trashed");
    send(json!({"workorder": {"id": truth[2].id}}).to_string()).await;
    let secret: String = url::form_urlencoded::byte_serialize(webhook.secret.as_bytes()).collect();
    let url = format!("{}?secret={secret}&id={}", webhook.path, truth[3].id);
    assert_accepted(status(server.get(&url)).await);
    desk.clear_log();
    for _ in 0..50 {
        send(json!({"id": truth[4].id}).to_string()).await;
    }
    bench
        .wait_for_rows(SOON, |rows| {
            rows.iter().filter(|row| row.withdrawn_at.is_some()).count() == 3
        })
        .await;
    let is_empty = || bench.run(&["inbox", "list", "--tenant-id=acme"]).1.is_empty();
    bench.wait_until("end of the inbox", is_empty).await;
    bench.assert_complete().await;
    let log = desk.log();
    let reads = log
        .iter()
        .filter(|call| call.id.as_ref() == Some(&truth[4].id))
        .count();
    assert!((1..=5).contains(&reads), "{reads} reads for 50 notifications");
}

cases!(a_notification_in_any_form_updates_its_ticket:
    cloud_on_postgres => (Database::Postgres, Edition::Cloud),
    on_premises_on_sqlite => (Database::Sqlite, Edition::OnPremises),
);

#[tokio::test(flavor = "multi_thread")]
async fn an_accepted_notification_outlives_the_server() {
    let bench = Bench::with_webhook(Database::Sqlite, Edition::Cloud).await;
    let desk = bench.simulator.desk();
    let edited = desk.truth()[0].id.clone();
    desk.edit_resolution(&edited, "the real cause").expect("edited");
    let server = Server::start(&bench, &[]);
    let body = json!({"id": edited}).to_string();
    bench.webhook().send(&server, body).await;
    drop(server);
    let (_, listed, _) = bench.run(&["inbox", "list", "--tenant-id=acme"]);
    assert!(listed.contains(&format!("changed:{edited}")), "{listed}");
    let _server = Server::start(&bench, &[]);
    bench
        .wait_for_rows(SOON, |rows| {
            rows.iter().any(|row| row.resolution == "the real cause")
        })
        .await;
}
