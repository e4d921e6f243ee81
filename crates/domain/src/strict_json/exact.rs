//! Reading a value as exactly one form of a type.
//!
//! Derived readers take two: fields by their order in an array beside fields by name, and `{"deny": null}` beside
//! `"deny"`. Here an object is an object and a name is a name, so that two readers cannot differ over what was signed.
//! Deliberately absent: enums that carry values under their name; none is read here.

use serde::de::value::{MapDeserializer, SeqDeserializer};
use serde::de::{Deserializer, Error as _, Expected, IntoDeserializer, Unexpected, Visitor};
use serde_json::{Error, Value};

/// A value that is read in one way only.
pub(super) struct Exact(pub(super) Value);

impl Exact {
    fn unlike<T>(&self, expected: &dyn Expected) -> Result<T, Error> {
        let found = if self.0.is_array() { Unexpected::Seq } else { Unexpected::Map };
        Err(Error::invalid_type(found, expected))
    }
}

impl<'de> Deserializer<'de> for Exact {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Array(items) => {
                let mut items = SeqDeserializer::new(items.into_iter().map(Exact));
                let read = visitor.visit_seq(&mut items)?;
                items.end().map(|()| read)
            }
            Value::Object(fields) => {
                let mut fields = MapDeserializer::new(fields.into_iter().map(|(name, value)| (name, Self(value))));
                let read = visitor.visit_map(&mut fields)?;
                fields.end().map(|()| read)
            }
            plain => plain.deserialize_any(visitor),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.0.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        if self.0.is_array() { self.unlike(&visitor) } else { self.deserialize_any(visitor) }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        if self.0.is_object() { self.unlike(&visitor) } else { self.0.deserialize_enum(name, variants, visitor) }
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map identifier ignored_any
    }
}

impl IntoDeserializer<'_, Error> for Exact {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use crate::strict_json::parse;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Answer {
        Deny,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Inner {
        answer: Answer,
        #[serde(default)]
        why: Option<String>,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    struct Outer {
        inner: Option<Inner>,
        many: Vec<Inner>,
    }

    #[test]
    fn objects_and_names_are_read() {
        let read: Outer = parse(br#"{"inner":{"answer":"deny","why":"no"},"many":[{"answer":"deny"}]}"#).unwrap();
        assert_eq!(read.inner, Some(Inner { answer: Answer::Deny, why: Some("no".into()) }));
        assert_eq!(read.many, [Inner { answer: Answer::Deny, why: None }]);
    }

    #[test]
    fn an_array_is_no_object_and_an_object_is_no_name() {
        for other in [
            "[null,[]]",
            r#"{"inner":["deny",null],"many":[]}"#,
            r#"{"inner":null,"many":[["deny",null]]}"#,
            r#"{"inner":{"answer":{"deny":null}},"many":[]}"#,
        ] {
            assert!(parse::<Outer>(other.as_bytes()).is_err(), "{other}");
        }
    }
}
