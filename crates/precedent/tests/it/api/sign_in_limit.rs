//! Callers that fail to sign in too often are refused at little cost; other callers at the same address are not.

use std::io::{Read as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, TcpStream};
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use reqwest::{Client, RequestBuilder};
use servicedesk_sim::{Edition, Options};

use crate::support::{Bench, Database, Server, problem, resolved_ticket, signed, status};

/// More failures than one address may make at once.
const MANY: usize = 150;

fn ticket(server: &Server, token: &str) -> RequestBuilder {
    server.get("/v1/tenants/acme/tickets/none").bearer_auth(token)
}

/// Sends many requests that must fail; returns how many get 429. The others must get the usual status.
async fn refused(request: impl Fn(usize) -> RequestBuilder, usual: u16) -> usize {
    let mut refused = 0;
    for number in 0..MANY {
        let answer = request(number).send().await.expect("an answer");
        if answer.status() == 429 {
            refused += 1;
            let wait = answer.headers()["retry-after"].to_str().expect("text");
            assert!(
                wait.parse::<u64>()
                    .is_ok_and(|seconds| (1..=60).contains(&seconds)),
                "{wait}"
            );
        } else {
            assert_eq!(answer.status(), usual);
        }
    }
    refused
}

/// Starts a server and shows it one good token and one good webhook.
async fn known(bench: &Bench) -> (Server, String) {
    let token = bench.token("acme", &[]);
    let server = Server::start(bench, &["--role=web"]);
    assert_eq!(status(ticket(&server, &token)).await, 404);
    let good = resolved_ticket("4711", "Reset it", "2026-10-01T12:00:00Z");
    assert_eq!(status(signed(&server, &good)).await, 202);
    (server, token)
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_tokens_are_refused_and_good_tokens_of_the_same_address_pass() {
    let bench = Bench::with_webhook(Database::Postgres, Edition::Cloud).await;
    let (server, token) = known(&bench).await;
    let later = bench.token("acme", &[]);
    let wrong = |number: usize| ticket(&server, &format!("precedent~acme~{number:012}~secret"));
    let refused = refused(wrong, 401).await;
    assert!(refused > 10 && MANY - refused >= 60, "{refused} of {MANY}");
    let refusal = problem(ticket(&server, "none"), 429).await;
    assert_eq!(refusal["type"], "urn:precedent:problem:too-many-failures");
    problem(server.get("/v1/tenants/acme/tickets/none"), 429).await;
    problem(server.post("/mcp").body("{}"), 429).await;

    // A caller that has succeeded before passes, and is still verified. One further failure is answered each second.
    let (started, mut answered) = (Instant::now(), 0);
    for number in 0..20 {
        assert_eq!(status(ticket(&server, &token)).await, 404);
        let good = resolved_ticket(&format!("{number}"), "Reset it", "2026-10-01T12:00:00Z");
        assert_eq!(status(signed(&server, &good)).await, 202);
        let unsigned = server.post("/webhook/servicedesk/resolved-ticket").body(good);
        match status(unsigned).await.as_u16() {
            429 => {}
            usual => {
                assert_eq!(usual, 401);
                answered += 1;
            }
        }
    }
    let seconds = started.elapsed().as_secs();
    assert!(answered <= seconds + 1, "{answered} of 20 in {seconds} s");
    // A caller that is new has to retry, and gets through.
    let started = Instant::now();
    while status(ticket(&server, &later)).await != 404 {
        assert!(started.elapsed() < Duration::from_secs(15));
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let id = token.split('~').nth(2).expect("an id");
    bench.good(&["token", "revoke", "--tenant-id=acme", "--token-id", id]);
    assert_ne!(status(ticket(&server, &token)).await, 404, "revoked");

    let metrics = server.metrics().await;
    let figure = |name: &str| {
        let line = metrics.lines().find_map(|line| line.strip_prefix(name));
        line.expect(name).trim().parse::<usize>().expect("a number")
    };
    assert!(
        figure("precedent_sign_ins_failed_total ") >= MANY - refused,
        "{metrics}"
    );
    assert!(
        figure("precedent_sign_ins_refused_total ") >= refused,
        "{metrics}"
    );
}

/// After a restart the server has seen no token yet.
#[tokio::test(flavor = "multi_thread")]
async fn good_tokens_that_were_never_used_pass_where_others_fail() {
    let bench = Bench::with_webhook(Database::Postgres, Edition::Cloud).await;
    let tokens: Vec<_> = (0..15).map(|_| bench.token("acme", &[])).collect();
    let server = Server::start(&bench, &["--role=web"]);
    let wrong = |number: usize| ticket(&server, &format!("precedent~acme~{number:012}~secret"));
    assert!(refused(wrong, 401).await > 10);
    for token in &tokens {
        // The failing caller takes all that the slow lane admits.
        for number in 0..10 {
            wrong(number).send().await.expect("an answer");
        }
        assert_eq!(status(ticket(&server, token)).await, 404);
    }
    let (known, _) = tokens[0].rsplit_once('~').expect("a token");
    let guessed = status(ticket(&server, &format!("{known}~guessed"))).await;
    assert!([401, 429].contains(&guessed.as_u16()), "{guessed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn failures_of_webhooks_count_for_their_address_only() {
    let bench = Bench::with_webhook(Database::Sqlite, Edition::Cloud).await;
    let later = bench.token("acme", &[]);
    for usual in [401, 404, 400] {
        let (server, token) = known(&bench).await;
        let body = resolved_ticket("1", "x", "2026-10-01T12:00:00Z");
        let wrong = |number: usize| match usual {
            401 => server
                .post("/webhook/servicedesk/resolved-ticket")
                .body(body.clone()),
            404 => server
                .post(&format!("/webhook/servicedesk/nobody{number}/ffff"))
                .body("{}"),
            _ => server
                .post("/webhook/servicedesk/resolved-ticket")
                .header("x-servicedesk-signature", "0".repeat(64))
                .body("no json"),
        };
        let refused = refused(wrong, usual).await;
        assert!(refused > 10, "{usual}: {refused} of {MANY}");
        problem(ticket(&server, "none"), 429).await;
        assert_eq!(status(ticket(&server, &token)).await, 404);

        let elsewhere = Client::builder().local_address(IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2)));
        let elsewhere = elsewhere.build().expect("a client");
        let url = format!("{}/v1/tenants/acme/tickets/none", server.url);
        problem(elsewhere.get(&url).bearer_auth("none"), 401).await;
        assert_eq!(status(elsewhere.get(&url).bearer_auth(&later)).await, 404);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_does_not_wait_for_all_unfinished_bodies() {
    let bench = Bench::on(Database::Sqlite, Options::default()).await;
    let server = Server::start(&bench, &["--role=web"]);
    let (answered, answers) = channel();
    for _ in 0..80 {
        let address = server.url.strip_prefix("http://").expect("an address").to_owned();
        let answered = answered.clone();
        std::thread::spawn(move || {
            let mut connection = TcpStream::connect(address).expect("connected");
            let head = "POST /v1/tenants/acme/search HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n{";
            connection.write_all(head.as_bytes()).expect("sent");
            let mut answer = [0; 10];
            // The server may have closed the connection.
            drop(connection.read_exact(&mut answer));
            answered.send(answer).ok();
        });
    }
    // The server waits 5 s for each, for at most 32 at the same time.
    let first = answers.recv_timeout(Duration::from_secs(4)).expect("at once");
    assert_eq!(&first, b"HTTP/1.1 4");
}
