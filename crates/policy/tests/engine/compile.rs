//! What is refused before it can decide anything, with its place and what would help.

use countersign_policy::{Engine, PolicySource, SourceFile};

use proptest::prelude::*;

use crate::fixtures::{PERMIT, guard, problems, problems_of, question, source};

/// Compiling `policies` says one thing, and it begins and ends like this.
fn refuses(policies: &str, begins: &str, helps: &str) {
    let problems = problems(policies);
    assert_eq!(problems.len(), 1, "{policies}\n{problems:#?}");
    assert!(problems[0].starts_with(begins), "{}", problems[0]);
    assert!(problems[0].contains(helps), "{}", problems[0]);
}

fn unless(condition: &str) -> String {
    format!(
        r#"@id("g") @require_approval forbid (principal, action in Action::"execute", resource) unless {{ {condition} }};"#
    )
}

const LIFTS: &str =
    "context has approval && context.approval.approvers >= 1 && context.now < context.approval.expiresAt";

#[test]
fn text_that_does_not_parse_is_refused_where_it_goes_wrong() {
    refuses("@id(\"a\")\npermit (principal action, resource);", "policies:2:19: unexpected token `action`", "expected");
    refuses("@id(\"a\")\npermit (principal, action, resource)", "policies:2:37: unexpected end of input", "expected");
    refuses("@id(\"a\") @id(\"b\") permit (principal, action, resource);", "policies:1:10: duplicate annotation", "");
}

#[test]
fn what_the_schema_does_not_know_is_refused_where_it_stands() {
    let policy = |condition: &str| {
        format!(
            "{PERMIT}\n@id(\"a\") permit (principal, action in Action::\"operate\", resource) when {{\n  {condition}\n}};"
        )
    };
    refuses(
        &policy("resource.envv == Environment::\"prod\""),
        "policies:3:3: for policy `a`, attribute `envv`",
        "did you mean `env`?",
    );
    refuses(
        &policy("resource.env == Environment::\"prd\""),
        "policies:3:19: for policy `a`",
        "valid entity eids: \"dev\"",
    );
    refuses(&policy("principal.scopes.contains(1)"), "policies:3:3: ", "");
    refuses(
        &policy("context.ip.isLoopback()"),
        "policies:3:3: for policy `a`, unable to guarantee safety",
        "context has ip",
    );
    refuses(&policy("false"), "policies:2:1: for policy `a`, policy is impossible", "");
    refuses(&policy("principal.ref == \"user:\u{430}da\""), "policies:3:20: for policy `a`, string", "mixed scripts");
}

#[test]
fn every_problem_is_told_in_the_order_of_the_text_and_with_its_policy() {
    let policies =
        "permit (principal, action, resource);\n@id(\"b\") permit (principal, action, resource) when { foo };\n";
    let error = Engine::compile(source(policies)).err().unwrap();
    assert!(error.to_string().starts_with("policies:2:54: "), "text that does not parse is all that is told: {error}");
    let policies = [
        "permit (principal, action, resource);",
        "@id(\"b\") permit (principal, action, resource) when { resource.none };",
        "@id(\"b\") forbid (principal, action, resource);",
        "@id(\"c d\") forbid (principal, action, resource);",
        "@id(\"e\") forbid (principal == ?principal, action, resource);",
    ];
    let schema = PolicySource::shipped().schema + "entity Broken { a: Missing };";
    let error = Engine::compile(PolicySource::new(schema, policies.join("\n"))).err().unwrap();
    let told: Vec<_> = error.problems.iter().map(|problem| (problem.file, problem.line, problem.column)).collect();
    let last = u32::try_from(PolicySource::shipped().schema.lines().count() + 1).unwrap();
    let at = |line| (SourceFile::Policies, line, 1);
    assert_eq!(told, [(SourceFile::Schema, last, 20), at(1), at(3), at(4), at(5)], "{error}");
    assert!(error.problems[2].message.contains("`b` already names the policy on line 2"), "{error}");
    let error = Engine::compile(source(policies[1])).err().unwrap();
    assert_eq!(error.problems[0].policy.as_deref(), Some("b"));
}

#[test]
fn a_policy_has_one_id_of_its_own() {
    refuses("permit (principal, action, resource);", "policies:1:1: a policy has no `@id`", "add one");
    refuses("@id permit (principal, action, resource);", "policies:1:1: `@id` is ``, which cannot name", "letters");
    refuses("@id(\"a b\") permit (principal, action, resource);", "policies:1:1: `@id` is `a b`", "letters");
    refuses(&[PERMIT, "\n", PERMIT].concat(), "policies:2:1: `permit` already names the policy on line 1", "its own");
}

