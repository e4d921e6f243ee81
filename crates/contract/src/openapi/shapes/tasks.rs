//! `/api/v1/tasks` and below.

use domain::id::TaskId;
use serde_json::json;

use super::sample::{ACCOUNT, AT, DECISION, DIGEST, TASK, TICKET};
use crate::Code;
use crate::approvals::Consumed;
use crate::openapi::shape::Shape;
use crate::page::Page;
use crate::tasks::{FinishTask, Finished, StartTask, Task, TaskFilter};

pub(super) fn start() -> Shape {
    Shape::json::<Consumed>(json!({ "task": TASK, "deadline": null }))
        .body::<StartTask>(json!({ "decision": DECISION }))
        .idempotent()
        .problems(&[Code::NotFound])
}

pub(super) fn list() -> Shape {
    let task = json!({
        "id": TASK,
        "ticket": TICKET,
        "decision": DECISION,
        "principal": ACCOUNT,
        "env": "prod",
        "action": "pipelines:execute",
        "started_at": AT,
        "deadline": null,
        "state": "succeeded",
        "exit_code": 0,
        "signal": null,
        "finished_at": AT,
        "output_digest": DIGEST,
    });
    Shape::json::<Page<Task>>(json!({ "items": [task], "next": null })).query::<TaskFilter>()
}

pub(super) fn finish() -> Shape {
    Shape::json::<Finished>(json!({ "task": TASK })).path::<TaskId>().body::<FinishTask>(json!({ "exit_code": 0 }))
}
