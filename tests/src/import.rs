//! Files for `portal import-users`.

/// The first line.
pub const HEADER: &str =
    "local_id,login,email,password_hash,name,last_name,active,external_auth_id,roles";

/// A well-formed password hash that is nobody's, of one of the three formats of Bitrix24 in turn: plain md5,
/// salted md5, sha512-crypt.
pub fn hash(n: u64) -> String {
    let digits: &[u8] = b"0123456789abcdef";
    let hex = text(n, 32, digits);
    match n % 3 {
        0 => hex,
        1 => format!("{}{hex}", text(n + 1, 8, ALPHABET)),
        _ => format!("$6${}${}", text(n + 1, 16, ALPHABET), text(n + 2, 86, ALPHABET)),
    }
}

/// A file of so many people, each on the portal for the first time.
pub fn people(count: u64) -> String {
    let mut file = format!("{HEADER}\r\n");
    for n in 0..count {
        let hash = hash(n);
        let line =
            format!("{n},user{n},user{n}@example.com,{hash},Anna,Number {n},Y,,employee\r\n");
        file.push_str(&line);
    }
    file
}

const ALPHABET: &[u8] = b"./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Characters that look random and are the same each time.
fn text(seed: u64, length: usize, alphabet: &[u8]) -> String {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        char::from(alphabet[(state >> 33) as usize % alphabet.len()])
    };
    std::iter::repeat_with(next).take(length).collect()
}
