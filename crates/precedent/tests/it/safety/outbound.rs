//! Addresses that Precedent does not call (SSRF protection).

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use servicedesk_sim::{Edition, Options};

use super::bench;
use crate::support::{Bench, Database, finished};

impl Bench {
    /// Adds a tenant whose helpdesk is at an address, and imports; returns the exit code and stderr.
    #[track_caller]
    fn import_from(
        &self,
        id: &str,
        edition: &str,
        more: &[&str],
        variables: &[(&str, &str)],
    ) -> (i32, String) {
        let key = match edition {
            "cloud" => "{\"api_key\": \"x\"}",
            _ => "{\"authtoken\": \"x\"}",
        };
        let file = self.write("key.json", key);
        let named = [
            "tenant",
            "add",
            "--tenant-id",
            id,
            "--name=X",
            "--edition",
            edition,
        ];
        self.good(&[&named[..], &["--credentials-file", &file], more].concat());
        let mut import = self.command(&["import", "--tenant-id", id]);
        import.envs(variables.iter().copied());
        let (code, _, stderr) = finished(import.output().expect("started"));
        (code, stderr)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cloud_tenants_helpdesk_in_a_private_network_is_not_called() {
    let bench = Bench::on(Database::Sqlite, Options::default()).await;
    for (id, url) in [
        ("metadata", "--url=https://169.254.169.254/latest"),
        ("private", "--url=https://10.0.0.7:8443"),
        ("mapped", "--url=https://[::ffff:192.168.0.1]"),
        ("local-nat64", "--url=https://[64:ff9b:1::808:808]"),
        ("site-local", "--url=https://[fec0::1]"),
    ] {
        let (code, stderr) = bench.import_from(id, "cloud", &[url], &[]);
        assert_eq!(code, 1, "{stderr}");
        assert!(stderr.contains("within a private network"), "{stderr}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_tenants_helpdesk_is_a_metadata_service() {
    let bench = Bench::on(Database::Sqlite, Options::default()).await;
    for (number, host) in [
        "169.254.169.254",
        "0xa9fea9fe",
        "169.254.10.1",
        "168.63.129.16",
        "100.100.100.200",
        "192.0.0.192",
        "[fd00:ec2::254]",
        "[fe80::1]",
        "[::ffff:169.254.169.254]",
        "[64:ff9b::a9fe:a9fe]",
        "0.0.0.0",
        "[::]",
    ]
    .into_iter()
    .enumerate()
    {
        for (edition, url) in [
            ("on-premises", format!("--url=https://{host}")),
            ("msp", format!("--url=http://{host}")),
        ] {
            let id = format!("{edition}-{number}");
            let more = [&url, "--allow-http", "--allow-loopback"];
            let (code, stderr) = bench.import_from(&id, edition, &more, &[]);
            assert_eq!(code, 1, "{host}: {stderr}");
            assert!(stderr.contains("metadata service"), "{host}: {stderr}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn this_machine_is_called_only_if_an_operator_allows_it() {
    let bench = bench(Database::Sqlite).await;
    let calls = || bench.simulator.desk().log().len();
    bench.good(&[
        "tenant",
        "set",
        "--tenant-id=acme",
        "--allow-loopback=false",
        "--allow-http",
    ]);
    let before = calls();
    let (code, _, stderr) = bench.run(&["import", "--tenant-id=acme"]);
    assert_eq!(code, 1, "{stderr}");
    assert!(stderr.contains("an address of this machine"), "{stderr}");
    assert_eq!(calls(), before);
    for host in [
        "https://127.0.0.1",
        "https://127.1",
        "https://localhost",
        "https://[::1]",
        "http://localhost:9",
    ] {
        let set = ["tenant", "set", "--tenant-id=acme", "--url", host];
        let (code, _, stderr) = bench.run(&set);
        assert_eq!(code, 1, "{host}: {stderr}");
        assert!(stderr.contains("--allow-loopback"), "{host}: {stderr}");
    }
    bench.good(&["tenant", "set", "--tenant-id=acme", "--allow-loopback"]);
    bench.import();
}

/// Starts a proxy that answers nothing; returns its address and the number of its connections.
fn proxy() -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let connections = Arc::new(AtomicUsize::new(0));
    let counted = connections.clone();
    std::thread::spawn(move || {
        for _ in listener.incoming() {
            counted.fetch_add(1, Ordering::SeqCst);
        }
    });
    (url, connections)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_sees_neither_calls_to_this_machine_nor_plain_credentials() {
    let options = Options {
        edition: Edition::OnPremises,
        tickets: Some(3),
        ..Options::default()
    };
    let bench = Bench::on(Database::Sqlite, options).await;
    let (url, connections) = proxy();
    let variables = [
        ("HTTP_PROXY", &*url),
        ("HTTPS_PROXY", &*url),
        ("ALL_PROXY", &*url),
        ("http_proxy", &*url),
    ];
    let mut import = bench.command(&["import", "--tenant-id=acme"]);
    let (code, _, stderr) = finished(import.envs(variables).output().expect("started"));
    assert_eq!(code, 0, "{stderr}");
    let plain = ["--url=http://10.0.0.7", "--allow-http"];
    let (code, stderr) = bench.import_from("plain", "on-premises", &plain, &variables);
    assert_eq!(code, 1, "{stderr}");
    assert!(stderr.contains("through a proxy"), "{stderr}");
    assert_eq!(connections.load(Ordering::SeqCst), 0);
    let metadata = ["--url=https://169.254.169.254"];
    let (code, stderr) = bench.import_from("metadata", "on-premises", &metadata, &variables);
    assert_eq!((code, connections.load(Ordering::SeqCst)), (1, 0), "{stderr}");
    let (code, stderr) = bench.import_from("sealed", "on-premises", &["--url=https://10.0.0.7"], &variables);
    assert_eq!(code, 3, "{stderr}");
    assert!(connections.load(Ordering::SeqCst) > 0, "TLS passes the proxy");
}
