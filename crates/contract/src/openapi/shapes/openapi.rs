//! `/api/openapi.json`.

use serde_json::{Map, Value, json};

use crate::openapi::shape::Shape;

pub(super) fn document() -> Shape {
    let tag = json!({ "type": "string" });
    Shape::json::<Map<String, Value>>(json!({ "openapi": "3.1.0", "info": { "title": "Countersign", "version": "1" } }))
        .header("ETag", "Names this version of the description.")
        .or_empty(304)
        .meaning("The caller has it already.")
        .header("ETag", "Names this version of the description.")
        .reads("If-None-Match", "The `ETag` of what the caller has.", tag)
}
