//! The route table: every endpoint of the control plane, who may call it, and what it leaves in the audit trail.
//!
//! The router is made by an exhaustive match over [`Endpoint`], so a row without a handler does not compile; the
//! coverage test walks the same rows.

use domain::event::Kind;

/// An HTTP method that is used here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Reads.
    Get,
    /// Changes.
    Post,
    /// Puts something in the place of what is there.
    Put,
    /// Ends.
    Delete,
}

/// Who may call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anyone; it tells nothing that is not public.
    Public,
    /// Anyone who is authenticated.
    Authenticated,
    /// Whoever holds the scope.
    Scope(&'static str),
}

/// A row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Route {
    /// Which endpoint.
    pub endpoint: Endpoint,
    /// The method.
    pub method: Method,
    /// The path, with `{name}` for parameters.
    pub path: &'static str,
    /// Who may call.
    pub access: Access,
    /// The status of success.
    pub success: u16,
    /// What success leaves in the audit trail; reads leave nothing.
    pub audit: Option<Kind>,
    /// One sentence.
    pub summary: &'static str,
}

macro_rules! routes {
    ($($name:ident: $method:ident $path:literal, $access:expr, $success:literal, $audit:expr, $summary:literal;)*) => {
        /// Every endpoint.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Endpoint { $(#[doc = $summary] $name,)* }

        impl Endpoint {
            /// The whole table.
            pub const ALL: &[Route] = &[$(Route {
                endpoint: Endpoint::$name,
                method: Method::$method,
                path: $path,
                access: $access,
                success: $success,
                audit: $audit,
                summary: $summary,
            }),*];
        }
    };
}

use Access::{Authenticated, Public, Scope};

