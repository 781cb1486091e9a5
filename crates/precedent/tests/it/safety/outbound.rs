//! Addresses that Precedent does not call (SSRF protection).

use servicedesk_sim::Options;

use crate::support::{Bench, Database};

#[tokio::test(flavor = "multi_thread")]
async fn a_cloud_tenants_helpdesk_in_a_private_network_is_not_called() {
    let bench = Bench::on(Database::Sqlite, Options::default()).await;
    let file = bench.home.path().join("credentials.json");
    std::fs::write(&file, "{\"api_key\": \"x\"}").expect("written");
    for (id, url) in [
        ("metadata", "https://169.254.169.254/latest"),
        ("private", "https://10.0.0.7:8443"),
        ("mapped", "https://[::ffff:192.168.0.1]"),
    ] {
        bench.good(&[
            "tenant",
            "add",
            "--tenant-id",
            id,
            "--name=X",
            "--edition=cloud",
            "--url",
            url,
            "--credentials-file",
            file.to_str().expect("plain"),
        ]);
        let (code, _, stderr) = bench.run(&["import", "--tenant-id", id]);
        assert_eq!(code, 1, "{stderr}");
        assert!(stderr.contains("within a private network"), "{stderr}");
    }
}
