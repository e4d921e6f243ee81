//! TLS to a real PostgreSQL with certificates that are made here.

use std::path::PathBuf;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use store::testing::{Cluster, Setup, ambient};
use store::{DatabaseUrl, OpenError, Store};

struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    file: PathBuf,
    _folder: tempfile::TempDir,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ca.pem");
        std::fs::write(&file, issuer.pem()).unwrap();
        Self { issuer, file, _folder: folder }
    }

    /// A certificate for this name, with its key.
    fn vouch(&self, name: &str) -> (String, String) {
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new([name.to_owned()]).unwrap().signed_by(&key, &self.issuer).unwrap();
        (certificate.pem(), key.serialize_pem())
    }
}

fn open(cluster: &Cluster, host: &str, tls: &str) -> Result<Store, OpenError> {
    let DatabaseUrl::Postgres(address) = cluster.database() else { panic!("a server") };
    let (name, port) = (address.config().get_dbname().unwrap(), cluster.port().unwrap());
    let text = format!("postgres://countersign@{host}:{port}/{name}?hostaddr=127.0.0.1{tls}");
    Store::open(&text.parse().unwrap(), ambient())
}

fn refusal(cluster: &Cluster, host: &str, tls: &str) -> String {
    open(cluster, host, tls).unwrap_err().to_string()
}

#[test]
fn the_server_proves_its_name_or_nothing_is_sent_to_it() {
    let (authority, stranger) = (Authority::new(), Authority::new());
    let certificate = Some(authority.vouch("db.test"));
    let cluster = Cluster::start(&Setup { loopback: true, certificate, ..Setup::default() });
    let (known, unknown) = (authority.file.display(), stranger.file.display());

    let store = open(&cluster, "db.test", &format!("&sslmode=verify-full&sslrootcert={known}")).unwrap();
    assert!(!store.concerns().iter().any(|concern| concern.contains("sslmode")), "{:?}", store.concerns());
    let encrypted = "SELECT bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
        WHERE application_name = 'countersign'";
    // While it is read from, there is a connection to look at.
    let seen = store.read::<_, store::StoreError>(|_| Ok(cluster.ask("postgres", encrypted)));
    assert_eq!(seen.unwrap(), "true");
    open(&cluster, "db.test", &format!("&sslrootcert={known}")).expect("it is the default beyond this computer");

    let wrong = refusal(&cluster, "other.test", &format!("&sslrootcert={known}"));
    assert!(wrong.contains("not valid for name"), "{wrong}");
    for wrong in [format!("&sslrootcert={unknown}"), String::new(), format!("&sslmode=require&sslrootcert={unknown}")] {
        let refused = refusal(&cluster, "db.test", &wrong);
        assert!(refused.contains("invalid peer certificate"), "{wrong}: {refused}");
    }
    open(&cluster, "other.test", &format!("&sslmode=require&sslrootcert={known}")).expect("the name is not checked");
    open(&cluster, "other.test", "&sslmode=require").expect("nothing is checked, as it was asked for");
    let missing = refusal(&cluster, "db.test", "&sslrootcert=/nonexistent.pem");
    assert!(missing.contains("/nonexistent.pem"), "{missing}");
}

#[test]
fn a_server_without_tls_is_refused_where_it_is_required_and_told_about_where_it_is_not() {
    let cluster = Cluster::start(&Setup { loopback: true, ..Setup::default() });
    for required in ["&sslmode=require", "&sslmode=verify-full"] {
        let refused = refusal(&cluster, "localhost", required);
        assert!(refused.contains("TLS"), "{refused}");
    }
    refusal(&cluster, "db.test", "");
    open(&cluster, "localhost", "").expect("on this computer a plain connection will do");
    open(&cluster, "localhost", "&sslmode=disable").unwrap();
    // `hostaddr` says where it is; the name says that it is elsewhere.
    let store = open(&cluster, "db.test", "&sslmode=disable").unwrap();
    assert!(store.concerns().iter().any(|concern| concern.contains("sslmode=verify-full")), "{:?}", store.concerns());
}
