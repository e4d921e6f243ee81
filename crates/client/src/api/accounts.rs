//! Service accounts, pipelines, and what the control plane makes of a credential.

use std::time::Duration;

use contract::access::ServiceAccount;
use contract::accounts::{Because, CreateAccount, ReplaceAccount, Trust};
use contract::context::AuthContext;
use contract::credentials::FreshSecret;
use contract::pipelines::RestrictPipeline;
use contract::usage::AccountUsage;
use domain::account::AccountName;
use domain::pipeline::Pipeline;
use domain::pipeline::PipelineName;
use reqwest::{Method, RequestBuilder, header};
use serde::de::DeserializeOwned;

use crate::api::{Api, PATIENCE};
use crate::{ClientError, transport};

/// How long the trail of an account may be looked at.
const LONG_LOOK: Duration = Duration::from_mins(1);

/// Something with the tag of its revision, to change it by.
#[derive(Clone, Debug)]
pub struct Tagged<T> {
    /// What it is.
    pub value: T,
    /// Its `ETag`.
    pub tag: String,
}

impl Api {
    /// `GET /api/v1/auth/service-accounts/{name}`.
    pub async fn account(&self, name: &AccountName) -> Result<Tagged<ServiceAccount>, ClientError> {
        self.tagged(&format!("/api/v1/auth/service-accounts/{name}")).await
    }

    /// `GET /api/v1/auth/service-accounts/{name}/usage`, so many days back.
    pub async fn account_usage(&self, name: &AccountName, days: u32) -> Result<AccountUsage, ClientError> {
        let path = format!("/api/v1/auth/service-accounts/{name}/usage");
        self.call(Method::GET, &path, LONG_LOOK, |call| call.query(&[("days", days)])).await
    }

    /// `POST /api/v1/auth/service-accounts`.
    pub async fn create_account(&self, request: &CreateAccount) -> Result<FreshSecret, ClientError> {
        self.post("/api/v1/auth/service-accounts", request).await
    }

    /// `PUT /api/v1/auth/service-accounts/{name}`, if it still has that tag.
    pub async fn replace_account(
        &self,
        name: &AccountName,
        request: &ReplaceAccount,
        tag: &str,
    ) -> Result<ServiceAccount, ClientError> {
        let send = |call: RequestBuilder| call.header(header::IF_MATCH, tag).json(request);
        self.call(Method::PUT, &format!("/api/v1/auth/service-accounts/{name}"), PATIENCE, send).await
    }

    /// `POST …/enable` or `POST …/disable`.
    pub async fn set_account_active(
        &self,
        name: &AccountName,
        active: bool,
        reason: Option<String>,
    ) -> Result<ServiceAccount, ClientError> {
        let verb = if active { "enable" } else { "disable" };
        self.post(&format!("/api/v1/auth/service-accounts/{name}/{verb}"), &Because { reason }).await
    }

    /// `POST …/trust` or `POST …/untrust`.
    pub async fn set_trust(
        &self,
        name: &AccountName,
        other: &AccountName,
        trusts: bool,
    ) -> Result<ServiceAccount, ClientError> {
        let verb = if trusts { "trust" } else { "untrust" };
        let request = Trust { account: other.to_string() };
        self.post(&format!("/api/v1/auth/service-accounts/{name}/{verb}"), &request).await
    }

    /// `GET /api/v1/auth/test`.
    pub async fn auth_context(&self) -> Result<AuthContext, ClientError> {
        self.get("/api/v1/auth/test").await
    }

    /// `GET /api/v1/pipelines/{name}`.
    pub async fn pipeline(&self, name: &PipelineName) -> Result<Tagged<Pipeline>, ClientError> {
        self.tagged(&at(name)).await
    }

    /// `PUT /api/v1/pipelines/{name}`; if it still has that tag, where one is given.
    pub async fn restrict_pipeline(
        &self,
        name: &PipelineName,
        request: &RestrictPipeline,
        tag: Option<&str>,
    ) -> Result<Pipeline, ClientError> {
        let send = |call: RequestBuilder| match tag {
            Some(tag) => call.header(header::IF_MATCH, tag).json(request),
            None => call.json(request),
        };
        self.call(Method::PUT, &at(name), PATIENCE, send).await
    }

    pub(super) async fn tagged<T: DeserializeOwned>(&self, path: &str) -> Result<Tagged<T>, ClientError> {
        let response = self.send(Method::GET, path, Some(PATIENCE), |call| call).await?;
        let tag = response.headers().get(header::ETAG).and_then(|value| value.to_str().ok()).unwrap_or("*").to_owned();
        Ok(Tagged { value: transport::read(&self.address.issuer(), response).await?, tag })
    }
}

/// A name's `/` is no `/` of the path.
fn at(name: &PipelineName) -> String {
    format!("/api/v1/pipelines/{}", name.to_string().replace('/', "%2F"))
}
