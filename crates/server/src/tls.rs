//! TLS: the certificate that is served, and how a new one takes its place.
//!
//! A new certificate is used for new handshakes only; no connection is dropped. Files that cannot be used change
//! nothing: what was served goes on being served, and the log says why.

mod validity;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use domain::Instant;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::CryptoProvider;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::{ClientHello, ResolvesServerCert};
use tokio_rustls::rustls::sign::CertifiedKey;
use tokio_util::sync::CancellationToken;

use crate::settings::Tls;

/// Why a certificate cannot be served.
#[derive(Debug, thiserror::Error)]
#[error("cannot serve the certificate in `{file}`: {problem}")]
pub struct CertificateError {
    file: String,
    problem: String,
}

/// The files, and what was read from them.
pub(crate) struct Certificates {
    acceptor: TlsAcceptor,
    served: Arc<Served>,
    provider: Arc<CryptoProvider>,
    cert_file: PathBuf,
    key_file: PathBuf,
    /// When the files were changed that were read last, whether or not they could be used.
    seen: Mutex<[Option<SystemTime>; 2]>,
}

/// What handshakes use.
struct Served(RwLock<Current>);

#[derive(Clone)]
struct Current {
    key: Arc<CertifiedKey>,
    until: Option<Instant>,
}

impl Certificates {
    /// Reads the files, if the settings name them.
    pub(crate) fn of(settings: &Tls) -> Result<Option<Arc<Self>>, CertificateError> {
        let (Some(cert_file), Some(key_file)) = (&settings.cert_file, &settings.key_file) else { return Ok(None) };
        let provider = Arc::new(aws_lc_rs::default_provider());
        let seen = Mutex::new([changed(cert_file), changed(key_file)]);
        let current = read(cert_file, key_file, &provider)?;
        let served = Arc::new(Served(RwLock::new(current)));
        let config = ServerConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions();
        let config = config.map_err(|error| wrong(cert_file, &error))?;
        let mut config = config.with_no_client_auth().with_cert_resolver(Arc::clone(&served) as _);
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let (cert_file, key_file) = (cert_file.clone(), key_file.clone());
        Ok(Some(Arc::new(Self { acceptor, served, provider, cert_file, key_file, seen })))
    }

    pub(crate) const fn acceptor(&self) -> &TlsAcceptor {
        &self.acceptor
    }

    /// Until when the certificate that is served is valid.
    pub(crate) fn valid_until(&self) -> Option<Instant> {
        self.served.now().until
    }

    /// Reads the files again. What was served stays if they cannot be used.
    pub(crate) fn reload(&self) {
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = self.changes();
        match read(&self.cert_file, &self.key_file, &self.provider) {
            Ok(current) => {
                let until = current.until;
                *self.served.0.write().unwrap_or_else(PoisonError::into_inner) = current;
                tracing::info!(file = %self.cert_file.display(), ?until, "the certificate was read again");
            }
            Err(error) => tracing::warn!(%error, "the certificate that was served so far stays"),
        }
    }

    /// Looks at the files again and again until `stop`, and reads them when they were changed.
    pub(crate) async fn watch(self: Arc<Self>, every: Duration, stop: CancellationToken) {
        while tokio::time::timeout(every, stop.cancelled()).await.is_err() {
            let these = Arc::clone(&self);
            let looked = tokio::task::spawn_blocking(move || {
                if these.changes() != *these.seen.lock().unwrap_or_else(PoisonError::into_inner) {
                    these.reload();
                }
            });
            if let Err(error) = looked.await {
                tracing::error!(%error, "the certificate's files were not looked at");
            }
        }
    }

    fn changes(&self) -> [Option<SystemTime>; 2] {
        [changed(&self.cert_file), changed(&self.key_file)]
    }
}

impl Served {
    fn now(&self) -> Current {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl fmt::Debug for Served {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Served")
    }
}

impl ResolvesServerCert for Served {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.now().key)
    }
}

fn read(cert_file: &Path, key_file: &Path, provider: &CryptoProvider) -> Result<Current, CertificateError> {
    let chain = CertificateDer::pem_file_iter(cert_file).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let chain = chain.map_err(|error| wrong(cert_file, &error))?;
    let first = chain.first().ok_or_else(|| wrong(cert_file, &"there is none; put it there as PEM"))?;
    let until = validity::not_after(first);
    // The error of a key's file may not repeat what stands in it.
    let key = PrivateKeyDer::from_pem_file(key_file)
        .map_err(|_| wrong(key_file, &"it holds no private key that can be read; put it there as PEM"))?;
    let key = CertifiedKey::from_der(chain, key, provider).map_err(|error| wrong(key_file, &error))?;
    Ok(Current { key: Arc::new(key), until })
}

fn changed(file: &Path) -> Option<SystemTime> {
    std::fs::metadata(file).and_then(|metadata| metadata.modified()).ok()
}

fn wrong(file: &Path, problem: &impl ToString) -> CertificateError {
    CertificateError { file: file.display().to_string(), problem: problem.to_string() }
}
