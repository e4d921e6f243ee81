//! `/api/v1/audit` and below.

use serde_json::json;

use crate::Code;
use crate::audit::{AuditEntry, Checkpoint, ConsistencyOf, ConsistencyProof, InclusionOf, InclusionProof, TrailFilter};
use crate::openapi::shape::Shape;
use crate::page::Page;

const HASH: &str = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

pub(super) fn list() -> Shape {
    let leaf = "{\"about\":null,\"at\":\"2026-11-22T05:00:00.000Z\",\"data\":{},\
                \"id\":\"ent_01HZY3V5W2M4Q6S8T0XABCDEFG\",\"kind\":\"system.founded\",\"principal\":null}";
    Shape::json::<Page<AuditEntry>>(json!({ "items": [{ "index": 0, "leaf": leaf }], "next": null }))
        .query::<TrailFilter>()
}

pub(super) fn checkpoint() -> Shape {
    let note = format!("countersign.local/example\n1\n{HASH}\n\n— countersign.local/example AAAAAA==\n");
    Shape::json::<Checkpoint>(json!({ "note": note, "verifier": "countersign.local/example+00000000+AQ==" }))
        .problems(&[Code::NotFound])
}

pub(super) fn inclusion() -> Shape {
    Shape::json::<InclusionProof>(json!({ "index": 0, "size": 2, "hashes": [HASH] }))
        .query::<InclusionOf>()
        .problems(&[Code::Unprocessable])
}

pub(super) fn consistency() -> Shape {
    Shape::json::<ConsistencyProof>(json!({ "from": 1, "to": 2, "hashes": [HASH] }))
        .query::<ConsistencyOf>()
        .problems(&[Code::Unprocessable])
}
