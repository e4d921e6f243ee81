//! What cannot be a policy set is refused before it is kept, and says where it is wrong.

use countersign_tests::plane::{Approver, Plane};
use serde_json::{Value, json};

use super::{DRAFTS, Desk, POLICIES, at, case};

#[tokio::test]
async fn a_broken_text_is_refused_with_the_place_of_each_problem_and_nothing_is_kept() {
    let plane = Plane::start().await;
    let ada = Desk::founder(&plane).await;
    let good = ada.live_texts().await;
    let with = |file: &str, text: &str| {
        let mut texts = good.clone();
        texts[file] = text.into();
        texts
    };
    let unknown = "@id(\"x\") permit (principal, action == Action::\"pipelines:expolde\", resource);";
    let broken = [
        (with("policies", "@id(\"x\")\npermit (principal, action"), "policies", 2),
        (with("policies", &format!("\n\n{unknown}")), "policies", 3),
        (with("schema", "entity User;\nentity Team in [Nobody];"), "schema", 2),
    ];
    let kept = ada.drafted(&json!({})).await;
    for (texts, file, line) in broken {
        let checked = ada.post(&format!("{POLICIES}/check"), &json!({ "texts": texts })).await.with(200);
        let problem = &checked["problems"][0];
        assert_eq!((&problem["file"], &problem["line"]), (&json!(file), &json!(line)), "{checked:#}");
        assert_eq!(checked["policies"], json!([]));
        for refused in [
            ada.post(DRAFTS, &json!({ "texts": texts })).await,
            ada.put(&at(&kept, ""), &json!({ "title": "x", "texts": texts })).await,
            ada.post(&format!("{POLICIES}/test"), &json!({ "subject": { "texts": texts }, "cases": [] })).await,
        ] {
            let details = refused.refused(422, "request.unprocessable");
            assert_eq!(details["field"], "texts");
            assert_eq!(details["problems"], checked["problems"]);
        }
    }
    assert_eq!(ada.get(DRAFTS).await.with(200)["items"].as_array().unwrap().len(), 1);
    assert_eq!(ada.get(&at(&kept, "")).await.with(200)["texts"], good);
}

#[tokio::test]
async fn what_is_too_large_is_refused_before_anybody_reads_it() {
    let plane = Plane::start().await;
    let ada = Desk::founder(&plane).await;
    let mut texts = ada.live_texts().await;
    texts["policies"] = "x".repeat(10 << 20).into();
    for path in [DRAFTS, &format!("{POLICIES}/check")] {
        ada.post(path, &json!({ "texts": texts })).await.refused(413, "request.too_large");
    }
    texts["policies"] = "/".repeat((1 << 20) + 1).into();
    for path in [DRAFTS, &format!("{POLICIES}/check")] {
        let refused = ada.post(path, &json!({ "texts": texts })).await;
        assert!(refused.body["detail"].as_str().unwrap().contains("1048576"), "{}", refused.body);
        assert_eq!(refused.refused(422, "request.unprocessable")["field"], "texts");
    }
    let many: Vec<_> = (0..1001).map(|n| case(&n.to_string(), "deny")).collect();
    let twins = [case("x", "deny"), case("x", "deny")];
    for cases in [Value::from(many), json!(twins)] {
        for (path, body) in
            [(DRAFTS.to_owned(), json!({ "cases": cases })), (format!("{POLICIES}/test"), json!({ "cases": cases }))]
        {
            let refused = ada.post(&path, &body).await;
            assert_eq!(refused.refused(422, "request.unprocessable")["field"], "cases");
        }
    }
    assert_eq!(ada.get(DRAFTS).await.with(200)["items"], json!([]));
}

