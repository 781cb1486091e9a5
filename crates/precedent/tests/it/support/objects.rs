//! Results as JSON.

use serde_json::Value;

use super::bench::Bench;

impl Bench {
    /// Runs a command with `--json`; returns the object of each line. An incomplete result is a result too.
    #[track_caller]
    pub(crate) fn objects(&self, arguments: &[&str]) -> Vec<Value> {
        let (code, stdout, stderr) = self.run(&[arguments, &["--json"]].concat());
        assert!(code == 0 || code == 5, "{arguments:?}: {stderr}");
        let objects = stdout
            .lines()
            .map(|line| serde_json::from_str(line).expect("an object"));
        objects.collect()
    }

    /// Runs a command with `--json` whose result is one object.
    #[track_caller]
    pub(crate) fn object(&self, arguments: &[&str]) -> Value {
        let mut objects = self.objects(arguments);
        assert_eq!(objects.len(), 1, "{arguments:?}: {objects:?}");
        objects.remove(0)
    }
}
