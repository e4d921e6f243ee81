//! A private PostgreSQL: its files in a temporary folder, reached by a socket in that folder and by nothing else.
//!
//! A shell watches over it with its standard input tied to this process. When the process ends, by whatever way, the
//! shell reads the end of its input, stops the server and removes the folder.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use postgres::{Client, NoTls};

use crate::DatabaseUrl;

/// PostgreSQL refuses to run as root; Debian's package makes this user for it.
const USER: &str = "postgres";

/// Fast rather than durable, and small: it holds nothing that anybody needs.
const SETTINGS: &str = "-c listen_addresses='' -c fsync=off -c full_page_writes=off -c max_connections=600 \
    -c shared_buffers=32MB -c log_min_messages=warning";

/// What the shell does. `$1` is the folder of the programs, `$2` ours, `$3` the settings; the rest runs as the user.
const WATCH: &str = r#"
bin=$1; folder=$2; settings=$3; shift 3
end() { "$@" "$bin/pg_ctl" stop -D "$folder/data" -m immediate -s >/dev/null 2>&1; rm -rf "$folder"; }
{
    "$@" "$bin/initdb" -D "$folder/data" -U countersign -A trust -E UTF8 --locale=C --no-sync &&
    "$@" "$bin/pg_ctl" start -D "$folder/data" -l "$folder/log" -w -s -o "$settings -k '$folder'"
} >"$folder/start" 2>&1 || { cat "$folder/start" "$folder/log" 2>/dev/null; rm -rf "$folder"; exit 1; }
echo ready
exec >/dev/null 2>&1
cat
end "$@"
"#;

struct Cluster {
    folder: PathBuf,
    /// Held for its standard input: when that closes, the server stops.
    _watch: Child,
}

/// The address of a fresh database.
pub(super) fn database() -> DatabaseUrl {
    static CLUSTER: OnceLock<Cluster> = OnceLock::new();
    static COUNT: AtomicU32 = AtomicU32::new(1);
    let cluster = CLUSTER.get_or_init(start);
    let name = format!("test_{}", COUNT.fetch_add(1, Ordering::Relaxed));
    let mut admin = Client::connect(&address(&cluster.folder, "postgres"), NoTls).expect("the server was started");
    admin.batch_execute(&format!("CREATE DATABASE {name} TEMPLATE template0")).expect("its names are fresh");
    address(&cluster.folder, &name).parse().expect("the address is well-formed")
}

fn address(folder: &Path, name: &str) -> String {
    format!("postgres://countersign@/{name}?host={}", folder.display())
}

fn start() -> Cluster {
    let programs = programs();
    let folder = tempfile::Builder::new().prefix("countersign-pg-").tempdir().expect("temporary files can be made");
    let folder = folder.keep();
    let mut watch = Command::new("sh");
    watch.args(["-c", WATCH, "countersign-pg"]).arg(programs).arg(&folder).arg(SETTINGS);
    let root = fs::metadata("/proc/self").is_ok_and(|process| std::os::unix::fs::MetadataExt::uid(&process) == 0);
    if root {
        let owned = Command::new("chown").arg(format!("{USER}:")).arg(&folder).status();
        assert!(owned.is_ok_and(|status| status.success()), "the user `{USER}` is missing: install `postgresql`");
        watch.args(["setpriv", "--reuid", USER, "--regid", USER, "--clear-groups"]);
    } else {
        watch.arg("env");
    }
    watch.current_dir("/").stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut watch = watch.spawn().expect("there is a shell");
    let mut told = String::new();
    let mut output = std::io::BufReader::new(watch.stdout.take().expect("its output is piped"));
    std::io::BufRead::read_line(&mut output, &mut told).expect("the shell says something");
    if told != "ready\n" {
        std::io::Read::read_to_string(&mut output, &mut told).expect("the shell says something");
        panic!("PostgreSQL did not start: {told}");
    }
    Cluster { folder, _watch: watch }
}

/// The newest PostgreSQL of the system's package.
fn programs() -> PathBuf {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let folders = versions.map(|version| version.path().join("bin")).filter(|bin| bin.join("initdb").is_file());
    let version = |bin: &PathBuf| bin.iter().rev().nth(1).and_then(|name| name.to_str()?.parse::<u32>().ok());
    folders.max_by_key(version).expect("PostgreSQL is installed: `apt-get install postgresql`")
}
