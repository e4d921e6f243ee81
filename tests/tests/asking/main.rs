//! Asking: simulated, of everybody, many at once, by AuthZEN, with plugins; and what an account used of what it was given.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod access;
mod authzen;
mod batch;
mod plugins;
mod simulate;
mod usage;

use countersign_tests::plane::Plane;
use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::{Value, json};

const SIMULATE: &str = "/api/v1/policies/simulate";

/// Whoever holds a token.
struct Caller<'a> {
    plane: &'a Plane,
    token: String,
}

impl<'a> Caller<'a> {
    async fn founder(plane: &'a Plane) -> Self {
        Self { plane, token: plane.founder_token().await }
    }

    fn sample(plane: &'a Plane) -> Self {
        Self { plane, token: plane.sample_token().to_owned() }
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        Client::new().request(method, self.plane.address().at(path)).bearer_auth(&self.token)
    }

    async fn get(&self, path: &str) -> (u16, Value) {
        told(self.request(Method::GET, path).send().await.unwrap()).await
    }

    async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        told(self.request(Method::POST, path).json(&body).send().await.unwrap()).await
    }

    /// A service account that may do this there, and its key.
    async fn account(&self, name: &str, scopes: &[&str], workspaces: &[&str]) -> Caller<'a> {
        let account = json!({ "name": name, "scopes": scopes, "workspaces": workspaces });
        let (status, made) = self.post("/api/v1/auth/service-accounts", account).await;
        assert_eq!(status, 201, "{made}");
        Caller { plane: self.plane, token: made["secret"].as_str().unwrap().to_owned() }
    }

    /// The decisions of the trail, newest first.
    async fn decisions(&self) -> Vec<Value> {
        let (status, page) = self.get("/api/v1/audit/events?kind=decision.made").await;
        assert_eq!(status, 200, "{page}");
        let leaves = page["items"].as_array().unwrap().iter().map(|entry| entry["leaf"].as_str().unwrap());
        leaves.map(|leaf| serde_json::from_str(leaf).unwrap()).collect()
    }
}

async fn told(answer: Response) -> (u16, Value) {
    let status = answer.status().as_u16();
    (status, answer.json().await.unwrap_or_default())
}

/// The action of a nightly run.
fn nightly(env: &str) -> Value {
    json!({ "env": env, "action": "pipelines:execute", "resources": ["pipeline:billing/nightly"] })
}

/// A question about the same.
fn question(principal: &str, env: &str) -> Value {
    json!({
        "principal": principal,
        "action": "pipelines:execute",
        "resources": ["pipeline:billing/nightly"],
        "env": env,
    })
}

/// The field that a problem names.
fn field(problem: &Value) -> &str {
    problem["error"]["details"]["field"].as_str().unwrap_or_default()
}
