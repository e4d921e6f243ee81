//! The rules of the house that a compiler does not hold: who may depend on whom, how files are named, how long they
//! grow. `docs/ARCHITECTURE.md` says why.
#![allow(clippy::unwrap_used, reason = "what is not as expected fails the test")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

/// Which crate of the workspace may link which: the arrows of the architecture's diagram.
const ARROWS: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("policy", &["domain"]),
    ("ledger", &["domain"]),
    ("contract", &["domain"]),
    ("store", &["domain", "ledger"]),
    ("control", &["domain", "ledger", "policy", "store"]),
    ("server", &["contract", "control", "domain", "ledger", "store"]),
    ("client", &["contract", "domain", "ledger"]),
    ("cli", &["client", "contract", "domain", "ledger", "policy", "server"]),
    ("desktop", &["client", "contract", "domain", "ledger", "policy", "server"]),
    ("tests", &["client", "contract", "domain", "ledger", "policy", "server", "store"]),
];

/// Which crate alone may name a package. The tests look from outside: they may bring a database and a HTTP client.
const ONLY: &[(&str, &[&str])] = &[
    ("tauri", &["desktop"]),
    ("tauri-*", &["desktop"]),
    ("gtk", &["desktop"]),
    ("axum", &["server"]),
    ("axum-*", &["server"]),
    ("rusqlite", &["store"]),
    ("postgres", &["store", "tests"]),
    ("tokio-postgres", &["store"]),
    ("r2d2*", &["store"]),
    ("sqlx*", &[]),
    ("oauth2", &["client"]),
    ("jsonwebtoken", &["control", "tests"]),
    ("jwt-simple", &[]),
    ("josekit", &[]),
    ("reqwest", &["client", "tests"]),
    ("keyring*", &["client"]),
    ("clap", &["cli"]),
    ("clap_*", &["cli"]),
    ("cedar-policy*", &["policy"]),
];

/// What pure crates do not reach, not even through others.
const IMPURE: &[&str] = &["tokio", "hyper", "axum", "tauri", "rusqlite", "postgres", "tokio-postgres", "reqwest"];
/// What a program without a window does not link.
const WINDOWED: &[&str] = &["tauri", "wry", "tao", "gtk", "webkit2gtk"];

/// Cryptography beside the one provider of TLS and JWT, `aws-lc-rs`. `rsa` has an advisory without a fix.
const SECOND_PROVIDERS: &[&str] = &["ring", "rsa", "openssl", "openssl-sys", "native-tls", "mbedtls"];
/// How a program reaches out without the door that judges addresses.
const WAYS_OUT: &[&str] =
    &["TcpStream::connect", "UnixStream::connect", "lookup_host", "client::conn", "client::legacy"];

const MOST_CRATES: usize = 9;
const MOST_LINES: usize = 400;
/// The files that may be longer, each with its reason.
const LONG: &[(&str, &str)] = &[];
const GENERATED: &[&str] = &["ui/src/bindings/index.ts"];
const CATCH_ALL: &[&str] = &["util", "utils", "helper", "helpers", "common", "misc", "manager", "mod"];
const SOURCES: &[&str] = &["rs", "ts", "tsx", "css", "sh"];
const NOT_OURS: &[&str] = &["node_modules", "target", "dist", "gen", "artifacts", ".git"];

#[test]
fn domain_and_ledger_do_no_io() {
    let house = House::ask();
    for pure in ["domain", "ledger"] {
        let reached = house.reaches(&house.member(pure)["id"]);
        let impure: Vec<_> = IMPURE.iter().filter(|package| reached.contains(**package)).collect();
        assert!(impure.is_empty(), "`{pure}` reaches {impure:?}: take what it gives as a parameter");
    }
}

#[test]
fn only_the_desktop_links_a_window() {
    let house = House::ask();
    for plain in ["cli", "server", "tests"] {
        let reached = house.reaches(&house.member(plain)["id"]);
        let windowed: Vec<_> = WINDOWED.iter().filter(|package| reached.contains(**package)).collect();
        assert!(windowed.is_empty(), "`{plain}` reaches {windowed:?}");
    }
}

#[test]
fn tls_and_jwt_share_one_provider_of_cryptography() {
    // `cargo metadata` counts optional packages that nobody switched on; `cargo tree` does not.
    for program in ["countersign-cli", "countersign-server"] {
        let tree = cargo(&["tree", "-p", program, "-e", "normal", "--target", "all", "--prefix", "none", "--locked"]);
        let linked: BTreeSet<_> = tree.lines().filter_map(|line| line.split(' ').next()).collect();
        assert!(linked.contains("aws-lc-rs"), "`{program}` has no provider");
        let second: Vec<_> = SECOND_PROVIDERS.iter().filter(|package| linked.contains(**package)).collect();
        assert!(second.is_empty(), "`{program}` links {second:?} beside `aws-lc-rs`");
    }
    let house = House::ask();
    let control = house.member("control")["dependencies"].as_array().unwrap();
    let jwt = control.iter().find(|dependency| dependency["name"] == "jsonwebtoken").unwrap();
    assert_eq!(jwt["features"], serde_json::json!(["aws_lc_rs"]), "two providers fail at run time, not here");
    assert_eq!(jwt["uses_default_features"], false);
}

#[test]
fn the_server_has_one_way_out() {
    for file in sources().into_iter().filter(|file| file.starts_with("crates/server/src")) {
        if !file.starts_with("crates/server/src/outbound") {
            let text = fs::read_to_string(root().join(&file)).unwrap();
            let other = WAYS_OUT.iter().find(|way| text.contains(**way));
            assert!(other.is_none(), "`{}` uses {other:?}; send through `outbound`", file.display());
        }
    }
}

