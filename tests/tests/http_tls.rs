//! TLS of the control plane, with certificates made here and a client that trusts only their authority.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::path::Path;

use contract::status::Readiness;
use countersign_tests::plane::Plane;
use countersign_tests::wait::until;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use reqwest::Client;
use server::{Period, Running, Settings};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// An authority with a name of its own, and where its certificates are served from.
struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self { issuer: CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap() }
    }

    /// Puts a certificate that ends in this year, and its key, where the control plane looks.
    fn issue(&self, folder: &Path, until: i32) {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec!["127.0.0.1".into(), "localhost".into()]).unwrap();
        (params.not_before, params.not_after) = (date_time_ymd(2020, 1, 1), date_time_ymd(until, 1, 1));
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        fs::write(folder.join("tls.crt"), certificate.pem()).unwrap();
        fs::write(folder.join("tls.key"), key.serialize_pem()).unwrap();
    }

    /// A client that trusts this authority alone, and keeps no connection.
    fn client(&self) -> Client {
        let certificate = reqwest::Certificate::from_pem(self.issuer.pem().as_bytes()).unwrap();
        Client::builder().tls_certs_only([certificate]).pool_max_idle_per_host(0).build().unwrap()
    }
}

fn settings(folder: &Path) -> Settings {
    let mut settings = Plane::settings(folder);
    settings.tls.cert_file = Some(folder.join("tls.crt"));
    settings.tls.key_file = Some(folder.join("tls.key"));
    settings
}

async fn start(folder: &Path, change: impl FnOnce(&mut Settings)) -> Running {
    let mut settings = settings(folder);
    change(&mut settings);
    server::start(settings).await.unwrap()
}

#[tokio::test]
async fn it_is_served_by_tls_alone_and_browsers_are_told_to_insist() {
    let (folder, authority) = (tempfile::tempdir().unwrap(), Authority::new());
    authority.issue(folder.path(), 2199);
    let running = start(folder.path(), |_| {}).await;
    assert!(running.issuer.starts_with("https://127.0.0.1:"), "{}", running.issuer);
    let answer = authority.client().get(format!("{}/readyz", running.issuer)).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["strict-transport-security"], "max-age=31536000");
    assert!(Authority::new().client().get(&running.issuer).send().await.is_err(), "another authority is not ours");

    let mut plain = TcpStream::connect(running.address).await.unwrap();
    plain.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    let mut answer = Vec::new();
    drop(plain.read_to_end(&mut answer).await);
    assert!(!String::from_utf8_lossy(&answer).contains("HTTP/1.1"), "nothing is said in the clear");
}

#[tokio::test]
async fn x_02_a_handshake_that_does_not_go_on_is_closed() {
    let (folder, authority) = (tempfile::tempdir().unwrap(), Authority::new());
    authority.issue(folder.path(), 2199);
    let running = start(folder.path(), |settings| settings.tls.handshake_timeout = Period::millis(200)).await;
    for beginning in [&b""[..], &b"\x16\x03\x01\x02\x00"[..]] {
        let mut socket = TcpStream::connect(running.address).await.unwrap();
        socket.write_all(beginning).await.unwrap();
        let mut answer = Vec::new();
        let read = tokio::time::timeout(countersign_tests::wait::PATIENCE, socket.read_to_end(&mut answer)).await;
        drop(read.expect("the connection is closed"));
    }
}

#[tokio::test]
async fn a_new_certificate_is_served_to_new_connections_and_a_bad_one_changes_nothing() {
    let (folder, old, new) = (tempfile::tempdir().unwrap(), Authority::new(), Authority::new());
    old.issue(folder.path(), 2199);
    let running = start(folder.path(), |_| {}).await;
    let health = format!("{}/healthz", running.issuer);
    let open = Client::builder()
        .tls_certs_only([reqwest::Certificate::from_pem(old.issuer.pem().as_bytes()).unwrap()])
        .build()
        .unwrap();
    assert!(open.get(&health).send().await.unwrap().text().await.is_ok());

    fs::write(folder.path().join("tls.key"), "no key").unwrap();
    assert!(running.reload_certificates().await);
    assert!(old.client().get(&health).send().await.is_ok(), "the old one is served on");

    new.issue(folder.path(), 2199);
    assert!(running.reload_certificates().await);
    assert!(new.client().get(&health).send().await.is_ok());
    assert!(old.client().get(&health).send().await.is_err());
    assert!(open.get(&health).send().await.is_ok(), "a connection that was open stays open");
}

#[tokio::test]
async fn changed_files_are_found_without_a_signal_and_an_expired_one_is_told() {
    let (folder, old, new) = (tempfile::tempdir().unwrap(), Authority::new(), Authority::new());
    old.issue(folder.path(), 2199);
    let running = start(folder.path(), |settings| settings.tls.reload_interval = Period::millis(20)).await;
    let ready = format!("{}/readyz", running.issuer);
    assert_eq!(old.client().get(&ready).send().await.unwrap().status(), 200);

    new.issue(folder.path(), 2021);
    let blind = Client::builder().tls_danger_accept_invalid_certs(true).pool_max_idle_per_host(0).build().unwrap();
    let told = until("the expired certificate", async || {
        let answer = blind.get(&ready).send().await?;
        Ok(if answer.status() == 503 { Some(answer.json::<Readiness>().await?) } else { None })
    });
    let certificate = told.await.unwrap().checks.remove("certificate").unwrap();
    assert_eq!((certificate.ok, certificate.reason.as_deref()), (false, Some("the certificate has expired")));
}

#[tokio::test]
async fn files_that_cannot_be_served_keep_it_from_starting() {
    let (folder, authority) = (tempfile::tempdir().unwrap(), Authority::new());
    let refused = async |words: &str| {
        let told = server::start(settings(folder.path())).await.err().unwrap().to_string();
        assert!(told.contains(words), "{told}");
    };
    refused("tls.crt").await;
    authority.issue(folder.path(), 2199);
    let key = fs::read_to_string(folder.path().join("tls.key")).unwrap();
    authority.issue(folder.path(), 2199);
    fs::write(folder.path().join("tls.key"), key).unwrap();
    refused("tls.key").await;
    fs::write(folder.path().join("tls.crt"), "").unwrap();
    refused("there is none").await;
}