#[tokio::test]
async fn who_may_read_drafts_may_not_write_them() {
    let plane = Plane::start().await;
    let ada = Desk::founder(&plane).await;
    let draft = ada.drafted(&json!({})).await;
    let account = json!({ "name": "auditor", "scopes": ["policies:read"] });
    let made = ada.post("/api/v1/auth/service-accounts", &account).await.with(201);
    let reader = Desk { plane: &plane, token: made["secret"].as_str().unwrap().to_owned() };
    reader.get(&at(&draft, "")).await.with(200);
    reader.post(&format!("{POLICIES}/test"), &json!({ "cases": [] })).await.with(200);
    for refused in [
        reader.post(DRAFTS, &json!({})).await,
        reader.put(&at(&draft, ""), &json!({ "title": "x", "texts": draft["texts"] })).await,
        reader.post(&at(&draft, "/discard"), &json!({})).await,
        reader.publish(&draft, None).await,
    ] {
        assert_eq!(refused.refused(403, "auth.missing_scope")["scope"], "policies:write");
    }
    let nobody = json!({ "id": "drf_01HZY3V5W2M4Q6S8T0XABCDEFG" });
    ada.get(&at(&nobody, "")).await.refused(404, "request.not_found");
    ada.get(&at(&json!({ "id": "nonsense" }), "")).await.refused(404, "request.not_found");
    ada.get(&format!("{POLICIES}/versions/2")).await.refused(404, "request.not_found");
    let subject = json!({ "subject": { "draft": "nonsense" }, "cases": [] });
    ada.post(&format!("{POLICIES}/test"), &subject).await.refused(404, "request.not_found");
}

#[tokio::test]
async fn a_case_that_cannot_be_asked_fails_with_the_field_that_is_wrong() {
    let plane = Plane::start().await;
    let ada = Desk::founder(&plane).await;
    let mut cases = json!([case("an unknown action", "deny"), case("no resource", "deny")]);
    cases[0]["action"] = "artifacts:raed".into();
    cases[1]["resources"] = json!([]);
    let report = ada.post(&format!("{POLICIES}/test"), &json!({ "cases": cases })).await.with(200);
    assert_eq!(report["failed"], 2);
    let complaint = |at: usize| report["results"][at]["complaints"][0].as_str().unwrap().to_owned();
    assert!(complaint(0).contains("`action`") && complaint(0).contains("artifacts:read"), "{}", complaint(0));
    assert!(complaint(1).contains("`resources`"), "{}", complaint(1));
    let nothing = json!({ "subject": { "texts": ada.live_texts().await } });
    let refused = ada.post(&format!("{POLICIES}/test"), &nothing).await;
    assert_eq!(refused.refused(422, "request.unprocessable")["field"], "cases");
}

#[tokio::test]
async fn a_set_that_nobody_could_follow_is_not_published() {
    let plane = Plane::start().await;
    let founder = Approver::founder(&plane).await;
    let ada = Desk::founder(&plane).await;
    let same = ada.drafted(&json!({})).await;
    let alone = ada.publish(&same, None).await;
    let detail = alone.body["detail"].as_str().unwrap().to_owned();
    alone.refused(409, "policy.locked_out");
    assert!(detail.contains("1 other people on the roster") && detail.contains("0 could"), "{detail}");

    let _grace = founder.invite("grace@example.com", "Grace").await;
    ada.publish(&same, None).await.with(202);
    let never = "@id(\"the-last-word\") forbid (principal, action == Action::\"policies:publish\", resource);";
    let many = |approvers: u32| {
        format!(
            "@id(\"many\") @require_approval(\"{approvers}\")
            forbid (principal, action == Action::\"policies:publish\", resource)
            unless {{
              context has approval && context.approval.approvers >= {approvers} &&
              context.approval.requester == principal.ref && context.approval.target == resource.ref &&
              context.now < context.approval.expiresAt && context.approval.grantedAt < datetime(\"2200-01-01\") &&
              context.approval.expiresAt <= context.approval.grantedAt.offset(duration(\"15m\"))
            }};"
        )
    };
    for policy in [never, &many(2)] {
        let draft = ada.with_one_more("The last word", policy, &json!([])).await;
        ada.publish(&draft, None).await.refused(409, "policy.locked_out");
    }
    let draft = ada.with_one_more("One is enough", &many(1), &json!([])).await;
    ada.publish(&draft, None).await.with(202);
}
