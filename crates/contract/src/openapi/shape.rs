//! What a route takes and gives: the part of its description that the route table does not have.
//!
//! A shape is built from what a success looks like; everything else is added to it. What follows from the table alone,
//! for example that a route with a scope can answer 403, is never said here.

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Value, json};

use crate::Code;

/// Makes a schema with a generator.
pub(super) type Make = fn(&mut SchemaGenerator) -> Schema;

/// A body of one media type.
pub(super) struct Content {
    pub(super) media: &'static str,
    pub(super) schema: Make,
    pub(super) example: Value,
}

/// An answer that is no problem.
pub(super) struct Answer {
    /// The status; that of the route table for the first.
    pub(super) status: Option<u16>,
    pub(super) description: &'static str,
    pub(super) content: Option<Content>,
    /// Names and what they say.
    pub(super) headers: Vec<(&'static str, &'static str)>,
}

/// A header of the request that only some routes read.
pub(super) struct RequestHeader {
    pub(super) name: &'static str,
    pub(super) description: &'static str,
    pub(super) schema: Value,
}

/// What a route takes and gives.
pub(super) struct Shape {
    pub(super) path: Option<Make>,
    pub(super) query: Option<Make>,
    pub(super) headers: Vec<RequestHeader>,
    pub(super) body: Option<Content>,
    /// Success first.
    pub(super) answers: Vec<Answer>,
    /// The problems of this route alone.
    pub(super) problems: &'static [Code],
}

fn schema<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}

impl Shape {
    fn answering(content: Option<Content>) -> Self {
        let success = Answer { status: None, description: "Done.", content, headers: Vec::new() };
        Self { path: None, query: None, headers: Vec::new(), body: None, answers: vec![success], problems: &[] }
    }

    /// Success is JSON.
    pub(super) fn json<T: JsonSchema>(example: Value) -> Self {
        Self::answering(Some(Content { media: "application/json", schema: schema::<T>, example }))
    }

    /// Success is a text of a media type.
    pub(super) fn text(media: &'static str, example: &str) -> Self {
        Self::answering(Some(Content { media, schema: schema::<String>, example: example.into() }))
    }

    /// Success is JSON Lines, each of this type.
    pub(super) fn lines<T: JsonSchema>(example: Value) -> Self {
        Self::answering(Some(Content { media: "application/x-ndjson", schema: schema::<T>, example }))
            .meaning("A value on each line: progress, and at last the report or why there is none. An answer that ends otherwise broke off.")
    }

    /// Success has no body.
    pub(super) fn empty() -> Self {
        Self::answering(None)
    }

    /// The parameter in the path.
    pub(super) fn path<T: JsonSchema>(mut self) -> Self {
        self.path = Some(schema::<T>);
        self
    }

    /// The query, one parameter for each field.
    pub(super) fn query<T: JsonSchema>(mut self) -> Self {
        self.query = Some(T::json_schema);
        self
    }

    /// The body is JSON.
    pub(super) fn body<T: JsonSchema>(mut self, example: Value) -> Self {
        self.body = Some(Content { media: "application/json", schema: schema::<T>, example });
        self
    }

    /// The body is a form.
    pub(super) fn form<T: JsonSchema>(mut self, example: Value) -> Self {
        self.body = Some(Content { media: "application/x-www-form-urlencoded", schema: schema::<T>, example });
        self
    }

    /// The same `Idempotency-Key` with the same request does it once.
    pub(super) fn idempotent(self) -> Self {
        let schema = json!({ "type": "string", "pattern": "^[!-~]{1,200}$" });
        self.reads("Idempotency-Key", "The same key with the same request does it once.", schema)
    }

    /// An edit of what may have changed meanwhile (RFC 9110 §13.1.1).
    pub(super) fn if_match(self) -> Self {
        let schema = json!({ "type": "string", "maxLength": 200 });
        self.reads("If-Match", "The `ETag` of what was read: if it is another by now, nothing is changed.", schema)
    }

    /// A header that the route reads.
    pub(super) fn reads(mut self, name: &'static str, description: &'static str, schema: Value) -> Self {
        self.headers.push(RequestHeader { name, description, schema });
        self
    }

    /// A header of the answer that was added last.
    pub(super) fn header(mut self, name: &'static str, description: &'static str) -> Self {
        if let Some(answer) = self.answers.last_mut() {
            answer.headers.push((name, description));
        }
        self
    }

    /// What the answer that was added last means.
    pub(super) fn meaning(mut self, description: &'static str) -> Self {
        if let Some(answer) = self.answers.last_mut() {
            answer.description = description;
        }
        self
    }

    /// Another answer, JSON.
    pub(super) fn or_json<T: JsonSchema>(self, status: u16, example: Value) -> Self {
        self.or(status, Some(Content { media: "application/json", schema: schema::<T>, example }))
    }

    /// Another answer, a text.
    pub(super) fn or_text(self, status: u16, media: &'static str, example: &str) -> Self {
        self.or(status, Some(Content { media, schema: schema::<String>, example: example.into() }))
    }

    /// Another answer without a body.
    pub(super) fn or_empty(self, status: u16) -> Self {
        self.or(status, None)
    }

    fn or(mut self, status: u16, content: Option<Content>) -> Self {
        self.answers.push(Answer { status: Some(status), description: "Done.", content, headers: Vec::new() });
        self
    }

    /// The problems of this route alone.
    pub(super) fn problems(mut self, problems: &'static [Code]) -> Self {
        self.problems = problems;
        self
    }
}

/// Headers that several responses share.
pub(super) fn headers() -> Value {
    let text = |description: &str, example: &str| json!({ "description": description, "required": true, "schema": { "type": "string" }, "example": example });
    let challenge = text("What would help (RFC 9110 §11.6.1).", "Bearer error=\"invalid_token\"");
    let mut perhaps = challenge.clone();
    perhaps["required"] = false.into();
    let seconds = json!({ "type": "integer", "minimum": 0 });
    json!({
        "RequestId": text("Finds the request in the logs.", "req_01HZY3V5W2M4Q6S8T0XABCDEFG"),
        "Challenge": challenge,
        "PerhapsChallenge": perhaps,
        "RetryAfter": { "description": "Seconds to wait.", "required": true, "schema": seconds, "example": 1 },
    })
}
