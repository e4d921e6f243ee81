//! A private PostgreSQL: its files in a temporary folder, reached by a socket in that folder and, if asked for, on
//! loopback.
//!
//! A shell watches over it with its standard input tied to this process. When the process ends, by whatever way, the
//! shell reads the end of its input, stops the server and removes the folder.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use postgres::{Client, NoTls};

use crate::DatabaseUrl;

/// PostgreSQL refuses to run as root; Debian's package makes this user for it.
const USER: &str = "postgres";

/// Fast rather than durable, and small: it holds nothing that anybody needs.
const SETTINGS: &str =
    "-c fsync=off -c full_page_writes=off -c max_connections=600 -c shared_buffers=32MB -c log_min_messages=warning";

/// What the shell does. `$1` is the folder of the programs, `$2` ours, `$3` the settings, `$4` the folder of the server
/// to be copied; the rest runs as the user.
const WATCH: &str = r#"
bin=$1; folder=$2; settings=$3; original=$4; shift 4
end() {
    main=$(head -n 1 "$folder/data/postmaster.pid" 2>/dev/null) && kill -CONT $main $(cat /proc/$main/task/$main/children)
    "$@" "$bin/pg_ctl" stop -D "$folder/data" -m immediate -s >/dev/null 2>&1
    rm -rf "$folder"
}
make() {
    if [ -n "$original" ]; then
        "$@" "$bin/pg_basebackup" -h "$original" -U countersign -D "$folder/data" -R -X stream -c fast --no-sync
    else
        "$@" "$bin/initdb" -D "$folder/data" -U countersign -A trust -E UTF8 --locale=C --no-sync
    fi
}
{
    make "$@" && "$@" "$bin/pg_ctl" start -D "$folder/data" -l "$folder/log" -w -s -o "$settings -k '$folder'"
} >"$folder/start" 2>&1 || { cat "$folder/start" "$folder/log" 2>/dev/null; rm -rf "$folder"; exit 1; }
echo ready
exec >/dev/null 2>&1
cat
end "$@"
"#;

/// A PostgreSQL server of its own.
pub struct Cluster {
    folder: PathBuf,
    settings: String,
    port: Option<u16>,
    /// Its standard input is held: when that closes, the server stops.
    _watch: Child,
}

/// How a server is set up.
#[derive(Clone, Debug, Default)]
pub struct Setup {
    /// Whether it listens on 127.0.0.1, on a free port.
    pub loopback: bool,
    /// The certificate chain and the key that it shows, in PEM.
    pub certificate: Option<(String, String)>,
    /// More settings, each `-c NAME=VALUE`.
    pub settings: String,
}

/// The address of a fresh database on the server that all tests of this process share.
pub(super) fn shared_database() -> DatabaseUrl {
    static CLUSTER: OnceLock<Cluster> = OnceLock::new();
    CLUSTER.get_or_init(|| Cluster::start(&Setup::default())).database()
}

impl Cluster {
    /// Starts one.
    ///
    /// # Panics
    /// If PostgreSQL is not installed or does not start.
    #[must_use]
    pub fn start(setup: &Setup) -> Self {
        Self::made(setup, None)
    }

    /// Starts a standby of this one, which follows it and only reads.
    ///
    /// # Panics
    /// If it does not start.
    #[must_use]
    pub fn standby(&self, setup: &Setup) -> Self {
        Self::made(setup, Some(&self.folder))
    }

