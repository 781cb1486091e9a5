//! A plain client, and the fixtures that tests compare with.

use std::collections::BTreeSet;

use reqwest::{RequestBuilder, Response};
use serde_json::{Value, json};
use servicedesk_sim::{Api, Edition, Options, Simulator};

/// Start of the desk's clock: no test depends on the day of its run.
pub(crate) const NOW_MS: i64 = 1_741_687_200_000;
const MEDIA_TYPE: &str = "application/vnd.manageengine.sdp.v3+json";

/// A desk and a client with its credentials.
pub(crate) struct Session {
    pub(crate) simulator: Simulator,
    pub(crate) http: reqwest::Client,
    edition: Edition,
    api: Api,
}

impl Session {
    pub(crate) async fn start(options: Options) -> Self {
        let (edition, api) = (options.edition, options.api);
        let now_ms = options.now_ms.or(Some(NOW_MS));
        let simulator = Simulator::start(Options { now_ms, ..options })
            .await
            .expect("start");
        // The provider is installed once per process; later tests find it.
        drop(rustls::crypto::ring::default_provider().install_default());
        Self {
            simulator,
            http: reqwest::Client::new(),
            edition,
            api,
        }
    }

    pub(crate) async fn with_tickets(edition: Edition, tickets: u32) -> Self {
        Self::start(Options {
            edition,
            tickets: Some(tickets),
            ..Options::default()
        })
        .await
    }

    /// Prepares a call without credentials.
    pub(crate) fn bare(&self, path: &str) -> RequestBuilder {
        self.http
            .get(format!("{}{path}", self.simulator.url()))
            .header("Accept", MEDIA_TYPE)
    }

    /// Prepares a call with the key of the edition.
    pub(crate) fn get(&self, path: &str) -> RequestBuilder {
        let credentials = self.simulator.desk().credentials();
        match (self.edition, self.api) {
            (Edition::Cloud, _) | (_, Api::Story) => self.bare(path).header(
                "Authorization",
                format!("Zoho-oauthtoken {}", credentials.api_key),
            ),
            _ => self.bare(path).header("authtoken", &credentials.authtoken),
        }
    }

    pub(crate) async fn json(&self, path: &str) -> (u16, Value) {
        read(self.get(path).send().await.expect("answer")).await
    }

    /// Calls `/_sim/{path}`, as a test in another process does.
    pub(crate) async fn control(&self, method: &str, path: &str) -> Value {
        let url = format!("{}/_sim/{path}", self.simulator.url());
        let method = method.parse().expect("a method");
        let answer = self.http.request(method, url).send().await.expect("answer");
        assert_eq!(answer.status(), 200, "{path}");
        read(answer).await.1
    }

    /// Calls a list with this `list_info`.
    pub(crate) async fn list(&self, list_info: Value) -> (u16, Value) {
        let input = json!({"list_info": list_info}).to_string();
        read(
            self.get(&with_parameters(
                "/api/v3/requests",
                &[("input_data", input.as_str())],
            ))
            .send()
            .await
            .expect("answer"),
        )
        .await
    }

    /// Returns the rows of every page.
    pub(crate) async fn all_rows(&self, mut list_info: Value) -> Vec<Value> {
        let mut rows = Vec::new();
        loop {
            list_info["start_index"] = json!(rows.len() + 1);
            list_info["row_count"] = json!(100);
            let (status, answer) = self.list(list_info.clone()).await;
            assert_eq!(status, 200, "{answer}");
            rows.extend(answer["requests"].as_array().expect("rows").iter().cloned());
            if answer["list_info"]["has_more_rows"] != true {
                return rows;
            }
        }
    }

    /// Returns the id of the first ticket in the truth that fits.
    pub(crate) fn id_where(&self, fits: impl Fn(&servicedesk_sim::Truth) -> bool) -> String {
        self.simulator
            .desk()
            .truth()
            .into_iter()
            .find(|truth| fits(truth))
            .expect("a fitting ticket")
            .id
    }
}

/// Appends URL parameters to a path.
pub(crate) fn with_parameters<K: AsRef<str>, V: AsRef<str>>(path: &str, parameters: &[(K, V)]) -> String {
    let url = reqwest::Url::parse_with_params("http://unused.invalid", parameters).expect("a URL");
    format!("{path}?{}", url.query().unwrap_or_default())
}

pub(crate) async fn read(response: Response) -> (u16, Value) {
    let status = response.status().as_u16();
    let text = response.text().await.expect("body");
    (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
}

/// Returns the text of a fixture.
pub(crate) fn fixture_text(name: &str) -> String {
    let path = format!("{}/tests/fixtures/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).expect(&path)
}

pub(crate) fn fixture(name: &str) -> Value {
    serde_json::from_str(&fixture_text(name)).expect(name)
}

/// Asserts that two objects have the same keys at every level. `udf_fields` differ by ticket, and tags may be absent.
#[track_caller]
pub(crate) fn assert_same_keys(ours: &Value, real: &Value, path: &str) {
    match (ours, real) {
        (Value::Object(ours), Value::Object(real)) => {
            let keys =
                |map: &serde_json::Map<String, Value>| -> BTreeSet<String> { map.keys().cloned().collect() };
            assert_eq!(keys(ours), keys(real), "keys of {path}");
            for (key, value) in ours.iter().filter(|(key, _)| *key != "udf_fields") {
                assert_same_keys(value, &real[key], &format!("{path}.{key}"));
            }
        }
        (Value::Array(ours), Value::Array(real)) => {
            if let (Some(ours), Some(real)) = (ours.first(), real.first()) {
                assert_same_keys(ours, real, &format!("{path}[0]"));
            }
        }
        (Value::Null, _) | (_, Value::Null) => {}
        (ours, real) => {
            assert_eq!(
                std::mem::discriminant(ours),
                std::mem::discriminant(real),
                "type of {path}: {ours}"
            );
        }
    }
}
