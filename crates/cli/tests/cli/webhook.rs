//! `webhook`: made, shown, tried out, switched off; messages verified; a server that is killed.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use domain::Clock as _;
use domain::ambient::SystemClock;
use domain::webhook::signature::WebhookSecret;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::plane::{Approver, Plane};
use crate::run::{Ended, finish, program, start};
use crate::serve::Served;

const URL: &str = "https://siem.example.com/in";

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_is_made_shown_tried_out_and_switched_off() {
    let plane = Plane::start().await;
    let create = ["webhook", "create", URL, "--event", "alert.*", "--event", "ticket.opened", "--description", "siem"];
    let made = finish(plane.admin().args(create)).await;
    let secret = made.done().strip_suffix('\n').unwrap().to_owned();
    assert!(secret.starts_with("whsec_") && !secret.contains(char::is_whitespace), "{}", made.out);
    assert!(made.err.starts_with("Webhook created. Its secret went to standard output."), "{}", made.err);
    assert!(made.err.contains("\nwebhook  whk_") && !made.err.contains(&secret), "{}", made.err);
    let listed = finish(plane.admin().args(["webhook", "list", "--json"])).await.json();
    let id = listed[0]["id"].as_str().unwrap().to_owned();
    let shown = finish(plane.admin().args(["webhook", "show", &id])).await;
    let print = WebhookSecret::parse(&secret).unwrap().fingerprint();
    assert!(shown.done().contains(&print) && shown.out.contains("alert.*, ticket.opened"), "{}", shown.out);
    for output in [&shown.out, &listed.to_string()] {
        assert!(!output.contains(&secret), "{output}");
    }
    let tested = finish(plane.admin().args(["webhook", "test", &id, "--json"])).await.json();
    let messages = finish(plane.admin().args(["webhook", "deliveries", &id])).await;
    assert!(messages.done().contains(tested["id"].as_str().unwrap()) && messages.out.contains("webhook.test"));
    let rotated =
        finish(plane.admin().args(["webhook", "rotate-secret", &id, "--overlap", "1h", "--json"])).await.json();
    assert_ne!(rotated["secret"], secret);
    let both = finish(plane.admin().args(["webhook", "show", &id])).await;
    assert!(both.done().contains(&format!("{print} (until ")), "{}", both.out);
    let off = finish(plane.admin().args(["webhook", "disable", &id, "--reason", "moved"])).await;
    assert!(off.done().contains("off: moved"), "{}", off.out);
    let message = tested["id"].as_str().unwrap();
    finish(plane.admin().args(["webhook", "resend", &id, message])).await.refused(83, &["switched off"]);
    finish(plane.admin().args(["webhook", "test", &id])).await.refused(83, &["switched off"]);

    let private = ["webhook", "create", "https://127.0.0.1/x", "--event", "*"];
    finish(plane.admin().args(private)).await.refused(64, &["url", "not on the public internet"]);
    let typo = ["webhook", "create", URL, "--event", "alerts.*"];
    finish(plane.admin().args(typo)).await.refused(64, &["`alerts.*` is no kind of event"]);
    finish(plane.runner().args(["webhook", "list"])).await.refused(80, &["alerts:read"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_goes_into_a_new_file_that_its_owner_alone_can_read() {
    let plane = Plane::start().await;
    let create = ["webhook", "create", URL, "--event", "alert.*", "--out", "hook.secret"];
    let made = finish(plane.admin().args(create)).await;
    let file = plane.home().join("hook.secret");
    let secret = fs::read_to_string(&file).unwrap();
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(secret.starts_with("whsec_") && secret.ends_with('\n'));
    assert!(made.done().starts_with("Webhook created. Its secret is in `hook.secret`."), "{}", made.out);
    finish(plane.admin().args(create)).await.refused(74, &["`hook.secret`", "nothing was asked of the control plane"]);

    let listed = finish(plane.admin().args(["webhook", "list", "--json"])).await.json();
    assert_eq!(listed.as_array().unwrap().len(), 1);
    let rotate = ["webhook", "rotate-secret", listed[0]["id"].as_str().unwrap(), "--out", "new.secret", "--json"];
    let rotated = finish(plane.admin().args(rotate)).await.json();
    assert_eq!((&rotated["secret_file"], &rotated["secret"]), (&"new.secret".into(), &serde_json::Value::Null));
    assert_ne!(fs::read_to_string(plane.home().join("new.secret")).unwrap(), secret);
    let nobody = "whk_01HZY3V5W2M4Q6S8T0XABCDEFG";
    let refused = finish(plane.admin().args(["webhook", "rotate-secret", nobody, "--out", "third.secret"])).await;
    refused.refused(66, &[]);
    assert!(!plane.has("third.secret"), "an empty file is left of what was refused");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_named_is_changed_and_the_rest_stays() {
    let plane = Plane::start().await;
    let create = ["webhook", "create", URL, "--event", "alert.*", "--description", "siem", "--json"];
    let id = finish(plane.admin().args(create)).await.json()["id"].as_str().unwrap().to_owned();
    let change = async |words: &[&str]| finish(plane.admin().args(["webhook", "change", &id]).args(words)).await;
    change(&[]).await.refused(64, &["--turn"]);
    let off = change(&["--turn", "off"]).await;
    assert!(off.done().contains(URL) && off.out.contains("alert.*") && off.out.contains("siem"), "{}", off.out);
    assert!(off.out.contains("is           off"), "{}", off.out);
    let events = change(&["--event", "ticket.opened", "--event", "ticket.cancelled", "--json"]).await.json();
    assert_eq!(events["events"], serde_json::json!(["ticket.opened", "ticket.cancelled"]));
    assert_eq!((&events["active"], &events["description"]), (&false.into(), &"siem".into()));
    let moved = "https://siem.example.com/moved";
    let on = change(&["--address", moved, "--turn", "on", "--description", "", "--json"]).await.json();
    assert_eq!((&on["url"], &on["active"], &on["description"]), (&moved.into(), &true.into(), &"".into()));
    change(&["--address", "https://127.0.0.1/x"]).await.refused(64, &["url", "not on the public internet"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_are_listed_page_after_page() {
    let plane = Plane::start().await;
    let create = ["webhook", "create", URL, "--event", "alert.*", "--json"];
    let id = finish(plane.admin().args(create)).await.json()["id"].as_str().unwrap().to_owned();
    for _ in 0..51 {
        plane.ada.api.test_webhook(id.parse().unwrap()).await.unwrap();
    }
    let first = finish(plane.admin().args(["webhook", "deliveries", &id])).await;
    assert_eq!(first.done().lines().count(), 1 + 50);
    assert!(first.err.contains("there are more than 50; `--limit` shows more"), "{}", first.err);
    let all = finish(plane.admin().args(["webhook", "deliveries", &id, "--limit", "60", "--json"])).await;
    assert_eq!((all.json().as_array().unwrap().len(), all.err.as_str()), (51, ""));
}

#[tokio::test(flavor = "multi_thread")]
async fn h_09_a_message_is_verified_before_it_is_read() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("secrets");
    let (old, new) = (WebhookSecret::from_bytes(vec![1; 24]).unwrap(), WebhookSecret::from_bytes(vec![2; 32]).unwrap());
    fs::write(&file, format!("{}\n{}\n", &*old.reveal(), &*new.reveal())).unwrap();
    let (body, now) =
        (r#"{"type":"alert.raised","timestamp":"2026-11-22T05:00:00Z","data":{}}"#, SystemClock.now().seconds());
    let verify = async |id: &str, timestamp: String, signature: String, body: &str| -> Ended {
        let mut command = program(home.path());
        command.args(["webhook", "verify", "--secret-file"]).arg(&file);
        command.args(["--id", id, "--timestamp", &timestamp, "--signature", &signature]);
        let mut run = start(&mut command);
        run.write(body).await;
        run.ended().await
    };
    let good = new.sign("msg_1", now, body.as_bytes());
    for signature in [good.clone(), old.sign("msg_1", now, body.as_bytes()), format!("v1,AAAA {good}")] {
        let verified = verify("msg_1", now.to_string(), signature, body).await;
        assert_eq!(verified.done().trim(), "verified: msg_1 alert.raised");
    }
    let stale = new.sign("msg_1", now - 400, body.as_bytes());
    verify("msg_1", (now - 400).to_string(), stale, body).await.refused(84, &["more than 300 s from now"]);
    verify("msg_2", now.to_string(), good.clone(), body).await.refused(84, &["no signature fits"]);
    verify("msg_1", now.to_string(), good.clone(), "{}").await.refused(84, &["no signature fits"]);
    verify("msg_1", "-1".into(), good.clone(), body).await.refused(84, &["webhook-timestamp"]);
    fs::write(&file, "\n").unwrap();
    verify("msg_1", now.to_string(), good.clone(), body).await.refused(74, &["it holds no secret"]);
    fs::write(&file, "whsec_\n").unwrap();
    verify("msg_1", now.to_string(), good, body).await.refused(74, &["no webhook secret"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_a_killed_server_had_claimed_comes_again_under_its_id() {
    let home = tempfile::tempdir().unwrap();
    let first = Served::found(home.path(), "127.0.0.1:0").await;
    first.end().await.done();
    let variables = [
        ("COUNTERSIGN_OUTBOUND_ALLOWED_RANGES", "127.0.0.0/8"),
        ("COUNTERSIGN_OUTBOUND_PLAIN_HTTP", "true"),
        ("COUNTERSIGN_WEBHOOKS_TIMEOUT", "1s"),
    ];
    let served = Served::with(home.path(), &variables).await;
    let ada = Approver::found_roster(&served.url).await;
    let receiver = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut admin = program(home.path());
    admin.env("COUNTERSIGN_URL", &served.url).env("COUNTERSIGN_TOKEN", &ada.token);
    let url = format!("http://{}/in", receiver.local_addr().unwrap());
    let made = finish(admin.args(["webhook", "create", &url, "--event", "alert.*", "--json"])).await.json();
    let mut admin = program(home.path());
    admin.env("COUNTERSIGN_URL", &served.url).env("COUNTERSIGN_TOKEN", &ada.token);
    finish(admin.args(["webhook", "test", made["id"].as_str().unwrap()])).await.done();
    let (mut socket, _) = receiver.accept().await.unwrap();
    let claimed = head(&mut socket).await;
    served.die().await;
    drop(socket);
    let again = Served::with(home.path(), &variables).await;
    let (mut socket, _) = receiver.accept().await.unwrap();
    let sent = head(&mut socket).await;
    socket.write_all(b"HTTP/1.1 204 Done\r\nContent-Length: 0\r\n\r\n").await.unwrap();
    assert!(claimed.starts_with("msg_"), "{claimed}");
    assert_eq!(claimed, sent);
    again.end().await.done();
}

/// Reads the head of a request; gives its `webhook-id`.
async fn head(socket: &mut TcpStream) -> String {
    let mut text = String::new();
    while !text.contains("\r\n\r\n") {
        let mut buffer = [0; 4096];
        let length = socket.read(&mut buffer).await.unwrap();
        assert!(length > 0, "{text}");
        text.push_str(&String::from_utf8_lossy(&buffer[..length]));
    }
    text.lines().find_map(|line| line.strip_prefix("webhook-id: ")).unwrap().to_owned()
}
