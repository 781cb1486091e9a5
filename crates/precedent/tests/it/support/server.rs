//! `precedent serve` as a process, and requests to it.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};

use super::answer::read;
use super::bench::Bench;
use super::process::{children, memory_bytes, peak_memory_bytes, send_signal};

/// A running server, which is killed with it.
pub(crate) struct Server {
    process: Child,
    pub(crate) url: String,
    /// Address of its metrics; empty where the test chose the address.
    metrics_url: String,
    pub(crate) http: Client,
    log: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// Starts a server on a port that the system chooses.
    pub(crate) fn start(bench: &Bench, more: &[&str]) -> Self {
        Self::start_at(bench, "127.0.0.1:0", more)
    }

    /// Starts a server at an address. It neither syncs nor reconciles unless the arguments say when.
    pub(crate) fn start_at(bench: &Bench, address: &str, more: &[&str]) -> Self {
        let is_given = |option: &str| more.iter().any(|argument| argument.starts_with(option));
        let mut arguments = vec!["serve", "--listen", address];
        if !is_given("--sync-every") {
            arguments.extend(["--sync-every=0", "--reconcile-every=0"]);
        }
        let chooses_metrics = is_given("--metrics-listen");
        if !chooses_metrics {
            arguments.push("--metrics-listen=127.0.0.1:0");
        }
        arguments.extend(more);
        Self::run(bench, &arguments, !chooses_metrics)
    }

    /// Starts a server with the default address of metrics; it runs without metrics if that is taken.
    pub(crate) fn start_with_default_metrics(bench: &Bench) -> Self {
        let idle = ["--sync-every=0", "--reconcile-every=0"];
        Self::run(
            bench,
            &[&["serve", "--listen=127.0.0.1:0"][..], &idle].concat(),
            false,
        )
    }

    /// Starts a server that may open only a number of files.
    pub(crate) fn start_with_files(bench: &Bench, files: u32, more: &[&str]) -> Self {
        let listen = ["serve", "--listen=127.0.0.1:0", "--metrics-listen=127.0.0.1:0"];
        let idle = ["--sync-every=0", "--reconcile-every=0"];
        let plain = bench.command(&[&listen[..], &idle, more].concat());
        let mut limited = Command::new("/bin/sh");
        let script = format!("ulimit -n {files} && exec \"$0\" \"$@\"");
        limited.args(["-c", &script]).arg(plain.get_program());
        limited.args(plain.get_args()).env_clear();
        for (name, value) in plain.get_envs() {
            limited.env(name, value.expect("set"));
        }
        limited.stdin(Stdio::null());
        Self::of(limited, true)
    }

    fn run(bench: &Bench, arguments: &[&str], prints_metrics_url: bool) -> Self {
        Self::of(bench.command(arguments), prints_metrics_url)
    }

    fn of(mut command: Command, prints_metrics_url: bool) -> Self {
        let mut process = command.stderr(Stdio::piped()).spawn().expect("started");
        let mut lines = BufReader::new(process.stderr.take().expect("piped")).lines();
        let mut next_url = || {
            let mut lines = lines.by_ref().map_while(Result::ok);
            let url = lines.find_map(|line| Some(format!("http://{}", line.split_once("http://")?.1)));
            url.expect("an address")
        };
        let url = next_url();
        let metrics_url = if prints_metrics_url {
            next_url()
        } else {
            String::new()
        };
        // The server must never wait for a reader of its log.
        let log = Arc::<Mutex<Vec<String>>>::default();
        let written = log.clone();
        std::thread::spawn(move || {
            let lines = lines.map_while(Result::ok);
            lines.for_each(|line| written.lock().expect("whole").push(line));
        });
        // A second server of the same test finds the provider installed.
        drop(rustls::crypto::ring::default_provider().install_default());
        Self {
            process,
            url,
            metrics_url,
            http: Client::new(),
            log,
        }
    }

    pub(crate) fn get(&self, path: &str) -> RequestBuilder {
        self.http.get(format!("{}{path}", self.url))
    }

    pub(crate) fn post(&self, path: &str) -> RequestBuilder {
        self.http.post(format!("{}{path}", self.url))
    }

    /// Returns a request to the address of its metrics.
    pub(crate) fn operators(&self, path: &str) -> RequestBuilder {
        let base = self.metrics_url.trim_end_matches("/metrics");
        self.http.get(format!("{base}{path}"))
    }

    /// Counts the lines of its log that contain these words.
    pub(crate) fn logged(&self, words: &str) -> usize {
        let log = self.log.lock().expect("whole");
        log.iter().filter(|line| line.contains(words)).count()
    }

    /// Returns the sum of a metric over its labels.
    pub(crate) async fn metric(&self, name: &str) -> f64 {
        let metrics = self.metrics().await;
        let lines = metrics.lines().filter_map(|line| line.strip_prefix(name));
        let values = lines.filter(|rest| rest.starts_with(['{', ' ']));
        values
            .filter_map(|rest| rest.rsplit(' ').next()?.parse::<f64>().ok())
            .sum()
    }

    /// Returns its current metrics as text.
    pub(crate) async fn metrics(&self) -> String {
        let answer = self.operators("/metrics").send().await.expect("an answer");
        assert_eq!(answer.status(), 200);
        answer.text().await.expect("text")
    }

    /// Calls a tool over MCP; returns the JSON-RPC answer.
    pub(crate) async fn call_tool(&self, token: &str, name: &str, arguments: Value) -> Value {
        let call = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call",
            "params": {"name": name, "arguments": arguments}});
        let request = self
            .post("/mcp")
            .bearer_auth(token)
            .header("accept", "application/json, text/event-stream");
        read(request.json(&call).send().await.expect("an answer")).await.2
    }

    /// Returns the ids of its worker processes.
    pub(crate) fn workers(&self) -> Vec<u32> {
        children(&self.process)
    }

    /// Kills its worker processes and itself (SIGKILL) before either can notice the end of the other.
    pub(crate) fn lose_power(self) {
        send_signal("-STOP", self.id());
        self.workers()
            .into_iter()
            .for_each(|worker| send_signal("-KILL", worker));
        drop(self);
    }

    /// Returns the memory that it and its worker processes use now.
    pub(crate) fn memory_bytes(&self) -> u64 {
        let processes = self.workers().into_iter().chain([self.process.id()]);
        processes.map(memory_bytes).sum()
    }

    /// Returns its process id.
    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }

    /// Returns the peak of its memory.
    pub(crate) fn peak_memory_bytes(&self) -> u64 {
        peak_memory_bytes(&self.process)
    }

    /// Sends SIGTERM; returns the exit code.
    pub(crate) fn stop(mut self) -> i32 {
        let id = self.process.id().to_string();
        let asked = Command::new("kill").args(["-TERM", &id]).status();
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
