//! Which policies of a set can match a question, by their scope, and what those can read.
//!
//! Invariant: a policy that is said not to match cannot match, and cannot fail: its scope is not met, whatever its conditions
//! are. Where a hierarchy that is not the question's own could decide, the policy is taken to match.

use std::collections::{BTreeSet, HashMap};
use std::thread;

use cedar_policy::{ActionConstraint, EntityUid, PolicyId, PrincipalConstraint, ResourceConstraint, pst};
use domain::policy::question::PrincipalKind;

use crate::compile::{Compiled, Entry};
use crate::engine::Engine;
use crate::reads::Reads;
use crate::replay::intern::Interner;
use crate::schema::Vocabulary;

/// Enough to read the deepest condition that the limits on text let through.
const STACK: usize = 64 << 20;

/// A set as a replay sees it.
pub(crate) struct Matching {
    /// In the order of the text.
    pub(crate) policies: Vec<Matcher>,
    /// Places in `policies`, by action.
    by_action: HashMap<String, Vec<usize>>,
    /// The type of each kind of resource, by its word.
    types: HashMap<String, String>,
    /// What policies read; number 0 is nothing.
    reads: Interner<Reads>,
}

/// One policy.
pub(crate) struct Matcher {
    pub(crate) id: String,
    /// All of its text.
    pub(crate) text: String,
    principal: Wanted,
    actions: BTreeSet<String>,
    resource: Wanted,
    /// What it reads of requests without an approval, and with one.
    reads: [u32; 2],
}

/// A question as scopes see it.
pub(crate) struct Subject<'a> {
    pub(crate) kind: PrincipalKind,
    pub(crate) id: &'a str,
    pub(crate) teams: &'a [String],
    pub(crate) action: &'a str,
    /// Each as `kind:name`.
    pub(crate) resources: Vec<&'a str>,
}

/// What a scope wants of a principal or a resource; `Any` if everything is absent.
#[derive(Default)]
struct Wanted {
    is: Option<String>,
    equal: Option<EntityUid>,
    within: Option<EntityUid>,
}

impl Matching {
    /// Of a compiled set.
    pub(crate) fn of(engine: &Engine) -> Self {
        thread::scope(|scope| {
            let reading = thread::Builder::new().stack_size(STACK).spawn_scoped(scope, || Self::read(engine));
            reading.ok().and_then(|reading| reading.join().ok())
        })
        .unwrap_or_else(|| Self::read(engine))
    }

    fn read(engine: &Engine) -> Self {
        let (vocabulary, compiled) = engine.parts();
        let mut reads = Interner::default();
        reads.number_of(Reads::default());
        let mut by_action: HashMap<String, Vec<usize>> = HashMap::new();
        let mut policies = vec![];
        for (at, entry) in compiled.entries.iter().enumerate() {
            let matcher = Matcher::of(entry, compiled, vocabulary, &mut reads);
            for action in &matcher.actions {
                by_action.entry(action.clone()).or_default().push(at);
            }
            policies.push(matcher);
        }
        let kinds = vocabulary.actions.values().flat_map(|action| &action.resources);
        let types = kinds.map(|(word, name)| (word.clone(), name.to_string())).collect();
        Self { policies, by_action, types, reads }
    }

    /// The numbers of what the policies read that can match, sorted.
    pub(crate) fn reads(&self, subject: &Subject<'_>, approved: bool) -> Vec<u32> {
        let mut all = vec![];
        for at in self.by_action.get(subject.action).into_iter().flatten() {
            let reads = self.policies[*at].reads[usize::from(approved)];
            if reads != 0 && !all.contains(&reads) && self.may_match(*at, subject) {
                all.push(reads);
            }
        }
        all.sort_unstable();
        all
    }

    /// What is behind these numbers, together.
    pub(crate) fn together(&self, numbers: &[u32]) -> Reads {
        let mut all = Reads::default();
        for number in numbers {
            all.join(self.reads.get(*number).clone());
        }
        all
    }

