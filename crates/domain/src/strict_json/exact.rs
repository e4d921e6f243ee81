//! Reading a value as exactly one form of a type.
//!
//! Derived readers take two: fields by their order in an array beside fields by name, and `{"deny": null}` beside
//! `"deny"`. Here an object is an object and a name is a name, so that two readers cannot differ over what was signed.
//! What carries a value is an object with that one name, `{"version": 3}`; what carries none is the name alone.
//! Deliberately absent: variants with several values, which would be an array in the place of an object.

use serde::de::value::{MapDeserializer, SeqDeserializer};
use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error as _, Expected, IntoDeserializer, Unexpected, VariantAccess,
    Visitor,
};
use serde_json::{Error, Value};

/// A value that is read in one way only.
pub(super) struct Exact(pub(super) Value);

impl Exact {
    fn unlike<T>(&self, expected: &dyn Expected) -> Result<T, Error> {
        let found = match self.0 {
            Value::Array(_) => Unexpected::Seq,
            Value::Object(_) => Unexpected::Map,
            _ => Unexpected::Other("a value"),
        };
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
        match self.0 {
            Value::Object(fields) => {
                let mut fields = fields.into_iter();
                match (fields.next(), fields.next()) {
                    (Some((name, value)), None) => visitor.visit_enum(Named { name, value }),
                    _ => Err(Error::invalid_type(Unexpected::Map, &visitor)),
                }
            }
            plain => plain.deserialize_enum(name, variants, visitor),
        }
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

/// A variant that carries a value.
struct Named {
    name: String,
    value: Value,
}

impl<'de> EnumAccess<'de> for Named {
    type Error = Error;
    type Variant = Exact;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Exact), Error> {
        let Self { name, value } = self;
        seed.deserialize(IntoDeserializer::<Error>::into_deserializer(name)).map(|variant| (variant, Exact(value)))
    }
}

impl<'de> VariantAccess<'de> for Exact {
    type Error = Error;

    /// It carries none, so it is a name alone.
    fn unit_variant(self) -> Result<(), Error> {
        self.unlike(&"the name alone")
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Error> {
        seed.deserialize(self)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Error> {
        self.unlike(&visitor)
    }

    fn struct_variant<V: Visitor<'de>>(self, fields: &'static [&'static str], visitor: V) -> Result<V::Value, Error> {
        self.deserialize_struct("", fields, visitor)
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

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields, rename_all = "snake_case")]
    enum Which {
        Newest,
        Number(u32),
        Inner(Inner),
        Between { from: u32 },
        Pair(u32, u32),
    }

    #[test]
    fn what_carries_a_value_is_an_object_with_one_name() {
        let read = |text: &str| parse::<Which>(text.as_bytes());
        assert_eq!(read("\"newest\"").unwrap(), Which::Newest);
        assert_eq!(read(r#"{"number":3}"#).unwrap(), Which::Number(3));
        let inner = Inner { answer: Answer::Deny, why: None };
        assert_eq!(read(r#"{"inner":{"answer":"deny"}}"#).unwrap(), Which::Inner(inner));
        assert_eq!(read(r#"{"between":{"from":1}}"#).unwrap(), Which::Between { from: 1 });
        for other in [
            r#"{"newest":null}"#,
            r#"{"newest":{}}"#,
            "\"number\"",
            r#"{"number":null}"#,
            r#"{"number":3,"inner":{"answer":"deny"}}"#,
            r#"{"inner":["deny",null]}"#,
            r#"{"inner":{"answer":{"deny":null}}}"#,
            r#"{"between":[1]}"#,
            r#"{"pair":[1,2]}"#,
            r#"{"other":1}"#,
            "{}",
            "[]",
        ] {
            assert!(read(other).is_err(), "{other}");
        }
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
