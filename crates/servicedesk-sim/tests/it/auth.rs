//! Sign-in, portals, media types and the accounts server.

use std::time::Duration;

use serde_json::{Value, json};
use servicedesk_sim::{Edition, Options};

use crate::client::{Session, assert_same_keys, fixture, read, with_parameters};

fn form(session: &Session, change: Option<(&str, &str)>) -> Vec<(String, String)> {
    let credentials = session.simulator.desk().credentials();
    let mut fields = vec![
        ("grant_type", "refresh_token"),
        ("client_id", &credentials.client_id),
        ("client_secret", &credentials.client_secret),
        ("refresh_token", &credentials.refresh_token),
    ];
    if let Some((name, value)) = change {
        fields.retain(|(field, _)| *field != name);
        fields.push((name, value));
    }
    fields
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

async fn refresh(session: &Session, change: Option<(&str, &str)>) -> (u16, Value) {
    let url = format!("{}/oauth/v2/token", session.simulator.url());
    read(
        session
            .http
            .post(url)
            .form(&form(session, change))
            .send()
            .await
            .expect("answer"),
    )
    .await
}

async fn status_with(session: &Session, authorization: &str) -> u16 {
    let call = session
        .bare("/api/v3/requests")
        .header("Authorization", authorization);
    call.send().await.expect("answer").status().as_u16()
}

#[tokio::test]
async fn a_refreshed_token_opens_the_desk_until_it_ends() {
    let session = Session::with_tickets(Edition::Cloud, 3).await;
    let (status, answer) = refresh(&session, None).await;
    assert_eq!(status, 200);
    assert_same_keys(&answer, &fixture("oauth_refresh_http200.json"), "token");
    let token = answer["access_token"].as_str().expect("token");
    assert_eq!(
        status_with(&session, &format!("Zoho-oauthtoken {token}")).await,
        200
    );
    assert_eq!(status_with(&session, &format!("Bearer {token}")).await, 200);
    session.simulator.desk().revoke_access_tokens();
    assert_eq!(status_with(&session, &format!("Bearer {token}")).await, 401);

    let url = format!(
        "{}{}",
        session.simulator.url(),
        with_parameters("/oauth/v2/token", &form(&session, None))
    );
    let (_, by_url) = read(session.http.post(url).send().await.expect("answer")).await;
    assert!(by_url["access_token"].is_string());

    let short = Options {
        token_lifetime: Duration::ZERO,
        tickets: Some(3),
        ..Options::default()
    };
    let session = Session::start(short).await;
    let (_, answer) = refresh(&session, None).await;
    let token = answer["access_token"].as_str().expect("token");
    assert_eq!(status_with(&session, &format!("Bearer {token}")).await, 401);
}

#[tokio::test]
async fn mistakes_of_a_refresh_come_with_200() {
    let session = Session::start(Options {
        token_refreshes: 5,
        tickets: Some(1),
        ..Options::default()
    })
    .await;
    let client = refresh(&session, Some(("client_id", "x"))).await;
    assert_eq!(client, (200, fixture("oauth_error_invalid_client_http200.json")));
    let code = refresh(&session, Some(("refresh_token", "x"))).await;
    assert_eq!(code, (200, fixture("oauth_error_invalid_code_http200.json")));
    let secret = refresh(&session, Some(("client_secret", "x"))).await;
    assert_eq!(secret, (200, json!({"error": "invalid_client_secret"})));
    refresh(&session, None).await;
    refresh(&session, None).await;
    let sixth = refresh(&session, None).await;
    assert_eq!(sixth, (400, fixture("oauth_throttle_http400.json")));
}

#[tokio::test]
async fn wrong_keys_are_refused() {
    let cloud = Session::with_tickets(Edition::Cloud, 1).await;
    let answer = cloud.bare("/api/v3/requests").send().await.expect("answer");
    assert_eq!(
        read(answer).await,
        (401, fixture("error_4022_invalid_token_http401.json"))
    );
    assert_eq!(status_with(&cloud, "Zoho-oauthtoken wrong").await, 401);

    let on_premises = Session::with_tickets(Edition::OnPremises, 1).await;
    let answer = on_premises
        .bare("/api/v3/requests")
        .header("authtoken", "wrong")
        .send()
        .await
        .expect("answer");
    assert_eq!(
        read(answer).await,
        (401, fixture("error_onprem_invalid_key_http401.json"))
    );
    let key = &on_premises.simulator.desk().credentials().authtoken;
    let older = on_premises
        .bare("/api/v3/requests")
        .header("TECHNICIAN_KEY", key)
        .send()
        .await
        .expect("answer");
    assert_eq!(older.status(), 200);
}

#[tokio::test]
async fn a_call_must_accept_the_media_type() {
    let session = Session::with_tickets(Edition::OnPremises, 1).await;
    let url = format!("{}/api/v3/requests", session.simulator.url());
    let key = session.simulator.desk().credentials().authtoken;
    let status = async |accept: &str| {
        let call = session
            .http
            .get(&url)
            .header("authtoken", &key)
            .header("Accept", accept);
        call.send().await.expect("answer").status().as_u16()
    };
    assert_eq!(status("*/*").await, 415);
    assert_eq!(status("application/json").await, 415);
    assert_eq!(status("application/v3+json").await, 200);
}

#[tokio::test]
async fn a_portal_has_its_own_path() {
    let options = Options {
        portal: Some("itdesk".into()),
        tickets: Some(5),
        ..Options::default()
    };
    let session = Session::start(options).await;
    assert_eq!(session.json("/app/itdesk/api/v3/requests").await.0, 200);
    assert_eq!(session.json("/api/v3/requests").await.0, 200);
    let wrong = session.json("/app/other/api/v3/requests").await;
    assert_eq!(wrong, (404, fixture("error_4007_not_found_http404.json")));
}

#[tokio::test]
async fn revoked_credentials_open_nothing_until_others_are_accepted() {
    let session = Session::with_tickets(Edition::Cloud, 1).await;
    let desk = session.simulator.desk();
    let (_, answer) = refresh(&session, None).await;
    let token = format!("Bearer {}", answer["access_token"].as_str().expect("token"));
    let key = format!("Zoho-oauthtoken {}", desk.credentials().api_key);
    desk.revoke_credentials();
    assert_eq!(status_with(&session, &token).await, 401);
    assert_eq!(status_with(&session, &key).await, 401);
    assert_eq!(refresh(&session, None).await.1["error"], "invalid_code");
    session.control("POST", "credentials?api_key=another").await;
    assert_eq!(status_with(&session, &key).await, 401);
    assert_eq!(status_with(&session, "Bearer another").await, 200);
    assert!(refresh(&session, None).await.1["access_token"].is_string());
    session.control("DELETE", "credentials").await;
    assert_eq!(status_with(&session, "Bearer another").await, 401);
    desk.accept_credentials(desk.credentials());
    assert_eq!(status_with(&session, "Bearer another").await, 200);
}
