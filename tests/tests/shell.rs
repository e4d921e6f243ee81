//! What a webview is allowed: the content security policy, and which window may call which command. Read from what
//! was committed and from what the build made of it.
#![allow(clippy::unwrap_used, reason = "what is not as expected fails the test")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
    fs,
    path::Path,
};

use serde_json::{Value, json};

/// Which window reaches which command. Read each change of it as a change of what hostile script could do.
const GOLDEN: &str = include_str!("acl.golden.txt");
const PLUGINS_FOR_RUST_ONLY: &[&str] = &["plugin:opener|", "plugin:shell|", "plugin:notification|"];
const CREDENTIALS: &[&str] = &["access_token", "refresh_token", "id_token", "private_key", "client_secret"];

#[test]
fn the_policy_lets_nothing_in_from_outside() {
    let security = read("tauri.conf.json")["app"]["security"].clone();
    let expected = json!({
        "default-src": "'self'",
        "script-src": "'self'",
        "style-src": "'self'",
        "connect-src": "ipc: http://ipc.localhost",
        "img-src": "'self' data:",
        "font-src": "'self'",
        "object-src": "'none'",
        "frame-src": "'none'",
        "worker-src": "'none'",
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
        "form-action": "'none'",
    });
    assert_eq!(security["csp"], expected);
    assert_eq!(security["devCsp"], Value::Null, "what is tried in development must hold in the release");
    assert_eq!(security["freezePrototype"], true);
    assert_eq!(security["dangerousDisableAssetCspModification"], false);
    assert_eq!(security["assetProtocol"]["enable"], false);
    assert_eq!(security["capabilities"], Value::Null, "capabilities are files in src-tauri/capabilities");
}

#[test]
fn windows_are_opened_by_rust_alone() {
    let app = read("tauri.conf.json")["app"].clone();
    assert_eq!(app["withGlobalTauri"], false);
    let windows = app["windows"].as_array().unwrap();
    let labels: Vec<_> = windows.iter().map(|window| window["label"].as_str().unwrap()).collect();
    assert_eq!(labels, ["main", "signing"]);
    for window in windows {
        assert_eq!(window["create"], false, "{window}");
        assert!(!window["url"].as_str().unwrap().contains(':'), "a window shows a page that was built in: {window}");
    }
}

#[test]
fn each_capability_is_for_one_named_window() {
    for (file, capability) in capabilities() {
        let windows = capability["windows"].as_array().unwrap();
        assert_eq!(windows.len(), 1, "{file}");
        assert_eq!(format!("{}.json", windows[0].as_str().unwrap()), file, "a capability is named for its window");
        for wider in ["remote", "webviews", "local"] {
            assert_eq!(capability[wider], Value::Null, "{file}: `{wider}` widens it");
        }
    }
}

#[test]
fn every_command_is_granted_to_exactly_one_window() {
    let granted = granted();
    let own =
        |commands: &BTreeSet<String>| commands.iter().filter(|name| !name.contains(':')).cloned().collect::<Vec<_>>();
    let mut all: Vec<_> = granted.values().flat_map(own).collect();
    all.sort();
    assert_eq!(all, named(), "each of src-tauri/commands/names.rs once, and nothing else");
}

#[test]
fn no_window_opens_an_address_or_runs_a_program() {
    for (window, commands) in granted() {
        for command in commands {
            let rust_only = PLUGINS_FOR_RUST_ONLY.iter().any(|plugin| command.starts_with(plugin));
            assert!(!rust_only, "`{window}` may call `{command}`: call it from Rust, where its arguments are checked");
        }
    }
}

#[test]
fn the_resolved_access_control_list_is_the_reviewed_one() {
    let mut text = String::new();
    for (window, commands) in granted() {
        writeln!(text, "{window}").unwrap();
        for command in commands {
            writeln!(text, "  {command}").unwrap();
        }
    }
    assert!(text == GOLDEN, "review this, then write it to tests/tests/acl.golden.txt:\n{text}");
}

#[test]
fn no_credential_crosses_to_a_webview() {
    let bindings = fs::read_to_string(root().join("ui/src/bindings/index.ts")).unwrap();
    for credential in CREDENTIALS {
        assert!(!bindings.contains(credential), "`{credential}` is in the bindings: commands return facts");
    }
}

/// Every command that each window reaches, as the build resolved permissions and sets.
fn granted() -> BTreeMap<String, BTreeSet<String>> {
    let manifests = read("gen/schemas/acl-manifests.json");
    let mut granted = BTreeMap::new();
    for (_, capability) in capabilities() {
        let window = capability["windows"][0].as_str().unwrap().to_owned();
        let commands: &mut BTreeSet<String> = granted.entry(window).or_default();
        for permission in capability["permissions"].as_array().unwrap() {
            let identifier = permission.as_str().or_else(|| permission["identifier"].as_str()).unwrap();
            expand(&manifests, identifier, commands);
        }
    }
    granted
}

/// Adds the commands of a permission, or of each permission of a set.
fn expand(manifests: &Value, identifier: &str, commands: &mut BTreeSet<String>) {
    let (plugin, name) = identifier.rsplit_once(':').unwrap_or(("__app-acl__", identifier));
    let manifest = &manifests[plugin];
    let within = |name: &str| if plugin == "__app-acl__" { name.to_owned() } else { format!("{plugin}:{name}") };
    let set = if name == "default" { &manifest["default_permission"] } else { &manifest["permission_sets"][name] };
    if let Some(members) = set["permissions"].as_array() {
        for member in members {
            expand(manifests, &within(member.as_str().unwrap()), commands);
        }
        return;
    }
    let allowed = manifest["permissions"][name]["commands"]["allow"].as_array();
    let allowed =
        allowed.unwrap_or_else(|| panic!("`{identifier}` is not in the generated list: build the desktop again"));
    for command in allowed {
        let command = command.as_str().unwrap();
        // At run time the plugins of Tauri's core are called `plugin:event|…`, not `plugin:core:event|…`.
        let plugin = plugin.strip_prefix("core:").unwrap_or(plugin);
        commands.insert(if plugin == "__app-acl__" {
            command.to_owned()
        } else {
            format!("plugin:{plugin}|{command}")
        });
    }
}

fn capabilities() -> Vec<(String, Value)> {
    let files = fs::read_dir(root().join("src-tauri/capabilities")).unwrap();
    let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    names.map(|name| (name.clone(), read(&format!("src-tauri/capabilities/{name}")))).collect()
}

fn named() -> Vec<String> {
    let list = fs::read_to_string(root().join("src-tauri/commands/names.rs")).unwrap();
    let mut names: Vec<_> = list.split('"').skip(1).step_by(2).map(str::to_owned).collect();
    names.sort();
    names
}

fn read(file: &str) -> Value {
    let text = fs::read_to_string(root().join(file));
    let text =
        text.unwrap_or_else(|error| panic!("`{file}`: {error}; `cargo build --workspace --bins` generates gen/"));
    serde_json::from_str(&text).unwrap()
}

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}