#[test]
fn templates_are_refused() {
    refuses(
        "@id(\"a\") permit (principal == ?principal, action, resource);",
        "policies:1:1: a policy has a slot",
        "write out",
    );
}

#[test]
fn an_annotation_that_does_not_exist_is_a_mistake() {
    let policy = "@id(\"a\")\n@require_aproval(\"2\")\nforbid (principal, action in Action::\"execute\", resource);";
    refuses(policy, "policies:2:1: `@require_aproval` is not an annotation", "there are: `@require_approval`");
}

#[test]
fn a_permit_cannot_ask_for_approval() {
    let policy = "@id(\"a\") @require_approval(\"2\") permit (principal, action, resource);";
    refuses(policy, "policies:1:10: `@require_approval` is on a permit", "add a `forbid`");
    let policy = format!("@id(\"a\") permit (principal, action in Action::\"execute\", resource) when {{ {LIFTS} }};");
    refuses(&policy, "policies:1:1: a permit reads `context.approval`", "add a `forbid`");
}

#[test]
fn a_plain_forbid_has_nothing_to_do_with_approval() {
    let policy = "@id(\"a\") @step_up(\"60s\") forbid (principal, action, resource);";
    refuses(policy, "policies:1:10: `@step_up` is on a forbid that no approval lifts", "add `@require_approval`");
    let policy = "@id(\"a\") @standing(\"5 in 30m\") forbid (principal, action, resource);";
    refuses(policy, "policies:1:10: `@standing` is on a forbid that no approval lifts", "add `@require_approval`");
    let policy = unless(LIFTS).replace("@require_approval", "");
    refuses(&policy, "policies:1:1: a forbid reads `context.approval` and is not marked", "add `@require_approval`");
}

#[test]
fn a_guard_is_lifted_by_an_unexpired_approval_of_a_visible_number() {
    assert_eq!(problems(&unless(LIFTS)), Vec::<String>::new());
    let policy = "@id(\"g\") @require_approval(\"1\") forbid (principal, action in Action::\"execute\", resource);";
    refuses(policy, "policies:1:1: no approval lifts this guard", "context.approval.approvers >= 1");
    let no_number = "context has approval && context.now < context.approval.expiresAt";
    refuses(&unless(no_number), "policies:1:1: the `unless` of this guard does not say how many", ">= 1");
    let expired = "context has approval && context.approval.approvers >= 1";
    refuses(
        &unless(expired),
        "policies:1:1: the `unless` of this guard would take an approval that has expired",
        "join",
    );
    let either = problems(&unless(&format!("({LIFTS}) || principal.ref == \"user:root\"")));
    assert_eq!(either.len(), 2, "one way around the approval hides number and expiry: {either:#?}");
    let when =
        unless(LIFTS).replace("unless", "when { context has approval && context.approval.approvers < 9 } unless");
    refuses(
        &when,
        "policies:1:1: a guard reads `context.approval` in one `unless` and nowhere else",
        "into one `unless`",
    );
    let twice = unless(LIFTS).replace("};", &format!("}} unless {{ {LIFTS} }};"));
    refuses(&twice, "policies:1:1: a guard reads `context.approval` in one `unless`", "into one `unless`");
    let exempt = unless(LIFTS).replace("unless", "unless { resource.env == Environment::\"dev\" } unless");
    assert_eq!(problems(&exempt), Vec::<String>::new(), "an exemption that no approval is part of");
}

