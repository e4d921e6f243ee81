//! Drafts that change the schema too.

use countersign_policy::{PolicySource, compare};
use domain::policy::{Aspect, Direction, Proved};

use crate::fixtures::{on, patient, proof, proved, with_schema};

use Proved::{Never, Sometimes, Unknown};

const PERMIT: &str = r#"@id("permit") permit (principal, action == Action::"logs:read", resource) when { principal.scopes.contains(context.scope) };"#;

fn schema() -> String {
    PolicySource::shipped().schema
}

fn compared(schema_of_draft: &str, policies_of_draft: &str) -> domain::policy::Comparison {
    compare(&with_schema(schema_of_draft, policies_of_draft), &with_schema(&schema(), PERMIT), &patient(), &on)
}

#[test]
fn an_environment_that_live_does_not_have_is_something_more() {
    let comparison = compared(&schema().replace("\"staging\", \"prod\"", "\"staging\", \"prod\", \"lab\""), PERMIT);
    assert_eq!(proved(&comparison), [[Sometimes, Never], [Sometimes, Never], [Sometimes, Never]]);
    let example = &proof(&comparison, Aspect::Ceiling, Direction::Widens).counterexamples[0];
    assert_eq!(example.question.env, "lab");
    assert!(example.sentence.contains("live does not know of such a request"), "{}", example.sentence);
}

#[test]
fn an_attribute_more_changes_nothing() {
    let comparison =
        compared(&schema().replace("  breakGlass?: String,", "  breakGlass?: String, weather?: String,"), PERMIT);
    assert_eq!(proved(&comparison), [[Never; 2]; 3]);
}

#[test]
fn an_action_that_live_does_not_have_is_something_more_only_if_it_is_permitted() {
    let more = format!(
        "{}\naction \"logs:drop\" in [\"write\"] appliesTo {{ principal: [User], resource: [App], context: Circumstances }};",
        schema()
    );
    assert_eq!(proved(&compared(&more, PERMIT)), [[Never; 2]; 3]);
    let permits = format!("{PERMIT}\n@id(\"drop\") permit (principal, action == Action::\"logs:drop\", resource);");
    let comparison = compared(&more, &permits);
    let example = &proof(&comparison, Aspect::Ceiling, Direction::Widens).counterexamples[0];
    assert_eq!((proved(&comparison)[0][0], example.question.action.as_str()), (Sometimes, "logs:drop"));
}

#[test]
fn where_groups_of_actions_differ_nothing_is_claimed() {
    let moved = schema().replace("action \"logs:read\" in [\"read\"]", "action \"logs:read\" in [\"write\"]");
    let comparison = compared(&moved, PERMIT);
    assert_eq!(proved(&comparison)[0], [Unknown, Unknown]);
    let unknown = &proof(&comparison, Aspect::Ceiling, Direction::Widens).unknown;
    assert!(unknown[0].contains("different groups of actions"), "{unknown:?}");
}
