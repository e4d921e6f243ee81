//! What a request declares about itself, from names and texts to what policy reads.
//!
//! Invariant: nothing that the control plane sees for itself is taken from a client, and nothing is dropped in silence:
//! what a ticket binds is what was read here.

use domain::binding::{BREAK_GLASS, Context};
use policy::{Declared, ExecutionContext, ExecutionMode};
use serde::de::DeserializeOwned;

use crate::Error;

/// The most characters that the reason of an emergency may have.
const REASON: usize = 500;

/// Reads it. Each refusal names the field and what would help.
pub(crate) fn declared(context: &Context) -> Result<Declared, Error> {
    let mut declared = Declared::default();
    for (name, value) in context {
        match name.as_str() {
            "execution_mode" => declared.execution_mode = Some(mode(value)?),
            "execution_context" => declared.execution_context = Some(started(value)?),
            BREAK_GLASS => declared.break_glass = Some(reason(value)?),
            "ip" => {
                return Err(Error::invalid(
                    "context.ip",
                    "where a request comes from is not for its sender to say; leave it out",
                ));
            }
            "known_network" => {
                return Err(Error::invalid(
                    "context.known_network",
                    "whether a network is known is not for the sender of a request to say; leave it out",
                ));
            }
            other => {
                let other: String = other.chars().take(100).flat_map(char::escape_debug).collect();
                return Err(Error::invalid(
                    "context",
                    format!(
                        "`{other}` is nothing that a request declares; there are: `execution_mode`, `execution_context`, `break_glass`"
                    ),
                ));
            }
        }
    }
    Ok(declared)
}

fn mode(value: &str) -> Result<ExecutionMode, Error> {
    one(value).ok_or_else(|| Error::invalid("context.execution_mode", "one of `local`, `hybrid`, `remote`"))
}

fn started(value: &str) -> Result<ExecutionContext, Error> {
    one(value).ok_or_else(|| Error::invalid("context.execution_context", "one of `cli`, `automated`, `remote`"))
}

/// One of the names that the type has.
fn one<T: DeserializeOwned>(value: &str) -> Option<T> {
    serde_json::from_value(value.into()).ok()
}

fn reason(value: &str) -> Result<String, Error> {
    if value.trim().is_empty() || value.chars().count() > REASON {
        let help = format!("say in 1 to {REASON} characters what the emergency is, or leave it out");
        return Err(Error::invalid("context.break_glass", help));
    }
    Ok(value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(pairs: &[(&str, &str)]) -> Result<Declared, String> {
        let context = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        declared(&context).map_err(|error| error.to_string())
    }

    #[test]
    fn what_is_declared_is_read_and_the_rest_stays_absent() {
        assert_eq!(said(&[]), Ok(Declared::default()));
        let all = said(&[("execution_mode", "hybrid"), ("execution_context", "remote"), ("break_glass", "fire")]);
        let expected = Declared {
            execution_mode: Some(ExecutionMode::Hybrid),
            execution_context: Some(ExecutionContext::Remote),
            break_glass: Some("fire".to_owned()),
            ..Declared::default()
        };
        assert_eq!(all, Ok(expected));
        assert!(said(&[("break_glass", &"ü".repeat(500))]).is_ok());
    }

    #[test]
    fn a_refusal_names_the_field_and_what_would_help() {
        let long = "x".repeat(501);
        for (name, value, begins) in [
            ("execution_mode", "Local", "context.execution_mode: one of `local`"),
            ("execution_context", "", "context.execution_context: one of `cli`"),
            ("break_glass", " \t", "context.break_glass: say in 1 to 500 characters"),
            ("break_glass", &long, "context.break_glass: say in 1 to 500 characters"),
            ("ip", "192.0.2.1", "context.ip: where a request comes from is not for its sender to say"),
            ("known_network", "true", "context.known_network: whether a network is known is not for the sender"),
            ("breakglass\n", "fire", "context: `breakglass\\n` is nothing that a request declares; there are: "),
        ] {
            let told = said(&[(name, value)]).unwrap_err();
            assert!(told.starts_with(begins), "{told}");
        }
    }
}
