use std::net::SocketAddr;

use server::Configuration;

use super::*;

const SECRET: &str = "VGhpc0lzQW5FeGFtcGxlU2VjcmV0VG9rZW5TdHJpbmc";

fn environment(given: &[(&str, &str)]) -> Result<Variables, Failure> {
    Variables::of(given.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())))
}

/// What a control plane would be told.
fn settings(given: &[(&str, &str)], listen: &str, insecure: bool) -> Result<Settings, Failure> {
    let Variables { ours, bootstrap } = environment(given)?;
    let configuration = Configuration::load(None, ours)?;
    let section = configuration.bootstrap.clone();
    let mut settings = configuration.settings(|| "/nonexistent".into())?;
    settings.listen = listen.parse::<SocketAddr>().unwrap();
    complete(&mut settings, &section, bootstrap.as_ref().map(|token| token.as_str()), insecure).map(|()| settings)
}

const HERE: &str = "127.0.0.1:0";

#[test]
fn orcheos_names_and_ours_mean_the_same() {
    let orcheo = [
        ("ORCHEO_AUTH_MODE", "Required"),
        ("ORCHEO_AUTH_BOOTSTRAP_SERVICE_TOKEN", SECRET),
        ("ORCHEO_AUTH_BOOTSTRAP_TOKEN_SCOPES", "admin:tokens:write workflows:read"),
        ("ORCHEO_AUTH_BOOTSTRAP_TOKEN_EXPIRES_AT", "1714564800"),
        ("ORCHEO_AUTH_RATE_LIMIT_IP", "7"),
        ("ORCHEO_AUTH_RATE_LIMIT_IDENTITY", "0"),
        ("ORCHEO_AUTH_RATE_LIMIT_INTERVAL", "90"),
    ];
    let ours = [
        ("COUNTERSIGN_AUTH_MODE", "required"),
        (TOKEN, SECRET),
        ("COUNTERSIGN_BOOTSTRAP_TOKEN_SCOPES", r#"["admin:tokens:write", "workflows:read"]"#),
        ("COUNTERSIGN_BOOTSTRAP_TOKEN_EXPIRES_AT", "2024-05-01T12:00:00Z"),
        ("COUNTERSIGN_RATE_LIMIT_ADDRESS", "7"),
        ("COUNTERSIGN_RATE_LIMIT_IDENTITY", "0"),
        (INTERVAL, "90s"),
    ];
    let [orcheo, ours] = [&orcheo, &ours].map(|given| settings(given, HERE, false).unwrap().auth);
    assert_eq!(format!("{orcheo:?}"), format!("{ours:?}"));
    assert_eq!((orcheo.address_limit.failures, orcheo.address_limit.interval), (7, 90));
    assert!(orcheo.bootstrap.unwrap().expires_at().is_some());
}

#[test]
fn what_is_said_twice_must_be_the_same_and_both_names_are_told() {
    for (ours, theirs) in NAMES {
        let told = environment(&[(ours, "1"), (theirs, "2")]).err().unwrap();
        assert_eq!(told.code(), 78);
        let told = format!("{told:?}");
        assert!(told.contains(ours) && told.contains(theirs), "{told}");
    }
    for (name, other) in [("COUNTERSIGN_RATE_LIMIT_INTERVAL", "1m"), ("COUNTERSIGN_AUTH_MODE", "REQUIRED")] {
        let theirs = NAMES.iter().find(|(ours, _)| *ours == name).unwrap().1;
        let value = if name == INTERVAL { "60" } else { "required" };
        assert!(environment(&[(name, other), (theirs, value)]).is_ok(), "{name}");
    }
}

#[test]
fn the_bootstrap_token_is_in_no_configuration() {
    let environment = environment(&[(TOKEN, SECRET), ("PATH", "/bin")]).unwrap();
    assert!(!environment.ours.iter().any(|(_, value)| value == SECRET));
    assert_eq!(environment.bootstrap.unwrap().as_str(), SECRET);
    let empty = settings(&[("ORCHEO_AUTH_BOOTSTRAP_SERVICE_TOKEN", "")], HERE, false).unwrap();
    assert!(empty.auth.bootstrap.is_none());
}

#[test]
fn t_19_what_cannot_be_read_keeps_it_from_starting() {
    for (name, value) in [
        ("ORCHEO_AUTH_MODE", "off"),
        ("COUNTERSIGN_AUTH_MODE", ""),
        ("ORCHEO_AUTH_BOOTSTRAP_TOKEN_EXPIRES_AT", "tomorrow"),
        ("ORCHEO_AUTH_BOOTSTRAP_TOKEN_SCOPES", "admin:everything"),
        ("ORCHEO_AUTH_RATE_LIMIT_IP", "many"),
        ("ORCHEO_AUTH_RATE_LIMIT_IP", "-1"),
        ("ORCHEO_AUTH_RATE_LIMIT_INTERVAL", "0"),
        ("ORCHEO_AUTH_RATE_LIMIT_INTERVAL", "soon"),
    ] {
        let told = settings(&[(TOKEN, SECRET), (name, value)], HERE, false).err().unwrap();
        assert_eq!(told.code(), 78, "{name}={value}");
        assert!(!format!("{told:?}").contains(SECRET));
    }
    let told = settings(&[(TOKEN, "hunter2")], HERE, false).err().unwrap();
    assert!(told.code() == 78 && !format!("{told:?}").contains("hunter2"), "{told:?}");
}

#[test]
fn t_19_nobody_is_served_unasked_unless_it_is_said_twice_and_on_this_computer() {
    let disabled = [("ORCHEO_AUTH_MODE", "disabled")];
    assert!(settings(&disabled, HERE, true).is_ok());
    assert!(settings(&disabled, "[::1]:0", true).is_ok());
    for (listen, insecure) in [(HERE, false), ("0.0.0.0:0", true), ("192.0.2.1:80", true), ("[::]:0", true)] {
        assert_eq!(settings(&disabled, listen, insecure).err().unwrap().code(), 78, "{listen} {insecure}");
    }
    for passed_on in [("COUNTERSIGN_PUBLIC_URL", "https://cs.test"), ("COUNTERSIGN_PROXY_TRUSTED", "127.0.0.1/32")] {
        assert!(settings(&[disabled[0], passed_on], HERE, true).is_err(), "{passed_on:?}");
    }
    assert!(settings(&[("ORCHEO_AUTH_MODE", "required")], "0.0.0.0:0", false).is_ok());
}
