//! An AuthZEN evaluation as our own words have it, and our refusals in its words.

use std::collections::BTreeMap;

use contract::Code;
use contract::authzen::{Evaluation, Subject};
use control::Caller;
use control::policies::subject::Subject as Set;
use control::simulate::{Asking, Declared};
use domain::binding::{Action, Resources};
use serde_json::Value;

use crate::problem::Refusal;

/// The members of `context` that policies read.
const READ: &[&str] = &["execution_mode", "execution_context", "break_glass", "ip"];

/// For whom it is asked.
pub(super) enum Asked {
    /// For the caller.
    Own(Action),
    /// For somebody else.
    Other(Asking),
}

impl Asked {
    pub(super) fn of(caller: &Caller, evaluation: Evaluation) -> Result<Self, Refusal> {
        let Evaluation { subject, action, resource, context } = evaluation;
        if !matches!(subject.r#type.as_str(), "user" | "service_account") {
            let kind: String = subject.r#type.chars().take(40).collect();
            return Err(bad(&format!("`subject.type` is `{kind}`; there are `user` and `service_account`")));
        }
        let env = text(&context, "env")?.ok_or_else(|| {
            bad("`context.env` is missing; say there in which environment it would happen, like `prod`")
        })?;
        let reference = format!("{}:{}", subject.r#type, subject.id);
        let resource = format!("{}:{}", resource.r#type, resource.id);
        let mut declared = BTreeMap::new();
        for name in READ {
            if let Some(value) = text(&context, name)? {
                declared.insert((*name).to_owned(), value);
            }
        }
        let email = caller.email.as_ref().map(|email| format!("user:{email}"));
        if reference == caller.principal.to_string() || Some(&reference) == email.as_ref() {
            let resources = Resources::parse([&resource]).map_err(|error| bad(&format!("`resource`: {error}")))?;
            return Ok(Self::Own(Action { env, action: action.name, resources, context: declared, command: None }));
        }
        Self::other(&subject, reference, action.name, resource, env, declared)
    }

    fn other(
        subject: &Subject,
        principal: String,
        action: String,
        resource: String,
        env: String,
        mut declared: BTreeMap<String, String>,
    ) -> Result<Self, Refusal> {
        if let Some(address) = text(&subject.properties, "ip_address")? {
            declared.entry("ip".to_owned()).or_insert(address);
        }
        let context = declared_from(declared)?;
        Ok(Self::Other(Asking {
            principal,
            teams: texts(&subject.properties, "teams")?,
            scopes: texts(&subject.properties, "scopes")?,
            workspaces: texts(&subject.properties, "workspaces")?,
            action,
            resources: vec![resource],
            env,
            context,
            ..Asking::default()
        }))
    }
}

/// The set that evaluations are put to.
pub(super) const fn live() -> Set {
    Set::Live
}

fn declared_from(texts: BTreeMap<String, String>) -> Result<Declared, Refusal> {
    let object = Value::Object(texts.into_iter().map(|(name, text)| (name, text.into())).collect());
    serde_json::from_value(object).map_err(|error| bad(&format!("`context` does not fit: {error}")))
}

fn text(members: &BTreeMap<String, Value>, name: &str) -> Result<Option<String>, Refusal> {
    match members.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(bad(&format!("`{name}` must be a text"))),
    }
}

fn texts(members: &BTreeMap<String, Value>, name: &str) -> Result<Option<Vec<String>>, Refusal> {
    let Some(value) = members.get(name) else { return Ok(None) };
    let list = serde_json::from_value(value.clone());
    list.map(Some).map_err(|_| bad(&format!("`subject.properties.{name}` must be a list of texts")))
}

fn bad(help: &str) -> Refusal {
    Refusal::new(Code::RequestMalformed, help)
}

/// A value that cannot be used is a malformed request here (§10.1.2).
pub(super) fn malformed(refusal: Refusal) -> Refusal {
    if refusal.code() == Code::Unprocessable { bad(refusal.detail()) } else { refusal }
}

/// The same with the standard's names for our fields.
pub(super) fn in_its_words(refusal: Refusal) -> Refusal {
    const NAMES: &[(&str, &str)] = &[
        ("`resources[0]`", "`resource`"),
        ("`action`", "`action.name`"),
        ("`env`", "`context.env`"),
        ("`principal.kind`", "`subject.type`"),
        ("question.principal: ", "`subject.id`: "),
        ("question.resources: ", "`resource`: "),
        ("`question.scopes`", "`subject.properties.scopes`"),
    ];
    if refusal.code() != Code::Unprocessable {
        return refusal;
    }
    let detail = refusal.detail().to_owned();
    let named = NAMES.iter().fold(detail, |text, (ours, its)| text.replacen(ours, its, 1));
    bad(&named)
}
