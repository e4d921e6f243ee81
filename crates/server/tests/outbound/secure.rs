//! TLS on the way out: the name that was asked for, by an authority that is trusted.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use countersign_server::outbound::{Outbound, OutboundError, OutboundPolicy};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use crate::sites::{LIMITS, Names, get};

/// A site with a certificate for `plane.example` of an authority that only this test knows. Gives the authority as PEM.
async fn site(serving: &mut JoinSet<()>) -> (u16, Vec<u8>) {
    let mut authority = CertificateParams::new(vec![]).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority_key = KeyPair::generate().unwrap();
    let authority_der = authority.self_signed(&authority_key).unwrap().der().to_vec();
    let key = KeyPair::generate().unwrap();
    let leaf = CertificateParams::new(vec!["plane.example".to_owned()]).unwrap();
    let leaf = leaf.signed_by(&key, &Issuer::from_params(&authority, &authority_key)).unwrap();
    let chain = vec![CertificateDer::from(leaf.der().to_vec())];
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = config.with_no_client_auth().with_single_cert(chain, key).unwrap();
    let (acceptor, listener) = (TlsAcceptor::from(Arc::new(config)), TcpListener::bind("127.0.0.1:0").await.unwrap());
    let port = listener.local_addr().unwrap().port();
    serving.spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            // A handshake that the other side ends is what half of these tests are about.
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            let mut head = vec![0; 4096];
            let _ = stream.read(&mut head).await;
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecret").await;
            let _ = stream.shutdown().await;
        }
    });
    let pem = format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", STANDARD.encode(authority_der));
    (port, pem.into_bytes())
}

#[tokio::test]
async fn only_the_named_host_under_a_trusted_authority_is_spoken_to() {
    let mut serving = JoinSet::new();
    let (port, authority) = site(&mut serving).await;
    let outbound = |extra_ca_pem| {
        let policy =
            OutboundPolicy { allowed_ranges: vec!["127.0.0.1/32".parse().unwrap()], plain_http: false, extra_ca_pem };
        Outbound::with_resolver(policy, Names::new(&[&["127.0.0.1"]])).unwrap()
    };
    let trusting = outbound(Some(authority));
    for host in ["plane.example", "plane.example.", "PLANE.example"] {
        assert_eq!(get(&trusting, &format!("https://{host}:{port}/"), LIMITS).await.unwrap().body, "secret");
    }
    for url in [format!("https://other.example:{port}/"), format!("https://127.0.0.1:{port}/")] {
        let refused = get(&trusting, &url, LIMITS).await.unwrap_err();
        assert!(matches!(refused, OutboundError::Tls { .. }), "{refused}");
    }
    let refused = get(&outbound(None), &format!("https://plane.example:{port}/"), LIMITS).await.unwrap_err();
    assert!(matches!(refused, OutboundError::Tls { .. }), "{refused}");
}

#[tokio::test]
async fn a_bundle_that_is_none_is_refused_at_the_start() {
    for pem in [&b""[..], b"x", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
        let policy = OutboundPolicy { extra_ca_pem: Some(pem.to_vec()), ..OutboundPolicy::default() };
        assert!(Outbound::new(policy).is_err());
    }
}
