//! A disk without space, on a file system of 3 MiB that the test mounts. Mounting needs root, as the CI has.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::process::Command;

use store::log::{self, Recheck};
use store::testing::ambient;
use store::{DatabaseUrl, Reason, Store, StoreError, entries, users};

use crate::{change, examples, look, race};

struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    fn mount() -> Self {
        let disk = Self(tempfile::tempdir().unwrap());
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "size=3m", "none"]).arg(disk.path()).status();
        assert!(mounted.is_ok_and(|status| status.success()), "this test mounts a small tmpfs; run it as root");
        disk
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    /// Takes all the space there is.
    fn fill(&self) {
        let mut file = File::create(self.path().join("filler")).unwrap();
        for size in [4096, 1] {
            while file.write_all(&vec![0; size]).is_ok() {}
        }
    }

    fn free(&self) {
        fs::remove_file(self.path().join("filler")).unwrap();
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily, as a test that failed may still have files open there.
        let _ = Command::new("umount").arg("-l").arg(self.path()).status();
    }
}

fn add(store: &Store, name: String) -> Result<(), StoreError> {
    change(store, move |tx| users::insert(tx, &examples::user(&name), None))
}

#[test]
fn a_full_disk_refuses_whole_changes_and_comes_back_by_itself() {
    let disk = SmallDisk::mount();
    let url = DatabaseUrl::file(disk.path().join("countersign.db"));
    let store = Store::open(&url, ambient()).unwrap();
    let mut kept = 0;
    for round in 0..5 {
        disk.fill();
        // The write-ahead log may have room left for some.
        let refused = loop {
            match add(&store, format!("filling-{round}-{kept}")) {
                Ok(()) => kept += 1,
                Err(error) => break error,
            }
        };
        assert!(matches!(refused, StoreError::Unavailable { reason: Reason::Full, .. }), "{refused:?}");
        let results = race(|n| add(&store, format!("full-{round}-{n}")));
        kept += results.iter().filter(|result| result.is_ok()).count();
        assert_eq!(look(&store, |q| users::count(q)), kept as u64, "what was refused is not there, reads go on");
        disk.free();
        add(&store, format!("freed-{round}")).unwrap();
        kept += 1;
    }
    let integrated = store.housekeeping(|keep| log::integrate(keep, 10_000)).unwrap();
    assert_eq!(integrated.head.size, kept as u64, "each change has its event");
    assert_eq!(look(&store, |q| log::recheck(q)), Recheck::Sound(integrated.head));
    drop(store);
    let store = Store::open(&url, ambient()).unwrap();
    assert_eq!(look(&store, |q| users::count(q)), kept as u64);
    assert_eq!(look(&store, |q| entries::range(q, 0, 10_000)).len(), kept);
}
