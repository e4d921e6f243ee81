//! The description of the API as its readers use it: to find an operation, and to hold a value against a schema.

use contract::route::{Method, Route};
use serde_json::{Value, json};

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
        };
        &self.0["paths"][route.path][method]
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