    fn made(setup: &Setup, original: Option<&Path>) -> Self {
        let folder = tempfile::Builder::new().prefix("countersign-pg-").tempdir().expect("temporary files can be made");
        let folder = folder.keep();
        let mut settings = vec![SETTINGS.to_owned(), setup.settings.clone()];
        let free = || TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|socket| socket.local_addr());
        let port = setup.loopback.then(|| free().expect("a port is free").port());
        settings.push(
            port.map_or("-c listen_addresses=''".to_owned(), |port| format!("-c listen_addresses=127.0.0.1 -p {port}")),
        );
        if let Some((certificate, key)) = &setup.certificate {
            for (name, text) in [("server.pem", certificate), ("server.key", key)] {
                fs::write(folder.join(name), text).expect("the folder is ours");
                let only_owner = std::os::unix::fs::PermissionsExt::from_mode(0o600);
                fs::set_permissions(folder.join(name), only_owner).expect("the file is ours");
            }
            let at = folder.display();
            settings.push(format!("-c ssl=on -c ssl_cert_file={at}/server.pem -c ssl_key_file={at}/server.key"));
        }
        let settings = settings.join(" ");
        let mut watch = Command::new("sh");
        watch.args(["-c", WATCH, "countersign-pg"]).arg(programs()).arg(&folder).arg(&settings);
        watch.arg(original.unwrap_or(Path::new("")));
        if is_root() {
            let owned = Command::new("chown").args(["-R", &format!("{USER}:")]).arg(&folder).status();
            assert!(owned.is_ok_and(|status| status.success()), "the user `{USER}` is missing: install `postgresql`");
        }
        watch.args(as_user()).current_dir("/").stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut watch = watch.spawn().expect("there is a shell");
        let mut told = String::new();
        let mut output = BufReader::new(watch.stdout.take().expect("its output is piped"));
        output.read_line(&mut told).expect("the shell says something");
        if told != "ready\n" {
            output.read_to_string(&mut told).expect("the shell says something");
            panic!("PostgreSQL did not start: {told}");
        }
        Self { folder, settings, port, _watch: watch }
    }

    /// The address of a fresh database, by the socket.
    ///
    /// # Panics
    /// If it cannot be made.
    #[must_use]
    pub fn database(&self) -> DatabaseUrl {
        static COUNT: AtomicU32 = AtomicU32::new(1);
        let name = format!("test_{}", COUNT.fetch_add(1, Ordering::Relaxed));
        self.run("postgres", &format!("CREATE DATABASE {name} TEMPLATE template0"));
        self.address(&name).parse().expect("the address is well-formed")
    }

    /// Runs SQL in one of its databases.
    ///
    /// # Panics
    /// If that fails.
    pub fn run(&self, database: &str, sql: &str) {
        self.with(database, |client| client.batch_execute(sql).expect("the statement holds"));
    }

    /// What a query gives in its first row and column, as text.
    ///
    /// # Panics
    /// If it fails or gives nothing.
    #[must_use]
    pub fn ask(&self, database: &str, sql: &str) -> String {
        let sql = format!("SELECT ({sql})::text");
        self.with(database, |client| client.query_one(&sql, &[]).expect("the query holds").get(0))
    }

    /// On a thread of its own, as the client may not wait on one that drives a runtime.
    fn with<T: Send>(&self, database: &str, work: impl FnOnce(&mut Client) -> T + Send) -> T {
        let address = self.address(database);
        let connected = || work(&mut Client::connect(&address, NoTls).expect("the server was started"));
        std::thread::scope(|scope| scope.spawn(connected).join().expect("the client does not panic"))
    }

    /// Where its socket is.
    #[must_use]
    pub fn socket(&self) -> PathBuf {
        self.folder.join(format!(".s.PGSQL.{}", self.port.unwrap_or(5432)))
    }

    /// Its port on loopback, if it has one.
    #[must_use]
    pub const fn port(&self) -> Option<u16> {
        self.port
    }

    fn address(&self, name: &str) -> String {
        format!("postgres://countersign@/{name}?host={}&port={}", self.folder.display(), self.port.unwrap_or(5432))
    }

    /// Freezes every process of it: it is there and does not answer.
    ///
    /// # Panics
    /// If it does not run.
    pub fn pause(&self) {
        self.signal("STOP");
    }

    /// Lets it go on.
    ///
    /// # Panics
    /// If it does not run.
    pub fn resume(&self) {
        self.signal("CONT");
    }

    /// Stops it in the given way (`fast`, `immediate`) and waits for that.
    ///
    /// # Panics
    /// If it does not stop.
    pub fn stop(&self, mode: &str) {
        self.control(&["stop", "-m", mode, "-s"]);
    }

    /// Starts it again.
    ///
    /// # Panics
    /// If it does not start.
    pub fn start_again(&self) {
        let settings = format!("{} -k '{}'", self.settings, self.folder.display());
        let log = self.folder.join("log").display().to_string();
        self.control(&["start", "-l", &log, "-w", "-s", "-o", &settings]);
    }

    /// Makes a standby take over.
    ///
    /// # Panics
    /// If it is none.
    pub fn promote(&self) {
        self.control(&["promote", "-w", "-s"]);
    }

    fn control(&self, words: &[&str]) {
        let mut command = as_user();
        command.push(programs().join("pg_ctl").display().to_string());
        let mut control = Command::new(&command[0]);
        control.args(&command[1..]).arg("-D").arg(self.folder.join("data")).args(words).current_dir("/");
        let done = control.stdout(Stdio::null()).stderr(Stdio::null()).status().expect("PostgreSQL is installed");
        assert!(done.success(), "`pg_ctl {}` failed", words.join(" "));
    }

    fn signal(&self, signal: &str) {
        let told = fs::read_to_string(self.folder.join("data/postmaster.pid")).expect("it runs");
        let main = told.lines().next().expect("its number").to_owned();
        let children = fs::read_to_string(format!("/proc/{main}/task/{main}/children")).expect("it runs");
        // The first, so that no child is made meanwhile.
        for id in std::iter::once(main.as_str()).chain(children.split_whitespace()) {
            // A child may have ended meanwhile.
            let _ = Command::new("kill").args(["-s", signal, id]).stderr(Stdio::null()).status();
        }
    }
}

fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|process| std::os::unix::fs::MetadataExt::uid(&process) == 0)
}

/// The words before a command that make it run as somebody whom PostgreSQL takes.
fn as_user() -> Vec<String> {
    let words: &[&str] =
        if is_root() { &["setpriv", "--reuid", USER, "--regid", USER, "--clear-groups"] } else { &["env"] };
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// The newest PostgreSQL of the system's package.
fn programs() -> PathBuf {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let folders = versions.map(|version| version.path().join("bin")).filter(|bin| bin.join("initdb").is_file());
    let version = |bin: &PathBuf| bin.iter().rev().nth(1).and_then(|name| name.to_str()?.parse::<u32>().ok());
    folders.max_by_key(version).expect("PostgreSQL is installed: `apt-get install postgresql`")
}
