//! What is written when, and what is read of it.

use std::os::unix::fs::{PermissionsExt, symlink};

use bitrix_id_auth_core::identity::SessionId;
use bitrix_id_auth_core::store::{LogPosition, Revocation, Revoked};
use uuid::Uuid;

use super::*;

const NOW: UnixSeconds = 1_700_000_000;
const SILENCE: When = When::InTime(Duration::from_mins(10));

fn standing(sequence: u64, heard_at_ms: i64) -> Standing {
    let position = LogPosition { log: Uuid::from_u128(1), sequence, mark: 0 };
    Standing { position, heard_at_ms }
}

fn revoke(set: &Revocations, n: u128) {
    let what = Revoked::Session(SessionId(Uuid::from_u128(n)));
    set.apply(&Revocation { sequence: 1, what, at_ms: 0, until: 100 });
}

fn kept() -> (tempfile::TempDir, Kept) {
    let directory = tempfile::tempdir().unwrap();
    let kept = Kept::new(directory.path(), [1; 32]);
    (directory, kept)
}

#[test]
fn a_file_is_private_whole_and_alone() {
    let (directory, kept) = kept();
    let set = Revocations::new();
    revoke(&set, 1);
    kept.write(&set, standing(1, 5), When::Now);
    let names: Vec<_> =
        directory.path().read_dir().unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(names, ["revocations"]);
    let mode = fs::metadata(&kept.path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let other = Revocations::new();
    assert_eq!(kept.read(&other, NOW).unwrap(), standing(1, 5));
    assert_eq!(other.count(), 1);
}

#[test]
fn it_is_written_when_something_has_changed_and_not_all_the_time() {
    let (_directory, kept) = kept();
    let set = Revocations::new();
    let known = |kept: &Kept| kept.read(&Revocations::new(), NOW).unwrap();
    kept.write(&set, standing(1, 0), SILENCE);
    assert_eq!(known(&kept), standing(1, 0), "the first");
    kept.write(&set, standing(1, 70_000), SILENCE);
    assert_eq!(known(&kept), standing(1, 0), "too soon");
    kept.last.lock().unwrap().since = None;
    kept.write(&set, standing(1, 30_000), SILENCE);
    assert_eq!(
        known(&kept),
        standing(1, 0),
        "nothing has changed but the time, and that not by much"
    );
    kept.write(&set, standing(1, 70_000), SILENCE);
    assert_eq!(known(&kept), standing(1, 70_000));
    kept.last.lock().unwrap().since = None;
    revoke(&set, 1);
    kept.write(&set, standing(2, 70_500), SILENCE);
    assert_eq!(known(&kept), standing(2, 70_500));
    kept.write(&set, standing(2, 71_000), When::Now);
    assert_eq!(known(&kept), standing(2, 71_000), "whoever leaves does not wait");
    kept.retire();
    kept.write(&set, standing(2, 72_000), When::Now);
    assert_eq!(known(&kept), standing(2, 71_000), "it is the successor's");
}

#[test]
fn what_is_no_file_of_ours_is_not_read() {
    let (directory, kept) = kept();
    assert!(error_of(&kept).is_absence());
    fs::write(&kept.path, "bitrix-id revocations 1\nand then nothing").unwrap();
    let torn = error_of(&kept);
    assert!(!torn.is_absence() && torn.to_string().contains("torn"), "{torn}");
    File::create(&kept.path).unwrap().set_len(MOST_BYTES + 1).unwrap();
    assert!(error_of(&kept).to_string().contains("not a file of ours"));
    fs::remove_file(&kept.path).unwrap();
    symlink("/dev/zero", &kept.path).unwrap();
    assert!(error_of(&kept).to_string().contains("not a file of ours"));
    drop(directory);
}

#[test]
fn a_directory_that_is_gone_is_no_reason_to_stop() {
    let (directory, kept) = kept();
    drop(directory);
    kept.write(&Revocations::new(), standing(1, 1), When::Now);
    kept.write(&Revocations::new(), standing(1, 1), When::Now);
    assert!(kept.last.lock().unwrap().failed);
}

#[test]
fn a_file_that_was_not_finished_is_known_by_its_name() {
    let (_directory, kept) = kept();
    let written = kept.replace(|_| Err(io::Error::other("the disk is full")));
    assert!(written.is_err() && error_of(&kept).is_absence(), "nothing half-written stays");
    for (name, pid) in [
        ("revocations.new-17", Some(17)),
        ("revocations", None),
        ("revocations.new-", None),
        ("sign-in-17.sock", None),
    ] {
        assert_eq!(writer_of(name), pid, "{name}");
    }
}

fn error_of(kept: &Kept) -> ReadKeptError {
    kept.read(&Revocations::new(), NOW).unwrap_err()
}
