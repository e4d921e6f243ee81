//! Policy sets: in force, as versions, as drafts; and what is asked about them without effect.
//!
//! Replay and comparison are read as they come, in `steps`. Dropping one of their futures closes the connection, and that
//! ends the work.

mod steps;

use contract::Page;
use contract::policies::{
    AccessReport, AskAccess, AskVocabulary, CheckPolicies, CheckedPolicies, Compare, CreateDraft, Policies,
    PolicyDraft, PolicyDraftSummary, PolicyTexts, PolicyVersion, PolicyVersionSummary, Publication, PublishDraft,
    ReplaceDraft, Replay, Simulate, Simulation, TestPolicies, Tested, Vocabulary,
};
use domain::id::DraftId;
use domain::policy::{Comparison, Progress, ReplayReport};
use reqwest::{Method, RequestBuilder, header};

use crate::ClientError;
use crate::api::{Api, PATIENCE, Tagged};

const PLACE: &str = "/api/v1/policies";

impl Api {
    /// `GET /api/v1/policies`.
    pub async fn policies(&self) -> Result<Policies, ClientError> {
        self.get(PLACE).await
    }

    /// `GET /api/v1/policies/versions` with its query, newest first.
    pub async fn policy_versions(&self, query: &[(&str, &str)]) -> Result<Page<PolicyVersionSummary>, ClientError> {
        self.query(&format!("{PLACE}/versions"), query).await
    }

    /// `GET /api/v1/policies/versions/{version}`.
    pub async fn policy_version(&self, version: u32) -> Result<PolicyVersion, ClientError> {
        self.get(&format!("{PLACE}/versions/{version}")).await
    }

    /// The version in force, whole. If another comes into force between the two calls, it is the one before.
    pub async fn live_policies(&self) -> Result<PolicyVersion, ClientError> {
        let live = self.policies().await?;
        self.policy_version(live.version).await
    }

    /// `GET /api/v1/policies/drafts` with its query, newest first.
    pub async fn policy_drafts(&self, query: &[(&str, &str)]) -> Result<Page<PolicyDraftSummary>, ClientError> {
        self.query(&format!("{PLACE}/drafts"), query).await
    }

    /// `GET /api/v1/policies/drafts/{id}`.
    pub async fn policy_draft(&self, id: DraftId) -> Result<Tagged<PolicyDraft>, ClientError> {
        self.tagged(&format!("{PLACE}/drafts/{id}")).await
    }

    /// `POST /api/v1/policies/drafts`. The same key with the same request gives the same draft.
    pub async fn create_policy_draft(&self, request: &CreateDraft, key: &str) -> Result<PolicyDraft, ClientError> {
        let send = |call: RequestBuilder| call.header("idempotency-key", key).json(request);
        self.call(Method::POST, &format!("{PLACE}/drafts"), PATIENCE, send).await
    }

    /// `PUT /api/v1/policies/drafts/{id}`, if it still has that tag.
    pub async fn replace_policy_draft(
        &self,
        id: DraftId,
        request: &ReplaceDraft,
        tag: &str,
    ) -> Result<PolicyDraft, ClientError> {
        let send = |call: RequestBuilder| call.header(header::IF_MATCH, tag).json(request);
        self.call(Method::PUT, &format!("{PLACE}/drafts/{id}"), PATIENCE, send).await
    }

    /// `POST /api/v1/policies/drafts/{id}/discard`, if it still has that tag, where one is given.
    pub async fn discard_policy_draft(&self, id: DraftId, tag: Option<&str>) -> Result<PolicyDraft, ClientError> {
        let send = |call: RequestBuilder| match tag {
            Some(tag) => call.header(header::IF_MATCH, tag),
            None => call,
        };
        self.call(Method::POST, &format!("{PLACE}/drafts/{id}/discard"), PATIENCE, send).await
    }

    /// `POST /api/v1/policies/drafts/{id}/publish`. Invariants are proved meanwhile.
    pub async fn publish_policy_draft(&self, id: DraftId, request: &PublishDraft) -> Result<Publication, ClientError> {
        let path = format!("{PLACE}/drafts/{id}/publish");
        self.call(Method::POST, &path, steps::SILENCE, |call| call.json(request)).await
    }

    /// `POST /api/v1/policies/check`.
    pub async fn check_policies(&self, texts: PolicyTexts) -> Result<CheckedPolicies, ClientError> {
        self.post(&format!("{PLACE}/check"), &CheckPolicies { texts }).await
    }

    /// `POST /api/v1/policies/test`.
    pub async fn test_policies(&self, request: &TestPolicies) -> Result<Tested, ClientError> {
        self.post(&format!("{PLACE}/test"), request).await
    }

    /// `POST /api/v1/policies/simulate`.
    pub async fn simulate_policies(&self, request: &Simulate) -> Result<Simulation, ClientError> {
        self.post(&format!("{PLACE}/simulate"), request).await
    }

    /// `POST /api/v1/policies/access`.
    pub async fn ask_access(&self, request: &AskAccess) -> Result<AccessReport, ClientError> {
        self.call(Method::POST, &format!("{PLACE}/access"), steps::SILENCE, |call| call.json(request)).await
    }

    /// `POST /api/v1/policies/vocabulary`.
    pub async fn policy_vocabulary(&self, request: &AskVocabulary) -> Result<Vocabulary, ClientError> {
        self.post(&format!("{PLACE}/vocabulary"), request).await
    }

    /// `POST /api/v1/policies/replay`. Dropping the future ends the work.
    pub async fn replay_policies(
        &self,
        request: &Replay,
        tell: impl FnMut(Progress) + Send,
    ) -> Result<ReplayReport, ClientError> {
        self.steps(&format!("{PLACE}/replay"), request, tell).await
    }

    /// `POST /api/v1/policies/compare`. Dropping the future ends the work.
    pub async fn compare_policies(
        &self,
        request: &Compare,
        tell: impl FnMut(Progress) + Send,
    ) -> Result<Comparison, ClientError> {
        self.steps(&format!("{PLACE}/compare"), request, tell).await
    }
}