    /// Whether the policy at this place can match.
    pub(crate) fn may_match(&self, at: usize, subject: &Subject<'_>) -> bool {
        let policy = &self.policies[at];
        let own = match subject.kind {
            PrincipalKind::User => "User",
            PrincipalKind::ServiceAccount => "ServiceAccount",
        };
        policy.actions.contains(subject.action)
            && policy.principal.may_be(own, subject.id, subject.teams)
            && subject.resources.iter().any(|resource| {
                let (word, id) = resource.split_once(':').unwrap_or(("", resource));
                self.types.get(word).is_none_or(|name| policy.resource.may_be(name, id, &[]))
            })
    }
}

impl Matcher {
    fn of(entry: &Entry, compiled: &Compiled, vocabulary: &Vocabulary, reads: &mut Interner<Reads>) -> Self {
        let policy = compiled.full.policy(&PolicyId::new(&entry.info.id));
        let clauses = policy.and_then(|policy| match policy.to_pst() {
            Ok(pst::Policy::Static(parsed)) => Some(parsed.body().clauses().clone()),
            _ => None,
        });
        let mut read = |approved| {
            let found = clauses.as_ref().map_or(Reads::EVERYTHING, |clauses| Reads::of(clauses, approved));
            reads.number_of(found).0
        };
        let actions = vocabulary.actions.iter().filter(|(_, action)| {
            policy.is_none_or(|policy| takes(&policy.action_constraint(), &action.uid, vocabulary))
        });
        Self {
            id: entry.info.id.clone(),
            text: entry.info.text.clone(),
            principal: policy.map(|policy| Wanted::principal(policy.principal_constraint())).unwrap_or_default(),
            actions: actions.map(|(name, _)| name.clone()).collect(),
            resource: policy.map(|policy| Wanted::resource(policy.resource_constraint())).unwrap_or_default(),
            reads: [read(false), read(true)],
        }
    }
}

impl Wanted {
    fn principal(constraint: PrincipalConstraint) -> Self {
        match constraint {
            PrincipalConstraint::Any => Self::default(),
            PrincipalConstraint::Eq(uid) => Self { equal: Some(uid), ..Self::default() },
            PrincipalConstraint::In(uid) => Self { within: Some(uid), ..Self::default() },
            PrincipalConstraint::Is(name) => Self { is: Some(name.to_string()), ..Self::default() },
            PrincipalConstraint::IsIn(name, uid) => {
                Self { is: Some(name.to_string()), within: Some(uid), ..Self::default() }
            }
        }
    }

    fn resource(constraint: ResourceConstraint) -> Self {
        match constraint {
            ResourceConstraint::Any => Self::default(),
            ResourceConstraint::Eq(uid) => Self { equal: Some(uid), ..Self::default() },
            ResourceConstraint::In(uid) => Self { within: Some(uid), ..Self::default() },
            ResourceConstraint::Is(name) => Self { is: Some(name.to_string()), ..Self::default() },
            ResourceConstraint::IsIn(name, uid) => {
                Self { is: Some(name.to_string()), within: Some(uid), ..Self::default() }
            }
        }
    }

    fn may_be(&self, name: &str, id: &str, teams: &[String]) -> bool {
        let is = self.is.as_ref().is_none_or(|wanted| wanted == name);
        let equal = self.equal.as_ref().is_none_or(|wanted| same(wanted, name, id));
        let within = self.within.as_ref().is_none_or(|wanted| {
            let team = wanted.type_name().basename() == "Team" && name != "Team";
            !team || teams.iter().any(|team| team == wanted.id().unescaped())
        });
        is && equal && within
    }
}

fn same(uid: &EntityUid, name: &str, id: &str) -> bool {
    uid.id().unescaped() == id && uid.type_name().to_string() == name
}

fn takes(wanted: &ActionConstraint, action: &EntityUid, vocabulary: &Vocabulary) -> bool {
    let within = |wanted: &EntityUid| {
        wanted == action
            || vocabulary.schema.action_entities().map_or(true, |actions| actions.is_ancestor_of(wanted, action))
    };
    match wanted {
        ActionConstraint::Any => true,
        ActionConstraint::Eq(wanted) => wanted == action,
        ActionConstraint::In(any) => any.iter().any(within),
    }
}
