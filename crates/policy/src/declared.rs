//! What a schema declares, read from its JSON form: types with their attributes, and what each action's context can have.

use std::collections::BTreeMap;

use domain::policy::vocabulary::{AttributeOutline, EntityOutline};
use serde_json::Value;

/// Of a schema.
#[derive(Default)]
pub(crate) struct Declared {
    /// By name.
    pub(crate) entities: Vec<EntityOutline>,
    /// By action.
    pub(crate) contexts: BTreeMap<String, Vec<AttributeOutline>>,
}

impl Declared {
    /// From the one namespace of a schema that was found to be right.
    pub(crate) fn read(names: &Value) -> Self {
        let types = Types { common: &names["commonTypes"] };
        let entities = members(&names["entityTypes"]).map(|(name, entity)| EntityOutline {
            name: name.clone(),
            within: strings(&entity["memberOfTypes"]),
            choices: strings(&entity["enum"]),
            attributes: types.attributes(&entity["shape"]),
        });
        let contexts = members(&names["actions"]).map(|(name, action)| {
            let context = &action["appliesTo"]["context"];
            (name.clone(), types.attributes(context))
        });
        Self { entities: entities.collect(), contexts: contexts.collect() }
    }
}

struct Types<'a> {
    common: &'a Value,
}

impl<'a> Types<'a> {
    /// The attributes of a record, those inside others after them.
    fn attributes(&self, record: &'a Value) -> Vec<AttributeOutline> {
        let mut all = vec![];
        self.collect(record, "", &mut all);
        all
    }

    fn collect(&self, record: &'a Value, before: &str, all: &mut Vec<AttributeOutline>) {
        for (name, attribute) in members(&self.resolved(record)["attributes"]) {
            let name = format!("{before}{name}");
            let optional = attribute["required"] == Value::Bool(false);
            all.push(AttributeOutline { name: name.clone(), kind: self.kind(attribute), optional });
            self.collect(attribute, &format!("{name}."), all);
        }
    }

    /// What a name of the schema's own stands for, or the type itself. No type contains itself: that was refused before.
    fn resolved(&self, of: &'a Value) -> &'a Value {
        named(of).and_then(|name| self.common.get(name)).map_or(of, |meant| self.resolved(meant))
    }

    fn kind(&self, of: &'a Value) -> String {
        let meant = self.resolved(of);
        match meant["type"].as_str() {
            Some("Set") => format!("Set<{}>", self.kind(&meant["element"])),
            Some("Entity" | "EntityOrCommon" | "Extension" | "CommonType") => {
                let name = meant["name"].as_str().unwrap_or_default();
                name.strip_prefix("__cedar::").unwrap_or(name).to_owned()
            }
            Some("Boolean") => "Bool".to_owned(),
            Some(name) => name.strip_prefix("__cedar::").unwrap_or(name).to_owned(),
            None => String::new(),
        }
    }
}

fn named(of: &Value) -> Option<&str> {
    match of["type"].as_str()? {
        "EntityOrCommon" | "CommonType" => of["name"].as_str(),
        name => Some(name),
    }
}

fn members(of: &Value) -> impl Iterator<Item = (&String, &Value)> {
    of.as_object().into_iter().flatten()
}

fn strings(of: &Value) -> Vec<String> {
    of.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}
