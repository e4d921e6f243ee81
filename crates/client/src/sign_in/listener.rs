//! The loopback listener that the browser comes back to (RFC 8252 §7.3).
//!
//! Bound to a loopback literal and a random port, one path. A request that does not carry this sign-in's state and the
//! right issuer gets a page and changes nothing.

use std::convert::Infallible;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use http::{Method, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;

const PATH: &str = "/callback";
/// How long a browser may take to send its request.
const HEADER: Duration = Duration::from_secs(10);
/// How many connections are served at once; more wait.
const CONNECTIONS: usize = 16;

pub(super) struct Listener {
    socket: TcpListener,
    address: SocketAddr,
}

/// What the browser brought.
pub(super) enum Answer {
    /// A code, and the browser that waits for the result.
    Code { code: String, reply: Reply },
    /// A refusal (RFC 6749 §4.1.2.1).
    Error { error: String, reply: Reply },
}

/// The browser that waits.
pub(super) struct Reply {
    page: oneshot::Sender<Page>,
    served: JoinSet<()>,
}

impl Reply {
    /// Answers the browser, and waits until it has the page.
    pub(super) async fn send(mut self, page: Page) {
        // The person may have closed the page; the result stands all the same.
        drop(self.page.send(page));
        let drained = async { while self.served.join_next().await.is_some() {} };
        drop(tokio::time::timeout(Duration::from_secs(2), drained).await);
    }
}

/// What the browser's page says.
pub(super) enum Page {
    SignedIn,
    Failed(String),
}

type Came = (Result<String, String>, oneshot::Sender<Page>);

impl Listener {
    pub(super) async fn bind() -> std::io::Result<Self> {
        let socket = match TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await {
            Ok(socket) => socket,
            Err(_) => TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).await?,
        };
        let address = socket.local_addr()?;
        Ok(Self { socket, address })
    }

    pub(super) fn redirect_uri(&self) -> String {
        format!("http://{}{PATH}", self.address)
    }

    /// Waits for the browser with this state and issuer.
    pub(super) async fn wait(self, state: &str, issuer: &str) -> Answer {
        let expected =
            Arc::new(Expected { host: self.address.to_string(), state: state.to_owned(), issuer: issuer.to_owned() });
        let (came, mut arrivals) = mpsc::channel::<Came>(1);
        let mut served = JoinSet::new();
        loop {
            tokio::select! {
                Some((result, page)) = arrivals.recv() => {
                    let reply = Reply { page, served };
                    return match result {
                        Ok(code) => Answer::Code { code, reply },
                        Err(error) => Answer::Error { error, reply },
                    };
                }
                accepted = self.socket.accept(), if served.len() < CONNECTIONS => {
                    let Ok((stream, _)) = accepted else { continue };
                    let (expected, came) = (Arc::clone(&expected), came.clone());
                    served.spawn(async move {
                        let service = service_fn(move |request| handle(request, Arc::clone(&expected), came.clone()));
                        let mut http = http1::Builder::new();
                        http.timer(TokioTimer::new()).header_read_timeout(HEADER).keep_alive(false);
                        // A connection that breaks off is no concern of the sign-in.
                        drop(http.serve_connection(TokioIo::new(stream), service).await);
                    });
                }
                Some(_) = served.join_next() => {}
            }
        }
    }
}

struct Expected {
    host: String,
    state: String,
    issuer: String,
}

async fn handle(
    request: Request<Incoming>,
    expected: Arc<Expected>,
    came: mpsc::Sender<Came>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let host = request.headers().get(http::header::HOST).and_then(|host| host.to_str().ok());
    if host != Some(expected.host.as_str()) || request.method() != Method::GET || request.uri().path() != PATH {
        return Ok(page(StatusCode::NOT_FOUND, "There is nothing here", "The sign-in is still waiting."));
    }
    let Some(result) = read(request.uri().query().unwrap_or(""), &expected) else {
        let why = "This answer does not belong to the sign-in that is waiting. It was not used, and the sign-in goes on waiting.";
        return Ok(page(StatusCode::BAD_REQUEST, "Not taken", why));
    };
    let (reply, answered) = oneshot::channel();
    if came.send((result, reply)).await.is_err() {
        return Ok(page(StatusCode::GONE, "Too late", "This sign-in has ended. Start again from the console."));
    }
    Ok(match answered.await {
        Ok(Page::SignedIn) => page(StatusCode::OK, "Signed in", "You can close this page and go back to Countersign."),
        Ok(Page::Failed(why)) => page(StatusCode::OK, "Not signed in", &why),
        Err(_) => page(StatusCode::GONE, "Cancelled", "This sign-in was cancelled in the console."),
    })
}

/// The code or the error, if state and issuer are right and nothing stands twice.
fn read(query: &str, expected: &Expected) -> Option<Result<String, String>> {
    let pairs: Vec<_> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let one = |name: &str| {
        let mut values = pairs.iter().filter(|(key, _)| key == name).map(|(_, value)| value.as_str());
        values.next().filter(|_| values.next().is_none())
    };
    if one("state") != Some(expected.state.as_str()) || one("iss") != Some(expected.issuer.as_str()) {
        return None;
    }
    match (one("code"), one("error")) {
        (Some(code), None) => Some(Ok(code.to_owned())),
        (None, Some(error)) => {
            // RFC 6749 §4.1.2.1: printable ASCII. Nothing else is shown or logged.
            Some(Err(error.chars().filter(char::is_ascii_graphic).take(60).collect()))
        }
        _ => None,
    }
}

fn page(status: StatusCode, title: &str, text: &str) -> Response<Full<Bytes>> {
    let escape = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let (title, text) = (escape(title), escape(text));
    let html = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"color-scheme\" content=\"light dark\">\
         <title>{title} · Countersign</title><h1>{title}</h1><p>{text}</p></html>"
    );
    let mut response = Response::new(Full::new(Bytes::from(html)));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    for (name, value) in [
        (http::header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (http::header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
        (http::header::REFERRER_POLICY, "no-referrer"),
        (http::header::CACHE_CONTROL, "no-store"),
        (http::header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ] {
        headers.insert(name, http::HeaderValue::from_static(value));
    }
    response
}
