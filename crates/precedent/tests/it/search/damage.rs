//! A search index that others damage heals, and a server survives.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::json;
use servicedesk_sim::Options;

use crate::support::{Bench, Server, index_of, read};

/// Tickets of each tenant.
const TICKETS: usize = 40;

async fn bench() -> Bench {
    let bench = Bench::new(Options::default()).await;
    bench.fill_tenants(2, TICKETS).await;
    bench
}

/// Searches with a new process, which opens the index; returns the ids of the hits.
#[track_caller]
fn found(bench: &Bench) -> String {
    let (code, stdout, stderr) = bench.run(&["search", "--tenant-id=t0", "--json", "word7 fails"]);
    assert_eq!(code, 0, "{stderr}");
    stdout
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let files = fs::read_dir(folder).expect("an index");
    files.map(|file| file.expect("readable").path()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_or_cut_file_is_noticed_and_mended() {
    let bench = bench().await;
    let whole = found(&bench);
    let index = index_of(bench.home.path(), "t0");
    let kinds = files(&index).len();
    assert!(kinds > 5, "{kinds}");
    for kind in 0..kinds {
        for attack in ["first", "middle", "last", "cut", "empty"] {
            let mut names = files(&index);
            names.sort_by_key(|name| name.extension().map(ToOwned::to_owned));
            let Some(file) = names.get(kind) else { continue };
            let mut bytes = fs::read(file).expect("readable");
            let length = bytes.len();
            match attack {
                _ if length == 0 => continue,
                "first" => bytes[0] ^= 1,
                "middle" => bytes[length / 2] ^= 1,
                "last" => bytes[length - 1] ^= 1,
                "cut" => bytes.truncate(length / 2),
                _ => bytes.clear(),
            }
            fs::write(file, bytes).expect("damaged");
            assert_eq!(found(&bench), whole, "{attack} {}", file.display());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_list_or_id_hides_no_ticket() {
    let bench = bench().await;
    let whole = found(&bench);
    let index = index_of(bench.home.path(), "t0");
    // The list claims to hold a revision that is not indexed yet.
    let list = fs::read(index.join("meta.json")).expect("a list");
    let text = String::from_utf8_lossy(&list[..list.len() - 32]).into_owned();
    let ahead = text.replace("revision\\\":1", "revision\\\":2");
    assert_ne!(text, ahead);
    let forged = [ahead.as_bytes(), &list[list.len() - 32..]].concat();
    fs::write(index.join("meta.json"), forged).expect("damaged");
    bench
        .execute(
            "update ticket_history set subject = 'Zebra', description = 'Zebra', revision = 2
             where tenant_id = 't0' and ticket_id = '8';
             update tenant_configs set revision = 2 where tenant_id = 't0'",
        )
        .await;
    let (_, zebra, stderr) = bench.run(&["search", "--tenant-id=t0", "--json", "zebra"]);
    assert!(zebra.contains("Zebra"), "{stderr}");
    assert_eq!(found(&bench), whole);
    // The file with the ids gives each ticket the id of another one.
    let store = files(&index)
        .into_iter()
        .find(|file| file.extension().is_some_and(|kind| kind == "store"));
    let store = store.expect("ids");
    let mut bytes = fs::read(&store).expect("readable");
    let end = bytes.len() / 2;
    bytes[..end]
        .iter_mut()
        .filter(|byte| byte.is_ascii_digit())
        .for_each(|byte| *byte ^= 1);
    fs::write(store, bytes).expect("damaged");
    assert_eq!(found(&bench), whole);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stands_in_place_of_an_index_is_replaced_and_not_followed() {
    let bench = bench().await;
    let whole = found(&bench);
    let index = index_of(bench.home.path(), "t0");
    let precious = bench.home.path().join("precious");
    fs::create_dir(&precious).expect("made");
    fs::write(precious.join("file"), "precious").expect("written");
    bench.good(&["search", "--tenant-id=t1", "word7 fails"]);
    let other = index_of(bench.home.path(), "t1");
    let attacks: [(&str, &dyn Fn()); 8] = [
        ("the index of another tenant", &|| {
            symlink(&other, &index).expect("linked")
        }),
        ("missing", &|| ()),
        ("a link", &|| symlink(&precious, &index).expect("linked")),
        ("a dangling link", &|| symlink("nowhere", &index).expect("linked")),
        ("a file", &|| fs::write(&index, "garbage").expect("written")),
        ("an open folder", &|| {
            fs::create_dir(&index).expect("made");
            fs::set_permissions(&index, fs::Permissions::from_mode(0o777)).expect("opened");
        }),
        ("a pipe", &|| {
            fs::create_dir(&index).expect("made");
            let pipe = Command::new("mkfifo").arg(index.join("meta.json")).status();
            assert!(pipe.expect("mkfifo").success());
        }),
        ("a linked lock", &|| {
            let lock = index.with_extension("lock");
            fs::remove_file(&lock).expect("removed");
            symlink(precious.join("file"), lock).expect("linked");
        }),
    ];
    for (name, attack) in attacks {
        fs::remove_dir_all(&index).expect("an index");
        attack();
        assert_eq!(found(&bench), whole, "{name}");
        let mode = fs::symlink_metadata(&index).expect("an index").permissions();
        assert_eq!(mode.mode(), 0o040_700, "{name}");
        assert_eq!(fs::read(precious.join("file")).expect("left"), b"precious");
        assert!(other.join("meta.json").exists(), "{name}");
        for file in files(&index) {
            let mode = file.metadata().expect("there").permissions().mode();
            assert_eq!(mode & 0o077, 0, "{name}: {}", file.display());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_survives_files_that_are_cut_while_it_reads_them() {
    let bench = bench().await;
    let server = Server::start(&bench, &["--requests-per-minute=0"]);
    let search = async |tenant: &str, words: &str| {
        let search = server.post(&format!("/v1/tenants/{tenant}/search"));
        let search = search.bearer_auth(format!("precedent~{tenant}~a~secret"));
        let search = search.json(&json!({"description": words}));
        let (status, _, answer) = read(search.send().await.expect("an answer")).await;
        assert_eq!(status, 200, "{answer}");
        answer["results"].as_array().expect("results").len()
    };
    for tenant in ["t0", "t1"] {
        assert!(search(tenant, "word7 fails").await > 0);
    }
    for file in files(&index_of(bench.home.path(), "t0")) {
        fs::write(file, "").expect("cut");
    }
    for tenant in ["t0", "t1"] {
        assert!(search(tenant, "word7 fails").await > 0);
    }
    // What is stored next is found: the index is built again.
    bench
        .execute(
            "insert into ticket_history
                 (id, tenant_id, ticket_id, subject, description, resolution, resolved_date, tags, source, revision)
             select gen_random_uuid(), 't0', 'new', 'Flugkompensator', 'Flugkompensator hums', 'Oiled it', now(), '[]',
                 'bulk_import', revision + 1 from tenant_configs where tenant_id = 't0';
             update tenant_configs set revision = revision + 1 where tenant_id = 't0'",
        )
        .await;
    assert_eq!(search("t0", "flugkompensator").await, 1);
    assert!(search("t1", "word7 fails").await > 0);
    assert_eq!(server.stop(), 0);
}
