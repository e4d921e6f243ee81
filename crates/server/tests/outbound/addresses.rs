//! H-01 to H-07: addresses that lead inside.

use std::sync::atomic::Ordering;

use countersign_server::outbound::{Outbound, OutboundError, OutboundPolicy};

use crate::sites::{LIMITS, Mode, Names, Site, get, open_to};

/// Ways to write a loopback, private or metadata address, a scheme that is not HTTP, or a URL with two readings.
/// `PORT` is the sink's.
const CORPUS: &[&str] = &[
    "http://127.0.0.1:PORT/",
    "https://127.0.0.1:PORT/",
    "HTTP://127.0.0.1:PORT/",
    "hTTpS://127.0.0.1:PORT/",
    "https://2130706433:PORT/",
    "https://0x7f000001:PORT/",
    "https://0x7F.0.0.1:PORT/",
    "https://0177.0.0.1:PORT/",
    "https://017700000001:PORT/",
    "https://0177.0x0.0.1:PORT/",
    "https://127.1:PORT/",
    "https://127.0.1:PORT/",
    "https://0x7f.1:PORT/",
    "https://127.0.0.1.:PORT/",
    "https://127.0.0.2:PORT/",
    "https://127.255.255.254:PORT/",
    "https://①②⑦.⓪.⓪.①:PORT/",
    "https://①②⑦.0.0.1:PORT/",
    "https://１２７.０.０.１:PORT/",
    "https://127。0。0。1:PORT/",
    "https://%31%32%37.0.0.1:PORT/",
    "https://127%2e0%2e0%2e1:PORT/",
    "https://0:PORT/",
    "https://0.0.0.0:PORT/",
    "https://0x0:PORT/",
    "https://[::1]:PORT/",
    "https://[::]:PORT/",
    "https://[0:0:0:0:0:0:0:1]:PORT/",
    "https://[::ffff:127.0.0.1]:PORT/",
    "https://[::ffff:7f00:1]:PORT/",
    "https://[::127.0.0.1]:PORT/",
    "https://[64:ff9b::127.0.0.1]:PORT/",
    "https://[2002:7f00:1::]:PORT/",
    "https://[2001:0:7f00:1::]:PORT/",
    "https://[::ffff:0:127.0.0.1]:PORT/",
    "https://[fe80::1%25eth0]:PORT/",
    "https://[fe80::1%eth0]:PORT/",
    "https://[fe80::1]:PORT/",
    "https://[fc00::1]:PORT/",
    "https://[ff02::1]:PORT/",
    "https://10.0.0.1:PORT/",
    "https://172.16.0.1:PORT/",
    "https://192.168.0.1:PORT/",
    "https://100.64.0.1:PORT/",
    "https://169.254.169.254/latest/meta-data/",
    "https://[fd00:ec2::254]/latest/meta-data/",
    "https://2852039166/latest/meta-data/",
    "https://198.18.0.1:PORT/",
    "https://224.0.0.1:PORT/",
    "https://255.255.255.255:PORT/",
    "https://localhost:PORT/",
    "https://LOCALHOST:PORT/",
    "https://localhost.:PORT/",
    "https://ⓛocalhost:PORT/",
    "https://plane.example:PORT/",
    "https://127.0.0.1.nip.example:PORT/",
    "https://user@127.0.0.1:PORT/",
    "https://user:pass@plane.example:PORT/",
    "https://public.example@127.0.0.1:PORT/",
    "https://public.example:443@127.0.0.1:PORT/",
    "https://public.example#@127.0.0.1:PORT/",
    "https://public.example\\@127.0.0.1:PORT/",
    "https:\\\\127.0.0.1:PORT/",
    "https:127.0.0.1:PORT/",
    "https:///127.0.0.1:PORT/",
    "https://127.0.0.1\t:PORT/",
    "https://127.0.0\n.1:PORT/",
    " https://127.0.0.1:PORT/",
    "https://127.0.0.1:0/",
    "https://:PORT/",
    "//127.0.0.1:PORT/",
    "ftp://127.0.0.1:PORT/",
    "file:///etc/passwd",
    "gopher://127.0.0.1:PORT/_GET",
    "dict://127.0.0.1:PORT/",
    "data:text/plain,x",
    "javascript:alert(1)",
    "ws://127.0.0.1:PORT/",
    "blob:https://127.0.0.1:PORT/x",
    "unix:/run/x.sock",
    "",
];

