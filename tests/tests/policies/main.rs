//! Policy sets over HTTP: drafted, checked, tested, published under the policies in force, and brought back.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod comparing;
mod drafts;
mod publishing;
mod refusals;
mod replaying;
mod replicas;
mod standing;
mod whole_path;

use countersign_tests::plane::{Approver, Plane};
use domain::binding::Action;
use domain::event::Entry;
use domain::id::TicketId;
use domain::outcome::Outcome;
use domain::review::Verdict;
use reqwest::header::HeaderMap;
use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};

const POLICIES: &str = "/api/v1/policies";
const DRAFTS: &str = "/api/v1/policies/drafts";

/// A policy that the shipped set does not have.
const NO_ARTIFACTS: &str = r#"
@id("no-artifacts-in-prod")
@title("Artifacts of production stay there")
@description("Nobody reads what production published.")
forbid (principal, action == Action::"artifacts:read", resource) when { resource.env == Environment::"prod" };
"#;

/// An answer.
struct Told {
    status: u16,
    headers: HeaderMap,
    body: Value,
}

impl Told {
    /// The body, if this is the status.
    fn with(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{:#}", self.body);
        self.body
    }

    /// The details, if it is this problem.
    fn refused(self, status: u16, code: &str) -> Value {
        assert_eq!((self.status, &self.body["code"]), (status, &json!(code)), "{:#}", self.body);
        self.body["error"]["details"].clone()
    }

    fn header(&self, name: &str) -> String {
        self.headers[name].to_str().unwrap().to_owned()
    }
}

/// Whoever holds a token, at one control plane.
struct Desk<'a> {
    plane: &'a Plane,
    token: String,
}

impl<'a> Desk<'a> {
    /// The founding administrator, freshly signed in.
    async fn founder(plane: &'a Plane) -> Self {
        Self { plane, token: plane.founder_token().await }
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        Client::new().request(method, self.plane.address().at(path)).bearer_auth(&self.token)
    }

    async fn send(&self, request: RequestBuilder) -> Told {
        let answer = request.send().await.unwrap();
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        Told { status, headers, body: answer.json().await.unwrap_or_default() }
    }

    async fn get(&self, path: &str) -> Told {
        self.send(self.request(Method::GET, path)).await
    }

    async fn post(&self, path: &str, body: &Value) -> Told {
        self.send(self.request(Method::POST, path).json(body)).await
    }

    async fn put(&self, path: &str, body: &Value) -> Told {
        self.send(self.request(Method::PUT, path).json(body)).await
    }

    /// Makes a draft.
    async fn drafted(&self, draft: &Value) -> Value {
        self.post(DRAFTS, draft).await.with(201)
    }

    /// Asks for a draft to be published as it is, perhaps with a ticket.
    async fn publish(&self, draft: &Value, ticket: Option<&Value>) -> Told {
        self.post(&at(draft, "/publish"), &json!({ "digest": draft["digest"], "ticket": ticket })).await
    }

    /// Publishes a draft that another person approves; gives the answer.
    async fn publish_approved(&self, draft: &Value, approver: &Approver) -> Told {
        let waits = self.publish(draft, None).await.with(202);
        approve(approver, &waits["ticket"]).await;
        self.publish(draft, Some(&waits["ticket"])).await
    }

    /// A draft of the set in force with one more policy.
    async fn with_one_more(&self, title: &str, policy: &str, cases: &Value) -> Value {
        let texts = self.with_policy(policy).await;
        self.drafted(&json!({ "title": title, "texts": texts, "cases": cases })).await
    }

    /// The texts in force with one more policy.
    async fn with_policy(&self, policy: &str) -> Value {
        let mut texts = self.live_texts().await;
        texts["policies"] = format!("{}\n{policy}", texts["policies"].as_str().unwrap()).into();
        texts
    }

    async fn live_texts(&self) -> Value {
        let live = self.get(POLICIES).await.with(200)["version"].to_string();
        self.get(&format!("{POLICIES}/versions/{live}")).await.with(200)["texts"].clone()
    }
}

/// The address of a draft, or of something below it.
fn at(draft: &Value, below: &str) -> String {
    format!("{DRAFTS}/{}{below}", draft["id"].as_str().unwrap())
}

/// Another person's signed consent.
async fn approve(approver: &Approver, ticket: &Value) {
    let id: TicketId = ticket.as_str().unwrap().parse().unwrap();
    let seen = approver.api().ticket(id).await.unwrap();
    let reviewed = approver.review(&seen, Verdict::Approve, None).await.unwrap();
    assert_eq!(reviewed.state.name(), "approved");
}

/// The newest entry about a publication.
async fn newest_publication(reader: &Approver) -> Entry {
    let entries = reader.api().trail(&[("kind", "policy.published")]).await.unwrap().items;
    entries[0].entry().unwrap()
}

/// A case about reading an artifact of production.
fn case(name: &str, expected: &str) -> Value {
    json!({
        "name": name,
        "principal": "service_account:reporting-agent",
        "action": "artifacts:read",
        "resources": ["artifact:billing/report"],
        "env": "prod",
        "expect": { "outcome": expected },
    })
}

/// What the set in force says about reading an artifact of production.
async fn artifacts_of_prod(agent: &client::Api) -> Outcome {
    let action = json!({ "env": "prod", "action": "artifacts:read", "resources": ["artifact:billing/report"] });
    let action: Action = serde_json::from_value(action).unwrap();
    agent.decide(&action).await.unwrap().outcome
}
