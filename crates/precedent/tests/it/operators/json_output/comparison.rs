//! Commands that ran, and the schemas of the reference that their output matched.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::reference::{Schema, differences, reference};
use crate::support::{Bench, finished};

pub(super) struct Comparison<'a> {
    pub(super) bench: &'a Bench,
    reference: BTreeMap<String, Vec<Schema>>,
    /// Commands with the places of their schemas that were seen.
    seen: BTreeSet<(String, usize)>,
}

impl<'a> Comparison<'a> {
    pub(super) fn new(bench: &'a Bench) -> Self {
        Self {
            bench,
            reference: reference(),
            seen: BTreeSet::new(),
        }
    }

    /// Runs a command of the reference with more arguments; returns its objects.
    #[track_caller]
    pub(super) fn run(&mut self, command: &str, more: &[&str]) -> Vec<Value> {
        self.run_with(command, more, &[])
    }

    #[track_caller]
    pub(super) fn run_with(
        &mut self,
        command: &str,
        more: &[&str],
        variables: &[(&str, &str)],
    ) -> Vec<Value> {
        let arguments: Vec<_> = command.split(' ').chain(more.iter().copied()).collect();
        let mut process = self.bench.command(&[&arguments[..], &["--json"]].concat());
        process.envs(variables.iter().copied());
        let (code, stdout, stderr) = finished(process.output().expect("started"));
        assert!(code == 0 || code == 5, "{arguments:?}\n{stdout}\n{stderr}");
        for line in stderr.lines() {
            let logged: Value = serde_json::from_str(line).expect(line);
            assert!(
                logged["level"].is_string() && logged["message"].is_string(),
                "{line}"
            );
        }
        let objects: Vec<Value> = stdout
            .lines()
            .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{command} printed {line}")))
            .collect();
        assert!(!objects.is_empty(), "{command} printed nothing");
        for object in &objects {
            self.compare(command, object);
        }
        objects
    }

    #[track_caller]
    fn compare(&mut self, command: &str, object: &Value) {
        let schemas = &self.reference[command];
        let wrong: Vec<_> = schemas.iter().map(|schema| differences(object, schema)).collect();
        let matching = wrong.iter().position(Vec::is_empty);
        let matching = matching.unwrap_or_else(|| panic!("{command}: {wrong:#?}"));
        self.seen.insert((command.to_owned(), matching));
    }

    pub(super) fn assert_whole_reference_was_seen(&self) {
        for (command, schemas) in &self.reference {
            for (place, schema) in schemas.iter().enumerate() {
                let is_seen = self.seen.contains(&(command.clone(), place));
                assert!(is_seen, "{command} never printed {schema:?}");
            }
        }
    }
}
