//! Faults and the pace limit, as a client sees them.

use std::time::Duration;

use serde_json::{Value, json};
use servicedesk_sim::{CallKind, Edition, Limit, LimitAnswer, Options};

use crate::client::{Session, fixture, fixture_text};

async fn with_fault(spec: &str) -> Session {
    let faults = vec![spec.parse().expect(spec)];
    Session::start(Options {
        tickets: Some(50),
        faults,
        ..Options::default()
    })
    .await
}

#[tokio::test]
async fn a_status_strikes_the_chosen_calls() {
    let session = with_fault("status:code=503,on=list,after=1,times=2").await;
    let mut statuses = Vec::new();
    for _ in 0..4 {
        statuses.push(session.list(json!({})).await.0);
    }
    assert_eq!(statuses, [200, 503, 503, 200]);

    let session = with_fault("status:code=429,retry_after=2").await;
    let answer = session.get("/api/v3/requests").send().await.expect("answer");
    assert_eq!(answer.status(), 429);
    assert_eq!(answer.headers()["retry-after"], "2");
    let body: Value = serde_json::from_str(&answer.text().await.expect("body")).expect("JSON");
    assert_eq!(body, fixture("throttle_http429.json"));
}

#[tokio::test]
async fn standard_bodies_are_the_real_ones() {
    for (spec, status, name) in [
        ("status:code=500", 500, "error_4004_internal_http500.json"),
        ("status:code=403", 403, "error_4002_forbidden_http403.json"),
        ("status:code=400,body=4015", 400, "throttle_4015_http400.json"),
        (
            "status:code=400,body=4015-top",
            400,
            "throttle_4015_toplevel_http400.json",
        ),
        (
            "status:code=400,body=blocked",
            400,
            "throttle_onprem_url_blocked.json",
        ),
        (
            "status:code=400,body=rolling",
            400,
            "throttle_zoho_rolling_http400.json",
        ),
        ("failed", 200, "error_http200_failed_body.json"),
    ] {
        assert_eq!(
            with_fault(spec).await.list(json!({})).await,
            (status, fixture(name)),
            "{spec}"
        );
    }
    let array = with_fault("status:code=400,body=array")
        .await
        .list(json!({}))
        .await;
    assert_eq!(array.1["response_status"][0]["messages"][0]["status_code"], 4014);
    let pages = [
        ("html", 200, "error_proxy_http200.html"),
        ("status:code=401,body=tomcat", 401, "error_tomcat_http401.html"),
    ];
    for (spec, status, name) in pages {
        let answer = with_fault(spec).await.list(json!({})).await;
        assert_eq!(answer, (status, Value::String(fixture_text(name))), "{spec}");
    }
    assert_eq!(
        with_fault("empty").await.list(json!({})).await,
        (200, Value::String(String::new()))
    );
}

#[tokio::test]
async fn a_fault_can_strike_one_ticket() {
    let options = Options {
        tickets: Some(20),
        ..Options::default()
    };
    let session = Session::start(options).await;
    let id = session.id_where(|_| true);
    let other = session.id_where(|truth| truth.id != id);
    let fault = format!("status:code=500,id={id}").parse().expect("valid");
    session.simulator.desk().add_fault(fault);
    assert_eq!(session.json(&format!("/api/v3/requests/{id}")).await.0, 500);
    assert_eq!(session.json(&format!("/api/v3/requests/{other}")).await.0, 200);
    session.simulator.desk().clear_faults();
    assert_eq!(session.json(&format!("/api/v3/requests/{id}")).await.0, 200);
}

#[tokio::test]
async fn broken_transfers_break() {
    let reset = with_fault("reset").await;
    let answer = reset
        .get("/api/v3/requests")
        .send()
        .await
        .expect("the head arrives");
    assert_eq!(answer.status(), 200);
    assert!(answer.text().await.is_err(), "the body does not");

    let (status, body) = with_fault("truncate").await.list(json!({})).await;
    assert_eq!(status, 200);
    assert!(
        body.as_str()
            .expect("no JSON")
            .starts_with("{\"response_status\":")
    );

    let hang = with_fault("hang").await;
    let call = hang.get("/api/v3/requests").timeout(Duration::from_millis(100));
    assert!(call.send().await.expect_err("no answer").is_timeout());
}

#[tokio::test]
async fn pages_can_be_short_or_without_has_more_rows() {
    let session = with_fault("short-page:at=1").await;
    let (_, short) = session.list(json!({"row_count": 20})).await;
    assert_eq!(short["requests"].as_array().map(Vec::len), Some(10));
    assert_eq!(short["list_info"]["has_more_rows"], true);
    let rows = with_fault("short-page:every=2")
        .await
        .all_rows(json!({"sort_field": "id"}))
        .await;
    assert_eq!(rows.len(), 50, "a client that counts the rows it got loses none");
    let (_, silent) = with_fault("no-has-more-rows").await.list(json!({})).await;
    assert_eq!(silent["list_info"].get("has_more_rows"), None);
}

