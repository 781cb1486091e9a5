//! Searches on the command line.

use serde_json::Value;

use super::bench::Bench;

impl Bench {
    /// Searches acme's tickets; returns the hits, best first.
    #[track_caller]
    pub(crate) fn search(&self, text: &str, more: &[&str]) -> Vec<Value> {
        let arguments = [&["search", "--tenant-id=acme", "--json"], more, &["--", text]].concat();
        let (code, stdout, stderr) = self.run(&arguments);
        assert_eq!(code, 0, "{arguments:?}: {stderr}");
        stdout
            .lines()
            .map(|line| serde_json::from_str(line).expect("an object"))
            .collect()
    }

    /// Searches acme's tickets; returns the ids of the hits.
    #[track_caller]
    pub(crate) fn found(&self, text: &str, more: &[&str]) -> Vec<String> {
        let id = |hit: &Value| hit["ticket_id"].as_str().expect("an id").to_owned();
        self.search(text, more).iter().map(id).collect()
    }
}
