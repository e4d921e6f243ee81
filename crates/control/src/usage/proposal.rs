//! From what was used to what would do.

use domain::account::ServiceAccount;
use domain::principal::Principal;
use domain::scope::canonical;

use crate::accounts::MOST;
use crate::usage::tally::Tally;
use crate::usage::{ScopeUse, traces};

/// Whether a scope was used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It was.
    Used,
    /// It was not, and that would show.
    Unused,
    /// Nobody can tell.
    Unknown,
}

/// What an account would hold, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// The account, as `service_account:…`.
    pub principal: String,
    /// The scopes that stay, as they were given.
    pub scopes: Vec<String>,
    /// Where it may act; as it was, if absent.
    pub workspaces: Option<Vec<String>>,
    /// The scopes that go.
    pub removes: Vec<String>,
    /// A sentence for each thing that goes.
    pub because: Vec<String>,
}

/// The scopes of an account with their use. `time` is what was looked at, such as `in 90 days`.
pub(super) fn scopes(
    account: &ServiceAccount,
    tally: &Tally,
    actions: &[&str],
    complete: bool,
    time: &str,
) -> Vec<ScopeUse> {
    let judged = |scope: &str| {
        let used = tally.scopes.get(canonical(scope)).copied().unwrap_or_default();
        let traced = traces::is_traced(canonical(scope), actions);
        let (standing, sentence) = match used.times {
            0 if !traced => {
                (Standing::Unknown, format!("`{scope}` can be used without leaving an entry, so nobody can tell"))
            }
            0 if !complete => (
                Standing::Unknown,
                format!("`{scope}` was not seen in use, and some of what was decided cannot be read"),
            ),
            0 => {
                let why = format!("`{scope}` was not used {time}, and its use would have left an entry");
                (Standing::Unused, why)
            }
            1 => (Standing::Used, format!("`{scope}` was used once")),
            times => (Standing::Used, format!("`{scope}` was used {times} times")),
        };
        ScopeUse { scope: scope.to_owned(), standing, used, sentence }
    };
    account.scopes.iter().map(judged).collect()
}

/// What would do for all that the account used; nothing, if that is what it has, or if it used nothing at all.
pub(super) fn of(
    account: &ServiceAccount,
    tally: &Tally,
    scopes: &[ScopeUse],
    complete: bool,
    time: &str,
) -> Option<Proposal> {
    let went = |scope: &&ScopeUse| scope.standing == Standing::Unused;
    let removes: Vec<_> = scopes.iter().filter(went).map(|scope| scope.scope.clone()).collect();
    let stays: Vec<_> = scopes.iter().filter(|scope| !went(scope)).map(|scope| scope.scope.clone()).collect();
    let mut because: Vec<_> = scopes.iter().filter(went).map(|scope| scope.sentence.clone()).collect();
    let workspaces = if complete { narrower(account, tally) } else { None };
    if let Some(names) = &workspaces {
        let all = if account.workspaces.is_empty() { "everywhere".to_owned() } else { account.workspaces.join(", ") };
        because.push(format!("{time} it acted in {} alone, and it may act in: {all}", names.join(", ")));
    }
    if because.is_empty() {
        return None;
    }
    let principal = Principal::ServiceAccount(account.name.clone()).to_string();
    Some(Proposal { principal, scopes: stays, workspaces, removes, because })
}

/// The workspaces that it acted in, if they are fewer than those that it may act in.
fn narrower(account: &ServiceAccount, tally: &Tally) -> Option<Vec<String>> {
    let used: Vec<_> = tally.workspaces.keys().cloned().collect();
    let fewer = account.workspaces.is_empty() || used.len() < account.workspaces.len();
    let known = used.iter().all(|name| account.workspaces.is_empty() || account.workspaces.contains(name));
    (!tally.outside && fewer && known && (1..=MOST).contains(&used.len())).then_some(used)
}

#[cfg(test)]
mod tests {
    use domain::Instant;
    use domain::scope::Scopes;

    use super::*;
    use crate::usage::tally::Use;

    const ACTIONS: &[&str] = &["pipelines:execute", "logs:read"];

    fn account(scopes: &[&str], workspaces: &[&str]) -> ServiceAccount {
        ServiceAccount {
            name: "ci".parse().unwrap(),
            title: String::new(),
            description: String::new(),
            team: "billing".into(),
            owner: None,
            scopes: Scopes::parse(scopes).unwrap(),
            workspaces: workspaces.iter().map(|name| (*name).to_owned()).collect(),
            networks: Vec::new(),
            trusts: Vec::new(),
            expires_at: None,
            active: true,
            sample: false,
            created_at: Instant::from_seconds(1_800_000_000),
        }
    }

    fn tally(scopes: &[&str], workspaces: &[&str]) -> Tally {
        let once = Use { times: 1, last: Some(Instant::from_seconds(1_800_000_000)) };
        let counted = |names: &[&str]| names.iter().map(|name| ((*name).to_owned(), once)).collect();
        Tally { scopes: counted(scopes), workspaces: counted(workspaces), ..Tally::default() }
    }

    fn proposed(account: &ServiceAccount, tally: &Tally, complete: bool) -> Option<Proposal> {
        of(account, tally, &scopes(account, tally, ACTIONS, complete, "in 90 days"), complete, "in 90 days")
    }

    #[test]
    fn only_what_would_have_left_a_trace_is_proposed_to_go() {
        let account = account(&["workflow.execute", "logs:read", "audit:read", "vault:read", "decisions:request"], &[]);
        let proposal = proposed(&account, &tally(&["pipelines:execute"], &[]), true).unwrap();
        assert_eq!(proposal.removes, ["logs:read"]);
        assert_eq!(proposal.scopes, ["audit:read", "decisions:request", "vault:read", "workflow.execute"]);
        assert_eq!(proposal.workspaces, None);
        assert_eq!(proposal.because.len(), 1);
    }

    #[test]
    fn nothing_is_proposed_by_a_trail_that_cannot_be_read_in_full() {
        let account = account(&["pipelines:execute", "logs:read"], &[]);
        assert_eq!(proposed(&account, &tally(&["pipelines:execute"], &["a"]), false), None);
    }

    #[test]
    fn workspaces_are_narrowed_to_those_it_acted_in() {
        let tally = tally(&["pipelines:execute"], &["a"]);
        let narrowed = |workspaces: &[&str], tally: &Tally| {
            proposed(&account(&["pipelines:execute"], workspaces), tally, true).and_then(|found| found.workspaces)
        };
        assert_eq!(narrowed(&[], &tally), Some(vec!["a".to_owned()]));
        assert_eq!(narrowed(&["a", "b"], &tally), Some(vec!["a".to_owned()]));
        assert_eq!(narrowed(&["a"], &tally), None);
        assert_eq!(narrowed(&["b", "c"], &tally), None, "it may not act there any more");
        assert_eq!(narrowed(&[], &Tally { outside: true, ..tally }), None, "something is in no workspace");
    }
}
