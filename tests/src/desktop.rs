//! A desktop session for one test: an X display with a window manager, a session bus, an unlocked Secret Service and
//! empty XDG folders.
//! Several can run side by side. What happened is kept in `tests/artifacts/NAME/`: logs and pictures.

use std::{
    fs::{self, DirBuilder},
    io::{BufRead, BufReader, Write},
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;

use crate::{process::Process, wait::until};

/// The size of the display, wide enough for both windows to be seen whole.
pub const SCREEN: (u32, u32) = (1600, 1000);
const KEYRING_PASSWORD: &str = "open sesame";
const FOLDERS: [(&str, &str); 6] = [
    ("HOME", "home"),
    ("XDG_CONFIG_HOME", "config"),
    ("XDG_DATA_HOME", "data"),
    ("XDG_CACHE_HOME", "cache"),
    ("XDG_STATE_HOME", "state"),
    ("XDG_RUNTIME_DIR", "run"),
];

/// A running desktop session. Fields are dropped in order: the session first, the folders last.
#[derive(Debug)]
pub struct Desktop {
    parts: Vec<Process>,
    display: String,
    bus: String,
    artifacts: PathBuf,
    folder: TempDir,
}

impl Desktop {
    /// Starts a session with an unlocked keyring. `name` names its folder under `tests/artifacts/`.
    pub async fn start(name: &str) -> Result<Self> {
        let mut desktop = Self::start_without_keyring(name).await?;
        let keyring = desktop.start_keyring()?;
        desktop.parts.insert(0, keyring);
        until("the Secret Service", async || desktop.owns_bus_name("org.freedesktop.secrets")).await?;
        Ok(desktop)
    }

    /// Starts a session in which no Secret Service answers.
    pub async fn start_without_keyring(name: &str) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("countersign-").tempdir()?;
        for (_, place) in FOLDERS {
            DirBuilder::new().mode(0o700).create(folder.path().join(place))?;
        }
        let artifacts = Path::new(env!("CARGO_MANIFEST_DIR")).join("artifacts").join(name);
        if artifacts.exists() {
            fs::remove_dir_all(&artifacts)?;
        }
        fs::create_dir_all(&artifacts)?;
        let mut desktop = Self { parts: Vec::new(), display: String::new(), bus: String::new(), artifacts, folder };
        let (xvfb, number) = desktop.start_display()?;
        desktop.display = format!(":{number}");
        desktop.parts.push(xvfb);
        let (bus, address) = desktop.start_bus()?;
        desktop.bus = address;
        desktop.parts.insert(0, bus);
        let managing = desktop.folder("run").join("window-manager");
        let manager = desktop.start_window_manager(&managing)?;
        desktop.parts.insert(0, manager);
        until("the window manager", async || Ok(managing.exists().then_some(()))).await?;
        Ok(desktop)
    }

    /// A command that runs inside this session and knows nothing of the outer one.
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command.env_clear().stdin(Stdio::null()).current_dir(self.folder.path());
        for kept in ["PATH", "RUST_LOG", "RUST_BACKTRACE"] {
            command.envs(std::env::var_os(kept).map(|value| (kept, value)));
        }
        command.envs(FOLDERS.map(|(variable, place)| (variable, self.folder.path().join(place))));
        command.envs([
            ("LANG", "C.UTF-8"),
            ("GDK_BACKEND", "x11"),
            ("GSETTINGS_BACKEND", "memory"),
            ("NO_AT_BRIDGE", "1"),
        ]);
        command.envs([("DISPLAY", &self.display), ("DBUS_SESSION_BUS_ADDRESS", &self.bus)]);
        command
    }

    /// A folder of this session: `home`, `config`, `data`, `cache`, `state` or `run`.
    #[must_use]
    pub fn folder(&self, place: &str) -> PathBuf {
        self.folder.path().join(place)
    }

    /// Where this session's logs and pictures are kept.
    #[must_use]
    pub fn artifact(&self, file: &str) -> PathBuf {
        self.artifacts.join(file)
    }

    /// Takes a picture of the whole display.
    pub fn screenshot(&self, name: &str) -> Result<PathBuf> {
        let picture = self.artifact(&format!("{name}.png"));
        let taken = self.command("import").args(["-window", "root"]).arg(&picture).output()?;
        ensure!(taken.status.success(), "no picture: {}", String::from_utf8_lossy(&taken.stderr));
        Ok(picture)
    }

    /// Makes `program` what `xdg-open` starts for web addresses, as a desktop's settings would.
    pub fn set_default_browser(&self, program: &Path) -> Result<()> {
        let applications = self.folder("data").join("applications");
        fs::create_dir_all(&applications)?;
        let entry = format!("[Desktop Entry]\nType=Application\nName=Browser\nExec={} %u\n", program.display());
        fs::write(applications.join("browser.desktop"), entry)?;
        let defaults =
            "[Default Applications]\nx-scheme-handler/http=browser.desktop\nx-scheme-handler/https=browser.desktop\n";
        fs::write(self.folder("config").join("mimeapps.list"), defaults)?;
        Ok(())
    }

    fn start_display(&self) -> Result<(Process, String)> {
        let screen = format!("{}x{}x24", SCREEN.0, SCREEN.1);
        let mut command = self.command("Xvfb");
        command.args(["-displayfd", "1", "-screen", "0", &screen, "-nolisten", "tcp", "-noreset"]);
        let mut xvfb = Process::spawn_and_read(&mut command, &self.artifact("xvfb.log"))?;
        let number = first_line(&mut xvfb).context("Xvfb tells no display number")?;
        Ok((xvfb, number))
    }

    fn start_bus(&self) -> Result<(Process, String)> {
        let address = format!("--address=unix:path={}", self.folder("run").join("bus").display());
        let mut command = self.command("dbus-daemon");
        command.arg("--config-file").arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("../scripts/session-bus.conf"));
        command.args(["--nofork", "--nopidfile", "--print-address=1", &address]);
        let mut bus = Process::spawn_and_read(&mut command, &self.artifact("bus.log"))?;
        let address = first_line(&mut bus).context("the session bus tells no address")?;
        Ok((bus, address))
    }

    /// Without one, no window has the focus or stays on top. It makes the file `managing` once it manages.
    fn start_window_manager(&self, managing: &Path) -> Result<Process> {
        let mut command = self.command("openbox");
        command.args(["--sm-disable", "--startup", &format!("touch {}", managing.display())]);
        Process::spawn(&mut command, &self.artifact("openbox.log"))
    }

    fn start_keyring(&self) -> Result<Process> {
        let mut command = self.command("gnome-keyring-daemon");
        command.args(["--foreground", "--unlock", "--components=secrets"]).stdin(Stdio::piped());
        let mut keyring = Process::spawn(&mut command, &self.artifact("keyring.log"))?;
        let mut password = keyring.child().stdin.take().context("stdin is piped")?;
        password.write_all(KEYRING_PASSWORD.as_bytes())?;
        Ok(keyring)
    }

    fn owns_bus_name(&self, name: &str) -> Result<Option<()>> {
        let arguments =
            ["--session", "--print-reply", "--dest=org.freedesktop.DBus", "/", "org.freedesktop.DBus.NameHasOwner"];
        let answer = self.command("dbus-send").args(arguments).arg(format!("string:{name}")).output()?;
        Ok(String::from_utf8_lossy(&answer.stdout).contains("boolean true").then_some(()))
    }
}

fn first_line(process: &mut Process) -> Result<String> {
    let output = process.child().stdout.take().context("stdout is piped")?;
    let mut line = String::new();
    BufReader::new(output).read_line(&mut line)?;
    if line.is_empty() {
        process.must_run()?;
    }
    Ok(line.trim().to_owned())
}
