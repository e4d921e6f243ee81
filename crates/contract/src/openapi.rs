//! The description of the API in OpenAPI 3.1, made from the route table, the wire types and the list of problems.
//!
//! Invariant: an endpoint without its shape does not compile, so the document is complete by construction; the tests
//! hold it against what a running control plane answers. Deliberately absent: prose that could drift from the code,
//! and anything that differs between two control planes of one version.

mod operation;
mod problems;
mod schemas;
mod security;
mod shape;
mod shapes;

use serde_json::{Map, Value, json};

use crate::openapi::schemas::Schemas;
use crate::route::{Endpoint, Method};

const ABOUT: &str = "The control plane of Countersign. Every refusal is a problem document (RFC 9457) with a stable \
    `code`. A request that cannot be read as HTTP/1.1 at all is answered by the connection itself, with a bare 400 or \
    431 and no body, and the connection is closed.";

/// The whole document.
#[must_use]
pub fn document() -> Value {
    let mut schemas = Schemas::new();
    let mut paths = Map::new();
    for route in Endpoint::ALL {
        let operation = operation::describe(route, &shapes::of(route.endpoint), &mut schemas);
        let method = match route.method {
            Method::Get => "get",
            Method::Post => "post",
            Method::Put => "put",
            Method::Delete => "delete",
        };
        let path = paths.entry(route.path).or_insert_with(|| json!({}));
        path[method] = operation;
    }
    let general = problems::general(&mut schemas);
    let mut document = json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Countersign",
            "version": env!("CARGO_PKG_VERSION"),
            "description": ABOUT,
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "servers": [{ "url": "/" }],
        "paths": paths,
        "components": {
            "examples": problems::examples(),
            "headers": shape::headers(),
            "responses": general,
            "securitySchemes": security::schemes(),
        },
    });
    let components = schemas.finish(&mut document);
    document["components"]["schemas"] = components;
    document
}
