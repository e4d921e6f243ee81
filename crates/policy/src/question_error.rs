//! Why a question cannot be asked under a policy set.

/// A question that does not fit the schema. Each names the field as the question's JSON has it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QuestionError {
    /// A name that the schema does not have.
    #[error("`{field}` is `{input}`, which the policy schema does not have; {}", there(.known))]
    Unknown {
        /// For example `env` or `resources[0]`.
        field: String,
        /// What was given, cut to 100 characters.
        input: String,
        /// What there is, closest first, at most twelve.
        known: Vec<String>,
    },
    /// A text of the wrong form.
    #[error("`{field}` is `{input}`; {help}")]
    Malformed {
        /// For example `context.ip`.
        field: String,
        /// What was given, cut to 100 characters.
        input: String,
        /// What it should be.
        help: &'static str,
    },
    /// Known names that do not go together.
    #[error("`{field}` is `{input}`, but `{action}` is only for: {}", quoted(.known))]
    Unfit {
        /// For example `principal.kind` or `resources[0]`.
        field: String,
        /// What was given, cut to 100 characters.
        input: String,
        /// The action.
        action: String,
        /// The kinds that the action is for.
        known: Vec<String>,
    },
    /// Nothing to decide on.
    #[error("`resources` is empty; name at least one, like `pipeline:billing/nightly`")]
    NoResources,
    /// Refused by the schema for another reason.
    #[error("`{field}` does not fit the policy schema: {message}")]
    Refused {
        /// For example `principal`.
        field: String,
        /// Why.
        message: String,
    },
}

impl QuestionError {
    /// The field that is wrong, as the question's JSON has it.
    #[must_use]
    pub fn field(&self) -> &str {
        match self {
            Self::Unknown { field, .. }
            | Self::Malformed { field, .. }
            | Self::Unfit { field, .. }
            | Self::Refused { field, .. } => field,
            Self::NoResources => "resources",
        }
    }
}

/// Input as an error may quote it: one line, at most 100 characters.
pub(crate) fn quote(input: &str) -> String {
    input.chars().take(100).flat_map(char::escape_debug).collect()
}

fn there(known: &[String]) -> String {
    if known.is_empty() { "there is none".to_owned() } else { format!("there are: {}", quoted(known)) }
}

fn quoted(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
