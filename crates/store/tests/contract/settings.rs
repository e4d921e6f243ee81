use store::settings;
use store::testing::TestDatabase;

use crate::{change, look};

on_both_engines! {
    a_setting_has_its_last_text,
}

fn a_setting_has_its_last_text(database: &TestDatabase) {
    let store = database.open();
    assert_eq!(look(&store, |q| settings::get(q, "issuer")), None);
    for text in ["one", "two"] {
        change(&store, move |tx| settings::set(tx, "issuer", text)).unwrap();
        assert_eq!(look(&store, |q| settings::get(q, "issuer")).as_deref(), Some(text));
    }
}
