//! The real Orcheo CLI (generation A, the seed's), unchanged, against a real control plane. What it prints is held to
//! transcripts in `orcheo/`; what transcripts cannot show, a plain HTTP client asks.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod modes;
mod wire;

use countersign_tests::orcheo::{Orcheo, Shown};
use countersign_tests::plane::Plane;
use server::Bootstrap;

/// As the seed makes one: `python -c "import secrets; print(secrets.token_urlsafe(32))"`.
const BOOTSTRAP: &str = "Vq3k1Jr0n8rXo2mB7d6YlZ5tWcEhGfAiKsUuPpQxTz4";

/// A control plane with that bootstrap token, which ends then.
async fn plane_until(expires_at: Option<&str>) -> Plane {
    let bootstrap = Bootstrap::parse(BOOTSTRAP, None, expires_at).unwrap();
    Plane::start_told(|settings| settings.auth.bootstrap = Some(bootstrap)).await
}

fn at(address: &str) -> Orcheo {
    let mut cli = Orcheo::at(address);
    cli.call(BOOTSTRAP, "<bootstrap token>");
    cli
}

async fn terminal() -> (Plane, Orcheo) {
    let plane = plane_until(None).await;
    let cli = at(&plane.running.issuer);
    (plane, cli)
}

/// A token that may see and manage tokens, made with the bootstrap token.
async fn operator(cli: &mut Orcheo) -> Shown {
    let scopes = ["--scope", "admin:tokens:read", "--scope", "admin:tokens:write", "--scope", "workflows:read"];
    let more = ["--scope", "workflows:write", "--scope", "workflows:execute"];
    let words = [&["token", "create", "--id", "operator"], &scopes[..], &more[..]].concat();
    cli.make(BOOTSTRAP, &words).await
}

#[tokio::test]
async fn tokens_are_created_listed_and_shown_as_the_seed_says() {
    let (plane, mut cli) = terminal().await;
    let operator = operator(&mut cli).await;
    let own = operator.secret;
    cli.make(&own, &["token", "create"]).await;
    cli.make(&own, &["token", "create", "--id", "my-ci-token"]).await;
    let scopes = ["--scope", "workflows:read", "--scope", "workflows:execute"];
    cli.make(&own, &[&["token", "create", "--id", "backend-service"], &scopes[..]].concat()).await;
    let workspaces = ["--workspace", "ws-reports", "--workspace", "ws-analytics"];
    cli.make(&own, &[&["token", "create", "--id", "analytics-service"], &workspaces[..]].concat()).await;
    cli.make(&own, &["token", "create", "--id", "temp-token", "--expires-in", "2592000"]).await;
    cli.run(&own, &["token", "list"]).await;
    cli.run(&own, &["token", "show", "backend-service"]).await;
    cli.run(&own, &["token", "show", "analytics-service"]).await;
    cli.run(&own, &["token", "show", "temp-token"]).await;
    cli.holds_to("create");

    let token = wire::Caller::of(&plane, &own).get("/temp-token").await.1;
    let time = |name: &str| token[name].as_str().unwrap().parse::<domain::Instant>().unwrap();
    assert_eq!(time("expires_at").seconds() - time("issued_at").seconds(), 2_592_000);
}

#[tokio::test]
async fn after_a_rotation_both_secrets_work_and_nobody_rotates_the_old_one_again() {
    let (plane, mut cli) = terminal().await;
    let operator = operator(&mut cli).await;
    let own = operator.secret;
    let reader = ["--scope", "admin:tokens:read"];
    let old = cli.make(&own, &[&["token", "create", "--id", "my-ci-token"], &reader[..]].concat()).await;
    let new = cli.make(&own, &["token", "rotate", "my-ci-token", "--overlap", "1800"]).await;
    cli.note("both secrets work");
    for secret in [&old.secret, &new.secret] {
        cli.run(secret, &["token", "show", "my-ci-token"]).await;
    }
    cli.note("but the old one has been replaced already");
    cli.run(&own, &["token", "rotate", "my-ci-token"]).await;

    cli.note("five minutes unless said otherwise, and a life of its own");
    let next = cli.make(&own, &["token", "rotate", &new.id]).await;
    let last = cli.make(&own, &["token", "rotate", &next.id, "--overlap", "600", "--expires-in", "7776000"]).await;
    cli.run(&own, &["token", "show", &last.id]).await;
    cli.note("without overlap the old secret ends at once");
    cli.make(&own, &["token", "rotate", &last.id, "--overlap", "0"]).await;
    cli.run(&last.secret, &["token", "list"]).await;
    cli.run(&own, &["token", "list"]).await;
    cli.holds_to("rotate");
    drop(plane);
}

