//! Whose word counts.

use proptest::prelude::*;

use super::*;

const NEAR: &str = "10.0.0.1";

fn trusted() -> Vec<IpNet> {
    ["10.0.0.0/8", "fd00::/8"].map(|network| network.parse().unwrap()).to_vec()
}

fn client(peer: &str, lines: &[(&'static str, &str)]) -> Result<String, TwoVoices> {
    let mut headers = HeaderMap::new();
    for (name, value) in lines {
        headers.append(*name, value.parse().unwrap());
    }
    client_of(peer.parse().unwrap(), &headers, &trusted()).map(|client| client.0.to_string())
}

fn by(text: &str) -> String {
    client(NEAR, &[("x-forwarded-for", text)]).unwrap()
}

#[test]
fn s_42_only_a_trusted_proxy_is_believed_and_only_up_to_the_first_stranger() {
    assert_eq!(client("192.0.2.7", &[("x-forwarded-for", "1.2.3.4")]).unwrap(), "192.0.2.7");
    assert_eq!(client("192.0.2.7", &[("forwarded", "for=1.2.3.4")]).unwrap(), "192.0.2.7");
    assert_eq!(by("1.2.3.4"), "1.2.3.4");
    assert_eq!(by("6.6.6.6, 1.2.3.4"), "1.2.3.4");
    assert_eq!(by("6.6.6.6, 1.2.3.4, 10.9.9.9"), "1.2.3.4");
    assert_eq!(by("10.9.9.9, 10.8.8.8"), "10.9.9.9", "all are ours: the farthest");
    let lines = [("x-forwarded-for", "6.6.6.6"), ("x-forwarded-for", "1.2.3.4"), ("x-forwarded-for", "10.7.7.7")];
    assert_eq!(client(NEAR, &lines).unwrap(), "1.2.3.4", "lines are joined in their order");
    assert_eq!(client("::ffff:10.0.0.1", &[("x-forwarded-for", "::ffff:1.2.3.4")]).unwrap(), "1.2.3.4");
}

#[test]
fn ports_brackets_and_quotes_are_taken_off_and_garbage_ends_the_way() {
    assert_eq!(by("1.2.3.4:567"), "1.2.3.4");
    assert_eq!(by("[2001:db8::1]:567"), "2001:db8::1");
    assert_eq!(by("[2001:db8::1]"), "2001:db8::1");
    assert_eq!(by("2001:db8::1"), "2001:db8::1");
    for garbage in ["1.2.3.4, unknown", "1.2.3.4,", "", "1.2.3.4 5.6.7.8", "[1.2.3.4", "01.2.3.4", "1.2.3.4:x"] {
        assert_eq!(by(garbage), NEAR, "{garbage}");
    }
    assert_eq!(by("1.2.3.4, unknown, 10.5.5.5"), "10.5.5.5", "who wrote the garbage is the nearest that is known");
}

#[test]
fn rfc_7239_is_read_and_two_voices_are_refused() {
    let by = |text: &str| client(NEAR, &[("forwarded", text)]).unwrap();
    assert_eq!(by("for=6.6.6.6, For=\"[2001:db8::1]:4711\";proto=https;by=10.0.0.1"), "2001:db8::1");
    assert_eq!(by("host=\"a,for=6.6.6.6\";for=1.2.3.4"), "1.2.3.4");
    assert_eq!(by("for=1.2.3.4;for=6.6.6.6"), NEAR);
    assert_eq!(by("for=1.2.3.4, for=_hidden"), NEAR);
    assert_eq!(by("for=1.2.3.4, proto=https"), NEAR);
    let both = [("forwarded", "for=1.2.3.4"), ("x-forwarded-for", "6.6.6.6")];
    assert_eq!(client(NEAR, &both), Err(TwoVoices));
    assert_eq!(client("192.0.2.7", &both).unwrap(), "192.0.2.7");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn l_01_whatever_a_stranger_forges_it_stays_one_client(
        values in proptest::collection::vec("[ -~]{0,60}|([0-9]{1,3}\\.){3}[0-9]{1,3}(, ?10\\.0\\.0\\.1)?", 0..6),
        rfc in any::<bool>(),
    ) {
        let name = if rfc { "forwarded" } else { "x-forwarded-for" };
        let lines: Vec<_> = values.iter().map(|value| (name, value.as_str())).collect();
        prop_assert_eq!(client("192.0.2.7", &lines).unwrap(), "192.0.2.7");
        // Behind a proxy that appends what it saw, too.
        let end = if rfc { "for=192.0.2.7" } else { "192.0.2.7" };
        let lines: Vec<_> = values.iter().map(|value| (name, value.as_str())).chain([(name, end)]).collect();
        let quotes = values.iter().any(|value| value.contains('"'));
        prop_assert!(quotes && rfc || client(NEAR, &lines).unwrap() == "192.0.2.7");
    }
}
