//! Texts from outside on a terminal: nothing in them moves the cursor or forges a line.

use serde_json::Value;
use servicedesk_sim::{Edition, Options, Rows};

use crate::support::{Bench, Database};

/// Escape sequences of one and of two bytes, a link, an override of direction, tag characters, and a forged line.
const HOSTILE: &str =
    "x\u{1b}[2J\u{1b}]8;;http://evil.example\u{7}\u{9b}31m\u{202e}\u{7f}\u{e0041}\r\nforged\u{2028}";

/// Columns of texts that a helpdesk, another program or an operator wrote, and what else is in their table.
const COLUMNS: [(&str, &str); 18] = [
    ("ticket_history", "subject"),
    ("ticket_history", "description"),
    ("ticket_history", "resolution"),
    ("ticket_history", "status"),
    ("ticket_history", "category"),
    ("ticket_history", "priority"),
    ("ticket_history", "display_id"),
    ("ticket_history", "url"),
    ("rejected_tickets", "reason"),
    ("rejected_tickets", "raw"),
    ("import_runs", "error"),
    ("import_windows", "plan"),
    ("jobs", "error"),
    ("inbox", "error"),
    ("audit_log", "detail"),
    ("audit_log", "actor"),
    ("api_tokens", "name"),
    ("tenant_configs", "name"),
];

async fn bench() -> Bench {
    let options = Options {
        tickets: Some(20),
        days: 80,
        bad_every: 8,
        rows: Rows::Full,
        edition: Edition::OnPremises,
        ..Options::default()
    };
    let bench = Bench::on(Database::Postgres, options).await;
    bench.import();
    bench.good(&["token", "create", "--tenant-id=acme", "--name=agent"]);
    bench.good(&["import", "--tenant-id=acme", "--days=90", "--detach"]);
    bench
        .execute(
            "insert into inbox (tenant_id, note_id, kind, body, received_at, due_at)
             select 'acme', '1', 'resolved', '{}', now(), now()",
        )
        .await;
    for (table, column) in COLUMNS {
        // The words of the search stay, so that the tickets are found.
        bench
            .execute(&format!(
                "update {table} set {column} = concat({column}, ' vpn ', '{HOSTILE}')"
            ))
            .await;
    }
    bench
        .execute("update ticket_history set tags = jsonb_build_array(subject), revision = 99; update tenant_configs set revision = 99")
        .await;
    bench
}

#[track_caller]
fn assert_harmless(output: &str, command: &[&str]) {
    let moves = |c: char| {
        (c.is_control() && c != '\n')
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{e0000}'..='\u{e007f}')
    };
    assert!(!output.contains(moves), "{command:?}: {output:?}");
    let forged = output
        .lines()
        .find(|line| line.trim_start().starts_with("forged"));
    assert!(forged.is_none(), "{command:?}: {output}");
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_texts_do_not_move_the_cursor_or_forge_lines() {
    let bench = bench().await;
    let run = bench.objects(&["runs", "list", "--tenant-id=acme"])[0]["run_id"].clone();
    let run = format!("--run-id={}", run.as_str().expect("an id"));
    let key = bench.objects(&["rejected", "list", "--tenant-id=acme"])[0]["key"].clone();
    let key = format!("--key={}", key.as_str().expect("a key"));
    let unknown = format!("--tenant-id={HOSTILE}");
    let missing = format!("--credentials-file={HOSTILE}");
    let acme = "--tenant-id=acme";
    let commands: [(&[&str], bool); 14] = [
        (&["tenant", "list"], true),
        (&["tenant", "show", acme], true),
        (&["runs", "list", acme], true),
        (&["runs", "show", acme, &run], true),
        (&["rejected", "list", acme], true),
        (&["jobs", "list"], true),
        (&["inbox", "list", acme], true),
        (&["token", "list", acme], true),
        (&["audit"], true),
        (&["search", acme, "--resolution=any", "vpn"], false),
        (&["verify", acme], false),
        (&["search", &unknown, "vpn"], true),
        (&["tenant", "set", acme, &missing], true),
        (&["rejected", "show", acme, "--key", HOSTILE], true),
    ];
    for (command, is_one_line) in commands {
        let (_, stdout, stderr) = bench.run(command);
        let all = format!("{stdout}{stderr}");
        if is_one_line {
            assert_harmless(&all, command);
        } else {
            assert_harmless(&all.replace("forged", ""), command);
        }
        let (_, stdout, stderr) = bench.run(&[command, &["--json"]].concat());
        assert_harmless(&format!("{stdout}{stderr}"), command);
        for line in stdout.lines().chain(stderr.lines()) {
            let object: Value = serde_json::from_str(line).expect("JSON");
            assert!(object.is_object(), "{object}");
        }
    }
    let shown = bench.objects(&["tenant", "list"]);
    assert!(
        shown[0]["name"]
            .as_str()
            .is_some_and(|name| name.ends_with(HOSTILE)),
        "{shown:?}"
    );
    let (_, raw, _) = bench.run(&["rejected", "show", acme, &key]);
    assert_harmless(&raw.replace("forged", ""), &["rejected", "show"]);
}
