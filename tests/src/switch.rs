//! A door before PostgreSQL: it can be turned to another server, and it can break a connection at its commit.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// The door. It carries from loopback to a server's socket.
pub struct Switch {
    address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    to: Mutex<PathBuf>,
    open: Mutex<Vec<(TcpStream, UnixStream)>>,
    /// How many of the next commits reach the server without their answers coming back.
    cuts: AtomicU64,
}

impl Switch {
    /// Opens one before this socket.
    ///
    /// # Panics
    /// If no port is free.
    #[must_use]
    pub fn before(socket: &Path) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port is free");
        let address = listener.local_addr().expect("it is bound");
        let to = Mutex::new(socket.to_owned());
        let shared = Arc::new(Shared { to, open: Mutex::default(), cuts: AtomicU64::new(0) });
        let carried = Arc::clone(&shared);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                carried.connect(client);
            }
        });
        Self { address, shared }
    }

    /// Its port.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.address.port()
    }

    /// Breaks every connection and leads to another server from now on.
    pub fn turn_to(&self, socket: &Path) {
        socket.clone_into(&mut self.shared.to.lock().unwrap_or_else(PoisonError::into_inner));
        for (client, server) in self.shared.open.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            let _ = (client.shutdown(Shutdown::Both), server.shutdown(Shutdown::Both));
        }
    }

    /// Loses the answers of that many of the next commits.
    pub fn cut(&self, commits: u64) {
        self.shared.cuts.store(commits, Ordering::SeqCst);
    }

    /// How many are still to be lost.
    #[must_use]
    pub fn left_to_cut(&self) -> u64 {
        self.shared.cuts.load(Ordering::SeqCst)
    }
}

impl Shared {
    fn connect(self: &Arc<Self>, client: TcpStream) {
        let to = self.to.lock().unwrap_or_else(PoisonError::into_inner).clone();
        // A server that is not there: the client is hung up on.
        let Ok(server) = UnixStream::connect(to) else { return };
        let Ok((one, two)) = both(&client, &server) else { return };
        let Ok((three, four)) = both(&client, &server) else { return };
        self.open.lock().unwrap_or_else(PoisonError::into_inner).push((client, server));
        let lost = Arc::new(std::sync::atomic::AtomicBool::new(false));
        let (shared, loses) = (Arc::clone(self), Arc::clone(&lost));
        thread::spawn(move || {
            carry(one, two, |said| {
                let commits = said.windows(7).any(|words| words == b"COMMIT\0");
                let taken = |left: u64| left.checked_sub(1);
                if commits && shared.cuts.fetch_update(Ordering::SeqCst, Ordering::SeqCst, taken).is_ok() {
                    loses.store(true, Ordering::SeqCst);
                }
                true
            });
        });
        thread::spawn(move || carry(four, three, |_| !lost.load(Ordering::SeqCst)));
    }
}

fn both(client: &TcpStream, server: &UnixStream) -> std::io::Result<(TcpStream, UnixStream)> {
    Ok((client.try_clone()?, server.try_clone()?))
}

/// Carries what comes as long as it may, then ends both sides.
fn carry<A: Read + Ends, B: Write + Ends>(mut from: A, mut to: B, may: impl Fn(&[u8]) -> bool) {
    let mut buffer = [0; 8192];
    while let Ok(length @ 1..) = from.read(&mut buffer) {
        if !may(&buffer[..length]) || to.write_all(&buffer[..length]).is_err() {
            break;
        }
    }
    from.end();
    to.end();
}

trait Ends {
    fn end(&self);
}

impl Ends for TcpStream {
    fn end(&self) {
        let _ = self.shutdown(Shutdown::Both);
    }
}

impl Ends for UnixStream {
    fn end(&self) {
        let _ = self.shutdown(Shutdown::Both);
    }
}
