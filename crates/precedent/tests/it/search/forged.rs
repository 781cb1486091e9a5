//! Files of an index with forged content and right checksums.

use std::fs;

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
async fn a_panic_on_a_forged_file_ends_no_server() {
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
    for byte in [0x00, 0x7f, 0xff] {
        for (content, name) in &files {
            let Some(attack) = forge(content, |body| body.fill(byte)) else {
                continue;
            };
            forged += 1;
            // The whole index, with one forged file.
            fs::remove_dir_all(&index).expect("removed");
            fs::DirBuilder::new().create(&index).expect("made");
            for (content, name) in &files {
                fs::write(name, content).expect("restored");
            }
            fs::write(name, attack).expect("forged");
            let server = Server::start(&bench, &[]);
            let search = async |tenant: &str| {
                let search = server.post(&format!("/v1/tenants/{tenant}/search"));
                let search = search.bearer_auth(format!("precedent~{tenant}~a~secret"));
                let search = search.json(&json!({"description": "word7 fails"}));
                read(search.send().await.expect("an answer")).await
            };
            let what = format!("{byte:#x} in {}", name.display());
            let (status, _, answer) = search("t0").await;
            assert!(status == 200 || status == 503, "{what}: {answer}");
            assert_eq!(search("t1").await.0, 200, "{what}");
        }
    }
    assert!(forged > 10, "{forged}");
}
