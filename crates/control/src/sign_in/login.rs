//! Logging in without a browser, with e-mail address and password, for programs on the computer that the control plane
//! runs on.
//!
//! The same limits hold as at the sign-in page. What comes of it is one access token and no refresh token, and it never
//! stands for a fresh login: nothing that asks for one is done with it. Switched off, it is not there.

use std::net::IpAddr;

use domain::event::{Event, Kind};
use domain::id::SessionId;
use domain::principal::Principal;
use domain::scope::Scopes;
use domain::secret::{Secret, SecretKind};
use serde_json::json;
use store::sessions::Session;

use crate::error::AuthenticationError;
use crate::password::Password;
use crate::sign_in::ACCESS_TTL;
use crate::{Control, Error};

/// The authentication context of a password that came from a program. It is no step-up (RFC 9470).
const ACR: &str = "urn:countersign:acr:password-from-program";
/// The client of such a session: no client at all, so nothing refreshes it.
const CLIENT: &str = "password";

/// An access token and what it reaches.
#[derive(Debug)]
pub struct LoggedIn {
    /// For [`ACCESS_TTL`] seconds.
    pub access: Secret,
    /// What it reaches.
    pub scopes: Scopes,
}

impl Control {
    /// Checks e-mail address and password and begins a session that cannot step up.
    pub fn login(&self, email: &str, password: &Password, from: Option<IpAddr>) -> Result<LoggedIn, Error> {
        if !self.config().auth.password_login {
            return Err(Error::NotFound(
                "login by password over the API, which is switched off; sign in by browser".into(),
            ));
        }
        let fit = self.check_password(email, password, from)?.ok_or(AuthenticationError::Password)?;
        let access = Secret::generate(SecretKind::AccessToken, self.entropy());
        // Nobody is told it, so nobody can refresh.
        let unheard = Secret::generate(SecretKind::RefreshToken, self.entropy()).digest();
        let digest = access.digest();
        let scopes = self.write(move |control, mut tx| {
            let (now, user) = (control.now(), fit.stands(&mut tx)?);
            let session = Session {
                id: SessionId::new(control.ids()),
                user: user.id,
                client_id: CLIENT.to_owned(),
                created_at: now,
                authenticated_at: now,
                acr: ACR.to_owned(),
                scopes: user.scopes.clone(),
                expires_at: now.plus(ACCESS_TTL),
                access_digest: digest,
                access_expires_at: now.plus(ACCESS_TTL),
                refresh_digest: unheard,
                spent_refresh: None,
                ended_at: None,
            };
            store::sessions::insert(&mut tx, &session)?;
            let data = json!({ "method": "password", "interactive": false, "session": session.id, "address": from });
            let event = Event::new(now, Kind::AuthenticationSucceeded).by(&Principal::User(user.id));
            tx.commit(event.with(data))?;
            Ok(user.scopes)
        })?;
        Ok(LoggedIn { access, scopes })
    }
}
