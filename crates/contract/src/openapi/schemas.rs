//! The schemas of the wire types, derived from the types themselves.
//!
//! What is taken and what is given are different contracts: an absent field may be left out of a request, while a
//! response always has it. A type whose two schemas differ stands in the document twice, as `Name` and `NameInput`.

use std::collections::BTreeSet;

use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value};

use crate::openapi::shape::Make;

const PLACE: &str = "#/components/schemas/";
/// Schemas of requests stand here until it is known which of them need a name of their own.
const REQUESTS: &str = "#/components/requests/";
/// The largest integer that every JSON reader keeps exactly: 2^53 − 1. Requests beyond it are refused.
const MAX_EXACT: i64 = (1 << 53) - 1;

/// Collects schemas while the document is made.
pub(super) struct Schemas {
    requests: SchemaGenerator,
    responses: SchemaGenerator,
}

/// A field of a query.
pub(super) struct Field {
    pub(super) name: String,
    pub(super) required: bool,
    pub(super) description: Option<Value>,
    pub(super) schema: Value,
}

impl Schemas {
    pub(super) fn new() -> Self {
        let at = |place: &str| {
            let place = place.trim_start_matches('#').trim_end_matches('/').to_owned();
            SchemaSettings::draft2020_12().with(|settings| settings.definitions_path = place.into())
        };
        Self {
            requests: at(REQUESTS).for_deserialize().into_generator(),
            responses: at(PLACE).for_serialize().into_generator(),
        }
    }

    /// The schema of something that a request holds.
    pub(super) fn taken(&mut self, make: Make) -> Value {
        make(&mut self.requests).to_value()
    }

    /// The schema of something that a response holds.
    pub(super) fn given(&mut self, make: Make) -> Value {
        make(&mut self.responses).to_value()
    }

    /// The fields of a query. A parameter is there or it is not: it is never null.
    pub(super) fn fields(&mut self, make: Make) -> Vec<Field> {
        let schema = self.taken(make);
        let required: BTreeSet<_> =
            schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let properties = schema["properties"].as_object().into_iter().flatten();
        properties
            .map(|(name, field)| {
                let mut field = never_null(field);
                let description = field.as_object_mut().and_then(|field| field.remove("description"));
                Field { name: name.clone(), required: required.contains(name.as_str()), description, schema: field }
            })
            .collect()
    }

    /// All of them by name, with the references in `document` made to fit.
    pub(super) fn finish(mut self, document: &mut Value) -> Value {
        let (mut given, mut taken) = (self.responses.take_definitions(true), self.requests.take_definitions(true));
        let own = names_of_their_own(&given, &taken);
        let name = |old: &str| if own.contains(old) { format!("{old}Input") } else { old.to_owned() };
        let fit = |value: &mut Value| {
            each(value, &mut |node| {
                refer(node, &name);
                tidy(node);
            });
        };
        fit(document);
        taken.values_mut().for_each(fit);
        given.values_mut().for_each(fit);
        let taken = taken.into_iter().map(|(old, schema)| (name(&old), schema));
        given.into_iter().chain(taken).collect::<Map<_, _>>().into()
    }
}

/// The same field without null among what it can be.
fn never_null(field: &Value) -> Value {
    let mut field = field.as_object().cloned().unwrap_or_default();
    field.retain(|_, value| !value.is_null());
    if let Some(Value::Array(kinds)) = field.get("type") {
        let kind = kinds.iter().find(|kind| *kind != "null").cloned().unwrap_or_default();
        field.insert("type".into(), kind);
    }
    if let Some(Value::Array(any)) = field.remove("anyOf") {
        let one = any.into_iter().find(|one| one["type"] != "null");
        field.extend(one.and_then(|one| one.as_object().cloned()).unwrap_or_default());
    }
    field.into()
}

/// Names whose two schemas differ, and names whose schema refers to one of those.
fn names_of_their_own(given: &Map<String, Value>, taken: &Map<String, Value>) -> BTreeSet<String> {
    let text = |schema: &Value| schema.to_string().replace(REQUESTS, PLACE);
    let both = || taken.iter().filter_map(|(name, schema)| Some((name, text(schema), text(given.get(name)?))));
    let mut own: BTreeSet<String> =
        both().filter(|(_, taken, given)| taken != given).map(|(name, ..)| name.clone()).collect();
    loop {
        let refers = |schema: &str| own.iter().any(|name| schema.contains(&format!("\"{PLACE}{name}\"")));
        let more: Vec<_> = both()
            .filter(|(name, schema, _)| !own.contains(*name) && refers(schema))
            .map(|(name, ..)| name.clone())
            .collect();
        if more.is_empty() {
            return own;
        }
        own.extend(more);
    }
}

fn each(value: &mut Value, change: &mut impl FnMut(&mut Map<String, Value>)) {
    match value {
        Value::Object(object) => {
            change(object);
            object.values_mut().for_each(|value| each(value, change));
        }
        Value::Array(list) => list.iter_mut().for_each(|value| each(value, change)),
        _ => {}
    }
}

fn refer(node: &mut Map<String, Value>, name: &impl Fn(&str) -> String) {
    if let Some(Value::String(reference)) = node.get_mut("$ref")
        && let Some(old) = reference.strip_prefix(REQUESTS)
    {
        *reference = format!("{PLACE}{}", name(old));
    }
}

/// Gives integers their bounds, and takes Rust's links out of descriptions.
fn tidy(node: &mut Map<String, Value>) {
    let bounds = match node.get("format").and_then(Value::as_str) {
        Some("uint32") => Some((0, i64::from(u32::MAX))),
        Some("int32") => Some((i64::from(i32::MIN), i64::from(i32::MAX))),
        Some("uint64") => Some((0, MAX_EXACT)),
        Some("int64") => Some((-MAX_EXACT, MAX_EXACT)),
        _ => None,
    };
    if let Some((least, most)) = bounds {
        node.insert("minimum".into(), least.into());
        node.insert("maximum".into(), most.into());
    }
    if let Some(Value::String(text)) = node.get_mut("description") {
        *text = text.replace("[`", "`").replace("`]", "`").replace('\n', " ");
    }
}
