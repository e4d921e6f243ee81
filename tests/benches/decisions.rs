//! P4: a decision over HTTP, authenticated by a service token, its audit entry durable before the answer.
//!
//! Beside it, in the same run and with the same program: the same requests where a flush of the disk does nothing
//! (`eatmydata`), and one request at a time, which is one commit for each. The server is a process of its own, so that its
//! processor time is its own.

#![expect(clippy::unwrap_used, reason = "a benchmark measures time, and stops at what it did not expect")]

use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const CONNECTIONS: usize = 64;
const PASSWORD: &str = "correct horse battery staple";
const BODY: &str = r#"{"action":"pipelines:execute","env":"dev","resources":["pipeline:billing/nightly"]}"#;

/// What was measured.
struct Figures {
    per_second: f64,
    p50: Duration,
    p99: Duration,
    cpu_per_request: Duration,
}

struct Server {
    child: Child,
    port: u16,
    token: String,
    _folder: tempfile::TempDir,
}

impl Server {
    /// The program of the release build, founded, on a disk; `before` is run in front of it.
    fn start(before: Option<&str>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let program = std::env::var("COUNTERSIGN_PROGRAM").expect("`make bench` names the program");
        let mut command = before.map_or_else(|| Command::new(&program), Command::new);
        if before.is_some() {
            command.arg(&program);
        }
        command
            .args(["serve", "--listen", &format!("127.0.0.1:{port}"), "--samples"])
            .args(["--found-email", "ada@example.com", "--found-name", "Ada"])
            .arg("--state-dir")
            .arg(folder.path())
            .env("COUNTERSIGN_FOUNDER_PASSWORD", PASSWORD)
            .env("RUST_LOG", "warn")
            .stderr(Stdio::null());
        let child = command.spawn().unwrap();
        let token = read_when_there(&folder.path().join("sample-token"));
        Self { child, port, token, _folder: folder }
    }

    /// User and system time so far (proc(5), in ticks of 10 ms).
    fn cpu(&self) -> Duration {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap();
        let fields: Vec<&str> = stat.rsplit(") ").next().unwrap().split(' ').collect();
        let ticks: u64 = fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
        Duration::from_millis(ticks * 10)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

fn read_when_there(file: &Path) -> String {
    let given_up = Instant::now() + Duration::from_mins(1);
    loop {
        match std::fs::read_to_string(file) {
            Ok(token) if token.ends_with('\n') => return token.trim().to_owned(),
            _ if Instant::now() > given_up => panic!("the control plane did not start"),
            _ => std::thread::sleep(Duration::from_millis(20)),
        }
    }
}

/// One connection that asks again and again until the time is over; how long each answer took.
async fn ask(port: u16, request: Vec<u8>, until: Instant) -> Vec<Duration> {
    let mut socket = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    socket.set_nodelay(true).unwrap();
    let (mut took, mut buffer) = (Vec::new(), vec![0; 16 * 1024]);
    while Instant::now() < until {
        let begun = Instant::now();
        socket.write_all(&request).await.unwrap();
        let mut filled = 0;
        loop {
            filled += socket.read(&mut buffer[filled..]).await.unwrap();
            if is_whole(&buffer[..filled]) {
                break;
            }
        }
        assert!(buffer.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&buffer[..filled]));
        took.push(begun.elapsed());
    }
    took
}

fn is_whole(answer: &[u8]) -> bool {
    let Some(end) = answer.windows(4).position(|four| four == b"\r\n\r\n") else { return false };
    let head = std::str::from_utf8(&answer[..end]).unwrap().to_ascii_lowercase();
    let length = head.split("content-length: ").nth(1).unwrap().split("\r\n").next().unwrap();
    answer.len() >= end + 4 + length.parse::<usize>().unwrap()
}

async fn measure(server: &Server, connections: usize, seconds: u64) -> Figures {
    let request = format!(
        "POST /api/v1/authz/decisions HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nAuthorization: Bearer {}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{BODY}",
        server.port,
        server.token,
        BODY.len()
    );
    ask(server.port, request.clone().into_bytes(), Instant::now() + Duration::from_millis(500)).await;
    let (cpu, begun) = (server.cpu(), Instant::now());
    let until = begun + Duration::from_secs(seconds);
    let askers: Vec<_> =
        (0..connections).map(|_| tokio::spawn(ask(server.port, request.clone().into_bytes(), until))).collect();
    let mut took = Vec::new();
    for asker in askers {
        took.extend(asker.await.unwrap());
    }
    let (elapsed, cpu) = (begun.elapsed(), server.cpu().saturating_sub(cpu));
    took.sort_unstable();
    let count = u32::try_from(took.len()).unwrap();
    Figures {
        per_second: f64::from(count) / elapsed.as_secs_f64(),
        p50: took[took.len() / 2],
        p99: took[took.len() * 99 / 100],
        cpu_per_request: cpu / count,
    }
}

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let seconds = std::env::var("BENCH_SECONDS").map_or(5, |text| text.parse().unwrap());
    let say = |name: &str, figures: &Figures| {
        let Figures { per_second, p50, p99, cpu_per_request } = figures;
        let line = format!(
            "{name:<44}{per_second:>9.0}/s   p50 {p50:>9.2?}   p99 {p99:>9.2?}   server cpu {cpu_per_request:>7.1?}"
        );
        println!("{line}");
    };
    let (durable, single) = {
        let server = Server::start(None);
        let durable = runtime.block_on(measure(&server, CONNECTIONS, seconds));
        (durable, runtime.block_on(measure(&server, 1, seconds)))
    };
    say("P4 decision, durable, 64 connections", &durable);
    say("   one at a time: a commit for each", &single);
    if Command::new("eatmydata").arg("true").status().is_ok_and(|status| status.success()) {
        let server = Server::start(Some("eatmydata"));
        let loose = runtime.block_on(measure(&server, CONNECTIONS, seconds));
        say("   no durability (flushes do nothing)", &loose);
        println!("   durable / not durable {:.2}", durable.per_second / loose.per_second);
    } else {
        println!("   not measured without durability: `eatmydata` is not installed");
    }
    println!("   grouped / one commit each {:.1}", durable.per_second / single.per_second);
}
