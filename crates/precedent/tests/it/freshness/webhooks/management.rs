//! Webhooks are created, shown and rotated.

use servicedesk_sim::Options;

use crate::support::{Bench, Database};

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_is_created_shown_and_rotated() {
    let bench = Bench::on(Database::Sqlite, Options::default()).await;
    let run = |command: &str| {
        bench.run(&[
            "webhook",
            command,
            "--tenant-id=acme",
            "--public-url=https://p.example.com/",
        ])
    };
    let (code, _, stderr) = run("show");
    assert!(
        code == 1 && stderr.contains("precedent webhook create --tenant-id=acme"),
        "{stderr}"
    );
    let (code, made, _) = run("create");
    assert_eq!(code, 0);
    for part in [
        "https://p.example.com/webhook/servicedesk/acme/",
        "x-precedent-secret: whsec_",
        "{\"id\": \"${id}\"",
        "Secret   whsec_",
    ] {
        assert!(made.contains(part), "{part}: {made}");
    }
    assert_eq!(run("create").0, 1);
    assert_eq!(run("show").1, made);
    let (code, rotated, _) = run("rotate");
    assert!(code == 0 && rotated != made && run("show").1 == rotated);
    let (_, audited, _) = bench.run(&["audit", "--tenant-id=acme"]);
    assert!(
        audited.contains("webhook rotate") && !audited.contains("whsec_"),
        "{audited}"
    );
}
