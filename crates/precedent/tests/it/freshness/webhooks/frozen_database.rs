//! The database stops answering without closing its connections: a helpdesk gets its answer in time.

use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use servicedesk_sim::Edition;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::support::{Bench, Database, SECRET, resolved_ticket, sign};

/// Time that helpdesks wait for a response.
const PATIENCE: Duration = Duration::from_secs(10);

/// Starts a proxy to a database server; once `frozen` is true, no byte passes it. Returns its address.
async fn proxy(server: String, frozen: watch::Receiver<bool>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("bound");
    let address = listener.local_addr().expect("an address").to_string();
    let server = Arc::new(server);
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let (server, mut frozen) = (server.clone(), frozen.clone());
            tokio::spawn(async move {
                let mut database = TcpStream::connect(server.as_str()).await.expect("connected");
                let until_frozen = async { frozen.wait_for(|frozen| *frozen).await.map(drop) };
                tokio::select! {
                    _ = copy_bidirectional(&mut client, &mut database) => {}
                    // Keeps both connections open.
                    _ = until_frozen => std::future::pending().await,
                }
            });
        }
    });
    address
}

#[tokio::test(flavor = "multi_thread")]
async fn events_get_503_in_time_while_the_database_is_frozen() {
    let bench = Bench::with_webhook(Database::Postgres, Edition::Cloud).await;
    let webhook = bench.webhook();
    let url = bench.database_url();
    let server = url.split_once('@').and_then(|(_, rest)| rest.split_once('/'));
    let (server, _) = server.expect("a URL with a host");
    let (freeze, frozen) = watch::channel(false);
    let proxied = url.replace(server, &proxy(server.to_owned(), frozen).await);
    let mut process = bench
        .command(&[
            "serve",
            "--listen=127.0.0.1:0",
            "--metrics-listen=off",
            "--role=web",
        ])
        .env("DATABASE_URL", proxied)
        .stderr(Stdio::piped())
        .spawn()
        .expect("started");
    let mut lines = BufReader::new(process.stderr.take().expect("piped"))
        .lines()
        .map_while(Result::ok);
    let url = lines.find_map(|line| Some(format!("http://{}", line.split_once("http://")?.1)));
    let url = url.expect("an address");
    std::thread::spawn(move || lines.for_each(drop));
    drop(rustls::crypto::ring::default_provider().install_default());
    let http = reqwest::Client::builder()
        .timeout(PATIENCE)
        .build()
        .expect("a client");
    let ticket = || {
        let body = resolved_ticket("4711", "x", "2026-10-01T12:00:00Z");
        http.post(format!("{url}/webhook/servicedesk/resolved-ticket"))
            .header("x-servicedesk-signature", sign(&body))
            .body(body)
    };
    let notification = || {
        http.post(format!("{url}{}", webhook.path))
            .header("x-precedent-secret", SECRET)
            .body("{\"id\": \"1\"}")
    };
    freeze.send(true).expect("watched");
    let answers = tokio::join!(ticket().send(), notification().send());
    freeze.send(false).expect("watched");
    for answer in [answers.0, answers.1] {
        let answer = answer.expect("an answer in time");
        assert_eq!(answer.status(), 503);
        assert!(answer.headers().contains_key("retry-after"));
    }
    process.kill().expect("killed");
    process.wait().expect("ended");
}
