//! A control plane for tests of what only this crate can reach.

use std::collections::BTreeMap;
use std::sync::{Arc, mpsc};

use domain::ambient::{OsEntropy, SystemClock};
use domain::binding::{Action, Command, Context, Resources};
use domain::scope::Scopes;
use ledger::LogKey;
use store::{Ambient, DatabaseUrl, Store};

use crate::authenticate::Caller;
use crate::found::Founder;
use crate::password::Password;
use crate::{Config, Control, Presented};

/// One that nobody has founded, with the folder that its data is in.
pub(crate) fn nobody_there() -> (Control, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let (clock, entropy) = (Arc::new(SystemClock), Arc::new(OsEntropy));
    let ambient = Ambient { clock: clock.clone(), entropy: entropy.clone() };
    let store = Store::open(&DatabaseUrl::file(folder.path().join("test.db")), ambient).unwrap();
    let log_key = LogKey::generate("example.test/log", &OsEntropy).unwrap();
    (Control::new(Config::default(), store, clock, entropy, log_key), folder)
}

/// One that is founded, with a runner that asks for decisions and an auditor who may look at what was decided.
pub(crate) struct House {
    pub(crate) control: Control,
    pub(crate) runner: Caller,
    pub(crate) auditor: Caller,
    _folder: tempfile::TempDir,
}

impl House {
    pub(crate) fn founded() -> Self {
        let (control, folder) = nobody_there();
        let founder = Founder { name: "Ada".into(), email: "ada@example.com".into() };
        control.found(&founder, &Password::new("correct horse battery staple".into()), true).unwrap();
        let (token, _) = control.sample_token().unwrap();
        let runner = control.admit(Some(&Presented::bearer(token.reveal())), None).unwrap();
        let auditor = Caller { scopes: Scopes::parse(["policies:read", "audit:read"]).unwrap(), ..runner.clone() };
        Self { control, runner, auditor, _folder: folder }
    }

    /// Asks for the nightly run, and gives the entry its place in the ledger.
    pub(crate) fn decide(&self, env: &str) {
        let command = Command {
            argv: vec!["true".into()],
            executable_digest: None,
            working_directory: "/".into(),
            environment: BTreeMap::default(),
            stdin_digest: None,
            image_digest: None,
        };
        let action = Action {
            env: env.into(),
            action: "pipelines:execute".into(),
            resources: Resources::parse(["pipeline:billing/nightly"]).unwrap(),
            context: Context::new(),
            command: Some(command),
        };
        let (tell, told) = mpsc::channel();
        self.control.decide(&self.runner, &action, move |answer| tell.send(answer.map(drop)).unwrap());
        told.recv().unwrap().unwrap();
        self.control.integrate().unwrap();
    }
}
