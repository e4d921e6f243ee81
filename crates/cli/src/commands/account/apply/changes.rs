//! What a manifest changes, field by field, as people and programs read it.

use serde::Serialize;
use serde_json::{Value, json};

use crate::exit::Failure;
use crate::output::{Output, prose};

/// What becomes, or would become, of one thing.
pub(super) struct Changes {
    what: String,
    fresh: bool,
    rows: Vec<(&'static str, Value, Value)>,
}

impl Changes {
    /// None yet. `fresh` if the thing is not there.
    pub(super) fn of(what: String, fresh: bool) -> Self {
        Self { what, fresh, rows: Vec::new() }
    }

    /// A field that is to be `new`.
    pub(super) fn field(&mut self, name: &'static str, old: impl Serialize, new: impl Serialize) {
        let (old, new) = (json!(old), json!(new));
        if old != new {
            self.rows.push((name, old, new));
        }
    }

    /// Whether there is nothing to do.
    pub(super) fn is_empty(&self) -> bool {
        !self.fresh && self.rows.is_empty()
    }

    /// Prints them.
    pub(super) fn print(&self, out: Output, dry_run: bool) -> Result<(), Failure> {
        let row = |(field, from, to): &(&str, Value, Value)| json!({ "field": field, "from": from, "to": to });
        let action = match (self.is_empty(), self.fresh) {
            (true, _) => "none",
            (false, true) => "create",
            (false, false) => "change",
        };
        let rows: Vec<_> = self.rows.iter().map(row).collect();
        let whole = json!({ "what": self.what, "action": action, "dry_run": dry_run, "changes": rows });
        out.result(&whole, |_| self.text(dry_run))
    }

    fn text(&self, dry_run: bool) -> String {
        let told = match (self.is_empty(), self.fresh, dry_run) {
            (true, ..) => return format!("{}: unchanged", self.what),
            (false, true, false) => "created",
            (false, true, true) => "would be created",
            (false, false, false) => "changed",
            (false, false, true) => "would be changed",
        };
        let mut lines = vec![format!("{}: {told}", self.what)];
        for (field, old, new) in &self.rows {
            if !self.fresh {
                lines.push(format!("  - {field}: {}", prose(&old.to_string())));
            }
            lines.push(format!("  + {field}: {}", prose(&new.to_string())));
        }
        lines.join("\n")
    }
}
