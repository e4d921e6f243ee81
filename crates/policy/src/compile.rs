//! From the text of policies to what can be evaluated.

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;
use std::str::FromStr;

use cedar_policy::ffi::DetailedError;
use cedar_policy::{Policy, PolicyId, PolicySet, ValidationMode, Validator, pst};
use domain::policy::question::APPROVE;

use crate::Problem;
use crate::annotation;
use crate::answer::{Effect, PolicyInfo};
use crate::evaluation::Condition;
use crate::guard::{Complaint, Kind};
use crate::narrowing::{Narrowing, scopes};
use crate::parts::Parts;
use crate::problem::Text;
use crate::schema::Vocabulary;
use crate::shape;

/// Policies, ready to be evaluated.
pub(crate) struct Compiled {
    /// All of them, as Cedar has them.
    pub(crate) full: PolicySet,
    /// In the order of the text.
    pub(crate) entries: Vec<Entry>,
    /// Places in `entries`.
    pub(crate) index: HashMap<PolicyId, usize>,
}

/// A policy, and what it does.
pub(crate) struct Entry {
    pub(crate) info: PolicyInfo,
    pub(crate) kind: Kind,
    /// What an index may go by.
    pub(crate) narrowing: Narrowing,
    pub(crate) condition: Condition,
    /// The parts of the context that it reads.
    pub(crate) parts: Parts,
    /// The scopes that it names.
    pub(crate) scopes: BTreeSet<String>,
}

impl Compiled {
    /// Compiles policies; without a schema only to find what is wrong with the text itself.
    pub(crate) fn read(text: Text<'_>, vocabulary: Option<&Vocabulary>) -> Result<Self, Vec<Problem>> {
        let places = shape::statements(text)?;
        let parsed = PolicySet::from_str(text.text);
        let parsed = parsed
            .map_err(|errors| errors.iter().map(|error| text.reported(error.into(), 0..0)).collect::<Vec<_>>())?;
        let mut reader = Reader { text, places, ids: HashMap::new(), problems: vec![] };
        let mut compiled = Self { full: PolicySet::new(), entries: vec![], index: HashMap::new() };
        for number in 0..parsed.num_of_policies() + parsed.num_of_templates() {
            let generated = PolicyId::new(format!("policy{number}"));
            match parsed.policy(&generated) {
                Some(policy) => compiled.add(policy, number, &mut reader),
                None => reader.complain(
                    number,
                    "a policy has a slot, which makes it a template",
                    "write out what stands for the slot",
                ),
            }
        }
        if let Some(vocabulary) = vocabulary {
            compiled.validate(vocabulary, &mut reader);
        }
        if reader.problems.is_empty() { Ok(compiled) } else { Err(reader.problems) }
    }

    fn add(&mut self, policy: &Policy, number: usize, reader: &mut Reader<'_>) {
        let Some(id) = reader.id(policy, number) else { return };
        let policy = policy.new_id(PolicyId::new(&id));
        let parsed = match policy.to_pst() {
            Ok(pst::Policy::Static(parsed)) => parsed,
            Ok(pst::Policy::Linked(_)) => {
                return reader.complain(number, "a policy is linked from a template", "write it out");
            }
            Err(error) => return reader.complain(number, error.to_string(), ""),
        };
        let kind = Kind::of(&policy, &parsed).unwrap_or_else(|complaints| {
            for complaint in complaints {
                reader.about(number, &id, complaint);
            }
            Kind::Forbid
        });
        let info = reader.info(&policy, number, id, &kind);
        if let Err(error) = self.full.add(policy.clone()) {
            reader.complain(number, error.to_string(), "");
        }
        self.index.insert(policy.id().clone(), self.entries.len());
        let clauses = parsed.body().clauses();
        self.entries.push(Entry {
            info,
            kind,
            narrowing: Narrowing::of(&parsed),
            condition: Condition::of(&policy),
            parts: Parts::of(clauses),
            scopes: scopes(clauses),
        });
    }