routes! {
    Healthz: Get "/healthz", Public, 200, None, "Whether the process answers";
    Readyz: Get "/readyz", Public, 200, None, "Whether what it depends on answers";
    Metrics: Get "/metrics", Public, 200, None, "Counts for a monitoring system, where the settings let it ask";
    SystemInfo: Get "/api/v1/system/info", Public, 200, None, "How the platform stands as a whole";
    AuthnStatus: Get "/api/v1/authn/status", Public, 200, None, "Whether people and programs can authenticate";
    AuthzStatus: Get "/api/v1/authz/status", Public, 200, None, "Whether a policy set is in force";

    OpenApi: Get "/api/openapi.json", Public, 200, None, "This description, in OpenAPI 3.1";

    OAuthMetadata: Get "/.well-known/oauth-authorization-server", Public, 200, None, "Authorization server metadata";
    Authorize: Get "/api/v1/oauth/authorize", Public, 200, None, "The sign-in page";
    SignIn: Post "/api/v1/oauth/authorize", Public, 303, Some(Kind::AuthenticationSucceeded), "The sign-in page, filled in";
    Token: Post "/api/v1/oauth/token", Public, 200, Some(Kind::SessionRefreshed), "Exchanges a code or a refresh token";
    Revoke: Post "/api/v1/oauth/revoke", Public, 200, Some(Kind::SessionEnded), "Ends a session by its token";
    UserInfo: Get "/api/v1/oauth/userinfo", Authenticated, 200, None, "Who the caller is";

    Decide: Post "/api/v1/authz/decisions", Scope("decisions:request"), 200, Some(Kind::DecisionMade), "Asks the policy engine";
    DecideBatch: Post "/api/v1/authz/decisions/batch", Scope("decisions:request"), 200, Some(Kind::DecisionMade), "Asks the policy engine up to 100 times; each answer is a decision of its own";
    AuthzenConfiguration: Get "/.well-known/authzen-configuration", Public, 200, None, "AuthZEN policy decision point metadata";
    Evaluate: Post "/access/v1/evaluation", Scope("decisions:request"), 200, Some(Kind::DecisionMade), "An AuthZEN access evaluation; for somebody else, a simulation that needs `policies:read`";
    EvaluateMany: Post "/access/v1/evaluations", Scope("decisions:request"), 200, Some(Kind::DecisionMade), "AuthZEN access evaluations, up to 100";
    OpenTicket: Post "/api/v1/approvals", Scope("decisions:request"), 201, Some(Kind::TicketOpened), "Opens a ticket bound to one exact action";
    ListTickets: Get "/api/v1/approvals", Scope("approvals:read"), 200, None, "The inbox";
    GetTicket: Get "/api/v1/approvals/{id}", Authenticated, 200, None, "One ticket: for its requester and for readers of approvals";
    WaitTicket: Get "/api/v1/approvals/{id}/wait", Authenticated, 200, None, "Answers when the ticket leaves a state, or after a while";
    CastReview: Post "/api/v1/approvals/{id}/reviews", Scope("approvals:review"), 200, Some(Kind::TicketReviewed), "Counts a signed review";
    CancelTicket: Post "/api/v1/approvals/{id}/cancel", Scope("decisions:request"), 200, Some(Kind::TicketCancelled), "Takes a ticket back";
    RevokeTicket: Post "/api/v1/approvals/{id}/revoke", Scope("approvals:review"), 200, Some(Kind::TicketRevoked), "Withdraws an approval; what is not spent of it never will be";
    ReviewAfterwards: Post "/api/v1/approvals/{id}/after-review", Scope("approvals:review"), 200, Some(Kind::TicketAfterReviewed), "Takes the signed after-review of an emergency";
    GetGrant: Get "/api/v1/approvals/{id}/grant", Scope("decisions:request"), 200, None, "The signed reviews, for the requester to verify";
    Consume: Post "/api/v1/approvals/{id}/consume", Scope("decisions:request"), 200, Some(Kind::TicketConsumed), "Spends an approved ticket, or one use of a standing approval";

    StartTask: Post "/api/v1/tasks", Scope("decisions:request"), 201, Some(Kind::TaskStarted), "Execution begins after an allow";
    ListTasks: Get "/api/v1/tasks", Scope("tasks:read"), 200, None, "What ran, newest first";
    FinishTask: Post "/api/v1/tasks/{id}/finish", Scope("decisions:request"), 200, Some(Kind::TaskFinished), "Execution ended";

    GetRoster: Get "/api/v1/roster", Authenticated, 200, None, "Every roster version";
    PublishRoster: Post "/api/v1/roster", Scope("roster:write"), 200, Some(Kind::RosterChanged), "Brings a signed roster version into force";
    ListEnrolments: Get "/api/v1/roster/enrolments", Scope("roster:read"), 200, None, "Who wants to be on the roster";
    Enrol: Post "/api/v1/roster/enrolments", Scope("approvals:review"), 201, Some(Kind::EnrolmentRequested), "Asks for a device's key to be on the roster";

    ListUsers: Get "/api/v1/users", Scope("accounts:read"), 200, None, "The people";
    CreateUser: Post "/api/v1/users", Scope("accounts:write"), 201, Some(Kind::UserCreated), "Adds a person; their first password is shown once";
    ChangePassword: Post "/api/v1/users/me/password", Authenticated, 204, Some(Kind::PasswordChanged), "Gives the caller another password, and ends their other sessions";
    DisableUser: Post "/api/v1/users/{id}/disable", Scope("accounts:write"), 200, Some(Kind::UserChanged), "Takes a person's say and sessions away";
    EnableUser: Post "/api/v1/users/{id}/enable", Scope("accounts:write"), 200, Some(Kind::UserChanged), "Gives a person their say back";
    Login: Post "/api/v1/auth/login", Public, 200, Some(Kind::AuthenticationSucceeded), "E-mail address and password for an access token that cannot step up; where it is switched on";
    TestCredential: Get "/api/v1/auth/test", Authenticated, 200, None, "What the control plane makes of the credential";
    ValidateCredential: Get "/api/v1/auth/validate", Authenticated, 200, None, "Whether the credential holds, and until when";
    ListPermissions: Get "/api/v1/auth/permissions", Authenticated, 200, None, "What the caller may do";
    ListAccounts: Get "/api/v1/auth/service-accounts", Scope("accounts:read"), 200, None, "The service accounts";
    CreateAccount: Post "/api/v1/auth/service-accounts", Scope("accounts:write"), 201, Some(Kind::AccountCreated), "Makes a service account, and a first API key, whose secret is shown once";
    GetAccount: Get "/api/v1/auth/service-accounts/{name}", Scope("accounts:read"), 200, None, "One service account";
    ReplaceAccount: Put "/api/v1/auth/service-accounts/{name}", Scope("accounts:write"), 200, Some(Kind::AccountChanged), "Changes a service account";
    AccountUsage: Get "/api/v1/auth/service-accounts/{name}/usage", Scope("accounts:read"), 200, None, "What the account was given, held against what it used, and a narrower grant";
    DisableAccount: Post "/api/v1/auth/service-accounts/{name}/disable", Scope("accounts:write"), 200, Some(Kind::AccountChanged), "Ends what the account's credentials may do, at their next use";
    EnableAccount: Post "/api/v1/auth/service-accounts/{name}/enable", Scope("accounts:write"), 200, Some(Kind::AccountChanged), "Lets the account's credentials be used again";
    TrustAccount: Post "/api/v1/auth/service-accounts/{name}/trust", Scope("accounts:write"), 200, Some(Kind::AccountChanged), "Lets another account act on what belongs to this one";
    UntrustAccount: Post "/api/v1/auth/service-accounts/{name}/untrust", Scope("accounts:write"), 200, Some(Kind::AccountChanged), "Takes that back";
    ListServiceTokens: Get "/api/v1/auth/service-tokens", Scope("admin:tokens:read"), 200, None, "The service tokens, newest first";
    CreateServiceToken: Post "/api/v1/auth/service-tokens", Scope("admin:tokens:write"), 201, Some(Kind::CredentialCreated), "Makes a service token; its secret is shown once";
    GetServiceToken: Get "/api/v1/auth/service-tokens/{id}", Scope("admin:tokens:read"), 200, None, "One service token, by its id or its identifier";
    RotateServiceToken: Post "/api/v1/auth/service-tokens/{id}/rotate", Scope("admin:tokens:write"), 201, Some(Kind::CredentialRotated), "Replaces a service token; both work until the overlap is over";
    RevokeServiceToken: Post "/api/v1/auth/service-tokens/{id}/revoke", Scope("admin:tokens:write"), 200, Some(Kind::CredentialRevoked), "Ends a service token now, or its whole family";
    ListApiKeys: Get "/api/v1/auth/api-keys", Authenticated, 200, None, "API keys: all, or a person's own";
    CreateApiKey: Post "/api/v1/auth/api-keys", Authenticated, 201, Some(Kind::CredentialCreated), "Makes an API key for oneself or a service account; its secret is shown once";
    GetApiKey: Get "/api/v1/auth/api-keys/{id}", Authenticated, 200, None, "One API key, by its id or its identifier";
    RotateApiKey: Post "/api/v1/auth/api-keys/{id}/rotate", Authenticated, 201, Some(Kind::CredentialRotated), "Replaces an API key; both work until the overlap is over";
    RevokeApiKey: Post "/api/v1/auth/api-keys/{id}/revoke", Authenticated, 200, Some(Kind::CredentialRevoked), "Ends an API key now, or its whole family";
    OrcheoListTokens: Get "/api/admin/service-tokens", Scope("admin:tokens:read"), 200, None, "The service tokens that work, for Orcheo's clients";
    OrcheoCreateToken: Post "/api/admin/service-tokens", Scope("admin:tokens:write"), 201, Some(Kind::CredentialCreated), "Makes a service token, for Orcheo's clients";
    OrcheoGetToken: Get "/api/admin/service-tokens/{id}", Scope("admin:tokens:read"), 200, None, "One service token, for Orcheo's clients";
    OrcheoRotateToken: Post "/api/admin/service-tokens/{id}/rotate", Scope("admin:tokens:write"), 200, Some(Kind::CredentialRotated), "Replaces a service token, for Orcheo's clients";
    OrcheoRevokeToken: Delete "/api/admin/service-tokens/{id}", Scope("admin:tokens:write"), 204, Some(Kind::CredentialRevoked), "Ends a service token, for Orcheo's clients";
    ListScopes: Get "/api/v1/scopes", Authenticated, 200, None, "The catalogue of scopes with their aliases";
    AddScope: Post "/api/v1/scopes", Scope("scopes:write"), 201, Some(Kind::ScopeAdded), "Adds a scope to the catalogue";

    ListPipelines: Get "/api/v1/pipelines", Scope("pipelines:read"), 200, None, "The pipelines that are restricted";
    GetPipeline: Get "/api/v1/pipelines/{name}", Scope("pipelines:read"), 200, None, "What restricts a pipeline; a `/` in its name is sent as `%2F`";
    RestrictPipeline: Put "/api/v1/pipelines/{name}", Scope("pipelines:write"), 200, Some(Kind::PipelineChanged), "Sets what restricts a pipeline";

    ListPolicies: Get "/api/v1/policies", Scope("policies:read"), 200, None, "The policies in force";
    ListPolicyVersions: Get "/api/v1/policies/versions", Scope("policies:read"), 200, None, "Every policy set that was published, newest first";
    GetPolicyVersion: Get "/api/v1/policies/versions/{version}", Scope("policies:read"), 200, None, "One of them, with its texts and cases";
    ListDrafts: Get "/api/v1/policies/drafts", Scope("policies:read"), 200, None, "Policy drafts, newest first";
    CreateDraft: Post "/api/v1/policies/drafts", Scope("policies:write"), 201, Some(Kind::DraftCreated), "Makes a policy draft";
    GetDraft: Get "/api/v1/policies/drafts/{id}", Scope("policies:read"), 200, None, "One policy draft, with its texts and cases";
    ReplaceDraft: Put "/api/v1/policies/drafts/{id}", Scope("policies:write"), 200, Some(Kind::DraftChanged), "Puts other texts and cases in the place of a draft's";
    DiscardDraft: Post "/api/v1/policies/drafts/{id}/discard", Scope("policies:write"), 200, Some(Kind::DraftDiscarded), "Gives a draft up; it stays as it is";
    PublishDraft: Post "/api/v1/policies/drafts/{id}/publish", Scope("policies:write"), 200, Some(Kind::PolicyPublished), "Brings a draft into force, or opens the ticket that it takes";
    CheckPolicies: Post "/api/v1/policies/check", Scope("policies:read"), 200, None, "What is wrong or odd in texts, which are stored nowhere";
    TestPolicies: Post "/api/v1/policies/test", Scope("policies:read"), 200, None, "Puts cases to a policy set";
    ComparePolicies: Post "/api/v1/policies/compare", Scope("policies:read"), 200, None, "What a policy set lets happen that the one in force does not, over all possible requests";
    ReplayPolicies: Post "/api/v1/policies/replay", Scope("policies:read"), 200, None, "What a policy set, or a narrower grant, would have changed about past decisions; needs `audit:read` as well";
    Simulate: Post "/api/v1/policies/simulate", Scope("policies:read"), 200, None, "Answers one question without effect, with what each policy does";
    AskAccess: Post "/api/v1/policies/access", Scope("policies:read"), 200, None, "Who can do what; needs `accounts:read` as well";
    GetVocabulary: Get "/api/v1/policies/vocabulary", Scope("policies:read"), 200, None, "The names that questions to the set in force can have";
    AskVocabulary: Post "/api/v1/policies/vocabulary", Scope("policies:read"), 200, None, "The same of another set";

    ListEntries: Get "/api/v1/audit/events", Scope("audit:read"), 200, None, "The audit trail, newest first";
    ListAuthentication: Get "/api/v1/audit/authentication", Scope("audit:read"), 200, None, "What the audit trail says of authentication, newest first";
    GetCheckpoint: Get "/api/v1/audit/checkpoint", Scope("audit:read"), 200, None, "The newest signed checkpoint";
    InclusionProof: Get "/api/v1/audit/proofs/inclusion", Scope("audit:read"), 200, None, "Proof that an entry is in a tree";
    ConsistencyProof: Get "/api/v1/audit/proofs/consistency", Scope("audit:read"), 200, None, "Proof that a tree grew from another";

    ListAlerts: Get "/api/v1/alerts", Scope("alerts:read"), 200, None, "Alerts, newest first";
    GetAlert: Get "/api/v1/alerts/{id}", Scope("alerts:read"), 200, None, "One alert";
    AcknowledgeAlert: Post "/api/v1/alerts/{id}/acknowledge", Scope("alerts:write"), 200, Some(Kind::AlertAcknowledged), "Takes an alert on";
    ResolveAlert: Post "/api/v1/alerts/{id}/resolve", Scope("alerts:write"), 200, Some(Kind::AlertResolved), "Settles an alert; the same thing again raises a new one";
    GetAlertRules: Get "/api/v1/alert-rules", Scope("alerts:read"), 200, None, "The rules by which alerts are raised";
    SetAlertRules: Put "/api/v1/alert-rules", Scope("alerts:write"), 200, Some(Kind::AlertRulesChanged), "Sets some of the rules; the others stay";
    ListWebhooks: Get "/api/v1/webhooks", Scope("alerts:read"), 200, None, "The webhooks, newest first";
    CreateWebhook: Post "/api/v1/webhooks", Scope("alerts:write"), 201, Some(Kind::WebhookCreated), "Makes a webhook; its secret is shown once";
    GetWebhook: Get "/api/v1/webhooks/{id}", Scope("alerts:read"), 200, None, "One webhook";
    ChangeWebhook: Put "/api/v1/webhooks/{id}", Scope("alerts:write"), 200, Some(Kind::WebhookChanged), "Changes a webhook; whoever does becomes its owner";
    RotateWebhookSecret: Post "/api/v1/webhooks/{id}/rotate-secret", Scope("alerts:write"), 200, Some(Kind::WebhookSecretRotated), "Gives a webhook a fresh secret; both sign until the overlap is over";
    DisableWebhook: Post "/api/v1/webhooks/{id}/disable", Scope("alerts:write"), 200, Some(Kind::WebhookDisabled), "Switches a webhook off";
    TestWebhook: Post "/api/v1/webhooks/{id}/test", Scope("alerts:write"), 202, Some(Kind::WebhookTested), "Sends a test message";
    ListDeliveries: Get "/api/v1/webhooks/{id}/deliveries", Scope("alerts:read"), 200, None, "The messages of a webhook, newest first";
    ResendDelivery: Post "/api/v1/webhooks/{id}/deliveries/{delivery}/resend", Scope("alerts:write"), 202, Some(Kind::WebhookResent), "Sends a message again, under the same id";

    Events: Get "/api/v1/events", Scope("approvals:read"), 200, None, "Server-sent events: what changed";
    IssueStreamTicket: Post "/api/v1/events/tickets", Scope("approvals:read"), 201, Some(Kind::StreamTicketIssued), "Makes a ticket that opens one event stream within half a minute";
    Socket: Get "/api/v1/ws", Scope("approvals:read"), 101, None, "The same events on a WebSocket";
    WorkflowSocket: Get "/ws/workflow", Scope("approvals:read"), 101, None, "The same WebSocket, where Orcheo's clients look for it";
    OneWorkflowSocket: Get "/ws/workflow/{workflow_id}", Scope("approvals:read"), 101, None, "The same WebSocket, whatever the workflow";
}

impl Endpoint {
    /// Whether it changes nothing although it is sent with a body: a question too long for an address.
    #[must_use]
    pub const fn only_asks(self) -> bool {
        matches!(
            self,
            Self::CheckPolicies
                | Self::TestPolicies
                | Self::ComparePolicies
                | Self::ReplayPolicies
                | Self::Simulate
                | Self::AskAccess
                | Self::AskVocabulary
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_its_own_and_every_scope_is_in_the_catalogue() {
        for (index, route) in Endpoint::ALL.iter().enumerate() {
            let twins = Endpoint::ALL.iter().filter(|other| other.path == route.path && other.method == route.method);
            assert_eq!(twins.count(), 1, "{}", route.path);
            assert_eq!(route.endpoint as usize, index);
            if let Scope(scope) = route.access {
                assert!(domain::scope::Catalogue::default().has(scope), "{scope}");
            }
            let asks = route.method == Method::Get || route.endpoint.only_asks();
            assert_eq!(asks, route.audit.is_none(), "{} changes without an entry, or asks with one", route.path);
        }
    }
}
