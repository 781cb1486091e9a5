//! Tokens of the HTTP interface.

use super::bench::Bench;

impl Bench {
    /// Creates a token of a tenant.
    #[track_caller]
    pub(crate) fn token(&self, tenant: &str, more: &[&str]) -> String {
        let create = ["token", "create", "--name=test agent", "--tenant-id", tenant];
        let (code, stdout, stderr) = self.run(&[&create[..], more].concat());
        assert_eq!(code, 0, "{stderr}");
        stdout.trim().to_owned()
    }
}
