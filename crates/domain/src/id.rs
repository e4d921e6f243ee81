//! Ids: a prefix that says what they name and a ULID, so that no two kinds can be confused and a log line can be read.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::entropy::Ids;

/// A text that is not an id of the wanted kind.
#[derive(Debug, thiserror::Error)]
#[error("`{text}` is not a {kind} id; it should look like `{prefix}_01HZY3V5W2M4Q6S8T0XABCDEFG`")]
pub struct BadId {
    text: String,
    kind: &'static str,
    prefix: &'static str,
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal, $kind:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, specta::Type)]
        #[specta(transparent)]
        pub struct $name(#[specta(type = String)] ulid::Ulid);

        impl $name {
            /// A new id, sorting after those made earlier.
            #[must_use]
            pub fn new(ids: Ids<'_>) -> Self {
                Self(ids.ulid())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "_{}"), self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = BadId;

            fn from_str(text: &str) -> Result<Self, BadId> {
                text.strip_prefix(concat!($prefix, "_"))
                    .and_then(|rest| rest.parse().ok())
                    .map(Self)
                    .filter(|id| id.to_string() == text)
                    .ok_or_else(|| BadId { text: text.to_owned(), kind: $kind, prefix: $prefix })
            }
        }

        crate::schema::text!(
            $name,
            concat!("^", $prefix, "_[0-7][0-9A-HJKMNP-TV-Z]{25}$"),
            concat!($prefix, "_01HZY3V5W2M4Q6S8T0XABCDEFG"),
            concat!("The id of a ", $kind, ".")
        );

        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

id!(/// A person who can sign in.
    UserId, "usr", "user");
id!(/// One answer of the policy engine.
    DecisionId, "dec", "decision");
id!(/// One approval ticket.
    TicketId, "tkt", "ticket");
id!(/// What happened after execution began.
    TaskId, "tsk", "task");
id!(/// A credential of a service account.
    CredentialId, "crd", "credential");
id!(/// A browser sign-in and the tokens that came of it.
    SessionId, "ses", "session");
id!(/// A device's wish to have its key on the roster.
    EnrolmentId, "enr", "enrolment");
id!(/// One audit fact.
    EntryId, "ent", "entry");
id!(/// Something for a security team to look at.
    AlertId, "alr", "alert");
id!(/// An address that is told what happens.
    WebhookId, "whk", "webhook");
id!(/// One message to one webhook: the same in every attempt.
    DeliveryId, "msg", "delivery");
id!(/// A policy set that is being edited.
    DraftId, "drf", "policy draft");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_and_another_kind_is_refused() {
        let ticket = TicketId(ulid::Ulid::from_parts(1_700_000_000_000, 42));
        assert_eq!(ticket.to_string().parse::<TicketId>().unwrap(), ticket);
        assert!(ticket.to_string().parse::<TaskId>().is_err());
        assert!(ticket.to_string().to_lowercase().parse::<TicketId>().is_err(), "one id has one spelling");
    }
}
