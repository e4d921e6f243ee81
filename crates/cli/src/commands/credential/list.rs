//! Credentials of a kind, as a table that fits the terminal.

use contract::credentials::Credential;
use domain::ambient::SystemClock;
use domain::credential::{CredentialKind, CredentialState};
use domain::{Clock as _, Instant};

use crate::commands::credential::refusal::explain;
use crate::commands::credential::{holder, names};
use crate::connection::Connection;
use crate::exit::Failure;
use crate::output::{self, fields, prose, table};
use crate::when;

/// Which ones, and how they are shown.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Those that have ended too: rotated, expired, revoked
    #[arg(long, conflicts_with = "state")]
    all: bool,
    /// Only those that stand like this
    #[arg(long, value_enum)]
    state: Option<State>,
    /// All scopes of each, however wide that is
    #[arg(long)]
    wide: bool,
    /// Instants in UTC instead of how far away they are
    #[arg(long)]
    utc: bool,
}

/// How a credential stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum State {
    Active,
    Overlapping,
    Rotated,
    Expired,
    Revoked,
}

/// How much of each is shown.
#[derive(Clone, Copy)]
struct Style {
    utc: bool,
    scopes: Scopes,
    /// The longest holder, in characters.
    holder: usize,
}

#[derive(Clone, Copy)]
enum Scopes {
    All,
    First,
    Count,
}

const HEADS: [&str; 7] = ["ID", "HOLDER", "SCOPES", "STATE", "EXPIRES", "LAST USED", "USES"];

pub(crate) async fn run(connection: &Connection, kind: CredentialKind, args: &Args) -> Result<(), Failure> {
    let known = connection.api.credentials(kind).await.map_err(|error| explain(kind, error))?;
    let number = known.len();
    let shown: Vec<_> = known.into_iter().filter(|credential| args.wants(credential)).collect();
    let hidden = number - shown.len();
    connection.out.result(&shown, |shown| {
        let empty = format!("no {}s", names(kind).1);
        text(shown, args, SystemClock.now(), output::width(), &empty)
    })?;
    if hidden > 0 && args.state.is_none() && !connection.out.json {
        connection.out.note(&format!("{hidden} that ended are not shown; `--all` shows them"));
    }
    Ok(())
}

impl Args {
    fn wants(&self, credential: &Credential) -> bool {
        match self.state {
            Some(wanted) => wanted == credential.state.into(),
            None => self.all || matches!(credential.state, CredentialState::Active | CredentialState::Overlapping),
        }
    }
}

/// The first form that fits: less of each from one to the next, in the end one below the other.
fn text(shown: &[Credential], args: &Args, now: Instant, width: Option<usize>, empty: &str) -> String {
    let style = |scopes, holder| Style { utc: args.utc, scopes, holder };
    if args.wide {
        return table(HEADS, &rows(shown, style(Scopes::All, usize::MAX), now), empty);
    }
    let styles = [style(Scopes::First, usize::MAX), style(Scopes::Count, usize::MAX), style(Scopes::Count, 12)];
    for style in styles {
        let table = table(HEADS, &rows(shown, style, now), empty);
        if width.is_none_or(|width| table.lines().all(|line| line.chars().count() <= width)) {
            return table;
        }
    }
    let block = |row: &[String; 7]| {
        let labelled: Vec<_> = HEADS.into_iter().zip(row.iter().cloned()).collect();
        fields(&labelled)
    };
    rows(shown, style(Scopes::Count, usize::MAX), now).iter().map(block).collect::<Vec<_>>().join("\n\n")
}

fn rows(shown: &[Credential], style: Style, now: Instant) -> Vec<[String; 7]> {
    let at = |instant| if style.utc { when::absolute(instant) } else { when::relative(instant, now) };
    let row = |credential: &Credential| {
        [
            prose(&credential.identifier),
            cut(&holder(&credential.holder), style.holder),
            scopes(credential, style.scopes),
            name(credential.state).to_owned(),
            at(credential.expires_at),
            credential.last_used_at.map_or_else(|| "never".to_owned(), at),
            credential.use_count.to_string(),
        ]
    };
    shown.iter().map(row).collect()
}

fn scopes(credential: &Credential, how: Scopes) -> String {
    let all: Vec<_> = credential.scopes.iter().collect();
    match (how, all.as_slice()) {
        (_, []) => "none".to_owned(),
        (Scopes::All, all) => all.join(", "),
        (_, [one]) => (*one).to_owned(),
        (Scopes::First, [first, more @ ..]) => format!("{first} +{}", more.len()),
        (Scopes::Count, all) => format!("{} scopes", all.len()),
    }
}

fn cut(text: &str, longest: usize) -> String {
    if text.chars().count() <= longest {
        return text.to_owned();
    }
    text.chars().take(longest - 1).chain(['…']).collect()
}

const fn name(state: CredentialState) -> &'static str {
    match state {
        CredentialState::Active => "active",
        CredentialState::Overlapping => "overlapping",
        CredentialState::Rotated => "rotated",
        CredentialState::Expired => "expired",
        CredentialState::Revoked => "revoked",
    }
}

impl From<CredentialState> for State {
    fn from(state: CredentialState) -> Self {
        match state {
            CredentialState::Active => Self::Active,
            CredentialState::Overlapping => Self::Overlapping,
            CredentialState::Rotated => Self::Rotated,
            CredentialState::Expired => Self::Expired,
            CredentialState::Revoked => Self::Revoked,
        }
    }
}
