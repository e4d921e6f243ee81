//! A control plane whose disk runs full: it refuses with 503, does nothing by halves, and goes on by itself once there
//! is space. On a small file system that the test mounts, which takes root.

use std::fs::{self, File};
use std::io::Write as _;
use std::process::Command;

use contract::Code;
use contract::approvals::OpenTicket;
use countersign_tests::deploy::entitled;
use countersign_tests::plane::{Approver, Plane};

/// Unmounts at the end, lazily: the control plane may still have files open there.
struct Mounted(tempfile::TempDir);

impl Drop for Mounted {
    fn drop(&mut self) {
        Command::new("umount").arg("-l").arg(self.0.path()).status().ok();
    }
}

/// A question that takes room.
fn long(number: u32) -> OpenTicket {
    let mut opening = entitled(&format!("ticket {number}"));
    opening.statement.description = Some("x".repeat(3000));
    opening
}

#[tokio::test]
async fn what_cannot_be_recorded_is_refused_and_space_brings_it_back() {
    let disk = Mounted(tempfile::tempdir().unwrap());
    let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "size=4m", "none"]).arg(disk.0.path()).status();
    assert!(mounted.is_ok_and(|status| status.success()), "this test mounts a small tmpfs; run it as root");
    let plane = Plane::start_in(disk.0.path()).await;
    let founder = Approver::founder(&plane).await;
    let runner = plane.runner();

    let filler = disk.0.path().join("filler");
    let mut file = File::create(&filler).unwrap();
    while file.write_all(&[0; 4096]).is_ok() {}
    // The write-ahead log may have room left for a few.
    let mut opened = 0;
    let refused = loop {
        match runner.open_ticket(&long(opened), &format!("full-{opened}")).await {
            Ok(_) => opened += 1,
            Err(error) => break error,
        }
        assert!(opened < 2000, "the disk never runs full");
    };
    assert_eq!(refused.code(), Some(Code::Unavailable), "{refused}");
    assert!(refused.is_passing());
    let listed = founder.api().inbox(&[]).await.unwrap();
    assert_eq!(listed.counts.pending, opened, "reads go on, and nothing was done by halves");

    drop(file);
    fs::remove_file(&filler).unwrap();
    let again = format!("full-{opened}");
    runner.open_ticket(&long(opened), &again).await.unwrap();
    assert_eq!(founder.api().inbox(&[]).await.unwrap().counts.pending, opened + 1);
}
