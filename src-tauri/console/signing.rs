//! Signing: what will be signed is put together here, shown by the signing window from here, and signed here after the
//! person confirmed there. The main window names a ticket and a verdict, and learns how it ended.

mod after_review;
mod enrolment;
mod review;

use client::{Api, ClientError};
use domain::after_review::AfterReview;
use domain::key::{KeyId, ReviewKey};
use domain::review::Review;
use domain::roster::Roster;
use tauri::{Manager as _, WindowEvent};
use tokio::sync::{MutexGuard, oneshot};

use crate::console::link::Link;
use crate::console::{Console, lock};
use crate::ipc::Failure;
use crate::ipc::signing::{SigningOutcome, SigningSubject};
use crate::windows;

/// Something that waits to be confirmed in the signing window.
pub(super) struct Pending {
    subject: SigningSubject,
    payload: Payload,
    link: Link,
    done: oneshot::Sender<SigningOutcome>,
}

impl Pending {
    fn end(self, outcome: SigningOutcome) {
        // Nobody may wait for it any more.
        drop(self.done.send(outcome));
    }
}

/// What will be signed.
enum Payload {
    Review(Box<Review>),
    /// What was found of an emergency.
    AfterReview(Box<AfterReview>),
    /// The next roster version.
    Roster(Box<Roster>),
}

impl Console {
    /// Keeps anything else from being signed meanwhile.
    fn one_signing(&self) -> Result<MutexGuard<'_, ()>, Failure> {
        let already = || Failure::new("signing_already", "the signing window is open; finish or close it first");
        self.0.signing.try_lock().map_err(|_| already())
    }

    /// This device's key, with the version of the roster that it is on.
    async fn listed_key(&self, link: &Link) -> Result<(u32, ReviewKey), Failure> {
        let chain = self.trusted_roster(link).await?;
        let chain = chain.ok_or_else(|| Failure::new("no_roster", "there is no roster yet; found it first"))?;
        let key = self.key(link).await?;
        if chain.latest().key(&key.public().id()).is_none() {
            return Err(Failure::new("not_on_roster", "this device's key is not on the roster"));
        }
        Ok((chain.latest().version, key))
    }

    /// What the signing window shows.
    pub(crate) fn signing_subject(&self) -> Result<SigningSubject, Failure> {
        lock(&self.0.pending).as_ref().map(|pending| pending.subject.clone()).ok_or_else(nothing)
    }

    /// The person confirmed: signs and sends. A refusal is shown in the signing window, which stays. While it is being
    /// sent nothing can be cancelled any more, so that nobody is told "cancelled" of what was signed.
    pub(crate) async fn confirm(&self) -> Result<(), Failure> {
        let pending = lock(&self.0.pending).take().ok_or_else(nothing)?;
        self.tell("signing-phase", "sending");
        match self.sign_and_send(&pending).await {
            Ok(outcome) => pending.end(outcome),
            Err(failure) => {
                *lock(&self.0.pending) = Some(pending);
                if self.0.app.get_webview_window(windows::SIGNING).is_none() {
                    self.cancel_signing();
                }
                return Err(failure);
            }
        }
        Ok(())
    }

    async fn sign_and_send(&self, pending: &Pending) -> Result<SigningOutcome, Failure> {
        let key = self.key(&pending.link).await?;
        match &pending.payload {
            Payload::Review(review) => self.send_review(&pending.link, &key, review).await,
            Payload::AfterReview(review) => self.send_after_review(&pending.link, &key, review).await,
            Payload::Roster(roster) => self.send_roster(&pending.link, &key, roster).await,
        }
    }

    /// The person does not sign.
    pub(crate) fn cancel_signing(&self) {
        let pending = lock(&self.0.pending).take();
        if let Some(pending) = pending {
            pending.end(SigningOutcome::Cancelled);
        }
    }

    /// Opens the signing window and waits for its end.
    async fn ask(&self, link: Link, subject: SigningSubject, payload: Payload) -> Result<SigningOutcome, Failure> {
        let (done, ended) = oneshot::channel();
        *lock(&self.0.pending) = Some(Pending { subject, payload, link, done });
        self.tell("signing-phase", "window");
        let window = windows::open_signing(&self.0.app).inspect_err(|_| self.cancel_signing())?;
        let console = self.clone();
        window.on_window_event(move |event| {
            if let WindowEvent::Destroyed = event {
                console.cancel_signing();
            }
        });
        let outcome = ended.await.unwrap_or(SigningOutcome::Cancelled);
        if let Err(error) = window.destroy() {
            tracing::debug!(%error, "the signing window was closed already");
        }
        self.state_changed();
        Ok(outcome)
    }

    /// Asks for what is only shown after a fresh login: if the control plane says that this one is too old, there is a
    /// browser login, and then it is asked for again.
    pub(crate) async fn freshly<T, F>(&self, ask: impl Fn(Api) -> F + Send) -> Result<T, Failure>
    where
        F: Future<Output = Result<T, ClientError>> + Send,
    {
        let link = self.link()?;
        match ask(link.api.clone()).await {
            Err(error) => match error.step_up() {
                Some(max_age) => {
                    self.step_up(&link, max_age).await?;
                    Ok(ask(link.api).await?)
                }
                None => Err(error.into()),
            },
            done => Ok(done?),
        }
    }

    /// Makes sure that the login is at most `max_age` seconds old, by a browser login if it is not.
    async fn step_up(&self, link: &Link, max_age: u32) -> Result<contract::access::WhoAmI, Failure> {
        let who = link.api.who_am_i().await?;
        // With time enough left to read what is to be signed.
        let needed = self.now().plus(max_age / 3);
        if who.authenticated_at.is_some_and(|at| needed.is_before(at.plus(max_age))) {
            return Ok(who);
        }
        self.tell("signing-phase", "step_up");
        let fresh = self.sign_in(Some(max_age)).await?;
        if fresh.principal != who.principal {
            let problem = format!("`{}` signed in, but `{}` was asked to; start again", fresh.name, who.name);
            return Err(Failure::new("another_person", problem));
        }
        Ok(fresh)
    }
}

fn signer(name: &str, key: &ReviewKey) -> (String, KeyId) {
    (format!("{name}, with this device's key"), key.public().id())
}

fn nothing() -> Failure {
    Failure::new("nothing_to_sign", "nothing waits to be signed")
}
