//! Signing in and out, and the state that the frame shows.

use client::ClientError;
use client::sign_in::sign_in;
use contract::access::WhoAmI;
use tauri_plugin_opener::OpenerExt as _;

use crate::console::{Console, lock};
use crate::ipc::{AppState, Failure, Session, Stage};

impl Console {
    /// Everything the frame shows.
    pub(crate) async fn app_state(&self) -> Result<AppState, Failure> {
        self.started().await?;
        let keyring = self.keyring().await;
        let mut state = AppState {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            profile: self.profile().name().to_owned(),
            stage: Stage::Welcome,
            connection: None,
            session: None,
            keyring,
            offline_since: None,
        };
        let Ok(link) = self.link() else { return Ok(state) };
        state.connection = Some(link.connection.clone());
        state.stage = self.idle_stage();
        if !link.session.is_known().await {
            return Ok(state);
        }
        match link.api.who_am_i().await {
            Ok(who) => {
                self.0.followed.answered(Some(&who));
                self.follow();
            }
            Err(ClientError::SignedOut(_)) => self.0.followed.forget(),
            Err(error) if error.is_passing() => {
                self.0.followed.lost(self.now());
                self.follow();
            }
            Err(error) => return Err(error.into()),
        }
        state.offline_since = self.0.followed.offline_since();
        if let Some(who) = self.0.followed.who() {
            let key = self.device_key(&link, &who).await?;
            state.session = Some(Session { who, key });
            state.stage = Stage::SignedIn;
        }
        Ok(state)
    }

    fn idle_stage(&self) -> Stage {
        if lock(&self.0.cancel_sign_in).is_some() { Stage::SigningIn } else { Stage::SignedOut }
    }

    /// Signs in by the system browser. `max_age` asks for a login that is at most so many seconds old.
    pub(crate) async fn sign_in(&self, max_age: Option<u32>) -> Result<WhoAmI, Failure> {
        let link = self.link()?;
        let (cancel, cancelled) = tokio::sync::oneshot::channel();
        // Whoever was waiting before is cancelled by losing its sender.
        *lock(&self.0.cancel_sign_in) = Some(cancel);
        self.tell("sign-in-phase", "browser");
        let opener = self.0.app.clone();
        let open = move |url: &url::Url| {
            // The address was checked to be `https` or loopback `http` before it came here.
            opener.opener().open_url(url.as_str(), None::<&str>).map_err(|error| error.to_string())
        };
        let done = tokio::select! {
            done = sign_in(&link.address, &link.session, max_age, open) => done.map_err(Failure::from),
            _ = cancelled => Err(Failure::new("sign_in_cancelled", "the sign-in was cancelled")),
        };
        lock(&self.0.cancel_sign_in).take();
        if let Err(failure) = done {
            self.state_changed();
            return Err(failure);
        }
        let who = link.api.who_am_i().await?;
        self.0.followed.answered(Some(&who));
        self.follow();
        self.state_changed();
        Ok(who)
    }

    /// Ends a sign-in that waits for the browser.
    pub(crate) fn cancel_sign_in(&self) {
        if let Some(cancel) = lock(&self.0.cancel_sign_in).take() {
            // The sign-in may have ended at this very moment.
            cancel.send(()).ok();
        }
    }

    /// Ends the session, here in any case.
    pub(crate) async fn sign_out(&self) -> Result<(), Failure> {
        let link = self.link()?;
        self.0.followed.forget();
        let ended = link.session.end().await;
        self.state_changed();
        ended.map_err(|error| {
            Failure::new("sign_out", format!("signed out here, but the session there ends by its own clock: {error}"))
        })
    }
}
