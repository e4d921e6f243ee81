//! Orcheo's clients: the socket opens, and closes with a code that they know.

use countersign_tests::socket::Socket;

use crate::{House, SOCKET};

/// A path, the headers that come with it, the status or code, and the text.
type Case<'a> = (&'a str, Vec<(&'static str, &'a str)>, u16, &'a str);

#[tokio::test]
async fn refusals_come_as_close_codes_on_its_path_and_with_its_sub_protocol() {
    let house = House::with(|settings| settings.auth.address_limit.failures = 5).await;
    let (_, narrow) = house.token(&["logs:read"]).await;
    let narrow = format!("Bearer {narrow}");
    let path = "/ws/workflow/7";
    let protocol = "sec-websocket-protocol";
    let cases: [Case<'_>; 7] = [
        (path, vec![], 4401, "Missing bearer token"),
        (SOCKET, vec![(protocol, "orcheo-auth")], 4401, "Missing bearer token"),
        (path, vec![("authorization", &narrow)], 4403, "This needs the scope `approvals:read`"),
        (path, vec![("authorization", "Basic YTpi")], 4401, "Authorization header must use the Bearer scheme"),
        (path, vec![("authorization", "Bearer hunter2")], 4401, "Invalid bearer token"),
        (SOCKET, vec![(protocol, "orcheo-auth, bearer.cs_svt_0")], 4401, "Invalid bearer token"),
        ("/ws/workflow", vec![("x-api-key", "cs_key_0")], 4401, "Invalid bearer token"),
    ];
    for (target, headers, code, reason) in cases {
        let socket = Socket::open(house.at(), target, &headers).await.unwrap();
        let selected = socket.headers.get(protocol).map(|name| name.to_str().unwrap().to_owned());
        let offered = headers.iter().any(|(name, _)| *name == protocol);
        assert_eq!(selected, offered.then(|| "orcheo-auth".to_owned()));
        let (ended, said) = socket.ending().await.expect("a close frame");
        assert_eq!(ended, code, "{headers:?}: {said}");
        assert!(said.starts_with(reason), "{said}");
    }
    let fifth = Socket::open(house.at(), path, &[("x-api-key", "cs_key_0")]).await.unwrap().ending().await;
    assert_eq!(fifth, Some((4401, "Invalid bearer token".into())));
    let (code, said) =
        Socket::open(house.at(), path, &[("x-api-key", "cs_key_0")]).await.unwrap().ending().await.unwrap();
    assert_eq!(code, 4401);
    assert!(said.starts_with("Too many authentication attempts from 127.0.0.1"), "{said}");
}
