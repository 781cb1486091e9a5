//! Progress in the log.

use servicedesk_sim::{Options, Rows};

use crate::support::Bench;

#[tokio::test(flavor = "multi_thread")]
async fn progress_is_logged_every_hundred_tickets_as_lines_and_as_json() {
    let bench = Bench::new(Options {
        tickets: Some(250),
        days: 80,
        open_every: 0,
        rows: Rows::Full,
        ..Options::default()
    })
    .await;
    let stderr = bench.good(&["import", "--tenant-id=acme"]);
    assert!(stderr.contains("Imported 100/250 tickets (40%)"), "{stderr}");
    assert!(stderr.contains("Imported 200/250 tickets (80%)"), "{stderr}");
    assert!(!stderr.contains("Imported 250/250"), "{stderr}");

    let (code, stdout, stderr) = bench.run(&["import", "--tenant-id=acme", "--json"]);
    assert_eq!(code, 0, "{stderr}");
    let lines: Vec<serde_json::Value> = stderr
        .lines()
        .map(|line| serde_json::from_str(line).expect(line))
        .collect();
    let progress: Vec<_> = lines.iter().filter(|line| line["done"].is_u64()).collect();
    assert_eq!(progress.len(), 2, "{stderr}");
    for line in progress {
        let run = &line["spans"][0];
        assert_eq!(
            (&run["tenant_id"], &run["operation"], &line["total"]),
            (&"acme".into(), &"import".into(), &250.into())
        );
        assert!(run["run_id"].as_str().is_some_and(|id| id.len() == 36), "{line}");
    }
    let result: serde_json::Value = serde_json::from_str(&stdout).expect("one object");
    assert_eq!(
        (&result["imported"], &result["skipped"]),
        (&0.into(), &250.into())
    );
}