#[tokio::test]
async fn a_revoked_token_is_refused_with_its_text() {
    let (plane, mut cli) = terminal().await;
    let own = operator(&mut cli).await.secret;
    let reader = ["--scope", "admin:tokens:read"];
    let token = cli.make(&own, &[&["token", "create", "--id", "my-ci-token"], &reader[..]].concat()).await;
    cli.run(&own, &["token", "revoke", "my-ci-token", "--reason", "Token compromised"]).await;
    cli.run(&token.secret, &["token", "list"]).await;
    cli.run(&own, &["token", "show", "my-ci-token"]).await;
    cli.run(&own, &["token", "list"]).await;
    cli.note("what has ended cannot be brought back by a rotation");
    cli.run(&own, &["token", "rotate", "my-ci-token"]).await;
    cli.note("a rotated token and what replaced it end together");
    let old = cli.make(&own, &[&["token", "create", "--id", "other"], &reader[..]].concat()).await;
    let new = cli.make(&own, &["token", "rotate", "other"]).await;
    cli.run(&own, &["token", "revoke", &new.id, "--reason", "Leaked"]).await;
    for secret in [&old.secret, &new.secret] {
        cli.run(secret, &["token", "list"]).await;
    }
    cli.holds_to("revoke");
    drop(plane);
}

#[tokio::test]
async fn what_is_refused_is_said_in_one_line_and_exits_with_one() {
    let (plane, mut cli) = terminal().await;
    let own = operator(&mut cli).await.secret;
    cli.note("no token, a wrong one, one without the scope");
    cli.run("", &["token", "list"]).await;
    cli.run("hunter2", &["token", "list"]).await;
    let few = cli.make(&own, &["token", "create", "--id", "few", "--scope", "workflows:read"]).await;
    cli.run(&few.secret, &["token", "list"]).await;
    cli.run(&few.secret, &["token", "create"]).await;
    cli.run(&few.secret, &["token", "revoke", "operator", "--reason", "because"]).await;

    cli.note("what is not there, what is there already");
    cli.run(&own, &["token", "show", "nobody"]).await;
    cli.run(&own, &["token", "rotate", "nobody"]).await;
    cli.run(&own, &["token", "revoke", "nobody", "--reason", "gone"]).await;
    cli.run(&own, &["token", "create", "--id", "few"]).await;

    cli.note("what the control plane does not take");
    cli.run(&own, &["token", "create", "--id", "a b"]).await;
    cli.run(&own, &["token", "create", "--scope", "workflows:fly"]).await;
    cli.run(&own, &["token", "create", "--expires-in", "4000000000"]).await;
    cli.run(&own, &["token", "rotate", "few", "--overlap", "-1"]).await;
    cli.run(&own, &["token", "revoke", "few", "--reason", ""]).await;
    cli.note("nobody grants what they do not hold");
    cli.run(&own, &["token", "create", "--scope", "vault:write"]).await;

    cli.note("what the CLI itself does not take");
    cli.run(&own, &["token", "create", "--expires-in", "30"]).await;
    cli.run(&own, &["token", "revoke", "few"]).await;
    cli.run(&own, &["token", "rotate", "few", "--scope", "workflows:write"]).await;
    cli.holds_to("refuse");
    drop(plane);
}
