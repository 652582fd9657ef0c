//! Hashes as portals have them, for the demo and for tests. Nothing that serves people makes one.

use md5::{Digest, Md5};

use super::legacy::{ROUNDS, crypt};

/// A `$6$` hash of `password`. `salt` is 16 letters and digits.
#[must_use]
pub fn sample_sha512(password: &str, salt: &str) -> String {
    let output = crypt(password.as_bytes(), salt.as_bytes(), ROUNDS);
    format!("$6${salt}${}", String::from_utf8_lossy(&output))
}

/// `salt` and the MD5 of it and `password`, or that of the password alone for an empty salt.
#[must_use]
pub fn sample_md5(password: &str, salt: &str) -> String {
    let digest = Md5::new().chain_update(salt).chain_update(password).finalize();
    digest.iter().fold(salt.to_owned(), |text, byte| text + &format!("{byte:02x}"))
}
