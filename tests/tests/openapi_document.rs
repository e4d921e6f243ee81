//! The description of the API as a document: it is OpenAPI 3.1, it is complete, its examples fit, and the committed
//! copy is current.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeSet;
use std::path::Path;

use contract::{Access, Code, Endpoint, Method};
use countersign_tests::description::Description;
use serde_json::Value;

/// The schema of <https://spec.openapis.org/oas/3.1/schema/>; its `$id` says of which day.
const META_SCHEMA: &str = include_str!("openapi/schema-3.1.json");

fn operations(description: &Description) -> impl Iterator<Item = (&'static str, &Value)> {
    Endpoint::ALL.iter().map(|route| (route.path, description.operation(route)))
}

/// Every media type object of the operations, with where it stands.
fn contents(description: &Description) -> Vec<(String, &Value)> {
    let mut found = Vec::new();
    for (path, operation) in operations(description) {
        let responses = operation["responses"].as_object().unwrap();
        let bodies = responses.iter().map(|(status, response)| (status.as_str(), response));
        for (part, holder) in bodies.chain([("body", &operation["requestBody"])]) {
            for (media, content) in holder["content"].as_object().into_iter().flatten() {
                found.push((format!("{path} {part} {media}"), content));
            }
        }
    }
    found
}

#[test]
fn the_committed_description_is_current() {
    let file = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/openapi.json"));
    let made = Description::made().0;
    if std::env::var_os("UPDATE_OPENAPI").is_some() {
        std::fs::write(file, format!("{made:#}\n")).unwrap();
    }
    let committed: Value = std::fs::read_to_string(file).ok().and_then(|text| text.parse().ok()).unwrap_or_default();
    assert!(committed == made, "docs/openapi.json is stale; `make bindings` writes it anew");
}

#[test]
fn it_is_openapi_3_1_and_its_schemas_are_json_schemas() {
    let description = Description::made();
    let validator = jsonschema::validator_for(&META_SCHEMA.parse().unwrap()).unwrap();
    let errors: Vec<_> =
        validator.iter_errors(&description.0).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    for (name, schema) in description.0["components"]["schemas"].as_object().unwrap() {
        assert!(jsonschema::meta::is_valid(schema), "{name}");
    }
}

#[test]
fn every_example_fits_its_schema() {
    let description = Description::made();
    let examples = &description.0["components"]["examples"];
    let mut checked = 0;
    for (place, content) in contents(&description) {
        let many = content["examples"].as_object().into_iter().flatten().map(|(code, _)| &examples[code]["value"]);
        let examples: Vec<_> = content.get("example").into_iter().chain(many).collect();
        assert!(!examples.is_empty(), "{place} has no example");
        for example in examples {
            let misfits = description.misfits(&content["schema"], example);
            assert!(misfits.is_empty(), "{place}: {misfits:#?}\n{example:#}");
            checked += 1;
        }
    }
    assert!(checked > Endpoint::ALL.len() * 5, "{checked}");
}

#[test]
fn every_endpoint_says_what_it_answers_and_who_may_call() {
    let description = Description::made();
    for route in Endpoint::ALL {
        let operation = description.operation(route);
        let responses = operation["responses"].as_object().unwrap_or_else(|| panic!("{} is not there", route.path));
        let mut expected = vec![route.success, 400, 421, 500, 503];
        if route.access != Access::Public {
            expected.extend([401, 429]);
        }
        if matches!(route.access, Access::Scope(_)) || route.method != Method::Get {
            expected.push(403);
        }
        for status in expected {
            assert!(responses.contains_key(&status.to_string()), "{} does not say {status}", route.path);
        }
        assert_eq!(operation["security"].as_array().unwrap().is_empty(), route.access == Access::Public);
        let named = operation["parameters"].as_array().unwrap().iter().filter(|parameter| parameter["in"] == "path");
        assert_eq!(named.count(), route.path.matches('{').count(), "{}", route.path);
    }
}

#[test]
fn every_problem_code_stands_somewhere_with_an_example() {
    let description = Description::made();
    let general = description.0["components"]["responses"].as_object().unwrap().values();
    let general: Vec<_> = general.map(|response| &response["content"]["application/problem+json"]).collect();
    let contents = contents(&description);
    let all = contents.iter().map(|(_, content)| *content).chain(general);
    let said: BTreeSet<_> = all
        .flat_map(|content| content["examples"].as_object().into_iter().flatten())
        .map(|(code, _)| code.as_str())
        .collect();
    let missing: Vec<_> = Code::ALL.iter().map(|code| code.text()).filter(|code| !said.contains(code)).collect();
    assert!(missing.is_empty(), "no route says that it answers {missing:?}");
}

#[test]
fn every_operation_has_an_id_of_its_own() {
    let description = Description::made();
    let ids: BTreeSet<_> = operations(&description).map(|(_, operation)| operation["operationId"].as_str()).collect();
    assert_eq!(ids.len(), Endpoint::ALL.len());
}
