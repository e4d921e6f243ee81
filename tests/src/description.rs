//! The description of the API as its readers use it: to find an operation, and to hold a value against a schema.

use contract::route::{Method, Route};
use reqwest::header::HeaderMap;
use serde_json::{Value, json};

/// JSON Lines: the schema is that of each.
const LINES: &str = "application/x-ndjson";

/// The OpenAPI document.
pub struct Description(pub Value);

impl Description {
    /// As the contract makes it.
    #[must_use]
    pub fn made() -> Self {
        Self(contract::openapi::document())
    }

    /// The operation of a route.
    #[must_use]
    pub fn operation(&self, route: &Route) -> &Value {
        let method = match route.method {
            Method::Get => "get",
            Method::Post => "post",
            Method::Put => "put",
            Method::Delete => "delete",
        };
        &self.0["paths"][route.path][method]
    }

    /// Why an answer is not one that the route says it gives; empty if it is.
    #[must_use]
    pub fn surprises(&self, route: &Route, status: u16, headers: &HeaderMap, body: &str) -> Vec<String> {
        let response = &self.operation(route)["responses"][status.to_string()];
        if response.is_null() {
            return vec![format!("{} does not say that it answers {status}: {body}", route.path)];
        }
        let mut surprises = Vec::new();
        for (name, header) in response["headers"].as_object().into_iter().flatten() {
            let named = header["$ref"].as_str().and_then(|reference| reference.strip_prefix('#'));
            let header = named.and_then(|pointer| self.0.pointer(pointer)).unwrap_or(header);
            if header["required"] == true && !headers.contains_key(name.as_str()) {
                surprises.push(format!("{} {status} has no {name}", route.path));
            }
        }
        let media = headers.get("content-type").and_then(|value| value.to_str().ok());
        let media = media.and_then(|media| media.split(';').next()).unwrap_or("");
        match response["content"].get(media) {
            Some(content) if media.ends_with("json") => {
                // A value each, where the media type is one of lines.
                let values: Vec<_> = if media == LINES { body.lines().collect() } else { vec![body] };
                for value in values {
                    let value = value.parse().unwrap_or_default();
                    surprises.extend(self.misfits(&content["schema"], &value));
                }
            }
            Some(_) => {}
            None if body.is_empty() && response["content"].is_null() => {}
            None => surprises.push(format!("{} {status} does not say that it answers `{media}`", route.path)),
        }
        surprises
    }

    /// Why a value does not fit a schema of the document; empty if it does.
    ///
    /// # Panics
    /// If the schema is none.
    #[must_use]
    pub fn misfits(&self, schema: &Value, value: &Value) -> Vec<String> {
        let schema = json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "components": self.0["components"],
            "allOf": [schema],
        });
        let validator = jsonschema::validator_for(&schema).expect("a schema of the document is a JSON Schema");
        validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect()
    }
}
