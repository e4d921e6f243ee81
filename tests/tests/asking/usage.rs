use std::collections::BTreeSet;

use contract::Endpoint;
use contract::route::Access;
use countersign_tests::plane::Plane;
use serde_json::{Value, json};

use crate::{Caller, field, nightly};

fn usage(name: &str) -> String {
    format!("/api/v1/auth/service-accounts/{name}/usage")
}

fn scope<'a>(usage: &'a Value, name: &str) -> &'a Value {
    usage["scopes"].as_array().unwrap().iter().find(|scope| scope["scope"] == name).unwrap()
}

#[tokio::test]
async fn what_was_not_used_and_would_have_shown_is_proposed_to_go() {
    let plane = Plane::start().await;
    let ada = Caller::founder(&plane).await;
    let scopes = ["decisions:request", "workflow.execute", "logs:read", "audit:read", "pipelines:write"];
    let ci = ada.account("ci", &scopes, &[]).await;
    for env in ["dev", "dev", "prod"] {
        assert_eq!(ci.post("/api/v1/authz/decisions", nightly(env)).await.0, 200);
    }
    let (status, found) = ada.get(&usage("ci")).await;
    assert_eq!(status, 200, "{found}");
    assert_eq!((found["decisions"].as_u64(), found["complete"].as_bool()), (Some(3), Some(true)));
    assert_eq!(
        found["from"],
        ada.get("/api/v1/auth/service-accounts/ci").await.1["created_at"],
        "it is younger than that"
    );
    let execute = scope(&found, "workflow.execute");
    assert_eq!((&execute["use_of"], &execute["times"]), (&json!("used"), &json!(3)), "under its alias: {found}");
    assert_eq!(scope(&found, "logs:read")["use_of"], "unused");
    assert_eq!(scope(&found, "pipelines:write")["use_of"], "unused");
    let unknown = scope(&found, "audit:read");
    assert_eq!(unknown["use_of"], "unknown");
    assert!(unknown["sentence"].as_str().unwrap().contains("nobody can tell"), "{unknown}");
    let nightly_use = &found["resources"][0];
    assert_eq!(nightly_use["name"], "pipeline:billing/nightly");
    assert_eq!((&nightly_use["granted"], &nightly_use["use_of"]), (&json!(false), &json!("used")));
    let environments: Vec<_> = found["environments"].as_array().unwrap().iter().map(|one| &one["name"]).collect();
    assert_eq!(environments, ["dev", "prod"], "most often first");
    assert_eq!(found["credentials"][0]["label"], "first key");

    let proposal = &found["proposal"];
    assert_eq!(proposal["removes"], json!(["logs:read", "pipelines:write"]));
    let grant = json!({
        "principal": "service_account:ci",
        "scopes": ["audit:read", "decisions:request", "workflow.execute"],
        "workspaces": ["billing"],
    });
    assert_eq!(proposal["grant"], grant);
    assert_eq!(proposal["because"].as_array().unwrap().len(), 3, "{proposal}");
    let why = "`logs:read` was not used since the account was made, and its use would have left an entry";
    assert_eq!(proposal["because"][0], why);

    let mut narrower = json!({ "networks": [], "trusts": [] });
    narrower["scopes"] = grant["scopes"].clone();
    narrower["workspaces"] = grant["workspaces"].clone();
    let put = ada.request(reqwest::Method::PUT, "/api/v1/auth/service-accounts/ci").json(&narrower).send().await;
    assert_eq!(put.unwrap().status(), 200);
    let (_, again) = ci.post("/api/v1/authz/decisions", nightly("dev")).await;
    assert_eq!(again["outcome"], "allow", "what it used it can still do: {again}");
    assert_eq!(ada.get(&usage("ci")).await.1["proposal"], Value::Null);
}

#[tokio::test]
async fn a_workspace_is_not_proposed_where_something_was_in_none() {
    let plane = Plane::start().await;
    let ada = Caller::founder(&plane).await;
    let ci = ada.account("ci", &["decisions:request", "pipelines:execute"], &[]).await;
    for resource in ["pipeline:billing/nightly", "pipeline:nightly"] {
        let mut action = nightly("dev");
        action["resources"] = json!([resource]);
        assert_eq!(ci.post("/api/v1/authz/decisions", action).await.0, 200);
    }
    let (_, found) = ada.get(&usage("ci")).await;
    assert_eq!(found["proposal"], Value::Null, "{found}");
}

#[tokio::test]
async fn a_pipeline_that_names_the_account_and_is_never_run_is_told_unused() {
    let plane = Plane::start().await;
    let ada = Caller::founder(&plane).await;
    let ci = ada.account("ci", &["decisions:request", "pipelines:execute"], &["billing", "shop"]).await;
    for name in ["billing%2Fnightly", "billing%2Fmonthly"] {
        let restriction = json!({ "allowed_accounts": ["ci"] });
        let put = ada.request(reqwest::Method::PUT, &format!("/api/v1/pipelines/{name}")).json(&restriction);
        assert!(put.send().await.unwrap().status().is_success());
    }
    assert_eq!(ci.post("/api/v1/authz/decisions", nightly("dev")).await.0, 200);
    let (_, found) = ada.get(&usage("ci")).await;
    let rows = |of: &str| {
        let rows = found[of].as_array().unwrap().iter();
        rows.map(|row| json!([row["name"], row["granted"], row["use_of"], row["times"]])).collect::<Vec<_>>()
    };
    let resources =
        [json!(["pipeline:billing/nightly", true, "used", 1]), json!(["pipeline:billing/monthly", true, "unused", 0])];
    assert_eq!(rows("resources"), resources, "{found}");
    assert_eq!(rows("workspaces"), [json!(["billing", true, "used", 1]), json!(["shop", true, "unused", 0])]);
    assert_eq!(found["proposal"]["grant"]["workspaces"], json!(["billing"]));
}

#[tokio::test]
async fn usage_is_for_who_may_see_accounts_and_looks_back_so_far() {
    let plane = Plane::start().await;
    let ada = Caller::founder(&plane).await;
    assert_eq!(Caller::sample(&plane).get(&usage("billing-ci")).await.0, 403);
    assert_eq!(ada.get(&usage("nobody-here")).await.0, 404);
    for days in ["0", "367"] {
        let (status, refused) = ada.get(&format!("{}?days={days}", usage("billing-ci"))).await;
        assert_eq!((status, field(&refused)), (422, "days"), "{refused}");
    }
    let (status, found) = ada.get(&format!("{}?days=1", usage("billing-ci"))).await;
    assert_eq!((status, &found["decisions"]), (200, &json!(0)), "{found}");
}

/// The lists of what leaves a trace are those of the route table.
#[test]
fn every_scope_of_a_route_is_known_to_leave_a_trace_or_none() {
    let untraced: BTreeSet<_> = server::UNTRACED_SCOPES.iter().copied().collect();
    let mut silent = BTreeSet::new();
    for route in Endpoint::ALL {
        let Access::Scope(scope) = route.access else { continue };
        match route.audit {
            None => drop(silent.insert(scope)),
            Some(kind) => assert!(
                server::SCOPE_TRACES.contains(&(kind, scope)),
                "{kind:?} means that `{scope}` was used: add it to the traces of `control::usage`"
            ),
        }
    }
    assert_eq!(silent, untraced);
}
