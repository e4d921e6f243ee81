//! Invariants: forbids that whatever the policies of a set allow must respect, as text of their own beside the policies.
//!
//! They never answer a question; a set that could allow what one of them forbids is not published. Each has an `@id`, and
//! `@title` and `@description` if whoever wrote it was kind; no other annotation means anything here. They may read the
//! approval freely: that is what most of them are about.

use std::collections::HashMap;
use std::ops::Range;
use std::str::FromStr;

use cedar_policy::{Authorizer, Decision, Effect, Policy, PolicyId, PolicySet, ValidationMode, Validator};

use crate::engine::Engine;
use crate::problem::Text;
use crate::request::Prepared;
use crate::schema::Vocabulary;
use crate::{Problem, SourceFile, annotation, shape};

const KNOWN: [&str; 3] = ["id", "title", "description"];

/// An invariant as a list shows it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct InvariantInfo {
    /// Its `@id`.
    pub id: String,
    /// Its `@title`, or its id.
    pub title: String,
    /// Its `@description`.
    pub description: Option<String>,
    /// The line that it begins on, from 1.
    pub line: u32,
    /// Its text, from its first annotation on.
    pub text: String,
}

/// The invariants of a set, in the order of the text.
#[derive(Default)]
pub(crate) struct Invariants(Vec<(InvariantInfo, Policy)>);

impl Engine {
    /// What the set must keep, whatever its policies say, in the order of the text.
    #[must_use]
    pub fn invariants(&self) -> Vec<InvariantInfo> {
        self.promised().each().map(|(info, _)| info.clone()).collect()
    }
}

impl Invariants {
    /// Reads them; without a vocabulary only to find what is wrong with the text itself.
    pub(crate) fn read(text: &str, vocabulary: Option<&Vocabulary>) -> Result<Self, Vec<Problem>> {
        let text = Text { file: SourceFile::Invariants, text };
        let places = shape::statements(text)?;
        let parsed = PolicySet::from_str(text.text);
        let parsed = parsed
            .map_err(|errors| errors.iter().map(|error| text.reported(error.into(), 0..0)).collect::<Vec<_>>())?;
        let mut reader = Reader { text, places, ids: HashMap::new(), problems: vec![] };
        let mut read = vec![];
        for number in 0..parsed.num_of_policies() + parsed.num_of_templates() {
            match parsed.policy(&PolicyId::new(format!("policy{number}"))) {
                Some(policy) => read.extend(reader.invariant(policy, number)),
                None => reader.complain(number, "an invariant has a slot", "write out what stands for the slot"),
            }
        }
        if let Some(vocabulary) = vocabulary {
            reader.validate(&read, vocabulary);
        }
        if reader.problems.is_empty() { Ok(Self(read)) } else { Err(reader.problems) }
    }

    pub(crate) fn each(&self) -> impl Iterator<Item = &(InvariantInfo, Policy)> {
        self.0.iter()
    }
}

/// Whether an invariant forbids a request, by plain evaluation. One that cannot be evaluated forbids.
pub(crate) fn forbids(invariant: &Policy, prepared: &Prepared) -> bool {
    let everything = Policy::parse(Some(PolicyId::new("everything:")), "permit (principal, action, resource);");
    let Ok(set) = PolicySet::from_policies(everything.into_iter().chain([invariant.clone()])) else { return true };
    prepared.requests.iter().any(|request| {
        let response = Authorizer::new().is_authorized(request, &set, &prepared.entities);
        response.decision() == Decision::Deny || response.diagnostics().errors().next().is_some()
    })
}

struct Reader<'a> {
    text: Text<'a>,
    places: Vec<Range<usize>>,
    /// Number of the invariant that has the id.
    ids: HashMap<String, usize>,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    fn place(&self, number: usize) -> Range<usize> {
        self.places.get(number).cloned().unwrap_or(0..0)
    }

    fn complain(&mut self, number: usize, message: impl Into<String>, help: &str) {
        self.problems.push(self.text.problem(self.place(number).start, message, help));
    }

    fn invariant(&mut self, policy: &Policy, number: usize) -> Option<(InvariantInfo, Policy)> {
        if policy.effect() == Effect::Permit {
            self.complain(
                number,
                "an invariant is a `permit`, which forbids nothing",
                "write it as a `forbid` of what must never be allowed",
            );
            return None;
        }
        let unknown: Vec<_> = policy.annotations().map(|(name, _)| name).filter(|name| !KNOWN.contains(name)).collect();
        for name in &unknown {
            let message = format!("`@{name}` means nothing on an invariant");
            self.complain(
                number,
                message,
                "there are `@id`, `@title` and `@description`; a guard belongs to the policies",
            );
        }
        let id = self.id(policy, number)?;
        let said = |name| policy.annotation(name).filter(|text| !text.is_empty()).map(str::to_owned);
        let info = InvariantInfo {
            title: said("title").unwrap_or_else(|| id.clone()),
            description: said("description"),
            line: self.text.line(self.place(number).start),
            text: self.text.text.get(self.place(number)).unwrap_or_default().to_owned(),
            id,
        };
        let policy = policy.new_id(PolicyId::new(&info.id));
        Some((info, policy))
    }

    fn id(&mut self, policy: &Policy, number: usize) -> Option<String> {
        let help = "use 1 to 100 letters, digits, `-`, `_` and `.`";
        let Some(text) = policy.annotation("id") else {
            self.complain(number, "an invariant has no `@id`", "add one, like `@id(\"prod-is-never-unattended\")`");
            return None;
        };
        let Some(id) = annotation::id(text) else {
            self.complain(number, format!("`@id` is `{}`, which cannot name an invariant", text.escape_debug()), help);
            return None;
        };
        if let Some(first) = self.ids.get(id).map(|first| self.text.line(self.place(*first).start)) {
            let message = format!("`{id}` already names the invariant on line {first}");
            self.complain(number, message, "give each invariant its own `@id`");
            return None;
        }
        self.ids.insert(id.to_owned(), number);
        Some(id.to_owned())
    }

    fn validate(&mut self, read: &[(InvariantInfo, Policy)], vocabulary: &Vocabulary) {
        let mut set = PolicySet::new();
        for (_, policy) in read {
            if let Err(error) = set.add(policy.clone()) {
                self.problems.push(self.text.problem(0, error.to_string(), ""));
            }
        }
        let result = Validator::new(vocabulary.schema.clone()).validate(&set, ValidationMode::Strict);
        let errors = result.validation_errors().map(|error| (error.policy_id(), error.into()));
        let warnings = result.validation_warnings().map(|warning| (warning.policy_id(), warning.into()));
        let reported = errors.chain(warnings).map(|(id, error)| {
            let id: &str = id.as_ref();
            let place = self.ids.get(id).map_or(0..0, |number| self.place(*number));
            Problem { policy: Some(id.to_owned()), ..self.text.reported(error, place) }
        });
        let mut reported: Vec<_> = reported.collect();
        reported.sort();
        // The same mistake is found again for each type that the invariant applies to.
        reported.dedup_by_key(|problem| (problem.line, problem.column));
        self.problems.extend(reported);
    }
}
