//! This device's approver key, and the roster that this device trusts.

use client::keys;
use contract::access::WhoAmI;
use contract::roster::Enrol;
use domain::ambient::OsEntropy;
use domain::key::{KeyId, ReviewKey};
use domain::roster::{Chain, EnrolmentProof};

use crate::console::Console;
use crate::console::link::Link;
use crate::ipc::{DeviceKey, Failure, KeyState};

impl Console {
    /// How this device's key stands. While the control plane does not answer, what the device has is all that is known.
    pub(super) async fn device_key(&self, link: &Link, who: &WhoAmI) -> Result<DeviceKey, Failure> {
        let key = keys::load(self.vault().await, &link.address.issuer()).await?;
        let key_id = key.map(|key| key.public().id());
        let device = device_name();
        let state = match (self.trusted_roster(link).await, &key_id) {
            (Ok(Some(chain)), Some(id))
                if chain.latest().key(id).is_some_and(|key| Some(key.owner) == who.principal.user()) =>
            {
                KeyState::OnRoster
            }
            (Ok(None), _) if who.scopes.contains("roster:write") => KeyState::CanFound,
            (_, Some(_)) => KeyState::Waiting,
            (_, None) => KeyState::None,
        };
        Ok(DeviceKey { state, key_id, device })
    }

    /// The roster, walked forward from what this device trusts. What it sees first it takes as it is: a console that is
    /// new has nothing to compare with, and shows the digest so that a person can.
    pub(crate) async fn trusted_roster(&self, link: &Link) -> Result<Option<Chain>, Failure> {
        let versions = link.api.roster().await?.versions;
        let issuer = link.address.issuer();
        if versions.is_empty() && self.trust().get(&issuer)?.roster.is_none() {
            return Ok(None);
        }
        Ok(Some(self.trust().accept_roster(&issuer, &versions, true)?))
    }

    /// This device's key, made now if there is none.
    pub(super) async fn make_key(&self, link: &Link) -> Result<ReviewKey, Failure> {
        Ok(keys::load_or_make(self.vault().await, &link.address.issuer(), &OsEntropy).await?)
    }

    /// This device's key.
    pub(super) async fn key(&self, link: &Link) -> Result<ReviewKey, Failure> {
        let key = keys::load(self.vault().await, &link.address.issuer()).await?;
        key.ok_or_else(|| Failure::new("no_key", "this device has no approver key; enrol it in the roster room"))
    }

    /// The id of this device's key, if it has one and the keyring gives it.
    pub(crate) async fn key_id(&self, link: &Link) -> Option<KeyId> {
        let key = keys::load(self.vault().await, &link.address.issuer()).await;
        key.ok().flatten().map(|key| key.public().id())
    }

    /// Asks for this device's key to be on the roster.
    pub(crate) async fn enrol(&self, device: &str) -> Result<(), Failure> {
        let link = self.link()?;
        let who = link.api.who_am_i().await?;
        let user =
            who.principal.user().ok_or_else(|| Failure::new("not_a_person", "only people have approver keys"))?;
        let key = self.make_key(&link).await?;
        let device = device.trim().to_owned();
        let proof = EnrolmentProof { user, key: key.public().id(), device: device.clone() }.sign(&key);
        link.api.enrol(&Enrol { device, key: key.public(), proof }).await?;
        self.state_changed();
        Ok(())
    }
}

/// What this device is called unless its owner says otherwise.
pub(super) fn device_name() -> String {
    let name = std::fs::read_to_string("/etc/hostname").unwrap_or_default();
    let name = name.trim();
    if name.is_empty() { "This computer".to_owned() } else { name.chars().take(60).collect() }
}
