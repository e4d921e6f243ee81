//! `countersign account export`: an account as its manifest. Never a secret: those cannot be asked for.

use contract::access::ServiceAccount;
use serde_json::json;

use crate::connection::Connection;
use crate::exit::Failure;
use crate::manifest::API_VERSION;

pub(crate) fn run(connection: &Connection, account: &ServiceAccount) -> Result<(), Failure> {
    let mut spec = json!({
        "scopes": account.scopes,
        "title": account.title,
        "description": account.description,
        "team": account.team,
        "workspaces": account.workspaces,
        "networks": account.networks,
        "trusts": account.trusts,
    });
    if let Some(end) = account.expires_at {
        spec["expiration"] = json!(end);
    }
    let metadata = json!({ "name": account.name });
    let whole = json!({ "apiVersion": API_VERSION, "kind": "ServiceAccount", "metadata": metadata, "spec": spec });
    connection.out.result(&whole, |_| {
        let mut lines = vec![
            format!("apiVersion: {API_VERSION}"),
            "kind: ServiceAccount".to_owned(),
            format!("metadata:\n  name: {}", account.name),
            "spec:".to_owned(),
        ];
        // JSON's texts and lists are YAML's too, whatever is in them.
        let entries = spec.as_object().into_iter().flatten();
        lines.extend(entries.map(|(key, value)| format!("  {key}: {value}")));
        lines.join("\n")
    })
}
