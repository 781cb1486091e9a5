//! Files, folders and variables that a command cannot use, and its exit code.

use std::fs::{Permissions, set_permissions};
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use servicedesk_sim::{Options, Rows};

use crate::support::{Bench, Database, finished};

/// A command with a problem in its environment, and its end. `{inside}` and other names stand for files.
struct Trouble {
    what: &'static str,
    command: &'static str,
    variables: &'static str,
    code: i32,
    /// Part of the message.
    says: &'static str,
}

/// The table of the import guide, as far as one command and its environment can show it.
const TROUBLES: &[Trouble] = &[
    Trouble {
        what: "no key file",
        command: "import --tenant-id=acme",
        variables: "PRECEDENT_MASTER_KEY= PRECEDENT_MASTER_KEY_FILE={inside}",
        code: 1,
        says: "cannot be read",
    },
    Trouble {
        what: "half a key",
        command: "import --tenant-id=acme",
        variables: "PRECEDENT_MASTER_KEY= PRECEDENT_MASTER_KEY_FILE={half-a-key}",
        code: 1,
        says: "not base64 of 32 bytes",
    },
    Trouble {
        what: "no credentials file",
        command: "tenant set --tenant-id=acme --credentials-file={inside}",
        variables: "",
        code: 1,
        says: "cannot be read",
    },
    Trouble {
        what: "no certificate",
        command: "tenant set --tenant-id=acme --ca-certificate={inside}",
        variables: "",
        code: 1,
        says: "cannot be read",
    },
    Trouble {
        what: "no queries",
        command: "eval --corpus={corpus} --queries={inside}",
        variables: "",
        code: 1,
        says: "cannot be read",
    },
    Trouble {
        what: "broken queries",
        command: "eval --corpus={corpus} --queries={corpus}",
        variables: "",
        code: 1,
        says: "is not as expected",
    },
    Trouble {
        what: "no folder for temporary files",
        command: "eval --corpus={corpus} --queries={corpus}",
        variables: "TMPDIR={inside}",
        code: 1,
        says: "",
    },
    Trouble {
        what: "no cache folder for a search",
        command: "search --tenant-id=acme vpn",
        variables: "XDG_CACHE_HOME={inside}",
        code: 1,
        says: "cannot be created",
    },
    Trouble {
        what: "no cache folder for an erasure",
        command: "tenant remove --tenant-id=acme --yes --erase",
        variables: "XDG_CACHE_HOME={inside}",
        code: 1,
        says: "cannot be created",
    },
    Trouble {
        what: "no data folder",
        command: "tenant list",
        variables: "DATABASE_URL= XDG_DATA_HOME={inside}",
        code: 1,
        says: "cannot be created",
    },
    Trouble {
        what: "no database file",
        command: "tenant list",
        variables: "DATABASE_URL=sqlite://{inside}/test.db",
        code: 4,
        says: "the database failed",
    },
    Trouble {
        what: "a file that is no database",
        command: "tenant list",
        variables: "DATABASE_URL=sqlite://{garbage}",
        code: 4,
        says: "the database failed",
    },
    Trouble {
        what: "no such tenant for a search",
        command: "search --tenant-id=nobody vpn",
        variables: "",
        code: 2,
        says: "not found",
    },
    Trouble {
        what: "no such tenant for a list",
        command: "rejected list --tenant-id=nobody",
        variables: "",
        code: 2,
        says: "not found",
    },
];

/// Writes the files of the troubles; returns their names in the table and in the file system.
fn files(bench: &Bench) -> Vec<(&'static str, String)> {
    let key = bench.write("half-a-key", "BwcH\n");
    set_permissions(&key, Permissions::from_mode(0o600)).expect("closed");
    // A file where a folder should be: no user may write there, not even root.
    let inside = format!("{}/inside", bench.write("a-file", "not a folder"));
    let garbage = "this is no database, but long enough to be looked at";
    let corpus = "{\"id\": 1, \"description\": \"vpn\"}\n";
    vec![
        ("{inside}", inside),
        ("{half-a-key}", key),
        ("{garbage}", bench.write("garbage.db", garbage)),
        ("{corpus}", bench.write("corpus.jsonl", corpus)),
    ]
}

impl Trouble {
    fn command(&self, bench: &Bench, files: &[(&str, String)]) -> Command {
        let place = |text: &str| {
            let replace = |text: String, (name, file): &(&str, String)| text.replace(name, file);
            files.iter().fold(text.to_owned(), replace)
        };
        let (arguments, variables) = (place(self.command), place(self.variables));
        let mut command = bench.command(&arguments.split(' ').collect::<Vec<_>>());
        command.envs(
            variables
                .split_whitespace()
                .filter_map(|pair| pair.split_once('=')),
        );
        command
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_trouble_has_its_code() {
    let options = Options {
        tickets: Some(30),
        rows: Rows::Full,
        ..Options::default()
    };
    let bench = Bench::on(Database::Sqlite, options).await;
    bench.import();
    let files = files(&bench);
    let mut wrong = Vec::new();
    for trouble in TROUBLES {
        let mut command = trouble.command(&bench, &files);
        let (code, _, stderr) = finished(command.output().expect("started"));
        if code != trouble.code || !stderr.contains(trouble.says) {
            wrong.push(format!(
                "{}: ended with {code} instead of {}: {stderr}",
                trouble.what, trouble.code
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    bench.good(&["search", "--tenant-id=acme", "vpn"]);
}
