//! Who a question is about: a person or an account with the rights that it has now, or somebody who is made up.

use domain::Instant;
use domain::account::{ServiceAccount, User};
use domain::network::Network;
use domain::principal::Principal;
use domain::scope::Scopes;
use policy::PrincipalKind;
use store::Query;

use crate::Error;
use crate::authenticate::Caller;
use crate::simulate::Asking;

const FIELD: &str = "question.principal";

/// The principal of a question, and the networks that it names.
pub(crate) fn completed(
    q: &mut dyn Query,
    caller: &Caller,
    asking: &Asking,
    now: Instant,
) -> Result<(policy::Principal, Vec<Network>), Error> {
    let Asking { principal: text, teams, scopes, workspaces, .. } = asking;
    let known = known(q, caller, text, now)?;
    let (mut principal, networks) = match (known, scopes) {
        (Some(Known { stopped: Some(why), .. }), None) => {
            let help =
                format!("`{}` {why}, so it can ask nothing; say with `question.scopes` what it would hold", cut(text));
            return Err(Error::invalid(FIELD, help));
        }
        (Some(known), _) => (known.principal, known.networks),
        (None, Some(_)) => (invented(text)?, Vec::new()),
        (None, None) => return Err(unknown(q, caller, text)?),
    };
    if let Some(scopes) = scopes {
        let scopes = Scopes::parse(scopes).map_err(|error| Error::invalid("question.scopes", error))?;
        principal.scopes = scopes.canonical().map(str::to_owned).collect();
    }
    if let Some(teams) = teams {
        principal.teams.clone_from(teams);
    }
    if let Some(workspaces) = workspaces {
        principal.workspaces.clone_from(workspaces);
    }
    Ok((principal, networks))
}

/// Somebody whom this control plane knows.
pub(crate) struct Known {
    pub(crate) principal: policy::Principal,
    /// The networks that it names.
    pub(crate) networks: Vec<Network>,
    /// Why it can ask nothing now, if so.
    pub(crate) stopped: Option<&'static str>,
}

impl Known {
    pub(crate) fn person(user: User) -> Self {
        let principal = policy::Principal {
            kind: PrincipalKind::User,
            id: user.id.to_string(),
            name: user.name,
            teams: user.teams,
            scopes: user.scopes.canonical().map(str::to_owned).collect(),
            workspaces: Vec::new(),
            owner: None,
        };
        Self { principal, networks: Vec::new(), stopped: (!user.active).then_some("is disabled") }
    }

    pub(crate) fn account(account: ServiceAccount, now: Instant) -> Self {
        let expired = account.expires_at.is_some_and(|end| !now.is_before(end));
        let stopped = if account.active { expired.then_some("has expired") } else { Some("is disabled") };
        let principal = policy::Principal {
            kind: PrincipalKind::ServiceAccount,
            id: account.name.to_string(),
            name: account.name.to_string(),
            teams: vec![account.team],
            scopes: account.scopes.canonical().map(str::to_owned).collect(),
            workspaces: account.workspaces,
            owner: account.owner.map(|owner| Principal::User(owner).to_string()),
        };
        Self { principal, networks: account.networks, stopped }
    }
}

/// Whoever the text names, if the caller may ask about them: a person also by their e-mail address.
fn known(q: &mut dyn Query, caller: &Caller, text: &str, now: Instant) -> Result<Option<Known>, Error> {
    if let Some(email) = text.strip_prefix("user:").filter(|id| id.contains('@')) {
        let user = store::users::by_email(q, &email.to_lowercase())?;
        return Ok(user.map(|(user, _)| Known::person(user)).filter(|known| may_ask_about(caller, &known.principal)));
    }
    let found = match text.parse() {
        Ok(Principal::User(id)) => store::users::get(q, id)?.map(Known::person),
        Ok(Principal::ServiceAccount(name)) => {
            store::accounts::get(q, &name)?.map(|account| Known::account(account, now))
        }
        Ok(Principal::Federated(_)) | Err(_) => None,
    };
    Ok(found.filter(|known| may_ask_about(caller, &known.principal)))
}

/// Whether the caller, if bound to workspaces, may know of this principal: itself, and whoever acts in no others.
pub(crate) fn may_ask_about(caller: &Caller, principal: &policy::Principal) -> bool {
    let inside = || {
        let own = |name: &String| caller.workspaces.contains(name);
        !principal.workspaces.is_empty() && principal.workspaces.iter().all(own)
    };
    caller.workspaces.is_empty() || principal.reference() == caller.principal.to_string() || inside()
}

/// Somebody who is not known here, with nothing.
fn invented(text: &str) -> Result<policy::Principal, Error> {
    let form = || {
        let help = format!("`{}` names no principal; write `user:…` or `service_account:…`", cut(text));
        Error::invalid(FIELD, help)
    };
    let (kind, id) = match text.split_once(':').ok_or_else(form)? {
        ("user", id) => (PrincipalKind::User, id),
        ("service_account", id) => (PrincipalKind::ServiceAccount, id),
        _ => return Err(form()),
    };
    if !(1..=300).contains(&id.len()) || !id.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(form());
    }
    let (id, name) = (id.to_owned(), id.to_owned());
    let (teams, scopes, workspaces) = (Vec::new(), Vec::new(), Vec::new());
    Ok(policy::Principal { kind, id, name, teams, scopes, workspaces, owner: None })
}

/// The refusal of somebody who is not known. Whom there is instead is told to whoever may see the accounts.
fn unknown(q: &mut dyn Query, caller: &Caller, text: &str) -> Result<Error, Error> {
    if let Err(wrong) = invented(text) {
        return Ok(wrong);
    }
    let mut near = String::new();
    if caller.scopes.contains("accounts:read") {
        let people = store::users::list(q)?.into_iter().map(Known::person);
        let accounts =
            store::accounts::list(q)?.into_iter().map(|account| Known::account(account, Instant::from_seconds(0)));
        let all: Vec<_> = people.chain(accounts).map(|known| known.principal).collect();
        let names: Vec<_> =
            all.iter().filter(|one| may_ask_about(caller, one)).map(policy::Principal::reference).collect();
        let nearest: Vec<_> = policy::nearest(text, names.iter().map(String::as_str)).into_iter().take(3).collect();
        if !nearest.is_empty() {
            near = format!("; there are: `{}`", nearest.join("`, `"));
        }
    }
    let help = "say with `question.scopes` what somebody would hold who is not known here";
    Ok(Error::invalid(FIELD, format!("`{}` is not known here{near}; {help}", cut(text))))
}

fn cut(text: &str) -> String {
    text.chars().take(100).flat_map(char::escape_debug).collect()
}
