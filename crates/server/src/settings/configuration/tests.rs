//! What a configuration may say, and what it is told when it says something else.

use super::*;

fn told(text: &str) -> String {
    read("c.toml", text).unwrap_err().to_string()
}

fn variables(given: &[(&str, &str)]) -> Result<Configuration, ConfigError> {
    let given = given.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    overlay::environment(read("c.toml", "[http]\nidle_timeout = \"5s\"\nmax_connections = 7").unwrap(), given)
}

#[test]
fn what_is_wrong_is_told_with_its_line_and_key() {
    let unknown = told("listen = \"127.0.0.1:1\"\n\n[http]\nheadr_timeout = \"1s\"\n");
    assert!(unknown.starts_with("c.toml:4: `http.headr_timeout`: unknown field"), "{unknown}");
    assert!(unknown.contains("`header_timeout`"), "{unknown}");
    let value = told("[http]\n\nidle_timeout = \"soon\"");
    assert!(value.starts_with("c.toml:3: `http.idle_timeout`: `soon` is not a length of time; write it"), "{value}");
    assert!(told("[proxy]\ntrusted = [\n  \"10.0.0.0/8\",\n  \"x\"]").starts_with("c.toml:2: `proxy.trusted`"));
    assert!(told("a = 1\nb = = 2").starts_with("c.toml:2: "));
    assert!(told("[nothing]\nx = 1").starts_with("c.toml:1: `nothing`: unknown field"));
}

#[test]
fn a_secret_in_the_file_is_refused_and_not_repeated() {
    for (text, key) in [
        ("[tls]\nkey_password = \"hunter2\"", "tls.key_password"),
        ("[a.b]\nclient-secret = \"hunter2\"", "a.b.client-secret"),
        ("token = \"hunter2\"", "token"),
        ("[[jwt]]\npassword = 'hunter2'", "jwt.password"),
    ] {
        let refused = told(text);
        assert!(
            refused.contains(&format!("`{key}`: secrets do not belong in this file; set `COUNTERSIGN_")),
            "{refused}"
        );
        assert!(!refused.contains("hunter2"), "{refused}");
    }
    let refused = told("\ndatabase = \"postgres://ann:hunter2@db/x\"");
    assert!(refused.starts_with("c.toml:2: `database`") && !refused.contains("hunter2"), "{refused}");
    assert!(told("[tokens]\nlife = 1").contains("unknown field"), "a section is no secret");
}

#[test]
fn variables_win_over_the_file_and_are_typed_as_their_key() {
    let read = variables(&[
        ("COUNTERSIGN_HTTP_IDLE_TIMEOUT", "9s"),
        ("COUNTERSIGN_HTTP_MAX_BODY_BYTES", "10"),
        ("COUNTERSIGN_PROXY_TRUSTED", "10.0.0.0/8, fd00::/8"),
        ("COUNTERSIGN_TLS_CERT_FILE", "/c.pem"),
        ("COUNTERSIGN_URL", "https://not.ours"),
    ]);
    let read = read.unwrap();
    assert_eq!((read.http.idle_timeout, read.http.max_connections), (crate::settings::Period::seconds(9), 7));
    assert_eq!((read.http.max_body_bytes, read.proxy.trusted.len()), (10, 2));
    assert_eq!(read.tls.cert_file, Some("/c.pem".into()));

    let wrong = variables(&[("COUNTERSIGN_HTTP_IDLE_TIMEOUT", "soon")]).unwrap_err().to_string();
    assert!(wrong.starts_with("COUNTERSIGN_HTTP_IDLE_TIMEOUT: `soon` is not"), "{wrong}");
    let wrong = variables(&[("COUNTERSIGN_HTTP_MAX_CONNECTIONS", "many")]).unwrap_err().to_string();
    assert_eq!(wrong, "COUNTERSIGN_HTTP_MAX_CONNECTIONS: write a whole number");
    let wrong = variables(&[("COUNTERSIGN_HTTP_IDEL", "1s")]).unwrap_err().to_string();
    assert!(wrong.contains("there is no such setting; there are COUNTERSIGN_HTTP_"), "{wrong}");
}

#[test]
fn what_is_shown_can_be_read_again_and_holds_no_password() {
    let variables = [("COUNTERSIGN_DATABASE".to_owned(), "postgres://ann:hunter2@db.test/x".to_owned())];
    let read_once = Configuration::load(None, variables).unwrap();
    let shown = read_once.to_toml().unwrap();
    assert!(shown.contains("postgres://db.test/x") && !shown.contains("hunter2"), "{shown}");
    let again: Configuration = read("c.toml", &shown).unwrap().try_into().unwrap();
    assert_eq!(again.http, Http::default());
}

#[test]
fn what_does_not_fit_together_is_refused_by_its_key() {
    let half = Configuration { tls: Tls { cert_file: Some("c".into()), ..Tls::default() }, ..Configuration::default() };
    let told = half.settings(PathBuf::new).unwrap_err().to_string();
    assert!(told.starts_with("`tls.key_file`: a certificate without its key"), "{told}");
}

#[test]
fn every_key_and_its_variable_stand_in_the_documentation() {
    let document = include_str!("../../../../../docs/CONFIGURATION.md");
    for key in overlay::keys() {
        for name in [key.path.rsplit('.').next().unwrap_or(&key.path), &overlay::variable(&key.path)] {
            assert!(
                document.contains(&format!("`{name}`")),
                "`{name}` of `{}` is not in docs/CONFIGURATION.md",
                key.path
            );
        }
    }
}

#[test]
fn every_variable_of_a_key_in_the_documentation_sets_it() {
    let (document, _) = include_str!("../../../../../docs/CONFIGURATION.md").split_once("## Only in the").unwrap();
    let rows = document.lines().filter(|line| line.starts_with("| `"));
    let variables: Vec<_> =
        rows.filter_map(|row| row.split('`').nth(3)).filter(|name| name.starts_with("COUNTERSIGN_")).collect();
    assert!(variables.len() > 50, "{variables:?}");
    let known: Vec<_> = overlay::keys().iter().map(|key| overlay::variable(&key.path)).collect();
    for name in variables {
        assert!(known.iter().any(|variable| variable == name), "`{name}` is in the documentation and sets nothing");
    }
}
