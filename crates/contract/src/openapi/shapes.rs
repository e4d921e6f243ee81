//! The shape of every endpoint, in one file per path, as the server's handlers are.

mod admin;
mod alerts;
mod approvals;
mod asking;
mod audit;
mod auth;
mod authzen;
mod context;
mod credentials;
mod decisions;
mod events;
mod oauth;
mod openapi;
mod pipelines;
mod policies;
mod roster;
mod scopes;
mod status;
mod tasks;
mod users;
mod webhooks;

use crate::openapi::shape::Shape;
use crate::route::Endpoint;

/// The header that tells a revision, and what it says.
const TAG: &str = "ETag";
const REVISION: &str = "The revision, for `If-Match`.";

/// The shape of an endpoint. One that has none does not compile.
#[expect(clippy::too_many_lines, reason = "a row for each endpoint")]
pub(super) fn of(endpoint: Endpoint) -> Shape {
    use Endpoint as E;
    match endpoint {
        E::Healthz => status::healthz(),
        E::Readyz => status::readyz(),
        E::SystemInfo => status::system_info(),
        E::AuthnStatus | E::AuthzStatus => status::part(),
        E::Metrics => status::metrics(),
        E::OpenApi => openapi::document(),
        E::OAuthMetadata => oauth::metadata(),
        E::Authorize => oauth::authorize(),
        E::SignIn => oauth::sign_in(),
        E::Token => oauth::token(),
        E::Revoke => oauth::revoke(),
        E::UserInfo => oauth::userinfo(),
        E::Decide => decisions::decide(),
        E::DecideBatch => decisions::batch(),
        E::AuthzenConfiguration => authzen::configuration(),
        E::Evaluate => authzen::evaluation(),
        E::EvaluateMany => authzen::evaluations(),
        E::OpenTicket => approvals::open(),
        E::ListTickets => approvals::list(),
        E::GetTicket => approvals::get(),
        E::WaitTicket => approvals::wait(),
        E::CastReview => approvals::review(),
        E::CancelTicket => approvals::cancel(),
        E::RevokeTicket => approvals::revoke(),
        E::ReviewAfterwards => approvals::after_review(),
        E::GetGrant => approvals::grant(),
        E::Consume => approvals::consume(),
        E::StartTask => tasks::start(),
        E::ListTasks => tasks::list(),
        E::FinishTask => tasks::finish(),
        E::GetRoster => roster::get(),
        E::PublishRoster => roster::publish(),
        E::ListEnrolments => roster::enrolments(),
        E::Enrol => roster::enrol(),
        E::ListUsers => users::list(),
        E::CreateUser => users::create(),
        E::ListAccounts => auth::accounts(),
        E::CreateAccount => auth::create(),
        E::GetAccount => auth::get(),
        E::AccountUsage => auth::usage(),
        E::ReplaceAccount => auth::replace(),
        E::DisableAccount | E::EnableAccount => auth::set_active(),
        E::TrustAccount | E::UntrustAccount => auth::trust(),
        E::Login => context::login(),
        E::TestCredential => context::test(),
        E::ValidateCredential => context::validate(),
        E::ListPermissions => context::permissions(),
        E::ChangePassword => users::change_password(),
        E::DisableUser | E::EnableUser => users::set_active(),
        E::ListPipelines => pipelines::list(),
        E::GetPipeline => pipelines::get(),
        E::RestrictPipeline => pipelines::restrict(),
        E::ListServiceTokens | E::ListApiKeys => credentials::list(),
        E::CreateServiceToken => credentials::create_service_token(),
        E::CreateApiKey => credentials::create_api_key(),
        E::GetServiceToken | E::GetApiKey => credentials::get(),
        E::RotateServiceToken | E::RotateApiKey => credentials::rotate(),
        E::RevokeServiceToken | E::RevokeApiKey => credentials::revoke(),
        E::OrcheoListTokens => admin::list(),
        E::OrcheoCreateToken => admin::create(),
        E::OrcheoGetToken => admin::get(),
        E::OrcheoRotateToken => admin::rotate(),
        E::OrcheoRevokeToken => admin::revoke(),
        E::ListScopes => scopes::list(),
        E::AddScope => scopes::add(),
        E::ListPolicies => policies::list(),
        E::Simulate => asking::simulate(),
        E::AskAccess => asking::access(),
        E::GetVocabulary => asking::vocabulary(),
        E::AskVocabulary => asking::ask_vocabulary(),
        E::ListPolicyVersions => policies::versions(),
        E::GetPolicyVersion => policies::version(),
        E::ListDrafts => policies::drafts(),
        E::CreateDraft => policies::create(),
        E::GetDraft => policies::get(),
        E::ReplaceDraft => policies::replace(),
        E::DiscardDraft => policies::discard(),
        E::PublishDraft => policies::publish(),
        E::CheckPolicies => policies::check(),
        E::TestPolicies => policies::test(),
        E::ComparePolicies => policies::compare(),
        E::ReplayPolicies => policies::replay(),
        E::ListEntries | E::ListAuthentication => audit::list(),
        E::GetCheckpoint => audit::checkpoint(),
        E::InclusionProof => audit::inclusion(),
        E::ConsistencyProof => audit::consistency(),
        E::ListAlerts => alerts::list(),
        E::GetAlert => alerts::get(),
        E::AcknowledgeAlert | E::ResolveAlert => alerts::handle(),
        E::GetAlertRules => alerts::get_rules(),
        E::SetAlertRules => alerts::set_rules(),
        E::ListWebhooks => webhooks::list(),
        E::CreateWebhook => webhooks::create(),
        E::GetWebhook => webhooks::get(),
        E::ChangeWebhook => webhooks::change(),
        E::RotateWebhookSecret => webhooks::rotate(),
        E::DisableWebhook => webhooks::disable(),
        E::TestWebhook => webhooks::test(),
        E::ListDeliveries => webhooks::deliveries(),
        E::ResendDelivery => webhooks::resend(),
        E::Events => events::stream(),
        E::IssueStreamTicket => events::ticket(),
        E::Socket | E::WorkflowSocket | E::OneWorkflowSocket => events::socket(),
    }
}

