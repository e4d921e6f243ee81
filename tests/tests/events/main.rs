//! The event stream over real sockets: who is let in and how, what is told, and what ends it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod door;
mod life;
mod orcheo;
mod sse;

use contract::credentials::CreateServiceToken;
use contract::events::{FreshStreamTicket, SocketMessage};
use countersign_tests::plane::Plane;
use countersign_tests::socket::Socket;
use reqwest::Client;
use serde_json::{Value, json};
use server::Settings;

const SOCKET: &str = "/api/v1/ws";
const STREAM: &str = "/api/v1/events";

/// A founded control plane, its founder's access token, and a token of a program that may listen.
struct House {
    plane: Plane,
    founder: String,
    listener: String,
    listener_id: String,
    _folder: tempfile::TempDir,
}

impl House {
    async fn new() -> Self {
        Self::with(|_| {}).await
    }

    async fn with(change: impl FnOnce(&mut Settings)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut settings = Plane::settings(folder.path());
        change(&mut settings);
        let plane = Plane::start_with(settings).await;
        let founder = plane.founder_token().await;
        let mut house = Self { plane, founder, listener: String::new(), listener_id: String::new(), _folder: folder };
        (house.listener_id, house.listener) = house.token(&["approvals:read"]).await;
        house
    }

    fn at(&self) -> std::net::SocketAddr {
        self.plane.running.address
    }

    /// Makes a token with these scopes; gives its id and secret.
    async fn token(&self, scopes: &[&str]) -> (String, String) {
        let wish = CreateServiceToken {
            label: "events".into(),
            scopes: Some(scopes.iter().map(|scope| (*scope).to_owned()).collect()),
            ..CreateServiceToken::default()
        };
        let made = self.post("/api/v1/auth/service-tokens", &self.founder, &json!(wish)).await;
        (made["id"].as_str().unwrap().to_owned(), made["secret"].as_str().unwrap().to_owned())
    }

    async fn post(&self, path: &str, token: &str, body: &Value) -> Value {
        let url = self.plane.address().at(path);
        let answer = Client::new().post(url).bearer_auth(token).json(body).send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.text().await.unwrap());
        answer.json().await.unwrap()
    }

    async fn ticket(&self, token: &str) -> String {
        let fresh = self.post("/api/v1/events/tickets", token, &json!({})).await;
        let fresh: FreshStreamTicket = serde_json::from_value(fresh).unwrap();
        assert_eq!(fresh.expires_in, 30);
        assert!(fresh.ticket.starts_with("cs_st_"));
        fresh.ticket
    }

    async fn revoke(&self, id: &str) {
        self.post(&format!("/api/v1/auth/service-tokens/{id}/revoke"), &self.founder, &json!({ "reason": "test" }))
            .await;
    }

    /// A socket of the listener, after its `hello`.
    async fn listening(&self) -> Socket {
        let mut socket = Socket::open(self.at(), SOCKET, &[("x-api-key", &self.listener)]).await.unwrap();
        greeted(&mut socket).await;
        socket
    }
}

async fn greeted(socket: &mut Socket) {
    let SocketMessage::Hello { request_id, ping_interval_ms } = socket.hear().await.unwrap() else {
        panic!("`hello` comes first")
    };
    assert_eq!(socket.headers["x-request-id"].to_str().unwrap(), request_id);
    assert!(ping_interval_ms > 0);
}
