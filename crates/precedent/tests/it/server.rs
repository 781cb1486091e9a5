//! `precedent serve` as a process, and who asks it.

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};

use reqwest::{Client, RequestBuilder, Response, StatusCode};
use serde_json::Value;

use crate::bench::{Bench, finished};

/// A running server; ended with this.
pub(crate) struct Server {
    process: Child,
    pub(crate) url: String,
    /// Address of its metrics; empty where a test chose it.
    metrics_url: String,
    pub(crate) http: Client,
}

impl Server {
    /// Starts one on a port of its own choice.
    pub(crate) fn start(bench: &Bench, more: &[&str]) -> Self {
        Self::start_at(bench, "127.0.0.1:0", more)
    }

    pub(crate) fn start_at(bench: &Bench, address: &str, more: &[&str]) -> Self {
        // What runs by the clock is asked for where it is meant.
        let quiet = ["--sync-every=0", "--reconcile-every=0"];
        let quiet = if more.iter().any(|argument| argument.starts_with("--sync-every")) {
            &[][..]
        } else {
            &quiet
        };
        let chosen = more
            .iter()
            .any(|argument| argument.starts_with("--metrics-listen"));
        let metrics: &[&str] = if chosen {
            &[]
        } else {
            &["--metrics-listen=127.0.0.1:0"]
        };
        Self::run(
            bench,
            &[&["serve", "--listen", address], quiet, metrics, more].concat(),
            !chosen,
        )
    }

    /// Starts one that has its metrics wherever it has them by default, or nowhere if that is taken.
    pub(crate) fn start_with_default_metrics(bench: &Bench) -> Self {
        Self::run(
            bench,
            &[
                "serve",
                "--listen=127.0.0.1:0",
                "--sync-every=0",
                "--reconcile-every=0",
            ],
            false,
        )
    }

    fn run(bench: &Bench, arguments: &[&str], tells_metrics: bool) -> Self {
        let mut process = bench
            .command(arguments)
            .stderr(Stdio::piped())
            .spawn()
            .expect("started");
        let mut lines = BufReader::new(process.stderr.take().expect("piped")).lines();
        let mut next_url = || {
            let mut lines = lines.by_ref().map_while(Result::ok);
            let url = lines.find_map(|line| Some(format!("http://{}", line.split_once("http://")?.1)));
            url.expect("an address")
        };
        let url = next_url();
        let metrics_url = if tells_metrics { next_url() } else { String::new() };
        // The log goes on; nobody may wait for its reader.
        std::thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
        // A second test finds the provider installed; either way there is one.
        drop(rustls::crypto::ring::default_provider().install_default());
        Self {
            process,
            url,
            metrics_url,
            http: Client::new(),
        }
    }

    pub(crate) fn get(&self, path: &str) -> RequestBuilder {
        self.http.get(format!("{}{path}", self.url))
    }

    /// Asks at the address of its metrics.
    pub(crate) fn operators(&self, path: &str) -> RequestBuilder {
        let base = self.metrics_url.trim_end_matches("/metrics");
        self.http.get(format!("{base}{path}"))
    }

    /// Its metrics now, as text.
    pub(crate) async fn metrics(&self) -> String {
        let answer = self.operators("/metrics").send().await.expect("an answer");
        assert_eq!(answer.status(), 200);
        answer.text().await.expect("text")
    }

    pub(crate) fn post(&self, path: &str) -> RequestBuilder {
        self.http.post(format!("{}{path}", self.url))
    }

    /// Calls a tool over MCP; the JSON-RPC answer.
    pub(crate) async fn call_tool(&self, token: &str, name: &str, arguments: Value) -> Value {
        let call = serde_json::json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call",
            "params": {"name": name, "arguments": arguments}});
        let request = self
            .post("/mcp")
            .bearer_auth(token)
            .header("accept", "application/json, text/event-stream");
        read(request.json(&call).send().await.expect("an answer")).await.2
    }

    /// The most memory that it had at a time.
    pub(crate) fn peak_memory_bytes(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).expect("Linux");
        let peak = status
            .lines()
            .find_map(|line| line.strip_prefix("VmHWM:"))
            .expect("a peak");
        let kib: u64 = peak.trim().trim_end_matches(" kB").parse().expect("a number");
        kib << 10
    }

    /// Asks to stop and tells the exit code.
    pub(crate) fn stop(mut self) -> i32 {
        let id = self.process.id().to_string();
        let asked = std::process::Command::new("kill").args(["-TERM", &id]).status();
        assert!(asked.expect("kill").success());
        self.process.wait().expect("ended").code().unwrap_or(-1)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

impl Bench {
    /// A new token of a tenant.
    #[track_caller]
    pub(crate) fn token(&self, tenant: &str, more: &[&str]) -> String {
        let arguments = [
            &["token", "create", "--name=test agent", "--tenant-id", tenant],
            more,
        ]
        .concat();
        let (code, stdout, stderr) = finished(self.command(&arguments).output().expect("started"));
        assert_eq!(code, 0, "{stderr}");
        stdout.trim().to_owned()
    }
}

/// The status, the media type and the JSON of an answer.
pub(crate) async fn read(response: Response) -> (StatusCode, String, Value) {
    let status = response.status();
    let kind = response
        .headers()
        .get("content-type")
        .and_then(|kind| kind.to_str().ok());
    let kind = kind.unwrap_or_default().to_owned();
    let text = response.text().await.expect("a body");
    let value = serde_json::from_str(&text).unwrap_or(Value::String(text));
    (status, kind, value)
}
