//! The `WHERE` of a list: conditions that are there or not, with their parameters numbered as they come.

use crate::engine::Value;

/// Conditions that must all hold.
#[derive(Default)]
pub(crate) struct Conditions {
    sql: String,
    parameters: Vec<Value>,
}

impl Conditions {
    /// Adds a condition. `?` in it stands for the value.
    pub(crate) fn and(&mut self, condition: &str, value: impl Into<Value>) {
        let parameter = self.parameter(value);
        self.and_plain(&condition.replace('?', &parameter));
    }

    /// Adds a condition without a value.
    pub(crate) fn and_plain(&mut self, condition: &str) {
        self.sql.push_str(if self.sql.is_empty() { " WHERE " } else { " AND " });
        self.sql.push_str(condition);
    }

    /// Adds a condition if there is a value for it.
    pub(crate) fn and_if(&mut self, condition: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.and(condition, value);
        }
    }

    /// Adds the condition that `column` is one of `values`; none at all means any.
    pub(crate) fn and_one_of(&mut self, column: &str, values: impl IntoIterator<Item = Value>) {
        let parameters: Vec<_> = values.into_iter().map(|value| self.parameter(value)).collect();
        if !parameters.is_empty() {
            self.and_plain(&format!("{column} IN ({})", parameters.join(", ")));
        }
    }

    /// The query between `head` and `tail`; `?` in the tail stands for the limit.
    pub(crate) fn query(mut self, head: &str, tail: &str, limit: u32) -> (String, Vec<Value>) {
        let limit = self.parameter(limit);
        (format!("{head}{} {}", self.sql, tail.replace('?', &limit)), self.parameters)
    }

    fn parameter(&mut self, value: impl Into<Value>) -> String {
        self.parameters.push(value.into());
        format!("${}", self.parameters.len())
    }
}

/// A `LIKE` pattern for texts that contain `needle`, to be used with `ESCAPE '\'`.
pub(crate) fn containing(needle: &str) -> String {
    let escaped: String =
        needle.chars().flat_map(|c| matches!(c, '\\' | '%' | '_').then_some('\\').into_iter().chain([c])).collect();
    format!("%{escaped}%")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_numbered_as_they_come() {
        let mut conditions = Conditions::default();
        conditions.and_if("env = ?", Some("prod"));
        conditions.and_if("requester = ?", None::<String>);
        conditions.and_one_of("state", ["pending".into(), "approved".into()]);
        conditions.and_one_of("kind", []);
        let (sql, parameters) = conditions.query("SELECT id FROM tickets", "ORDER BY id DESC LIMIT ?", 5);
        assert_eq!(sql, "SELECT id FROM tickets WHERE env = $1 AND state IN ($2, $3) ORDER BY id DESC LIMIT $4");
        assert_eq!(parameters.len(), 4);
    }

    #[test]
    fn a_needle_is_taken_word_for_word() {
        assert_eq!(containing(r"100%_\"), r"%100\%\_\\%");
    }
}
