//! A socket with a deadline for every stage in which its peer can keep us waiting.
//!
//! Silent, in the middle of a header, or taking no byte of an answer: each ends the connection when its time is over.
//! While a request is being answered the socket waits as long as the answer takes; a body has a deadline of its own, and
//! so has a WebSocket.

use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep};

use crate::metrics::Metrics;
use crate::settings::Http;

/// Where a connection stands. The number of the request is part of it, so that each stage is told from the one before.
#[derive(Clone, Default)]
pub(crate) struct Stage(Arc<AtomicU64>);

const SILENT: u64 = 0;
const HEADER: u64 = 1;
const BUSY: u64 = 2;
const UPGRADED: u64 = 3;
const STAGES: u64 = 4;

impl Stage {
    /// A request is being answered until the value is dropped.
    pub(crate) fn busy(&self) -> Busy {
        let now = self.0.load(Ordering::Acquire);
        self.0.store(now - now % STAGES + BUSY, Ordering::Release);
        Busy(self.clone())
    }

    /// The connection is no longer HTTP. What goes on with it keeps its own deadlines for reading.
    pub(crate) fn upgrade(&self) {
        self.0.store(UPGRADED, Ordering::Release);
    }

    fn now(&self) -> u64 {
        self.0.load(Ordering::Acquire)
    }
}

/// A request that is being answered.
pub(crate) struct Busy(Stage);

impl Drop for Busy {
    fn drop(&mut self) {
        let now = self.0.0.load(Ordering::Acquire);
        if now % STAGES == UPGRADED {
            return;
        }
        self.0.0.store(now - now % STAGES + STAGES + SILENT, Ordering::Release);
    }
}

/// A stream that keeps its peer's deadlines.
pub(crate) struct Timed<S> {
    inner: S,
    stage: Stage,
    /// The stage that the read deadline was set for.
    armed: Option<u64>,
    reading: Pin<Box<Sleep>>,
    writing: Option<Pin<Box<Sleep>>>,
    limits: Limits,
    metrics: Metrics,
}

struct Limits {
    first: Duration,
    header: Duration,
    idle: Duration,
    write: Duration,
}

impl<S> Timed<S> {
    pub(crate) fn new(inner: S, http: &Http, metrics: Metrics) -> (Self, Stage) {
        let stage = Stage::default();
        let limits = Limits {
            first: http.first_byte_timeout.duration(),
            header: http.header_timeout.duration(),
            idle: http.idle_timeout.duration(),
            write: http.write_timeout.duration(),
        };
        let reading = Box::pin(tokio::time::sleep(limits.first));
        (Self { inner, stage: stage.clone(), armed: None, reading, writing: None, limits, metrics }, stage)
    }

    /// The read deadline of the stage; `Err` when it is over.
    fn overdue(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        let stage = self.stage.now();
        if matches!(stage % STAGES, BUSY | UPGRADED) {
            return Ok(());
        }
        if self.armed != Some(stage) {
            self.armed = Some(stage);
            let within = match stage {
                SILENT => self.limits.first,
                _ if stage % STAGES == HEADER => self.limits.header,
                _ => self.limits.idle,
            };
            self.reading.as_mut().reset(Instant::now() + within);
        }
        match self.reading.as_mut().poll(cx) {
            Poll::Ready(()) => Err(ErrorKind::TimedOut.into()),
            Poll::Pending => Ok(()),
        }
    }

    /// What a write gave, or its deadline.
    fn written<T>(&mut self, cx: &mut Context<'_>, done: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if done.is_ready() {
            self.writing = None;
            return done;
        }
        let limit = self.limits.write;
        let deadline = self.writing.get_or_insert_with(|| Box::pin(tokio::time::sleep(limit)));
        deadline.as_mut().poll(cx).map(|()| Err(ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Timed<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        match Pin::new(&mut self.inner).poll_read(cx, buffer) {
            Poll::Ready(Ok(())) => {
                let read = buffer.filled().len() - before;
                self.metrics.received(read);
                let stage = self.stage.now();
                if read > 0 && stage % STAGES == SILENT {
                    self.stage.0.store(stage + HEADER, Ordering::Release);
                }
                // A peer that sends a byte now and then is not waited for longer.
                Poll::Ready(self.overdue(cx))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending => match self.overdue(cx) {
                Ok(()) => Poll::Pending,
                Err(error) => Poll::Ready(Err(error)),
            },
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Timed<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let done = Pin::new(&mut self.inner).poll_write(cx, bytes);
        let sent = ready!(self.written(cx, done))?;
        self.metrics.sent(sent);
        Poll::Ready(Ok(sent))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let done = Pin::new(&mut self.inner).poll_write_vectored(cx, slices);
        let sent = ready!(self.written(cx, done))?;
        self.metrics.sent(sent);
        Poll::Ready(Ok(sent))
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let done = Pin::new(&mut self.inner).poll_flush(cx);
        self.written(cx, done)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let done = Pin::new(&mut self.inner).poll_shutdown(cx);
        self.written(cx, done)
    }
}
