//! Help of every command and subcommand.

use servicedesk_sim::Options;

use super::folder::Folder;
use crate::support::{Bench, Database};

#[tokio::test(flavor = "multi_thread")]
async fn the_help_of_each_command() {
    let bench = Bench::on(Database::Sqlite, Options::default()).await;
    let mut folder = Folder::new("help");
    for command in bench.commands() {
        let name = [&["precedent".to_owned()], &command[..]].concat().join("-");
        folder.compare(&name, &bench.help(&command));
    }
    folder.assert_no_other();
}
