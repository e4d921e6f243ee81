//! Answers that the network loses: what was done is not known, and nothing is done twice because of it.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::plane::Plane;

/// A way to the control plane on which the answer to one call gets lost.
struct Road {
    address: SocketAddr,
    to: Arc<Mutex<Option<SocketAddr>>>,
}

impl Road {
    /// Loses the first answer to a call whose path ends like this.
    async fn losing(ending: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let to: Arc<Mutex<Option<SocketAddr>>> = Arc::default();
        let (target, happened) = (Arc::clone(&to), Arc::new(Mutex::new(false)));
        tokio::spawn(async move {
            loop {
                let (near, _) = listener.accept().await.unwrap();
                let target = target.lock().unwrap().unwrap();
                tokio::spawn(carry(near, TcpStream::connect(target).await.unwrap(), ending, Arc::clone(&happened)));
            }
        });
        Self { address, to }
    }
}

async fn carry(near: TcpStream, far: TcpStream, ending: &str, happened: Arc<Mutex<bool>>) {
    let ((mut asked, mut answered), (mut answer, mut ask)) = (near.into_split(), far.into_split());
    let (cut, is_cut) = watch::channel(false);
    tokio::spawn(async move {
        let mut buffer = [0; 8192];
        while let Ok(length @ 1..) = answer.read(&mut buffer).await {
            if *is_cut.borrow() || answered.write_all(&buffer[..length]).await.is_err() {
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
async fn a_ticket_that_may_have_been_spent_runs_nothing() {
    let road = Road::losing("/consume").await;
    let plane = Plane::behind(road.address, &road.to).await;
    plane.script("deploy.sh", "touch ran");
    let (run, id) = plane.waiting(plane.exec().args(["--", "./deploy.sh"])).await;
    plane.ada.approve(id).await;
    run.ended().await.refused(83, &["does not answer; waiting", "was consumed at", "nothing ran"]);
    assert!(!plane.has("ran"));
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
