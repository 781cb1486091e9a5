//! The OpenAPI document.

use serde_json::Value;
use servicedesk_sim::Options;

use super::folder::Folder;
use crate::support::{Bench, Database, Server, read};

#[tokio::test(flavor = "multi_thread")]
async fn the_openapi_document() {
    let bench = Bench::on(Database::Sqlite, Options::default()).await;
    let server = Server::start(&bench, &["--role=web"]);
    let answer = server.get("/openapi.json").send().await.expect("an answer");
    let (status, _, document): (_, _, Value) = read(answer).await;
    assert_eq!(status, 200);
    let text = serde_json::to_string_pretty(&document).expect("JSON");
    let mut folder = Folder::new("openapi");
    folder.compare("openapi", &text);
    folder.assert_no_other();
}
