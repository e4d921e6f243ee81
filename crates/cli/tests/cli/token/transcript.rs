//! What is said, word for word.

use super::{admin, redacted, secret, works};
use crate::plane::Plane;
use crate::run::finish;

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_made_listed_and_shown_and_its_secret_alone_is_on_stdout() {
    let plane = Plane::start().await;
    let create = ["token", "create", "--id", "my-ci-token", "--scope", "workflows:read", "--scope=workflows:execute"];
    let more = ["--workspace", "ws-analytics", "--network", "127.0.0.0/8", "--expires-in", "2592000"];
    let made = admin(&plane, &[&create[..], &more[..]].concat()).await;
    let token = secret(&made, "cs_svt_");
    assert_eq!(
        redacted(&made.err),
        "Service token created. Its secret went to standard output. It will not be shown again.\n\n\
         id          my-ci-token ([crd_])\n\
         holder      my-ci-token\n\
         scopes      workflows:execute, workflows:read\n\
         workspaces  ws-analytics\n\
         networks    127.0.0.0/8\n\
         expires     [time]\n"
    );

    let whoami = finish(plane.unpinned().arg("whoami").env("COUNTERSIGN_TOKEN", &token)).await;
    assert_eq!(
        redacted(whoami.done()),
        "principal   service_account:my-ci-token\n\
         name        my-ci-token\n\
         teams       security\n\
         credential  service token, [crd_]\n\
         scopes      workflows:execute, workflows:read\n\
         workspaces  ws-analytics\n\
         until       [time]\n"
    );

    let shown = admin(&plane, &["token", "show", "my-ci-token"]).await;
    for line in ["state       active\n", "name        my-ci-token\n", "created     [time] by [usr_]\n"] {
        assert!(redacted(shown.done()).contains(line), "{}", shown.out);
    }
    let json = admin(&plane, &["token", "show", "my-ci-token", "--json"]).await.json();
    assert_eq!(json["identifier"], "my-ci-token");
    for said in [&shown.out, &shown.err, &json.to_string()] {
        assert!(!said.contains(&token));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_fits_the_terminal_and_says_what_it_leaves_out() {
    let plane = Plane::start().await;
    let scopes = ["--scope", "workflows:read", "--scope", "workflows:write", "--scope", "workflows:execute"];
    let long = "a-rather-long-name-for-a-deployment";
    admin(&plane, &[&["token", "create", "--id", long], &scopes[..]].concat()).await.done();
    admin(&plane, &["token", "create", "--id", "old"]).await.done();
    admin(&plane, &["token", "revoke", "old", "--reason", "Not needed"]).await.done();

    let list = async |columns: &str, words: &[&str]| {
        finish(plane.admin().args(["token", "list"]).args(words).env("COLUMNS", columns)).await
    };
    let wide = list("200", &[]).await;
    let heads: Vec<_> = wide.done().lines().next().unwrap().split_whitespace().collect();
    assert_eq!(heads, ["ID", "HOLDER", "SCOPES", "STATE", "EXPIRES", "LAST", "USED", "USES"]);
    let row: Vec<_> = wide.out.lines().find(|line| line.starts_with(long)).unwrap().split("  ").collect();
    let cells: Vec<_> = row.into_iter().map(str::trim).filter(|cell| !cell.is_empty()).collect();
    assert_eq!(cells, [long, long, "workflows:execute +2", "active", "in 30 days", "never", "0"]);
    assert!(!wide.out.contains("old ") && wide.err.contains("1 that ended are not shown"), "{wide:?}");

    for columns in ["200", "80", "40"] {
        for words in [&["--all"][..], &["--all", "--utc"]] {
            let listed = list(columns, words).await;
            let longest = listed.done().lines().map(|line| line.chars().count()).max().unwrap();
            assert!(longest <= columns.parse().unwrap() || columns == "40", "{}", listed.out);
            assert!(
                listed.out.contains(long) && listed.out.contains("3 scopes") != (columns == "200"),
                "{}",
                listed.out
            );
            assert!(!listed.out.contains('\u{1b}'));
        }
    }
    let all = list("80", &["--wide"]).await;
    assert!(all.done().contains("workflows:execute, workflows:read, workflows:write"), "{}", all.out);
    let revoked = list("80", &["--state", "revoked", "--json"]).await.json();
    assert_eq!(revoked.as_array().unwrap().len(), 1);
    assert_eq!(revoked[0]["revocation_reason"], "Not needed");
    assert!(list("80", &["--state", "expired"]).await.done().contains("no service tokens"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotation_is_drawn_and_both_secrets_work_until_the_family_is_revoked() {
    let plane = Plane::start().await;
    let old = secret(&admin(&plane, &["token", "create", "--id", "ci", "--expires-in", "30d"]).await, "cs_svt_");
    let rotate = ["token", "rotate", "ci", "--overlap", "1800", "--expires-in", "7776000"];
    let rotated = admin(&plane, &rotate).await;
    let new = secret(&rotated, "cs_svt_");
    assert!(!rotated.err.contains(&old));
    let drawing = "old is ci, new is ci-2\n\n\
        old   =====|========|           ends [time]\n\
        both       |--------|           30 min: give programs the new secret meanwhile\n\
        new        |================>   until [time]\n";
    assert!(redacted(&rotated.err).ends_with(drawing), "{}", redacted(&rotated.err));
    assert_eq!((works(&plane, &old).await, works(&plane, &new).await), (Ok(()), Ok(())));

    let again = admin(&plane, &rotate).await;
    again.refused(83, &["rotated already", "hint: `countersign token show ID` says"]);
    let shown = admin(&plane, &["token", "show", "ci"]).await;
    assert!(shown.done().contains("overlapping: it was replaced"), "{}", shown.out);

    let at_once = admin(&plane, &["token", "rotate", "ci-2", "--overlap", "0", "--json"]).await;
    let newest = at_once.json()["secret"].as_str().unwrap().to_owned();
    assert_eq!(at_once.err, "");
    for (secret, expected) in [(&old, Err(Some(77))), (&new, Err(Some(77))), (&newest, Ok(()))] {
        assert_eq!(works(&plane, secret).await, expected);
    }
    let revoke = ["token", "revoke", "ci", "--reason", "Token compromised", "--family"];
    let revoked = admin(&plane, &revoke).await;
    assert_eq!(
        redacted(revoked.done()),
        "3 service tokens of the family of ci are revoked\n  [crd_]\n  [crd_]\n  [crd_]\n"
    );
    assert_eq!(works(&plane, &newest).await, Err(Some(77)));
    assert!(admin(&plane, &revoke).await.done().contains("nothing changed"));
    let shown = admin(&plane, &["token", "show", "ci-3"]).await;
    assert!(redacted(shown.done()).contains("revoked     [time]: Token compromised"), "{}", shown.out);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_its_makers_own_and_is_managed_like_a_token() {
    let plane = Plane::start().await;
    let made = admin(&plane, &["key", "create", "--id", "notebook", "--scope", "approvals:read"]).await;
    let key = secret(&made, "cs_key_");
    assert!(made.err.starts_with("API key created."), "{}", made.err);
    let whoami = finish(plane.unpinned().arg("whoami").env("COUNTERSIGN_TOKEN", &key)).await;
    assert!(redacted(whoami.done()).contains("credential  API key, [crd_]\n"), "{}", whoami.out);
    assert!(admin(&plane, &["key", "list"]).await.done().contains("notebook"));
    let rotated = secret(&admin(&plane, &["key", "rotate", "notebook"]).await, "cs_key_");
    assert_eq!((works(&plane, &key).await, works(&plane, &rotated).await), (Ok(()), Ok(())));
    let revoked = admin(&plane, &["key", "revoke", "notebook", "--json"]).await.json();
    assert_eq!(revoked["revoked"].as_array().unwrap().len(), 1);
    assert_eq!((works(&plane, &key).await, works(&plane, &rotated).await), (Err(Some(77)), Ok(())));
    assert!(admin(&plane, &["key", "show", "notebook"]).await.done().contains("revoked"));
    admin(&plane, &["token", "show", "notebook"]).await.refused(66, &["there is no service token `notebook` here"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scope_is_added_and_listed_and_a_session_says_who_it_is() {
    let plane = Plane::start().await;
    let add = ["scope", "add", "shop:refund", "--description", "Refund an order"];
    assert_eq!(admin(&plane, &add).await.done(), "shop:refund is in the catalogue\n");
    admin(&plane, &add).await.refused(83, &["shop:refund"]);
    let list = admin(&plane, &["scope", "list"]).await;
    assert!(list.done().contains("Refund an order") && list.out.contains("admin:tokens:write"), "{}", list.out);
    assert!(admin(&plane, &["scope", "list", "--json"]).await.json().as_array().unwrap().len() > 10);

    let who = admin(&plane, &["whoami"]).await;
    for line in ["credential  session, [ses_]\n", "e-mail      ada@example.com\n", "logged in   [time]\n"] {
        assert!(redacted(who.done()).contains(line), "{}", who.out);
    }
    assert_eq!(admin(&plane, &["whoami", "--json"]).await.json()["credential"], serde_json::Value::Null);
}