#[tokio::test]
async fn a_refusal_beyond_the_pace_limit_announces_the_wait() {
    let limit = Limit {
        window: Duration::from_millis(300),
        ..Limit::per_minute(2)
    };
    let session = Session::start(Options {
        limit: Some(limit),
        tickets: Some(5),
        ..Options::default()
    })
    .await;
    let mut statuses = Vec::new();
    for _ in 0..3 {
        let answer = session.get("/api/v3/requests").send().await.expect("answer");
        statuses.push(answer.status().as_u16());
        if answer.status() == 429 {
            assert_eq!(answer.headers()["retry-after"], "1");
        }
    }
    assert_eq!(statuses, [200, 200, 429]);
    let stats = session.simulator.desk().stats();
    assert_eq!(stats.by_kind[&CallKind::List][&429], 1);
    assert_eq!(stats.most_calls_in_60s, 3);
}

#[tokio::test]
async fn a_throttle_may_be_a_400() {
    let limit = Limit {
        answer: LimitAnswer::Code4015,
        ..Limit::per_minute(0)
    };
    let options = Options {
        edition: Edition::OnPremises,
        limit: Some(limit),
        tickets: Some(1),
        ..Options::default()
    };
    let answer = Session::start(options).await.list(json!({})).await;
    assert_eq!(answer, (400, fixture("throttle_4015_http400.json")));
}

#[tokio::test]
async fn a_throttle_starts_and_ends_and_the_log_marks_calls_during_it() {
    let session = Session::with_tickets(Edition::Cloud, 5).await;
    let desk = session.simulator.desk();
    let call = async || {
        let answer = session.get("/api/v3/requests").send().await.expect("answer");
        let wait = answer.headers().get("retry-after");
        let wait = wait.map(|wait| wait.to_str().expect("text").to_owned());
        (answer.status().as_u16(), wait)
    };
    assert_eq!(call().await, (200, None));
    desk.throttle(Duration::from_secs(3_600), None);
    assert_eq!(call().await, (429, Some("3600".to_owned())));
    session
        .control("POST", "throttle?span_s=60&retry_after_s=7")
        .await;
    assert_eq!(call().await, (429, Some("7".to_owned())));
    assert_eq!(call().await, (429, Some("7".to_owned())));
    session.control("DELETE", "throttle").await;
    assert_eq!(call().await, (200, None));
    desk.throttle(Duration::from_secs(60), None);
    desk.end_throttle();
    assert_eq!(call().await, (200, None));
    let during: Vec<_> = desk.log().iter().map(|call| call.during_lock).collect();
    assert_eq!(during, [false, false, false, true, false, false]);
    assert_eq!(desk.stats().calls_during_lock, 1);
}

#[tokio::test]
async fn lists_can_lie_about_their_length() {
    let day = 86_400_000;
    let list = async |session: &Session, days: i64| {
        let now = session.simulator.desk().now_ms();
        let values = [(now - days * day).to_string(), now.to_string()];
        let criteria = json!({"field": "created_time", "condition": "between", "values": values});
        let info =
            json!({"get_total_count": true, "search_criteria": criteria, "row_count": 20, "start_index": 31});
        session.list(info).await.1
    };
    let session = with_fault("total:value=20000,parts=0,days=30").await;
    assert_eq!(list(&session, 90).await["list_info"]["total_count"], "20000");
    assert_eq!(list(&session, 10).await["list_info"]["total_count"], "0");
    for (rows, count) in [("new", 20), ("again", 20), ("none", 0)] {
        let session = with_fault(&format!("endless:rows={rows}")).await;
        let page = list(&session, 90).await;
        assert_eq!(page["list_info"]["has_more_rows"], true);
        assert_eq!(page["requests"].as_array().map(Vec::len), Some(count), "{rows}");
    }
}

#[tokio::test]
async fn bodies_can_be_oversized() {
    let (_, flood) = with_fault("flood:rows=12345").await.list(json!({})).await;
    assert_eq!(flood["requests"].as_array().map(Vec::len), Some(12_346));

    let session = with_fault("bomb:mib=3").await;
    let unpacked = session.get("/api/v3/requests").send().await.expect("answer");
    let blanks = vec![b' '; 3 << 20];
    assert_eq!(unpacked.bytes().await.expect("gzip"), blanks);

    let session = with_fault("bomb:mib=2,of=rows").await;
    let unpacked = session.get("/api/v3/requests").send().await.expect("answer");
    let unpacked: Value = unpacked.json().await.expect("JSON");
    let rows = unpacked["requests"].as_array().map_or(0, Vec::len);
    assert_eq!(rows, 2 * (1 << 20) / 9 + 1);

    for (spec, at_least) in [("endless-body", 1 << 20), ("drip", 100)] {
        let session = with_fault(spec).await;
        let mut answer = session.get("/api/v3/requests").send().await.expect("answer");
        let mut read = 0;
        while read < at_least {
            read += answer.chunk().await.expect("body").expect("no end").len();
        }
    }
}
