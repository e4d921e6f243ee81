//! Answers that the network loses: what was done is not known, and nothing is done twice because of it.

use std::fs;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::plane::Plane;
use crate::run::finish;

/// A way to the control plane on which the answer to one call gets lost.
struct Road {
    address: SocketAddr,
    to: Arc<Mutex<Option<SocketAddr>>>,
}

impl Road {
    /// Loses the first answer to a call whose path ends like this.
    async fn losing(ending: &'static str) -> Self {
        Self::saying(ending, "").await
    }

    /// Says this instead of the first answer to a call whose path ends like this.
    async fn saying(ending: &'static str, instead: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let to: Arc<Mutex<Option<SocketAddr>>> = Arc::default();
        let (target, happened) = (Arc::clone(&to), Arc::new(Mutex::new(false)));
        tokio::spawn(async move {
            loop {
                let (near, _) = listener.accept().await.unwrap();
                let target = target.lock().unwrap().unwrap();
                let far = TcpStream::connect(target).await.unwrap();
                tokio::spawn(carry(near, far, ending, instead, Arc::clone(&happened)));
            }
        });
        Self { address, to }
    }
}

async fn carry(near: TcpStream, far: TcpStream, ending: &str, instead: &'static str, happened: Arc<Mutex<bool>>) {
    let ((mut asked, mut answered), (mut answer, mut ask)) = (near.into_split(), far.into_split());
    let (cut, is_cut) = watch::channel(false);
    tokio::spawn(async move {
        let mut buffer = [0; 8192];
        while let Ok(length @ 1..) = answer.read(&mut buffer).await {
            let cut = *is_cut.borrow();
            let answer = if cut { instead.as_bytes() } else { &buffer[..length] };
            if answered.write_all(answer).await.is_err() || cut {
                break;
            }
        }
    });
    let mut buffer = [0; 8192];
    while let Ok(length @ 1..) = asked.read(&mut buffer).await {
        let text = String::from_utf8_lossy(&buffer[..length]);
        if text.lines().next().is_some_and(|line| line.ends_with(&format!("{ending} HTTP/1.1"))) {
            let first = !std::mem::replace(&mut *happened.lock().unwrap(), true);
            cut.send_replace(first);
        }
        if ask.write_all(&buffer[..length]).await.is_err() {
            break;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_is_spent_once_and_what_it_was_spent_for_runs_once() {
    let road = Road::losing("/consume").await;
    let plane = Plane::behind(road.address, &road.to).await;
    plane.script("deploy.sh", "echo ran >> runs");
    let (run, id) = plane.waiting(plane.exec().args(["--", "./deploy.sh"])).await;
    plane.ada.approve(id).await;
    let ended = run.ended().await;
    ended.done();
    assert!(ended.err.contains("does not answer; waiting"), "{}", ended.err);
    assert_eq!(fs::read_to_string(plane.home().join("runs")).unwrap(), "ran\n");
    let spent = plane.ada.api.ticket(id).await.unwrap();
    assert_eq!((spent.state.name(), spent.task.unwrap().exit_code), ("consumed", Some(0)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_use_whose_answer_was_lost_is_one_use() {
    let road = Road::losing("/consume").await;
    let plane = Plane::behind(road.address, &road.to).await;
    plane.script("deploy.sh", "echo ran >> runs");
    let (run, id) = plane.waiting(plane.exec().args(["--standing", "3/10m", "--", "./deploy.sh"])).await;
    plane.ada.approve(id).await;
    let ended = run.ended().await;
    ended.done();
    assert!(ended.err.contains("does not answer; waiting") && ended.err.contains("use 1 of 3"), "{}", ended.err);
    assert_eq!(plane.ada.api.ticket(id).await.unwrap().uses.len(), 1);
    assert_eq!(fs::read_to_string(plane.home().join("runs")).unwrap(), "ran\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_end_that_was_recorded_is_not_warned_of() {
    let road = Road::losing("/finish").await;
    let plane = Plane::behind(road.address, &road.to).await;
    let (run, id) = plane.waiting(plane.exec().args(["--", "true"])).await;
    plane.ada.approve(id).await;
    let ended = run.ended().await;
    ended.done();
    assert!(ended.err.contains("does not answer; waiting") && !ended.err.contains("not be recorded"), "{}", ended.err);
    assert_eq!(plane.ada.api.ticket(id).await.unwrap().task.unwrap().exit_code, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_is_opened_once() {
    let road = Road::losing("/approvals").await;
    let plane = Plane::behind(road.address, &road.to).await;
    let (run, id) = plane.waiting(plane.exec().args(["--", "true"])).await;
    let inbox = plane.ada.api.inbox(&[]).await.unwrap();
    assert_eq!(inbox.items.iter().map(|ticket| ticket.id).collect::<Vec<_>>(), [id]);
    plane.ada.approve(id).await;
    run.ended().await.done();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_of_somebody_on_the_way_is_a_refusal() {
    let forbidden = "HTTP/1.1 403 Forbidden\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\nno";
    let road = Road::saying("/consume", forbidden).await;
    let plane = Plane::behind(road.address, &road.to).await;
    plane.script("deploy.sh", "touch ran");
    let (run, id) = plane.waiting(plane.exec().args(["--", "./deploy.sh"])).await;
    plane.ada.approve(id).await;
    let ended = run.ended().await;
    ended.refused(80, &["403 Forbidden without a problem document", "nothing ran"]);
    assert!(!plane.has("ran") && !ended.err.contains("waiting ("), "{}", ended.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_made_once_and_named_so_that_nobodys_secret_stays() {
    let road = Road::losing("/service-tokens").await;
    let plane = Plane::behind(road.address, &road.to).await;
    let lost = finish(plane.admin().args(["token", "create", "--id", "ci", "--out", "ci.token"])).await;
    lost.refused(83, &["asking once more under the same idempotency key", "done already", "token revoke crd_"]);
    assert!(!plane.has("ci.token"));
    let all = finish(plane.admin().args(["token", "list", "--all", "--json"])).await.json();
    let made: Vec<_> = all.as_array().unwrap().iter().filter(|one| one["identifier"] == "ci").collect();
    assert_eq!(made.len(), 1, "{all}");
    let id = made[0]["id"].as_str().unwrap();
    assert!(lost.err.contains(&format!("`countersign token rotate {id}`")), "{}", lost.err);
    finish(plane.admin().args(["token", "rotate", id])).await.done();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotation_whose_answer_is_lost_names_the_successor() {
    let road = Road::losing("/rotate").await;
    let plane = Plane::behind(road.address, &road.to).await;
    finish(plane.admin().args(["key", "create", "--id", "notebook"])).await.done();
    let lost = finish(plane.admin().args(["key", "rotate", "notebook", "--idempotency-key", "k1"])).await;
    lost.refused(83, &["done already", "`countersign key rotate crd_", "`countersign key revoke crd_"]);
    let again = finish(plane.admin().args(["key", "rotate", "notebook", "--idempotency-key", "k1"])).await;
    again.refused(83, &["done already"]);
    let all = finish(plane.admin().args(["key", "list", "--all", "--json"])).await.json();
    assert_eq!(all.as_array().unwrap().iter().filter(|one| one["rotated_from"].is_string()).count(), 1, "{all}");
}

#[tokio::test(flavor = "multi_thread")]
async fn rotating_every_key_says_which_one_was_lost() {
    let road = Road::losing("/rotate").await;
    let plane = Plane::behind(road.address, &road.to).await;
    let wish = serde_json::json!({ "name": "one", "scopes": ["logs:read"] });
    plane.ada.api.create_account(&serde_json::from_value(wish).unwrap()).await.unwrap();
    let lost = finish(plane.admin().args(["auth", "rotate-keys", "--out", "keys.jsonl"])).await;
    lost.refused(83, &["was rotated, and nobody has", "`countersign key rotate crd_", "0 of 1 were rotated before"]);
    assert_eq!(fs::read_to_string(plane.home().join("keys.jsonl")).unwrap(), "");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_is_made_once() {
    let road = Road::losing("/webhooks").await;
    let plane = Plane::behind(road.address, &road.to).await;
    let create = ["webhook", "create", "https://siem.example.com/in", "--event", "alert.*"];
    let lost = finish(plane.admin().args(create)).await;
    lost.refused(83, &["done already", "`countersign webhook rotate-secret whk_"]);
    assert_eq!(lost.out, "");
    let all = finish(plane.admin().args(["webhook", "list", "--json"])).await.json();
    assert_eq!(all.as_array().unwrap().len(), 1, "{all}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_secret_of_a_webhook_is_replaced_once() {
    let road = Road::losing("/rotate-secret").await;
    let plane = Plane::behind(road.address, &road.to).await;
    let create = ["webhook", "create", "https://siem.example.com/in", "--event", "alert.*", "--json"];
    let id = finish(plane.admin().args(create)).await.json()["id"].as_str().unwrap().to_owned();
    let shown = async || finish(plane.admin().args(["webhook", "show", &id, "--json"])).await.json()["secrets"].clone();
    let before = shown().await;
    let lost = finish(plane.admin().args(["webhook", "rotate-secret", &id])).await;
    lost.refused(83, &["done already", &format!("`countersign webhook rotate-secret {id}`")]);
    let after = shown().await;
    assert_eq!((after.as_array().unwrap().len(), &after[1]["fingerprint"]), (2, &before[0]["fingerprint"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manifests_key_that_was_lost_is_named() {
    let road = Road::losing("/api-keys").await;
    let plane = Plane::behind(road.address, &road.to).await;
    let text = "apiVersion: aether/v1\nkind: ServiceAccount\nmetadata:\n  name: ci\nspec:\n  scopes: [logs:read]\n";
    let file = plane.home().join("account.yml");
    fs::write(&file, text).unwrap();
    let mut apply = plane.admin();
    apply.args(["account", "apply", "--write-keys", "-f"]).arg(&file);
    apply.env("COUNTERSIGN_MANIFEST_KEY", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=");
    finish(&mut apply).await.refused(83, &["done already", "`countersign key revoke crd_"]);
    assert_eq!(fs::read_to_string(&file).unwrap(), text);
}
