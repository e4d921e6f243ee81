//! The one place that knows `tauri-specta`: which commands exist, and their TypeScript text.
//!
//! The text is committed as `ui/src/bindings/index.ts` and never edited: a test here fails when it is stale, and
//! `make bindings` rewrites it.

use tauri::Wry;
use tauri_specta::{Builder, collect_commands};

use crate::commands;
use crate::ipc::policies::PolicyProgress;

/// Every command that a webview can name, and what it hears without asking.
pub(crate) fn builder() -> Builder<Wry> {
    let told = Builder::new().disable_serde_phases().typ::<PolicyProgress>();
    told.commands(collect_commands![
        commands::app::app_state,
        commands::app::try_it_here,
        commands::app::getting_started,
        commands::app::new_sample_token,
        commands::app::connect,
        commands::app::sign_in,
        commands::app::cancel_sign_in,
        commands::app::sign_out,
        commands::approvals::inbox,
        commands::approvals::ticket_page,
        commands::approvals::sign_review,
        commands::approvals::revoke_approval,
        commands::approvals::sign_after_review,
        commands::approvals::tasks,
        commands::roster::roster_page,
        commands::roster::found_roster,
        commands::roster::enrol_this_device,
        commands::roster::sign_enrolment,
        commands::audit::audit_page,
        commands::audit::audit_inclusion,
        commands::audit::integrity,
        commands::audit::check_integrity,
        commands::accounts::accounts,
        commands::accounts::users,
        commands::accounts::create_user,
        commands::accounts::create_service_token,
        commands::accounts::revoke_service_token,
        commands::accounts::account_usage,
        commands::accounts::narrow_account,
        commands::policies::policies,
        commands::policies::policy_versions,
        commands::policies::policy_version,
        commands::policies::policy_drafts,
        commands::policies::policy_draft,
        commands::policies::to_publish,
        commands::policies::create_policy_draft,
        commands::policies::replace_policy_draft,
        commands::policies::discard_policy_draft,
        commands::policies::publish_policy_draft,
        commands::policies::check_policies,
        commands::policies::format_policies,
        commands::policies::policy_outline,
        commands::policies::test_policies,
        commands::policies::simulate_policies,
        commands::policies::policy_access,
        commands::policies::policy_vocabulary,
        commands::policies::replay_policies,
        commands::policies::compare_policies,
        commands::policies::cancel_policy_work,
        commands::signing::signing_subject,
        commands::signing::signing_confirm,
        commands::signing::signing_cancel,
    ])
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs, path::Path};

    use specta_typescript::Typescript;

    const COMMITTED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/ui/src/bindings/index.ts");
    const NAMED: &[&str] = include!("commands/names.rs");

    fn generated() -> String {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let file = folder.path().join("index.ts");
        let language = Typescript::default().header("// Generated from src-tauri by `make bindings`. Do not edit.\n");
        super::builder().export(language, &file).expect("the bindings can be exported");
        fs::read_to_string(file).expect("the bindings were written")
    }

    #[test]
    fn the_committed_bindings_are_current() {
        let generated = generated();
        if std::env::var_os("UPDATE_BINDINGS").is_some() {
            fs::create_dir_all(Path::new(COMMITTED).parent().expect("a file has a folder")).expect("ui/ is writable");
            fs::write(COMMITTED, &generated).expect("ui/ is writable");
        }
        let committed = fs::read_to_string(COMMITTED).unwrap_or_default();
        assert!(committed == generated, "ui/src/bindings/index.ts is stale: run `make bindings`");
    }

    #[test]
    fn the_access_control_list_names_every_command() {
        let invoked: BTreeSet<String> = generated()
            .split("__TAURI_INVOKE")
            .filter_map(|call| call.split('"').nth(1).map(str::to_owned))
            .filter(|name| name.chars().all(|c| c.is_ascii_lowercase() || c == '_'))
            .collect();
        let named: BTreeSet<String> = NAMED.iter().map(ToString::to_string).collect();
        assert_eq!(invoked, named, "commands/names.rs and bindings.rs must list the same commands");
    }
}
