//! `/api/v1/pipelines` and below.

use serde_json::{Value, json};

use super::sample::AT;
use super::{REVISION, TAG};
use crate::openapi::shape::Shape;
use crate::page::Page;
use crate::pipelines::RestrictPipeline;
use domain::pipeline::{Pipeline, PipelineName};

fn pipeline() -> Value {
    json!({
        "name": "billing/nightly",
        "allowed_accounts": ["billing-ci"],
        "max_duration_seconds": 3600,
        "owner": "billing-ci",
        "workspace": "billing",
        "created_at": AT,
    })
}

pub(super) fn list() -> Shape {
    Shape::json::<Page<Pipeline>>(json!({ "items": [pipeline()], "next": null }))
}

pub(super) fn get() -> Shape {
    Shape::json::<Pipeline>(pipeline()).header(TAG, REVISION).path::<PipelineName>()
}

pub(super) fn restrict() -> Shape {
    let wish = json!({ "allowed_accounts": ["billing-ci"], "max_duration_seconds": 3600 });
    get()
        .or_json::<Pipeline>(201, pipeline())
        .meaning("It was not restricted before.")
        .header(TAG, REVISION)
        .if_match()
        .body::<RestrictPipeline>(wish)
}
