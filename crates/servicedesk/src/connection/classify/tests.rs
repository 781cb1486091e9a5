//! The classes of recorded and of made-up answers.

use super::*;

/// Returns one line: the class of the exchange, and the reason that an operator reads.
fn verdict(status: u16, retry_after: Option<u64>, body: &str) -> String {
    let retry_after = retry_after.map(Duration::from_secs);
    let exchange = Exchange {
        status,
        retry_after,
        location: Some("/login"),
        body: &Arc::new(body.to_owned().into()),
    };
    match classify(&exchange, Row::all_of(exchange.body)) {
        Ok(_) => "answer".to_owned(),
        Err(Failure::Throttled { wait, locked, reason }) => {
            let kind = if locked { "locked" } else { "throttled" };
            format!("{kind}, wait {wait:?}: {reason}")
        }
        Err(Failure::Transient { reason, .. }) => format!("transient: {reason}"),
        Err(Failure::Unauthorised(reason)) => format!("unauthorised: {reason}"),
        Err(Failure::Final(error)) => format!("final: {error}"),
    }
}

/// Each recorded body with its HTTP status. The file name ends with the status; without one it is 200.
#[test]
fn every_recorded_answer_is_classified() {
    let mut table = String::new();
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .expect("fixtures")
        .map(|file| file.expect("a file").path())
        .filter(|file| file.is_file())
        .collect();
    files.sort();
    for file in files {
        let name = file.file_name().expect("a name").to_string_lossy().into_owned();
        let status = name
            .split("http")
            .last()
            .and_then(|rest| rest.get(..3)?.parse().ok())
            .unwrap_or(200);
        let body = std::fs::read_to_string(&file).expect("readable");
        table += &format!("{name}: {}\n", verdict(status, None, &body));
    }
    insta::assert_snapshot!(table);
}

/// Each HTTP status with an empty body, with a web page and with an answer.
#[test]
fn every_http_status_is_classified() {
    let mut table = String::new();
    for status in 200..600 {
        let answer = r#"{"response_status": {"status_code": 2000, "status": "success"}}"#;
        let bodies = ["", " <html>Sign in</html>", answer];
        let verdicts = bodies.map(|body| {
            verdict(status, None, body)
                .split([':', ',', '('])
                .next()
                .unwrap_or_default()
                .trim()
                .to_owned()
        });
        let line = format!(
            "empty {}, page {}, answer {}",
            verdicts[0], verdicts[1], verdicts[2]
        );
        match table.lines().last() {
            Some(last) if last.ends_with(&line) => {}
            _ => table += &format!("from {status}: {line}\n"),
        }
    }
    insta::assert_snapshot!(table);
}

#[test]
fn the_servers_words_are_one_harmless_line() {
    let body = r#"{"response_status": {"status_code": 4000, "messages": {"status_code": 4001,
        "message": "\u001b[2Jgone\r\nforged: line"}}}"#;
    assert_eq!(
        verdict(400, None, body),
        "final: ServiceDesk Plus refused the request (HTTP 400, 4001,  [2Jgone  forged: line)"
    );
    let long = format!(
        r#"{{"response_status": {{"messages": {{"message": "{}"}}}}}}"#,
        "x".repeat(9_999)
    );
    assert!(verdict(500, None, &long).len() < 1_100);
}

#[test]
fn a_throttle_names_its_wait_in_the_header_or_in_words() {
    let words = r#"{"error": {"details": {"message": "Try again after 22 minutes."}, "title": "URL_ROLLING_THROTTLES"}}"#;
    assert!(verdict(400, None, words).starts_with("locked, wait Some(1320s)"));
    assert!(verdict(400, Some(7), words).starts_with("locked, wait Some(7s)"));
    assert!(verdict(429, Some(7), "").starts_with("throttled, wait Some(7s)"));
}
