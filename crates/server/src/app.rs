//! What every handler is given, and the one door from async to the synchronous core.

use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use control::{Caller, Control};
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;
use tracing::Span;

use crate::address::ClientAddress;
use crate::feed::Feed;
use crate::front::Front;
use crate::long_work::LongWorks;
use crate::metrics::Metrics;
use crate::outbound::Outbound;
use crate::problem::Refusal;

/// A running control plane, as handlers see it.
#[derive(Clone)]
pub(crate) struct App {
    pub(crate) control: Control,
    pub(crate) feed: Feed,
    pub(crate) front: Arc<Front>,
    pub(crate) metrics: Metrics,
    /// The way out, to judge addresses that it will be asked to call.
    pub(crate) outbound: Outbound,
    /// What runs for a while and is told as it goes.
    pub(crate) works: LongWorks,
    /// Cancelled when the control plane stops: whoever waits is let go.
    pub(crate) stop: CancellationToken,
}

impl App {
    /// Runs a use case where it may block.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Control) -> Result<T, control::Error> + Send + 'static,
    ) -> Result<T, Refusal> {
        let (control, span) = (self.control.clone(), Span::current());
        match tokio::task::spawn_blocking(move || span.in_scope(|| work(&control))).await {
            Ok(done) => done.map_err(Refusal::from),
            Err(error) => Err(control::Error::Internal(format!("a use case ended badly: {error}")).into()),
        }
    }
}

impl App {
    /// Runs a use case that hands on its result, where it may block. No thread waits for what it waits for.
    pub(crate) async fn run_soon<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Control, Box<dyn FnOnce(Result<T, control::Error>) + Send>) + Send + 'static,
    ) -> Result<T, Refusal> {
        let (control, span) = (self.control.clone(), Span::current());
        let (sender, told) = oneshot::channel();
        // A client that is gone has nobody to tell.
        let hand_on = Box::new(move |result| drop(sender.send(result)));
        tokio::task::spawn_blocking(move || span.in_scope(|| work(&control, hand_on)));
        match told.await {
            Ok(done) => done.map_err(Refusal::from),
            Err(_) => Err(control::Error::Internal("a use case ended badly".into()).into()),
        }
    }
}

/// Where the request came from, if that is known.
pub(crate) struct Client(pub(crate) Option<IpAddr>);

impl<S: Sync> FromRequestParts<S> for Client {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        Ok(Self(ClientAddress::of(&parts.extensions).known()))
    }
}

/// The caller, put there by the guard of the route. A handler that takes it cannot run without one.
pub(crate) struct Authenticated(pub(crate) Caller);

impl<S: Sync> FromRequestParts<S> for Authenticated {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Refusal> {
        parts
            .extensions
            .get::<Caller>()
            .cloned()
            .map(Self)
            .ok_or_else(|| control::Error::Internal("a route without a guard asked for its caller".into()).into())
    }
}
