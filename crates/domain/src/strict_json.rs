//! Reading JSON without room for two readings: no key twice, no integer that another reader would round, no array where
//! an object is meant, nothing after the value.
//!
//! Everything that is hashed, signed or decided on enters through here. Unknown fields are refused by the types
//! themselves (`deny_unknown_fields`).

use std::fmt;

use serde::de::{DeserializeOwned, DeserializeSeed, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use crate::strict_json::exact::Exact;

mod exact;

/// The largest integer that every JSON reader keeps exactly: 2^53 − 1 (RFC 8259 §6).
const MAX_EXACT: u64 = (1 << 53) - 1;

/// Why a text was not taken.
#[derive(Debug, thiserror::Error)]
pub enum JsonError {
    /// It is not JSON, or has a key twice, or an integer that is too large.
    #[error("{0}")]
    Syntax(serde_json::Error),
    /// It is JSON, but not of the wanted shape.
    #[error("{0}")]
    Shape(serde_json::Error),
}

/// Parses `bytes` as one `T`.
pub fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, JsonError> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = Strict.deserialize(&mut reader).map_err(JsonError::Syntax)?;
    reader.end().map_err(JsonError::Syntax)?;
    T::deserialize(Exact(value)).map_err(JsonError::Shape)
}

struct Strict;

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::String(text.to_owned()))
    }

    fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Value, E> {
        if number > MAX_EXACT {
            return Err(E::custom(format!("the integer {number} is beyond 2^53 - 1; write it as text")));
        }
        Ok(Value::Number(number.into()))
    }

    fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<Value, E> {
        if number.unsigned_abs() > MAX_EXACT {
            return Err(E::custom(format!("the integer {number} is beyond -(2^53 - 1); write it as text")));
        }
        Ok(Value::Number(number.into()))
    }

    fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<Value, E> {
        #[expect(clippy::cast_precision_loss, reason = "the bound is exact as a float")]
        let exact = number.abs() <= MAX_EXACT as f64 && !(number == 0.0 && number.is_sign_negative());
        Number::from_f64(number)
            .filter(|_| exact)
            .map(Value::Number)
            .ok_or_else(|| E::custom("the number has no single exact reading; write it as text"))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(Strict)? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some(key) = fields.next_key::<String>()? {
            if map.contains_key(&key) {
                return Err(serde::de::Error::custom(format!("the field `{key}` stands twice; leave one")));
            }
            let value = fields.next_value_seed(Strict)?;
            map.insert(key, value);
        }
        Ok(Value::Object(map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_two_readers_could_read_differently_is_refused() {
        for bad in [
            r#"{"a":1,"a":1}"#,
            r#"{"a":{"b":1,"b":2}}"#,
            r#"{"a":1,"\u0061":2}"#,
            "9007199254740993",
            "-9007199254740993",
            "1e400",
            "-0.0",
            "1 2",
            "{",
            "",
            "nul",
        ] {
            assert!(parse::<Value>(bad.as_bytes()).is_err(), "{bad}");
        }
        assert_eq!(parse::<Value>(br#" {"a":[1,-2,0.5,null,true,"x"]} "#).unwrap()["a"][2], 0.5);
    }

    #[test]
    fn depth_is_bounded() {
        let deep = "[".repeat(100_000);
        assert!(parse::<Value>(deep.as_bytes()).is_err());
    }
}
