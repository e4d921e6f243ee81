//! What a ticket to bring a policy set into force binds: the digest of its texts as the resource, and a command that anybody
//! can type, which names the rest.

use crate::binding::Action;
use crate::digest::Digest;
use crate::id::DraftId;
use crate::policy::question::PUBLISH;

/// The set with this digest, as policies and tickets name it.
#[must_use]
pub fn resource(set: Digest) -> String {
    format!("policy_set:{}", set.hex())
}

/// `countersign policy publish --draft ID --base N --cases DIGEST [--accept-unproved]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublishCommand {
    /// The draft.
    pub draft: DraftId,
    /// The version that it is held against.
    pub base: u32,
    /// The digest of its cases.
    pub cases: Digest,
    /// Whether invariants that nobody could prove are taken on trust.
    pub on_trust: bool,
}

impl PublishCommand {
    /// Word by word.
    #[must_use]
    pub fn argv(&self) -> Vec<String> {
        let Self { draft, base, cases, on_trust } = self;
        let trust = if *on_trust { " --accept-unproved" } else { "" };
        let command = format!("countersign policy publish --draft {draft} --base {base} --cases {cases}{trust}");
        command.split(' ').map(str::to_owned).collect()
    }

    /// That of an action, if it is to bring a set into force.
    #[must_use]
    pub fn of(action: &Action) -> Option<Self> {
        let words = &action.command.as_ref().filter(|_| action.action == PUBLISH)?.argv;
        let after = |option: &str| words.iter().skip_while(|word| *word != option).nth(1);
        let (draft, base, cases) = (after("--draft")?, after("--base")?, after("--cases")?);
        let (draft, base, cases) = (draft.parse().ok()?, base.parse().ok()?, cases.parse().ok()?);
        let on_trust = words.last().is_some_and(|word| word == "--accept-unproved");
        let read = Self { draft, base, cases, on_trust };
        (read.argv() == *words).then_some(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::action;

    #[test]
    fn what_is_written_is_read_and_nothing_else() {
        let draft = "drf_01HZY3V5W2M4Q6S8T0XABCDEFG".parse().unwrap();
        let command = PublishCommand { draft, base: 7, cases: Digest::of_content(b"none"), on_trust: false };
        let mut publishing = action();
        publishing.command.as_mut().unwrap().argv = command.argv();
        assert_eq!(PublishCommand::of(&publishing), None, "another action");
        publishing.action = PUBLISH.to_owned();
        assert_eq!(PublishCommand::of(&publishing), Some(command));
        let with = |edit: fn(&mut Vec<String>)| {
            let mut action = publishing.clone();
            edit(&mut action.command.as_mut().unwrap().argv);
            PublishCommand::of(&action)
        };
        let trusting = PublishCommand { on_trust: true, ..command };
        assert_eq!(with(|argv| argv.push("--accept-unproved".to_owned())), Some(trusting));
        assert_eq!(with(|argv| argv.push("--json".to_owned())), None);
        assert_eq!(with(|argv| argv.truncate(6)), None);
        assert_eq!(with(|argv| "07".clone_into(&mut argv[6])), None);
        assert_eq!(with(|argv| argv.swap(4, 8)), None);
        publishing.command = None;
        assert_eq!(PublishCommand::of(&publishing), None);
    }
}
