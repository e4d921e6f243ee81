//! The router, made from the route table. A row without a handler does not compile.

use std::convert::Infallible;

use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{MethodFilter, MethodRouter, on};
use axum::{Extension, Router};
use contract::{Endpoint, Method};
use tower_http::catch_panic::CatchPanicLayer;

use crate::api::auth::api_keys::ApiKeys;
use crate::api::auth::credentials;
use crate::api::auth::service_tokens::ServiceTokens;
use crate::app::App;
use crate::body::Allowance;
use crate::{access_log, api, guard, outer};

/// Every route with its guard, inside what holds for all.
pub(crate) fn build(app: App) -> Router {
    let mut router = Router::new();
    for route in Endpoint::ALL {
        let filter = match route.method {
            Method::Get => MethodFilter::GET,
            Method::Post => MethodFilter::POST,
            Method::Put => MethodFilter::PUT,
            Method::Delete => MethodFilter::DELETE,
        };
        let allowance = Extension(Allowance::of(route.endpoint, &app.front.http));
        let handler = handler(route.endpoint, filter).layer::<_, Infallible>(from_fn(access_log::note));
        let handler = handler.layer::<_, Infallible>(allowance);
        router = router.route(route.path, handler.layer(from_fn_with_state((app.clone(), *route), guard::check)));
    }
    router
        .fallback(outer::not_found)
        .method_not_allowed_fallback(outer::method_not_allowed)
        .layer(CatchPanicLayer::custom(outer::panicked))
        .layer(from_fn_with_state(app.clone(), outer::wrap))
        .with_state(app)
}