/// Values that examples share.
mod sample {
    pub(super) const DIGEST: &str = "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
    pub(super) const USER: &str = "usr_01HZY3V5W2M4Q6S8T0XABCDEFG";
    pub(super) const TICKET: &str = "tkt_01HZY3V5W2M4Q6S8T0XABCDEFG";
    pub(super) const TASK: &str = "tsk_01HZY3V5W2M4Q6S8T0XABCDEFG";
    pub(super) const DECISION: &str = "dec_01HZY3V5W2M4Q6S8T0XABCDEFG";
    pub(super) const CREDENTIAL: &str = "crd_01HZY3V5W2M4Q6S8T0XABCDEFG";
    pub(super) const ENROLMENT: &str = "enr_01HZY3V5W2M4Q6S8T0XABCDEFG";
    pub(super) const SESSION: &str = "ses_01HZY3V5W2M4Q6S8T0XABCDEFG";
    pub(super) const ENTRY: &str = "ent_01HZY3V5W2M4Q6S8T0XABCDEFG";
    pub(super) const ALERT: &str = "alr_01HZY3V5W2M4Q6S8T0XABCDEFG";
    pub(super) const WEBHOOK: &str = "whk_01HZY3V5W2M4Q6S8T0XABCDEFG";
    pub(super) const DRAFT: &str = "drf_01HZY3V5W2M4Q6S8T0XABCDEFG";
    pub(super) const DELIVERY: &str = "msg_01HZY3V5W2M4Q6S8T0XABCDEFG";
    pub(super) const ACCOUNT: &str = "service_account:billing-ci";
    pub(super) const AT: &str = "2026-11-22T05:00:00.000Z";
    pub(super) const LATER: &str = "2026-11-22T09:00:00.000Z";
    pub(super) const JWS: &str = "eyJhbGciOiJFUzI1NiJ9.e30.c2lnbmF0dXJl";
    pub(super) const NONCE: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
    pub(super) const KEY_ID: &str = "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs";

    use serde_json::{Value, json};

    pub(super) fn key() -> Value {
        let (x, y) = ("MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4", "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM");
        json!({ "crv": "P-256", "kty": "EC", "x": x, "y": y })
    }

    pub(super) fn action() -> Value {
        json!({
            "env": "prod",
            "action": "pipelines:execute",
            "resources": ["pipeline:billing/nightly"],
            "context": {},
            "command": { "argv": ["./nightly.sh"], "working_directory": "/srv/billing", "environment": {} },
        })
    }

    pub(super) fn requirement() -> Value {
        json!({
            "quorum": 1,
            "groups": ["security"],
            "step_up_seconds": 300,
            "approval_ttl_seconds": 14_400,
            "execution_ttl_seconds": 1_800,
            "max_duration_seconds": null,
        })
    }

    pub(super) fn reason() -> Value {
        let sentence = "production pipelines need a security admin";
        json!({ "policy": "prod-needs-approval", "title": "Production needs approval", "sentence": sentence })
    }
}