#[test]
fn an_annotation_and_its_condition_cannot_drift_apart() {
    let says = |annotation: &str, approvers, more: &str| {
        guard("g", annotation, approvers, more).replace("@require_approval @", "@")
    };
    let two = "policies:1:10: `@require_approval` says 2, but the condition asks for at least 1 approvers";
    refuses(&says("@require_approval(\"2\")", 1, ""), two, "make the two agree");
    assert_eq!(problems(&says("@require_approval(\"2\")", 2, "")), Vec::<String>::new());
    let sre = r#"&& context.approval.groups.contains(Team::"sre")"#;
    let approvers = r#"@approvers("Team::\"sre\"")"#;
    assert_eq!(problems(&guard("g", approvers, 1, sre)), Vec::<String>::new());
    let message = "policies:1:28: `@approvers` names `sre`, but the condition asks for nobody in particular";
    refuses(&guard("g", approvers, 1, ""), message, "groups.contains");
    let dba = sre.replace("sre", "dba");
    refuses(
        &guard("g", approvers, 1, &dba),
        "policies:1:28: `@approvers` names `sre`, but the condition asks for `dba`",
        "",
    );
    let short = r#"&& context.approval.expiresAt <= context.approval.grantedAt.offset(duration("5m"))"#;
    let message = "policies:1:28: `@execution_ttl` is 900 seconds, but the condition takes no approval that lasts longer than 300";
    refuses(&guard("g", "@execution_ttl(\"15m\")", 1, short), message, "make the two agree");
    let engine = Engine::compile(source(&guard("g", "", 1, short))).unwrap();
    let requirement = engine.policies()[0].requirement.clone().unwrap();
    assert_eq!(requirement.execution_ttl_seconds, 300, "the default gives way to the condition");
    let message =
        "policies:1:28: `@standing` lasts 301 seconds, but the condition takes no approval that lasts longer than 300";
    refuses(&guard("g", "@standing(\"5 in 301s\")", 1, short), message, "make the two agree");
    assert_eq!(problems(&guard("g", "@standing(\"5 in 5m\")", 1, short)), Vec::<String>::new());
}

#[test]
fn annotations_have_values_that_mean_something() {
    for (annotation, message) in [
        ("@step_up(\"5 minutes\")", "`@step_up` is `5 minutes`, which is not a length of time; write it like `300s`"),
        ("@step_up", "`@step_up` is ``, which is not a length of time"),
        ("@approval_ttl(\"0s\")", "`@approval_ttl` is `0s`"),
        ("@execution_ttl(\"1000d\")", "`@execution_ttl` is `1000d`"),
        ("@max_duration(\"-4h\")", "`@max_duration` is `-4h`"),
        (
            "@standing(\"5\")",
            "`@standing` is `5`, which is not a number of uses within a time; write it like `5 in 30m`",
        ),
        ("@standing(\"1 in 30m\")", "`@standing` is `1 in 30m`"),
        ("@standing(\"51 in 30m\")", "`@standing` is `51 in 30m`"),
        ("@standing(\"5 in 2d\")", "`@standing` is `5 in 2d`"),
        ("@standing", "`@standing` is ``"),
        ("@approvers(\"sre\")", "`@approvers` is `sre`, which does not name teams"),
    ] {
        refuses(&guard("g", annotation, 1, ""), &format!("policies:1:28: {message}"), "");
    }
    let bad = guard("g", "", 1, "").replace("@require_approval", "@require_approval(\"two\")");
    refuses(&bad, "policies:1:10: `@require_approval` is `two`, which is not a number of people", "1 to 100");
    refuses(&guard("g", "", 0, ""), "policies:1:1: the condition asks for at least 0 approvers", "ask for 1 to 100");
    refuses(
        &guard("g", "", 101, ""),
        "policies:1:1: the condition asks for at least 101 approvers",
        "ask for 1 to 100",
    );
}

#[test]
fn a_guard_never_applies_to_reviewing() {
    let policy = unless(LIFTS).replace("action in Action::\"execute\"", "action");
    let problems = problems(&policy);
    assert!(problems.iter().any(|problem| problem.contains("a guard applies to `approve`")), "{problems:#?}");
}

#[test]
fn a_schema_under_which_nothing_could_be_asked_is_refused() {
    let refuses = |from: &str, to: &str, begins: &str| {
        let shipped = PolicySource::shipped();
        assert!(shipped.schema.contains(from), "{from}");
        let problems = problems_of(PolicySource::new(shipped.schema.replacen(from, to, 1), PERMIT.to_owned()));
        assert!(problems.iter().any(|problem| problem.contains(begins)), "{problems:#?}");
    };
    refuses("ip?: ipaddr,", "", "could never be asked");
    refuses("ip?: ipaddr,", "ip?: ipaddr, ticket: String,", "could never be asked");
    refuses("workspace?: String,", "workspace?: String, boss: String,", "could never be asked");
    refuses("[\"local\", \"hybrid\", \"remote\"]", "[\"local\", \"remote\"]", "could never be asked");
    refuses("action \"approve\"", "action \"agree\"", "no action `approve`");
    refuses(
        "entity Environment enum [\"dev\", \"test\", \"preview\", \"staging\", \"prod\"];",
        "entity Environment;",
        "no environments",
    );
    refuses("entity Team;", "entity Team", "schema:13:1: ");
}