#[test]
fn each_outside_package_has_its_place() {
    let house = House::ask();
    for member in house.members() {
        let name = short(member);
        for package in direct(member) {
            let rule = ONLY.iter().find(|(pattern, _)| match pattern.strip_suffix('*') {
                Some(beginning) => package.starts_with(beginning),
                None => package == *pattern,
            });
            if let Some((pattern, places)) = rule {
                assert!(places.contains(&name), "`{name}` depends on `{package}`; `{pattern}` belongs in {places:?}");
            }
        }
    }
}

#[test]
fn the_arrows_are_those_of_the_diagram() {
    let house = House::ask();
    let known: BTreeMap<_, _> = ARROWS.iter().copied().collect();
    for member in house.members() {
        let name = short(member);
        let allowed = known.get(name).unwrap_or_else(|| panic!("`{name}` is not in the diagram"));
        for package in direct(member).filter_map(|package| package.strip_prefix("countersign-")) {
            assert!(allowed.contains(&package), "there is no arrow from `{name}` to `{package}` in the diagram");
        }
    }
}

#[test]
fn the_house_has_at_most_nine_crates() {
    let crates = fs::read_dir(root().join("crates")).unwrap().count();
    assert!(crates <= MOST_CRATES, "{crates} crates: a new idea is a module first");
}

#[test]
fn a_release_has_no_developer_tools() {
    let house = House::ask();
    let dependencies = house.member("desktop")["dependencies"].as_array().unwrap();
    let tauri = dependencies.iter().find(|dependency| dependency["name"] == "tauri").unwrap();
    let features = tauri["features"].as_array().unwrap();
    assert!(!features.iter().any(|feature| feature == "devtools"), "`devtools` would be in the release");
}

#[test]
fn no_file_has_a_catch_all_name() {
    for file in sources() {
        for part in file.with_extension("").iter().filter_map(|part| part.to_str()) {
            assert!(!CATCH_ALL.contains(&part), "`{}`: `{part}` says nothing; name what is in it", file.display());
        }
    }
}

#[test]
fn no_file_is_long_without_a_reason() {
    let mut reasons: BTreeMap<_, _> = LONG.iter().copied().collect();
    for file in sources() {
        let name = file.to_str().unwrap();
        let lines = fs::read_to_string(root().join(&file)).unwrap().lines().count();
        if lines > MOST_LINES && !GENERATED.contains(&name) {
            assert!(reasons.remove(name).is_some(), "`{name}` has {lines} lines: split it, or say in `LONG` why not");
        }
    }
    assert!(reasons.is_empty(), "no longer long: {reasons:?}");
}

/// What cargo knows of the workspace, with every package it resolves to.
struct House(Value);

impl House {
    fn ask() -> Self {
        Self(serde_json::from_str(&cargo(&["metadata", "--format-version", "1", "--locked"])).unwrap())
    }

    fn packages(&self) -> impl Iterator<Item = &Value> {
        self.0["packages"].as_array().unwrap().iter()
    }

    fn members(&self) -> impl Iterator<Item = &Value> {
        let members = self.0["workspace_members"].as_array().unwrap();
        self.packages().filter(|package| members.contains(&package["id"]))
    }

    fn member(&self, name: &str) -> &Value {
        self.members().find(|member| short(member) == name).unwrap_or_else(|| panic!("there is no crate `{name}`"))
    }

    /// The names of all packages that this one links, directly or not; its tests' own are not counted.
    fn reaches(&self, id: &Value) -> BTreeSet<&str> {
        let nodes: BTreeMap<_, _> = self.0["resolve"]["nodes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|node| (node["id"].as_str().unwrap(), node))
            .collect();
        let mut open = vec![id.as_str().unwrap()];
        let mut seen = BTreeSet::new();
        while let Some(id) = open.pop() {
            for dependency in nodes[id]["deps"].as_array().unwrap() {
                let linked = dependency["dep_kinds"].as_array().unwrap().iter().any(|kind| kind["kind"].is_null());
                let next = dependency["pkg"].as_str().unwrap();
                if linked && seen.insert(next) {
                    open.push(next);
                }
            }
        }
        self.packages()
            .filter(|package| seen.contains(package["id"].as_str().unwrap()))
            .map(|package| package["name"].as_str().unwrap())
            .collect()
    }
}

/// What cargo answers.
fn cargo(arguments: &[&str]) -> String {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let asked = Command::new(cargo).args(arguments).current_dir(root()).output().unwrap();
    assert!(asked.status.success(), "{}", String::from_utf8_lossy(&asked.stderr));
    String::from_utf8(asked.stdout).unwrap()
}

/// The name of a member without the product's.
fn short(member: &Value) -> &str {
    let name = member["name"].as_str().unwrap();
    name.strip_prefix("countersign-").unwrap_or(name)
}

/// What a member's manifest names, for the program and its build; not for its tests.
fn direct(member: &Value) -> impl Iterator<Item = &str> {
    let dependencies = member["dependencies"].as_array().unwrap().iter();
    dependencies.filter(|dependency| dependency["kind"] != "dev").map(|dependency| dependency["name"].as_str().unwrap())
}

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// Every source file that was written by hand or is committed, relative to the root.
fn sources() -> Vec<PathBuf> {
    let mut open = vec![PathBuf::new()];
    let mut found = Vec::new();
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(root().join(&folder)).unwrap() {
            let entry = entry.unwrap();
            let path = folder.join(entry.file_name());
            if NOT_OURS.iter().any(|name| entry.file_name() == **name) {
                continue;
            }
            if entry.file_type().unwrap().is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| SOURCES.iter().any(|source| extension == *source)) {
                found.push(path);
            }
        }
    }
    found
}
