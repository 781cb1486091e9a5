//! Files of an index with forged content and right checksums.

use std::fs;
use std::os::unix::fs::DirBuilderExt;

use serde_json::json;
use servicedesk_sim::Options;

use crate::support::{Bench, Server, index_of, read};

/// Replaces the content of a file, and its checksum in the footer: JSON, its length in four bytes, and four more bytes.
fn forge(file: &[u8], change: impl Fn(&mut [u8])) -> Option<Vec<u8>> {
    let end = file.len().checked_sub(8)?;
    let length = u32::from_le_bytes(file[end..end + 4].try_into().ok()?) as usize;
    let start = end.checked_sub(length)?;
    let mut footer: serde_json::Value = serde_json::from_slice(&file[start..end]).ok()?;
    let mut body = file[..start].to_vec();
    change(&mut body);
    footer["crc"] = json!(crc32fast::hash(&body));
    let footer = footer.to_string();
    let length = u32::try_from(footer.len()).ok()?.to_le_bytes();
    Some([&body, footer.as_bytes(), &length, &file[end + 4..]].concat())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forged_file_ends_no_process() {
    let bench = Bench::new(Options::default()).await;
    bench.fill_tenants(2, 40).await;
    bench.good(&["search", "--tenant-id=t0", "word7 fails"]);
    let index = index_of(bench.home.path(), "t0");
    let names = fs::read_dir(&index)
        .expect("an index")
        .map(|file| file.expect("readable").path());
    let files: Vec<_> = names
        .map(|name| (fs::read(&name).expect("readable"), name))
        .collect();
    let mut forged = 0;
    for (byte, part) in [(0x00, 0), (0xff, 0), (0x7f, 2), (0xff, 2), (0x01, 4)] {
        for (content, name) in &files {
            let from = |length: usize| length.checked_div(part).unwrap_or_default();
            let attack = forge(content, |body| {
                let start = from(body.len());
                body[start..].fill(byte);
            });
            let Some(attack) = attack else { continue };
            forged += 1;
            // The whole index, with one forged file.
            fs::remove_dir_all(&index).expect("removed");
            fs::DirBuilder::new().mode(0o700).create(&index).expect("made");
            for (content, name) in &files {
                fs::write(name, content).expect("restored");
            }
            fs::write(name, attack).expect("forged");
            let (code, _, stderr) = bench.run(&["search", "--tenant-id=t0", "word7 fails"]);
            let is_refused = code == 1 && stderr.contains("the search index is not available");
            let what = format!("{byte:#x} from 1/{part} in {}", name.display());
            assert!(code == 0 || is_refused, "{what}: {code} {stderr}");
        }
    }
    assert!(forged > 20, "{forged}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forged_file_of_one_tenant_leaves_the_others_searchable() {
    let bench = Bench::new(Options::default()).await;
    bench.fill_tenants(2, 40).await;
    bench.good(&["search", "--tenant-id=t0", "word7 fails"]);
    for file in fs::read_dir(index_of(bench.home.path(), "t0")).expect("an index") {
        let name = file.expect("readable").path();
        let forged = forge(&fs::read(&name).expect("readable"), |body| body.fill(0xff));
        if let Some(forged) = forged {
            fs::write(name, forged).expect("forged");
        }
    }
    let server = Server::start(&bench, &[]);
    for tenant in ["t0", "t1", "t0"] {
        let search = server.post(&format!("/v1/tenants/{tenant}/search"));
        let search = search.bearer_auth(format!("precedent~{tenant}~a~secret"));
        let search = search.json(&json!({"description": "word7 fails"}));
        let (status, _, answer) = read(search.send().await.expect("an answer")).await;
        assert_eq!(status, 200, "{tenant}: {answer}");
    }
}
