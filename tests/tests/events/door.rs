//! Who is let in, by which credential, and from which page.

use countersign_tests::socket::{Socket, knock};
use serde_json::json;

use crate::{House, SOCKET, STREAM, greeted};

/// A path, the headers that come with it, the status or code, and the text.
type Case<'a> = (&'a str, Vec<(&'static str, &'a str)>, u16, &'a str);

#[tokio::test]
async fn each_place_of_a_credential_opens_a_socket_and_the_answer_never_repeats_it() {
    let house = House::new().await;
    let bearer = format!("Bearer {}", house.listener);
    let account = format!("ServiceAccount {}", house.listener);
    let (ours, theirs) =
        (format!("bearer.{}, countersign", house.listener), format!("orcheo-auth, bearer.{}", house.founder));
    let ticket = format!("{SOCKET}?ticket={}", house.ticket(&house.founder).await);
    let protocol = "sec-websocket-protocol";
    let cases: [(&str, &'static str, &str, Option<&str>); 6] = [
        (SOCKET, "authorization", &bearer, None),
        (SOCKET, "authorization", &account, None),
        (SOCKET, "x-api-key", &house.listener, None),
        (SOCKET, protocol, &ours, Some("countersign")),
        (SOCKET, protocol, &theirs, Some("orcheo-auth")),
        (&ticket, protocol, "countersign", Some("countersign")),
    ];
    for (target, name, value, selected) in cases {
        for path in [SOCKET, "/ws/workflow", "/ws/workflow/7"].iter().take(if target == SOCKET { 3 } else { 1 }) {
            let target = target.replace(SOCKET, path);
            let mut socket = Socket::open(house.at(), &target, &[(name, value)]).await.unwrap();
            greeted(&mut socket).await;
            assert_eq!(socket.headers.get(protocol).map(|name| name.to_str().unwrap()), selected);
            let told = format!("{:?}", socket.headers);
            assert!(!told.contains("cs_"), "{told}");
            socket.leave().await;
        }
    }
}

#[tokio::test]
async fn who_may_not_listen_is_told_so_before_a_socket_opens() {
    let house = House::new().await;
    let (_, narrow) = house.token(&["logs:read"]).await;
    let (good, narrow) = (format!("Bearer {}", house.listener), format!("Bearer {narrow}"));
    let offered = format!("countersign, bearer.{}", house.listener);
    let alone = format!("bearer.{}", house.listener);
    let twice = format!("countersign, bearer.{0}, bearer.{0}", house.listener);
    let with_ticket = format!("{SOCKET}?ticket={}", house.ticket(&house.listener).await);
    let protocol = "sec-websocket-protocol";
    let cases: [Case<'_>; 12] = [
        (SOCKET, vec![], 401, "auth.missing_token"),
        (SOCKET, vec![("authorization", "Bearer hunter2")], 401, "auth.invalid_token"),
        (SOCKET, vec![("authorization", "Basic YTpi")], 401, "auth.invalid_scheme"),
        (SOCKET, vec![(protocol, "countersign, bearer.cs_svt_0")], 401, "auth.invalid_token"),
        (SOCKET, vec![(protocol, "countersign, bearer.")], 401, "auth.invalid_token"),
        (&format!("{SOCKET}?ticket=cs_st_0"), vec![], 401, "auth.invalid_token"),
        (SOCKET, vec![("authorization", &narrow)], 403, "auth.missing_scope"),
        (SOCKET, vec![("authorization", &good), ("x-api-key", &house.listener)], 400, "auth.two_credentials"),
        (SOCKET, vec![("authorization", &good), (protocol, &offered)], 400, "auth.two_credentials"),
        (SOCKET, vec![(protocol, &twice)], 400, "auth.two_credentials"),
        (&with_ticket, vec![("authorization", &good)], 400, "auth.two_credentials"),
        (SOCKET, vec![(protocol, &alone)], 400, "request.malformed"),
    ];
    for (target, headers, status, code) in cases {
        let (answered, problem) = knock(house.at(), target, &headers).await;
        assert_eq!((answered, &problem["code"]), (status, &json!(code)), "{headers:?}");
    }
    let plain = reqwest::Client::new().get(house.plane.address().at(SOCKET)).bearer_auth(&house.listener);
    let plain = plain.send().await.unwrap();
    assert_eq!(plain.status(), 400);
    assert!(plain.text().await.unwrap().contains("WebSocket"));
}

#[tokio::test]
async fn s_21_a_token_in_the_address_is_refused_and_t_17_a_ticket_opens_one_connection() {
    let house = House::new().await;
    for target in [SOCKET, "/ws/workflow", STREAM] {
        for name in ["token", "access_token", "api_key"] {
            let (status, problem) = knock(house.at(), &format!("{target}?{name}={}", house.listener), &[]).await;
            assert_eq!((status, &problem["code"]), (400, &json!("auth.token_in_url")), "{target} {name}");
            assert!(!problem.to_string().contains(&house.listener));
        }
    }
    let ticket = house.ticket(&house.founder).await;
    for elsewhere in [format!("/api/v1/approvals?ticket={ticket}"), "/api/v1/approvals".to_owned()] {
        let bearer = format!("Bearer {ticket}");
        let headers = if elsewhere.contains('?') { vec![] } else { vec![("authorization", bearer.as_str())] };
        assert_eq!(knock(house.at(), &elsewhere, &headers).await.0, 401, "{elsewhere}");
    }
    let target = format!("{SOCKET}?ticket={ticket}");
    let mut socket = Socket::open(house.at(), &target, &[]).await.unwrap();
    greeted(&mut socket).await;
    for path in [SOCKET, STREAM] {
        let (status, problem) = knock(house.at(), &format!("{path}?ticket={ticket}"), &[]).await;
        assert_eq!((status, &problem["code"]), (401, &json!("auth.invalid_token")));
    }
    let lasting = format!("{SOCKET}?ticket={}", house.listener);
    assert_eq!(knock(house.at(), &lasting, &[]).await.0, 401, "a lasting credential is no ticket");
}

#[tokio::test]
async fn of_those_who_show_one_ticket_at_once_one_is_let_in() {
    let house = House::new().await;
    let target = format!("{SOCKET}?ticket={}", house.ticket(&house.founder).await);
    let answers = futures_util::future::join_all((0..12).map(|_| knock(house.at(), &target, &[]))).await;
    assert_eq!(answers.iter().filter(|(status, _)| *status == 101).count(), 1, "{answers:?}");
    assert_eq!(answers.iter().filter(|(status, _)| *status == 401).count(), 11, "{answers:?}");
}

#[tokio::test]
async fn a_ticket_is_worth_what_its_credential_is_when_it_is_used() {
    let house = House::new().await;
    let target = format!("{SOCKET}?ticket={}", house.ticket(&house.listener).await);
    house.revoke(&house.listener_id).await;
    let (status, problem) = knock(house.at(), &target, &[]).await;
    assert_eq!((status, &problem["code"]), (401, &json!("auth.token_revoked")));
}

#[tokio::test]
async fn a_token_in_the_address_opens_a_socket_where_the_settings_say_so_and_nothing_else() {
    let house = House::with(|settings| settings.http.query_tokens = true).await;
    for name in ["token", "access_token"] {
        let target = format!("/ws/workflow/7?{name}={}", house.listener);
        greeted(&mut Socket::open(house.at(), &target, &[]).await.unwrap()).await;
    }
    let both = format!("{SOCKET}?token={0}&access_token={0}", house.listener);
    assert_eq!(knock(house.at(), &both, &[]).await.1["code"], "auth.two_credentials");
    for other in [STREAM, "/api/v1/approvals"] {
        let target = format!("{other}?token={}", house.listener);
        assert_eq!(knock(house.at(), &target, &[]).await.1["code"], "auth.token_in_url", "{other}");
    }
}

#[tokio::test]
async fn s_45_a_page_of_another_site_opens_no_socket() {
    let house = House::with(|settings| settings.http.allowed_origins = vec!["https://friend.example".into()]).await;
    let own = format!("http://{}", house.at());
    let same_port = format!("http://evil.example:{}", house.at().port());
    for (origin, status) in [
        (own.as_str(), 101),
        ("https://friend.example", 101),
        ("https://evil.example", 403),
        (&same_port, 403),
        ("null", 403),
        ("", 403),
    ] {
        for path in [SOCKET, "/ws/workflow"] {
            let headers = [("origin", origin), ("x-api-key", house.listener.as_str())];
            let (answered, problem) = knock(house.at(), path, &headers).await;
            assert_eq!(answered, status, "{origin}: {problem}");
            assert!(status == 101 || problem["code"] == "request.foreign_origin");
        }
    }
}

#[tokio::test]
async fn guesses_on_the_socket_share_the_limit_of_all_guesses() {
    let house = House::with(|settings| settings.auth.address_limit.failures = 3).await;
    let mut statuses = Vec::new();
    for n in 0..5 {
        let target = format!("{SOCKET}?ticket=cs_st_{n:048}");
        statuses.push(knock(house.at(), &target, &[]).await.0);
    }
    assert_eq!(statuses, [401, 401, 401, 429, 429]);
}
