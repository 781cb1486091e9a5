//! The commands that `--help` names.

use super::bench::Bench;

impl Bench {
    /// Returns every command with all its subcommands: `[]`, `["tenant"]`, `["tenant", "add"]` and so on.
    pub(crate) fn commands(&self) -> Vec<Vec<String>> {
        let mut commands = vec![Vec::new()];
        let mut next = 0;
        while let Some(command) = commands.get(next).cloned() {
            let below = self.subcommands(&command).into_iter();
            commands.extend(below.map(|name| [&command[..], &[name]].concat()));
            next += 1;
        }
        commands
    }

    pub(crate) fn subcommands(&self, command: &[String]) -> Vec<String> {
        let help = self.help(command);
        let Some((_, commands)) = help.split_once("Commands:\n") else {
            return Vec::new();
        };
        let named = commands
            .lines()
            .take_while(|line| line.starts_with("  "))
            .filter(|line| !line.starts_with("   "))
            .filter_map(|line| line.split_whitespace().next());
        named.filter(|name| *name != "help").map(str::to_owned).collect()
    }

    pub(crate) fn help(&self, command: &[String]) -> String {
        let arguments: Vec<_> = command.iter().map(String::as_str).collect();
        let (code, help, stderr) = self.run(&[&arguments[..], &["--help"]].concat());
        assert_eq!(code, 0, "{command:?}: {stderr}");
        help
    }
}
