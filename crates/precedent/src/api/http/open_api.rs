//! The OpenAPI document, served as `/openapi.json`.

use std::sync::LazyLock;

use axum::body::Bytes;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{Components, OpenApi};
use utoipa::{Modify, OpenApi as _};

use super::tickets;

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Precedent",
        description = "How did we solve this before? Resolved tickets that are like a new one, for agents.",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    paths(tickets::search, tickets::ticket),
    modifiers(&Token)
)]
struct Document;

struct Token;

impl Modify for Token {
    fn modify(&self, document: &mut OpenApi) {
        let token = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("Created by an operator with `precedent token create`"));
        document
            .components
            .get_or_insert_with(Components::default)
            .add_security_scheme("token", SecurityScheme::Http(token.build()));
    }
}

/// Returns the document as JSON. It is built once, because anyone may request it.
pub(super) fn document() -> Bytes {
    static DOCUMENT: LazyLock<Bytes> =
        LazyLock::new(|| Document::openapi().to_json().unwrap_or_default().into());
    DOCUMENT.clone()
}