#[expect(clippy::too_many_lines, reason = "a row for each endpoint")]
fn handler(endpoint: Endpoint, filter: MethodFilter) -> MethodRouter<App> {
    use Endpoint as E;
    match endpoint {
        E::Healthz => on(filter, api::status::healthz),
        E::Readyz => on(filter, api::status::readyz),
        E::Metrics => on(filter, api::status::metrics),
        E::SystemInfo => on(filter, api::status::system_info),
        E::AuthnStatus => on(filter, api::status::authn),
        E::AuthzStatus => on(filter, api::status::authz),
        E::OpenApi => on(filter, api::openapi::document),
        E::OAuthMetadata => on(filter, api::oauth::metadata),
        E::Authorize => on(filter, api::oauth::authorize),
        E::SignIn => on(filter, api::oauth::sign_in),
        E::Token => on(filter, api::oauth::token),
        E::Revoke => on(filter, api::oauth::revoke),
        E::UserInfo => on(filter, api::oauth::userinfo),
        E::Decide => on(filter, api::decisions::decide),
        E::DecideBatch => on(filter, api::decisions::batch::decide),
        E::AuthzenConfiguration => on(filter, api::authzen::configuration),
        E::Evaluate => on(filter, api::authzen::evaluation),
        E::EvaluateMany => on(filter, api::authzen::evaluations),
        E::OpenTicket => on(filter, api::approvals::open),
        E::ListTickets => on(filter, api::approvals::list),
        E::GetTicket => on(filter, api::approvals::get),
        E::WaitTicket => on(filter, api::approvals::wait),
        E::CastReview => on(filter, api::approvals::review),
        E::CancelTicket => on(filter, api::approvals::cancel),
        E::RevokeTicket => on(filter, api::approvals::revoke),
        E::ReviewAfterwards => on(filter, api::approvals::after_review),
        E::GetGrant => on(filter, api::approvals::grant),
        E::Consume => on(filter, api::approvals::consume),
        E::StartTask => on(filter, api::tasks::start),
        E::ListTasks => on(filter, api::tasks::list),
        E::FinishTask => on(filter, api::tasks::finish),
        E::GetRoster => on(filter, api::roster::get),
        E::PublishRoster => on(filter, api::roster::publish),
        E::ListEnrolments => on(filter, api::roster::enrolments),
        E::Enrol => on(filter, api::roster::enrol),
        E::ListUsers => on(filter, api::users::list),
        E::CreateUser => on(filter, api::users::create),
        E::ChangePassword => on(filter, api::users::change_password),
        E::DisableUser => on(filter, api::users::disable),
        E::EnableUser => on(filter, api::users::enable),
        E::Login => on(filter, api::auth::context::login),
        E::TestCredential => on(filter, api::auth::context::test),
        E::ValidateCredential => on(filter, api::auth::context::validate),
        E::ListPermissions => on(filter, api::auth::context::permissions),
        E::ListAccounts => on(filter, api::auth::service_accounts::list),
        E::CreateAccount => on(filter, api::auth::service_accounts::create),
        E::GetAccount => on(filter, api::auth::service_accounts::get),
        E::AccountUsage => on(filter, api::auth::usage::get),
        E::ReplaceAccount => on(filter, api::auth::service_accounts::replace),
        E::DisableAccount => on(filter, api::auth::service_accounts::disable),
        E::EnableAccount => on(filter, api::auth::service_accounts::enable),
        E::TrustAccount => on(filter, api::auth::service_accounts::trust),
        E::UntrustAccount => on(filter, api::auth::service_accounts::untrust),
        E::ListServiceTokens => on(filter, credentials::list::<ServiceTokens>),
        E::CreateServiceToken => on(filter, api::auth::service_tokens::create),
        E::GetServiceToken => on(filter, credentials::get::<ServiceTokens>),
        E::RotateServiceToken => on(filter, credentials::rotate::<ServiceTokens>),
        E::RevokeServiceToken => on(filter, credentials::revoke::<ServiceTokens>),
        E::ListApiKeys => on(filter, credentials::list::<ApiKeys>),
        E::CreateApiKey => on(filter, api::auth::api_keys::create),
        E::GetApiKey => on(filter, credentials::get::<ApiKeys>),
        E::RotateApiKey => on(filter, credentials::rotate::<ApiKeys>),
        E::RevokeApiKey => on(filter, credentials::revoke::<ApiKeys>),
        E::OrcheoListTokens => on(filter, api::admin::list),
        E::OrcheoCreateToken => on(filter, api::admin::create),
        E::OrcheoGetToken => on(filter, api::admin::get),
        E::OrcheoRotateToken => on(filter, api::admin::rotate),
        E::OrcheoRevokeToken => on(filter, api::admin::revoke),
        E::ListScopes => on(filter, api::scopes::list),
        E::AddScope => on(filter, api::scopes::add),
        E::ListPipelines => on(filter, api::pipelines::list),
        E::GetPipeline => on(filter, api::pipelines::get),
        E::RestrictPipeline => on(filter, api::pipelines::restrict),
        E::ListPolicies => on(filter, api::policies::list),
        E::Simulate => on(filter, api::policies::simulate::simulate),
        E::AskAccess => on(filter, api::policies::access::ask),
        E::GetVocabulary => on(filter, api::policies::vocabulary::live),
        E::AskVocabulary => on(filter, api::policies::vocabulary::ask),
        E::ListPolicyVersions => on(filter, api::policies::versions),
        E::GetPolicyVersion => on(filter, api::policies::version),
        E::ListDrafts => on(filter, api::policies::drafts::list),
        E::CreateDraft => on(filter, api::policies::drafts::create),
        E::GetDraft => on(filter, api::policies::drafts::get),
        E::ReplaceDraft => on(filter, api::policies::drafts::replace),
        E::DiscardDraft => on(filter, api::policies::drafts::discard),
        E::PublishDraft => on(filter, api::policies::drafts::publish),
        E::CheckPolicies => on(filter, api::policies::ask::check),
        E::TestPolicies => on(filter, api::policies::ask::test),
        E::ComparePolicies => on(filter, api::policies::works::compare),
        E::ReplayPolicies => on(filter, api::policies::works::replay),
        E::ListEntries => on(filter, api::audit::list),
        E::ListAuthentication => on(filter, api::audit::authentication),
        E::GetCheckpoint => on(filter, api::audit::checkpoint),
        E::InclusionProof => on(filter, api::audit::inclusion),
        E::ConsistencyProof => on(filter, api::audit::consistency),
        E::ListAlerts => on(filter, api::alerts::list),
        E::GetAlert => on(filter, api::alerts::get),
        E::AcknowledgeAlert => on(filter, api::alerts::acknowledge),
        E::ResolveAlert => on(filter, api::alerts::resolve),
        E::GetAlertRules => on(filter, api::alerts::rules),
        E::SetAlertRules => on(filter, api::alerts::set_rules),
        E::ListWebhooks => on(filter, api::webhooks::list),
        E::CreateWebhook => on(filter, api::webhooks::create),
        E::GetWebhook => on(filter, api::webhooks::get),
        E::ChangeWebhook => on(filter, api::webhooks::change),
        E::RotateWebhookSecret => on(filter, api::webhooks::rotate),
        E::DisableWebhook => on(filter, api::webhooks::disable),
        E::TestWebhook => on(filter, api::webhooks::test),
        E::ListDeliveries => on(filter, api::webhooks::deliveries),
        E::ResendDelivery => on(filter, api::webhooks::resend),
        E::Events => on(filter, api::events::stream),
        E::IssueStreamTicket => on(filter, api::events::tickets::issue),
        E::Socket | E::WorkflowSocket | E::OneWorkflowSocket => on(filter, api::socket::open),
    }
}
