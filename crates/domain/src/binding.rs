//! What a ticket is about, field by field, and the digests that make it one exact thing.
//!
//! Covered: who, where, which action, which resources, what runs (argv, executable, directory, named environment
//! variables, standard input, image), the declared context, a nonce, and for a standing approval its budget. Not covered, on purpose: title, description,
//! links, time limits of the runner. Changing the first breaks an approval, changing the second does not.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use crate::budget::Budget;
use crate::digest::{Digest, Purpose};
use crate::entropy::Entropy;
use crate::principal::Principal;

pub use crate::binding::resource::{BadResource, Resources};

mod resource;

/// The name of the context that asks as an emergency; its value is why.
pub const BREAK_GLASS: &str = "break_glass";

/// What will run. Every field is covered by `command_hash`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Command {
    /// The program as it was named, and its arguments, in order.
    pub argv: Vec<String>,
    /// SHA-256 of the file that the program's name led to, when the runner could read it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub executable_digest: Option<Digest>,
    /// Absolute path of the working directory.
    pub working_directory: String,
    /// The environment variables that were named, with their values.
    #[serde(default)]
    pub environment: BTreeMap<String, String>,
    /// SHA-256 of what standard input will deliver, if it was fixed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stdin_digest: Option<Digest>,
    /// Digest of the container image, if one runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image_digest: Option<String>,
}

impl Command {
    /// `command_hash`.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of_canonical(Purpose::Command, self)
    }
}

/// The policy context that a runner declares, as it is bound: names and texts.
pub type Context = BTreeMap<String, String>;

/// What a runner presents: once when it opens the ticket, again when it consumes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Action {
    /// The environment, for example `prod`.
    pub env: String,
    /// The action, for example `pipelines:execute`.
    pub action: String,
    /// The resolved resources.
    pub resources: Resources,
    /// The declared context.
    #[serde(default)]
    pub context: Context,
    /// What will run, where a command is what runs.
    #[serde(default)]
    pub command: Option<Command>,
}

impl Action {
    /// Why it is asked for as an emergency, if it is.
    #[must_use]
    pub fn emergency(&self) -> Option<&str> {
        self.context.get(BREAK_GLASS).map(String::as_str)
    }
}

/// A nonce: 256 random bits, chosen by the control plane. In text: base64url without padding.
#[derive(Clone, PartialEq, Eq, Serialize, specta::Type)]
#[serde(transparent)]
pub struct Nonce(String);

impl Nonce {
    /// A new one.
    #[must_use]
    pub fn generate(entropy: &dyn Entropy) -> Self {
        Self(URL_SAFE_NO_PAD.encode(entropy.bytes::<32>()))
    }

    /// Its text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Nonce {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Nonce {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        match URL_SAFE_NO_PAD.decode(&text) {
            Ok(bytes) if bytes.len() == 32 => Ok(Self(text)),
            _ => Err(serde::de::Error::custom("the nonce is not 32 bytes in base64url without padding")),
        }
    }
}

/// One exact action of one principal, with the nonce that makes it spendable once, or as often as its budget says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Binding {
    /// Who asks and will run.
    pub subject_id: Principal,
    /// What they presented.
    pub action: Action,
    /// The control plane's nonce.
    pub nonce: Nonce,
    /// How often, for a standing approval; absent for one use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget: Option<Budget>,
}

/// The digests of a binding, each computed from its parts and never taken from outside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BindingDigests {
    /// Over the sorted set of resources.
    pub resource_hash: Digest,
    /// Over the command, where there is one.
    pub command_hash: Option<Digest>,
    /// Over the declared context.
    pub context_hash: Digest,
    /// Over all fields. This is what is signed.
    pub binding_digest: Digest,
}

impl Binding {
    /// Computes every digest.
    #[must_use]
    pub fn digests(&self) -> BindingDigests {
        let resource_hash = Digest::of_canonical(Purpose::Resources, &self.action.resources);
        let command_hash = self.action.command.as_ref().map(Command::digest);
        let context_hash = Digest::of_canonical(Purpose::Context, &self.action.context);
        let mut bound = serde_json::json!({
            "subject_id": self.subject_id,
            "env": self.action.env,
            "action": self.action.action,
            "resource_hash": resource_hash,
            "command_hash": command_hash,
            "context_hash": context_hash,
            "nonce": self.nonce,
        });
        if let Some(budget) = self.budget {
            bound["budget"] = serde_json::json!(budget);
        }
        let binding_digest = Digest::of_canonical(Purpose::Binding, &bound);
        BindingDigests { resource_hash, command_hash, context_hash, binding_digest }
    }

    /// The first field in which another presentation of the same ticket differs, or `None` if it is the same action.
    #[must_use]
    pub fn mismatch(&self, subject_id: &Principal, presented: &Action) -> Option<&'static str> {
        let (bound, given) = (&self.action, presented);
        let command =
            |pick: fn(&Command) -> String| bound.command.as_ref().map(pick) == given.command.as_ref().map(pick);
        let checks = [
            ("subject_id", self.subject_id == *subject_id),
            ("env", bound.env == given.env),
            ("action", bound.action == given.action),
            ("resources", bound.resources == given.resources),
            ("context", bound.context == given.context),
            ("command", bound.command.is_some() == given.command.is_some()),
            ("command.argv", command(|c| format!("{:?}", c.argv))),
            ("command.executable_digest", command(|c| format!("{:?}", c.executable_digest))),
            ("command.working_directory", command(|c| c.working_directory.clone())),
            ("command.environment", command(|c| format!("{:?}", c.environment))),
            ("command.stdin_digest", command(|c| format!("{:?}", c.stdin_digest))),
            ("command.image_digest", command(|c| format!("{:?}", c.image_digest))),
        ];
        let first = checks.into_iter().find(|(_, same)| !same).map(|(field, _)| field);
        let given = Self { subject_id: subject_id.clone(), action: presented.clone(), ..self.clone() };
        first.or_else(|| (given.digests() != self.digests()).then_some("binding_digest"))
    }
}

#[cfg(test)]
mod tests;