#[tokio::test]
async fn h_01_no_spelling_of_an_inner_address_makes_a_connection() {
    let sink = Site::start(Mode::ok("", "inside")).await;
    let names = Names::new(&[&["127.0.0.1"]]);
    let all = [OutboundPolicy::default(), open_to(&["192.0.2.0/24"])];
    for policy in all {
        let outbound = Outbound::with_resolver(policy, names.clone()).unwrap();
        for url in CORPUS {
            let url = url.replace("PORT", &sink.address.port().to_string());
            let refused = get(&outbound, &url, LIMITS).await.unwrap_err();
            let early =
                matches!(refused, OutboundError::Url(_) | OutboundError::Denied(_) | OutboundError::PlainHttp(_));
            assert!(early, "{url}: {refused}");
        }
    }
    assert!(CORPUS.len() >= 60);
    assert_eq!(sink.connections(), 0);
}

#[tokio::test]
async fn h_06_plain_http_needs_the_operators_word_and_the_operators_range() {
    let site = Site::start(Mode::ok("", "here")).await;
    let mut policy = open_to(&["127.0.0.1/32"]);
    let outbound = Outbound::new(policy.clone()).unwrap();
    assert_eq!(get(&outbound, &site.url(), LIMITS).await.unwrap().body, "here");
    assert!(outbound.check("http://8.8.8.8/").is_err(), "public addresses always have TLS");
    assert!(outbound.check("https://8.8.8.8/").is_ok());
    policy.plain_http = false;
    let outbound = Outbound::new(policy).unwrap();
    assert!(matches!(get(&outbound, &site.url(), LIMITS).await, Err(OutboundError::PlainHttp(_))));
    assert_eq!(site.connections(), 1);
}

#[tokio::test]
async fn h_04_one_denied_answer_denies_the_name() {
    let sink = Site::start(Mode::ok("", "inside")).await;
    for answer in [&["8.8.8.8", "127.0.0.1"][..], &["127.0.0.1", "8.8.8.8"], &["2606:4700::1111", "::ffff:127.0.0.1"]] {
        let outbound = Outbound::with_resolver(OutboundPolicy::default(), Names::new(&[answer])).unwrap();
        let url = format!("https://two.example:{}/", sink.address.port());
        assert!(
            matches!(get(&outbound, &url, LIMITS).await, Err(OutboundError::Denied(host)) if host == "two.example")
        );
    }
    let nowhere = Outbound::with_resolver(OutboundPolicy::default(), Names::new(&[&[]])).unwrap();
    assert!(matches!(get(&nowhere, "https://x.example/", LIMITS).await, Err(OutboundError::Resolve { .. })));
    assert_eq!(sink.connections(), 0);
}

#[tokio::test]
async fn h_04_a_name_that_flips_is_asked_once_and_judged_each_time() {
    let open = Site::start_at("127.0.0.2:0", Mode::ok("", "allowed")).await;
    let port = open.address.port();
    let sink = Site::start_at(&format!("127.0.0.1:{port}"), Mode::ok("", "inside")).await;
    let names = Names::new(&[&["127.0.0.2"], &["127.0.0.1"]]);
    let outbound = Outbound::with_resolver(open_to(&["127.0.0.2/32"]), names.clone()).unwrap();
    let url = format!("http://flips.example:{port}/");
    assert_eq!(get(&outbound, &url, LIMITS).await.unwrap().body, "allowed");
    assert_eq!(names.asked.load(Ordering::SeqCst), 1);
    assert!(open.last_head().contains(&format!("host: flips.example:{port}\r\n")), "{}", open.last_head());
    assert!(matches!(get(&outbound, &url, LIMITS).await, Err(OutboundError::Denied(_))));
    assert_eq!((names.asked.load(Ordering::SeqCst), sink.connections()), (2, 0));
}

#[tokio::test]
async fn an_error_names_the_host_and_not_the_path() {
    let outbound = Outbound::with_resolver(OutboundPolicy::default(), Names::new(&[&["10.0.0.1"]])).unwrap();
    let refused = get(&outbound, "https://hook.example/canary?canary", LIMITS).await.unwrap_err();
    assert!(refused.to_string().contains("hook.example") && !format!("{refused:?}{refused}").contains("canary"));
}