    fn validate(&self, vocabulary: &Vocabulary, reader: &mut Reader<'_>) {
        let result = Validator::new(vocabulary.schema.clone()).validate(&self.full, ValidationMode::Strict);
        let errors = result.validation_errors().map(|error| (error.policy_id(), error.into()));
        let warnings = result.validation_warnings().map(|warning| (warning.policy_id(), warning.into()));
        let mut reported: Vec<_> = errors.chain(warnings).map(|(id, error)| reader.reported(id, error)).collect();
        reported.sort();
        // The same mistake is found again for each type that the policy applies to.
        reported.dedup_by_key(|problem| (problem.line, problem.column));
        reader.problems.extend(reported);
        for policy in self.full.policies() {
            let is_guard =
                self.index.get(policy.id()).is_some_and(|at| matches!(self.entries[*at].kind, Kind::Guard(_)));
            let mut actions = policy.get_valid_request_envs(&vocabulary.schema);
            if is_guard && actions.any(|env| env.action().id().unescaped() == APPROVE) {
                let message = format!("a guard applies to `{APPROVE}`, so that a review would itself need an approval");
                reader.complain_of(policy.id(), message, "name the actions that it guards, for example `action in [Action::\"execute\", Action::\"deploy\"]`");
            }
        }
    }
}

/// What is known of the text while it is read.
struct Reader<'a> {
    text: Text<'a>,
    places: Vec<Range<usize>>,
    /// Number of the policy that has the id.
    ids: HashMap<String, usize>,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    fn place(&self, number: usize) -> Range<usize> {
        self.places.get(number).cloned().unwrap_or(0..0)
    }

    fn complain(&mut self, number: usize, message: impl Into<String>, help: impl Into<String>) {
        self.problems.push(self.text.problem(self.place(number).start, message, help));
    }

    fn complain_of(&mut self, id: &PolicyId, message: impl Into<String>, help: impl Into<String>) {
        let id: &str = id.as_ref();
        let place = self.ids.get(id).map_or(0..0, |number| self.place(*number));
        let problem = self.text.problem(place.start, message, help);
        self.problems.push(Problem { policy: Some(id.to_owned()), ..problem });
    }

    fn reported(&self, id: &PolicyId, error: DetailedError) -> Problem {
        let id: &str = id.as_ref();
        let place = self.ids.get(id).map_or(0..0, |number| self.place(*number));
        Problem { policy: Some(id.to_owned()), ..self.text.reported(error, place) }
    }

    fn about(&mut self, number: usize, id: &str, complaint: Complaint) {
        let place = self.place(number);
        let statement = self.text.text.get(place.clone()).unwrap_or_default();
        let within = complaint.annotation.and_then(|name| statement.find(&format!("@{name}"))).unwrap_or(0);
        let problem = self.text.problem(place.start + within, complaint.message, complaint.help);
        self.problems.push(Problem { policy: Some(id.to_owned()), ..problem });
    }

    /// The `@id`, if it is there, well formed and new.
    fn id(&mut self, policy: &Policy, number: usize) -> Option<String> {
        let Some(text) = policy.annotation("id") else {
            self.complain(
                number,
                "a policy has no `@id`",
                "add one, like `@id(\"prod-needs-approval\")`: decisions name it",
            );
            return None;
        };
        let Some(id) = annotation::id(text) else {
            let message = format!("`@id` is `{}`, which cannot name a policy", text.escape_debug());
            self.complain(number, message, "use 1 to 100 letters, digits, `-`, `_` and `.`");
            return None;
        };
        if let Some(first) = self.ids.get(id) {
            let first = self.text.line(self.place(*first).start);
            self.complain(
                number,
                format!("`{id}` already names the policy on line {first}"),
                "give each policy its own `@id`",
            );
            return None;
        }
        self.ids.insert(id.to_owned(), number);
        Some(id.to_owned())
    }

    fn info(&self, policy: &Policy, number: usize, id: String, kind: &Kind) -> PolicyInfo {
        let place = self.place(number);
        let (effect, requirement) = match kind {
            Kind::Permit => (Effect::Permit, None),
            Kind::Forbid => (Effect::Forbid, None),
            Kind::Guard(requirement) => (Effect::Guard, Some(requirement.clone())),
        };
        let said = |name| policy.annotation(name).filter(|text| !text.is_empty()).map(str::to_owned);
        PolicyInfo {
            title: said("title").unwrap_or_else(|| id.clone()),
            description: said("description"),
            effect,
            requirement,
            line: self.text.line(place.start),
            text: self.text.text.get(place).unwrap_or_default().to_owned(),
            id,
        }
    }
}
