//! The calls of a control plane, each by its path, with one credential.

mod accounts;
mod alerts;
mod credentials;
mod policies;

use std::sync::Arc;
use std::time::Duration;

use contract::Page;
use contract::access::{CreateUser, ServiceAccount, User, WhoAmI};
use contract::approvals::{
    AfterReviewRequest, Cancel, CastReviewRequest, Consume, Consumed, Decision, Inbox, OpenTicket, Revoke, Ticket,
};
use contract::audit::{AuditEntry, Checkpoint};
use contract::credentials::FreshSecret;
use contract::roster::{Enrol, Enrolment, RosterVersions};
use contract::status::SystemInfo;
use contract::tasks::{FinishTask, StartTask, Task};
use domain::binding::Action;
use domain::grant::Grant;
use domain::id::{TaskId, TicketId};
use domain::roster::SignedRoster;
use ledger::{ConsistencyProof, InclusionProof};
use reqwest::{Client, Method, RequestBuilder, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use crate::address::Address;
use crate::roots::Roots;
use crate::session::Credentials;
use crate::{ClientError, transport};

pub use accounts::Tagged;
pub use credentials::{BadCredentialName, CredentialName, NewCredential};

/// How long a call may take, and one that waits on purpose.
const PATIENCE: Duration = Duration::from_secs(20);
const LONG_POLL: Duration = Duration::from_mins(1);

/// A control plane as one caller sees it. Cheap to clone.
#[derive(Clone)]
pub struct Api {
    address: Address,
    http: Client,
    credentials: Option<Credentials>,
}

impl Api {
    /// For the calls that need no credential, until [`Self::with`] gives one.
    pub fn new(address: Address) -> Result<Self, ClientError> {
        Ok(Self { address, http: transport::client(None)?, credentials: None })
    }

    /// The same, for a control plane that these may vouch for too, beside whom this computer trusts anyway.
    pub fn trusting(address: Address, roots: &Roots) -> Result<Self, ClientError> {
        Ok(Self { address, http: transport::client(Some(roots))?, credentials: None })
    }

    /// With a credential.
    #[must_use]
    pub fn with(mut self, credentials: Credentials) -> Self {
        self.credentials = Some(credentials);
        self
    }

    /// With a service token.
    #[must_use]
    pub fn with_service_token(self, token: String) -> Self {
        self.with(Credentials::ServiceToken(Arc::new(Zeroizing::new(token))))
    }

    /// Where it is.
    #[must_use]
    pub const fn address(&self) -> &Address {
        &self.address
    }

    /// `GET /api/v1/system/info`.
    pub async fn system_info(&self) -> Result<SystemInfo, ClientError> {
        let sent = self.http.get(self.address.at("/api/v1/system/info")).timeout(PATIENCE).send().await;
        let response = sent.map_err(|error| transport::unreachable(&self.address.issuer(), error))?;
        transport::read(&self.address.issuer(), response).await
    }

    /// `GET /api/v1/oauth/userinfo`.
    pub async fn who_am_i(&self) -> Result<WhoAmI, ClientError> {
        self.get("/api/v1/oauth/userinfo").await
    }

    /// `POST /api/v1/authz/decisions`.
    pub async fn decide(&self, action: &Action) -> Result<Decision, ClientError> {
        self.post("/api/v1/authz/decisions", action).await
    }

    /// `POST /api/v1/approvals`. The same key with the same request gives the same ticket.
    pub async fn open_ticket(&self, request: &OpenTicket, key: &str) -> Result<Ticket, ClientError> {
        let send = |call: RequestBuilder| call.header("idempotency-key", key).json(request);
        self.call(Method::POST, "/api/v1/approvals", PATIENCE, send).await
    }

    /// `GET /api/v1/approvals` with its query.
    pub async fn inbox(&self, query: &[(&str, &str)]) -> Result<Inbox, ClientError> {
        self.query("/api/v1/approvals", query).await
    }

    /// `GET /api/v1/approvals/{id}`.
    pub async fn ticket(&self, id: TicketId) -> Result<Ticket, ClientError> {
        self.get(&format!("/api/v1/approvals/{id}")).await
    }

    /// `GET /api/v1/approvals/{id}/wait`: answers when the ticket leaves that state, or after half a minute.
    pub async fn wait_ticket(&self, id: TicketId, state: &str) -> Result<Ticket, ClientError> {
        let path = format!("/api/v1/approvals/{id}/wait");
        self.call(Method::GET, &path, LONG_POLL, |call| call.query(&[("state", state)])).await
    }

    /// `POST /api/v1/approvals/{id}/reviews`.
    pub async fn cast_review(&self, id: TicketId, jws: String) -> Result<Ticket, ClientError> {
        self.post(&format!("/api/v1/approvals/{id}/reviews"), &CastReviewRequest { jws }).await
    }

    /// `POST /api/v1/approvals/{id}/cancel`.
    pub async fn cancel_ticket(&self, id: TicketId, reason: &str) -> Result<Ticket, ClientError> {
        self.post(&format!("/api/v1/approvals/{id}/cancel"), &Cancel { reason: reason.to_owned() }).await
    }

    /// `POST /api/v1/approvals/{id}/revoke`.
    pub async fn revoke_ticket(&self, id: TicketId, reason: &str) -> Result<Ticket, ClientError> {
        self.post(&format!("/api/v1/approvals/{id}/revoke"), &Revoke { reason: reason.to_owned() }).await
    }

    /// `POST /api/v1/approvals/{id}/after-review`.
    pub async fn review_afterwards(&self, id: TicketId, jws: String) -> Result<Ticket, ClientError> {
        self.post(&format!("/api/v1/approvals/{id}/after-review"), &AfterReviewRequest { jws }).await
    }

    /// `GET /api/v1/approvals/{id}/grant`.
    pub async fn grant(&self, id: TicketId) -> Result<Grant, ClientError> {
        self.get(&format!("/api/v1/approvals/{id}/grant")).await
    }

    /// `POST /api/v1/approvals/{id}/consume`. The same key with the same action spends nothing twice.
    pub async fn consume(&self, id: TicketId, action: &Action, key: &str) -> Result<Consumed, ClientError> {
        let request = Consume { action: action.clone() };
        let send = |call: RequestBuilder| call.header("idempotency-key", key).json(&request);
        self.call(Method::POST, &format!("/api/v1/approvals/{id}/consume"), PATIENCE, send).await
    }

    /// `POST /api/v1/tasks`.
    pub async fn start_task(&self, request: &StartTask) -> Result<Consumed, ClientError> {
        self.post("/api/v1/tasks", request).await
    }

    /// `POST /api/v1/tasks/{id}/finish`.
    pub async fn finish_task(&self, id: TaskId, ending: &FinishTask) -> Result<(), ClientError> {
        self.post::<serde_json::Value>(&format!("/api/v1/tasks/{id}/finish"), ending).await.map(drop)
    }

    /// `GET /api/v1/tasks`.
    pub async fn tasks(&self, cursor: Option<&str>) -> Result<Page<Task>, ClientError> {
        self.query("/api/v1/tasks", &cursor.map(|cursor| ("cursor", cursor)).into_iter().collect::<Vec<_>>()).await
    }

    /// `GET /api/v1/roster`.
    pub async fn roster(&self) -> Result<RosterVersions, ClientError> {
        self.get("/api/v1/roster").await
    }

    /// `POST /api/v1/roster`.
    pub async fn publish_roster(&self, signed: &SignedRoster) -> Result<RosterVersions, ClientError> {
        self.post("/api/v1/roster", signed).await
    }

    /// `GET /api/v1/roster/enrolments`.
    pub async fn enrolments(&self) -> Result<Vec<Enrolment>, ClientError> {
        self.get::<Page<Enrolment>>("/api/v1/roster/enrolments").await.map(|page| page.items)
    }

    /// `POST /api/v1/roster/enrolments`.
    pub async fn enrol(&self, request: &Enrol) -> Result<(), ClientError> {
        self.post::<serde_json::Value>("/api/v1/roster/enrolments", request).await.map(drop)
    }

    /// `GET /api/v1/users`.
    pub async fn users(&self) -> Result<Vec<User>, ClientError> {
        self.get::<Page<User>>("/api/v1/users").await.map(|page| page.items)
    }

    /// `POST /api/v1/users`.
    pub async fn create_user(&self, request: &CreateUser) -> Result<FreshSecret, ClientError> {
        self.post("/api/v1/users", request).await
    }

    /// `GET /api/v1/auth/service-accounts`.
    pub async fn accounts(&self) -> Result<Vec<ServiceAccount>, ClientError> {
        self.get::<Page<ServiceAccount>>("/api/v1/auth/service-accounts").await.map(|page| page.items)
    }

    /// `GET /api/v1/audit/events` with its query.
    pub async fn trail(&self, query: &[(&str, &str)]) -> Result<Page<AuditEntry>, ClientError> {
        self.query("/api/v1/audit/events", query).await
    }

    /// `GET /api/v1/audit/checkpoint`.
    pub async fn checkpoint(&self) -> Result<Checkpoint, ClientError> {
        self.get("/api/v1/audit/checkpoint").await
    }

    /// `GET /api/v1/audit/proofs/inclusion`.
    pub async fn inclusion(&self, index: u64, size: u64) -> Result<InclusionProof, ClientError> {
        self.get(&format!("/api/v1/audit/proofs/inclusion?index={index}&size={size}")).await
    }

    /// `GET /api/v1/audit/proofs/consistency`.
    pub async fn consistency(&self, from: u64, to: u64) -> Result<ConsistencyProof, ClientError> {
        self.get(&format!("/api/v1/audit/proofs/consistency?from={from}&to={to}")).await
    }

    /// `GET /api/v1/events`: the open stream.
    pub(crate) async fn events(&self) -> Result<Response, ClientError> {
        let response = self.send(Method::GET, "/api/v1/events", None, |call| call).await?;
        if response.status().is_success() {
            return Ok(response);
        }
        let (address, status) = (self.address.issuer(), Some(response.status().as_u16()));
        transport::read::<serde_json::Value>(&address, response).await?;
        Err(ClientError::Unexpected {
            address,
            status,
            why: "the stream of changes is empty".into(),
            retry_after: None,
        })
    }

    async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, ClientError> {
        self.call(Method::GET, path, PATIENCE, |call| call).await
    }

    async fn query<T: DeserializeOwned>(&self, path: &str, query: &[(&str, &str)]) -> Result<T, ClientError> {
        self.call(Method::GET, path, PATIENCE, |call| call.query(query)).await
    }

    async fn post<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Result<T, ClientError> {
        self.call(Method::POST, path, PATIENCE, |call| call.json(body)).await
    }

    async fn call<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        patience: Duration,
        build: impl Fn(RequestBuilder) -> RequestBuilder,
    ) -> Result<T, ClientError> {
        let response = self.send(method, path, Some(patience), build).await?;
        transport::read(&self.address.issuer(), response).await
    }

    /// Sends with the credential. A session whose access token was refused is refreshed once, and the call repeated
    /// once: the control plane refuses before it does anything.
    async fn send(
        &self,
        method: Method,
        path: &str,
        patience: Option<Duration>,
        build: impl Fn(RequestBuilder) -> RequestBuilder,
    ) -> Result<Response, ClientError> {
        let mut stale: Option<Zeroizing<String>> = None;
        loop {
            let token = match &self.credentials {
                None => return Err(ClientError::SignedOut("nobody is signed in".into())),
                Some(Credentials::ServiceToken(token)) => Zeroizing::clone(token),
                Some(Credentials::Session(session)) => session.bearer(stale.as_deref().map(String::as_str)).await?,
            };
            let mut call = build(self.http.request(method.clone(), self.address.at(path))).bearer_auth(token.as_str());
            if let Some(patience) = patience {
                call = call.timeout(patience);
            }
            let sent = call.send().await;
            let response = sent.map_err(|error| transport::unreachable(&self.address.issuer(), error))?;
            let refused = response.status() == reqwest::StatusCode::UNAUTHORIZED && invalid_token(&response);
            if !refused || stale.is_some() || !matches!(self.credentials, Some(Credentials::Session(_))) {
                return Ok(response);
            }
            stale = Some(token);
        }
    }
}

/// Whether it is the token that was refused, and not the age of the login.
fn invalid_token(response: &Response) -> bool {
    let challenge = response.headers().get(reqwest::header::WWW_AUTHENTICATE).and_then(|value| value.to_str().ok());
    challenge.is_some_and(|challenge| challenge.contains("error=\"invalid_token\""))
}