#[test]
fn a_schema_may_know_more_than_the_shipped_one() {
    let shipped = PolicySource::shipped();
    let schema = shipped.schema.replace("workspace?: String,", "workspace?: String, boss?: Team,")
        + "entity FeatureFlag { ref: String, env: Environment, workspace?: String }; action \"flags:toggle\" in [\"write\"] appliesTo { principal: User, resource: FeatureFlag, context: Circumstances };";
    assert_eq!(problems_of(PolicySource { schema, ..shipped }), Vec::<String>::new());
}

#[test]
fn ten_megabytes_are_refused_unread() {
    let big = "// x\n".repeat(2 << 20);
    refuses(&big, "policies:1:1: the text has 10485760 bytes, more than the 1048576 that are read", "split it");
    let problems = problems_of(PolicySource::new(big, PERMIT.to_owned()));
    assert!(problems[0].starts_with("schema:1:1: the text has 10485760 bytes"), "{problems:#?}");
}

#[test]
fn text_made_to_exhaust_the_stack_or_the_memory_is_refused() {
    let policy = |condition: &str| format!("@id(\"a\") permit (principal, action, resource) when {{ {condition} }};");
    refuses(
        &policy(&format!("{}true{}", "(".repeat(40_000), ")".repeat(40_000))),
        "policies:1:",
        "nested more than 32",
    );
    refuses(&policy(&vec!["true"; 40_000].join(" && ")), "policies:1:1: ", "more than 1000 operators");
    refuses(&policy(&format!("{}true", "if true then true else ".repeat(40_000))), "policies:1:1: ", "more than 1000");
    refuses(&policy(&format!("context{}", ".a".repeat(40_000))), "policies:1:1: ", "more than 1000 operators");
    let types: String = (0..40).map(|n| format!("type T{n} = {{ a: T{next}, b: T{next} }};", next = n + 1)).collect();
    let schema = PolicySource::shipped().schema + &types + "type T40 = Long; entity Bomb { a: T0 };";
    let problems = problems_of(PolicySource::new(schema, PERMIT.to_owned()));
    assert!(problems[0].contains("written out, have more than 10000 parts"), "{problems:#?}");
}

#[test]
fn a_chain_of_types_is_followed_to_its_end() {
    let types: String = (0..2_000).map(|n| format!("type T{n} = T{};\n", n + 1)).collect();
    let schema = PolicySource::shipped().schema + &types + "type T2000 = Long; entity Chain { a: T0 };";
    problems_of(PolicySource::new(schema, PERMIT.to_owned()));
}

#[test]
fn the_longest_policy_that_is_taken_is_asked_and_forgotten_on_a_small_stack() {
    for condition in [
        vec!["principal.ref != \"\""; 240].join(" && "),
        format!("{}true", "if principal.ref == \"\" then false else ".repeat(480)),
        format!(
            "{}context.now{} < context.now",
            "(".repeat(28),
            ".offset(duration(\"1s\"))".repeat(900) + &")".repeat(28)
        ),
    ] {
        let policies =
            format!("@id(\"a\") permit (principal, action in Action::\"operate\", resource) when {{ {condition} }};");
        let small = std::thread::Builder::new().stack_size(512 << 10).spawn(move || {
            let engine = Engine::compile(source(&policies)).unwrap_or_else(|error| panic!("{error}"));
            engine.decide(&question()).unwrap().ground
        });
        small.unwrap().join().unwrap();
    }
}

/// Pieces of the language, each many times: what the parser cannot bear ends the process and so this test.
fn soup() -> impl Strategy<Value = String> {
    let tokens = "( ) [ ] { } < > ; , . : :: && || ! - + * == in has is like if then else when unless permit forbid \
        principal context.approval \"a\" \"\\ // @id(\"a\") ?principal 1 type entity action = Set< a: enum appliesTo \r \n é";
    let token = proptest::sample::select(tokens.split(' ').collect::<Vec<_>>());
    let part = (proptest::collection::vec(token, 1..4), prop_oneof![1..4_usize, 1..4_000_usize]);
    proptest::collection::vec(part.prop_map(|(tokens, times)| tokens.join(" ").repeat(times) + " "), 1..6)
        .prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_ends_the_process(soup in soup(), around in prop::bool::ANY) {
        let policies = if around {
            format!("@id(\"a\") permit (principal, action, resource) when {{ {soup} }};")
        } else {
            soup.clone()
        };
        let _ = Engine::compile(PolicySource::new(soup, policies));
    }
}
