//! The sample people: imported from the sample portals, and free until somebody signs in as one of them.
//!
//! Their passwords are random per data folder, one for each person and portal, and the same at every start.

use std::fmt::Write;
use std::path::Path;

use anyhow::{Context, anyhow};
use bitrix_id_auth_core::accounts::AccountChange;
use bitrix_id_auth_core::clock::{Clock, SystemClock};
use bitrix_id_auth_core::password::samples::{sample_md5, sample_sha512};
use bitrix_id_auth_core::store::joining::ImportedProfile;
use bitrix_id_auth_core::store::{Directory, Holder};
use ring::rand::{SecureRandom, SystemRandom};

use super::folder::{Folder, Readable};
use crate::stores;

/// Somebody whom portals know.
struct Person {
    email: &'static str,
    name: &'static str,
    records: &'static [Record],
}

/// What one portal knows.
struct Record {
    portal: &'static str,
    local_id: &'static str,
    roles: &'static [&'static str],
    form: Form,
}

/// How the portal hashes passwords: one of each age.
#[derive(Clone, Copy)]
enum Form {
    Sha512,
    SaltedMd5,
    Md5,
}

const PEOPLE: [Person; 2] = [
    Person {
        email: "anna@example.com",
        name: "Anna Müller",
        records: &[
            Record {
                portal: "acme",
                local_id: "17",
                roles: &["admin", "employee"],
                form: Form::Sha512,
            },
            Record { portal: "globex", local_id: "4", roles: &["employee"], form: Form::SaltedMd5 },
            Record {
                portal: "initech",
                local_id: "231",
                roles: &["employee", "crm-manager"],
                form: Form::Md5,
            },
        ],
    },
    Person {
        email: "boris@example.com",
        name: "Boris Petrov",
        records: &[Record {
            portal: "acme",
            local_id: "42",
            roles: &["employee"],
            form: Form::Sha512,
        }],
    },
];

/// What is printed about a sample person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SamplePerson {
    pub(super) email: &'static str,
    /// Portal and password there.
    pub(super) passwords: Vec<(&'static str, String)>,
    /// Somebody has signed in and proved the address: the passwords count no more.
    pub(super) has_account: bool,
}

/// Imports what is missing of the sample people into the store that `config` names.
pub(super) fn prepare(folder: &Folder, config: &Path) -> anyhow::Result<Vec<SamplePerson>> {
    let config = bitrix_id_config::load(config)?;
    let passwords = passwords(folder)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let stores = stores::open(&config).await?;
        let change = AccountChange {
            directory: stores.directory.as_ref(),
            sessions: stores.sessions.as_ref(),
            now_ms: SystemClock.now_ms(),
        };
        let mut people = Vec::new();
        for (person, passwords) in PEOPLE.iter().zip(passwords) {
            person.import(change, &passwords).await?;
            people.push(person.sample(change.directory, passwords).await?);
        }
        stores.close().await;
        Ok(people)
    })
}

impl Person {
    /// The same again changes nothing: the hashes come out as they did.
    async fn import(&self, change: AccountChange<'_>, passwords: &[String]) -> anyhow::Result<()> {
        for (record, password) in self.records.iter().zip(passwords) {
            let imported = ImportedProfile {
                portal: record.portal.to_owned(),
                local_id: record.local_id.to_owned(),
                login: self.email.to_owned(),
                email: Some(self.email.to_owned()),
                password_hash: Some(record.hash(self.email, password)),
                name: self.name.to_owned(),
                active: true,
                roles: record.roles.iter().map(|role| (*role).to_owned()).collect(),
                imported_at: 0,
                account: None,
            };
            change.import_profiles(record.portal, vec![imported]).await?;
        }
        Ok(())
    }

    async fn sample(
        &self,
        store: &dyn Directory,
        passwords: Vec<String>,
    ) -> anyhow::Result<SamplePerson> {
        let portals = self.records.iter().map(|record| record.portal);
        Ok(SamplePerson {
            email: self.email,
            passwords: portals.zip(passwords).collect(),
            has_account: matches!(store.holder(self.email).await?, Holder::Proved(_)),
        })
    }
}

impl Record {
    fn hash(&self, email: &str, password: &str) -> String {
        // No secret: one that is the same at every start and differs from person to person.
        let salt = sample_md5(&format!("{email} {}", self.portal), "");
        match self.form {
            Form::Sha512 => sample_sha512(password, &salt[..16]),
            Form::SaltedMd5 => sample_md5(password, &salt[..8]),
            Form::Md5 => sample_md5(password, ""),
        }
    }
}

/// For each person, in order, one password for each portal.
fn passwords(folder: &Folder) -> anyhow::Result<Vec<Vec<String>>> {
    if let Some(passwords) = folder.read(FILE)?.as_deref().and_then(read_all) {
        return Ok(passwords);
    }
    let mut text = String::new();
    let mut passwords = Vec::new();
    for person in &PEOPLE {
        let mut of_person = Vec::new();
        for record in person.records {
            let password = random_password()?;
            let _ = writeln!(text, "{} {} {password}", person.email, record.portal);
            of_person.push(password);
        }
        passwords.push(of_person);
    }
    folder.write(FILE, &text, Readable::Private)?;
    Ok(passwords)
}

/// `None` unless everybody is in there, with all portals.
fn read_all(text: &str) -> Option<Vec<Vec<String>>> {
    let find = |person: &Person, record: &Record| {
        let line = |line: &str| {
            let (who, password) = line.rsplit_once(' ')?;
            let matches = who == format!("{} {}", person.email, record.portal);
            (matches && !password.is_empty()).then(|| password.to_owned())
        };
        text.lines().find_map(line)
    };
    let of = |person: &Person| person.records.iter().map(|record| find(person, record)).collect();
    PEOPLE.iter().map(of).collect()
}

/// Three groups of four letters and digits, 60 bits, none of them easily mistaken for another.
fn random_password() -> anyhow::Result<String> {
    let mut bytes = [0_u8; 12];
    SystemRandom::new()
        .fill(&mut bytes)
        .map_err(|_| anyhow!("the system gives no random bytes"))
        .context("no password can be made")?;
    // 32 letters: the low five bits of a byte pick one without bias.
    let letter = |byte: &u8| char::from(ALPHABET[usize::from(byte & 31)]);
    let groups: Vec<String> =
        bytes.chunks(4).map(|group| group.iter().map(letter).collect()).collect();
    Ok(groups.join("-"))
}

const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
const FILE: &str = "passwords";

#[cfg(test)]
mod tests {
    use bitrix_id_auth_core::password::check_portal_hash;

    use super::*;

    #[test]
    fn a_second_start_finds_the_same_passwords() {
        let parent = tempfile::tempdir().unwrap();
        let folder = Folder::open(parent.path()).unwrap();
        let first = passwords(&folder).unwrap();
        assert_eq!(passwords(&folder).unwrap(), first);
        assert_eq!(first.iter().map(Vec::len).collect::<Vec<_>>(), [3, 1]);
        let mut all: Vec<_> = first.concat();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), 4, "each is another one");
    }

    #[test]
    fn a_file_that_lacks_somebody_is_made_anew() {
        assert_eq!(read_all("anna@example.com one\nboris@example.com two\n"), None);
        let whole = "boris@example.com acme b\nanna@example.com acme a\nanna@example.com globex g\n\
                     anna@example.com initech i\n";
        let expected = vec![vec!["a", "g", "i"], vec!["b"]];
        assert_eq!(read_all(whole).unwrap(), expected);
        assert_eq!(read_all(&whole.replace("initech", "other")), None);
    }

    #[test]
    fn every_hash_is_one_that_portals_make_and_the_same_every_time() {
        let hashes = || {
            let of = |person: &Person| {
                person.records.iter().map(|record| record.hash(person.email, "abc")).collect()
            };
            PEOPLE.iter().map(of).collect::<Vec<Vec<_>>>().concat()
        };
        let lengths: Vec<_> = hashes().iter().map(String::len).collect();
        assert_eq!(lengths, [106, 40, 32, 106]);
        assert!(hashes().iter().all(|hash| check_portal_hash(hash).is_ok()));
        assert_eq!(hashes(), hashes());
        assert_ne!(hashes()[0], hashes()[3]);
    }

    #[test]
    fn a_password_is_good_enough_for_its_own_gateway() {
        let password = random_password().unwrap();
        assert_eq!(password.len(), 14);
        let verdict = bitrix_id_auth_core::password::check_new(&password, 8, &["anna@example.com"]);
        assert_eq!(verdict, Ok(()));
    }

    #[test]
    fn a_second_start_changes_nothing_in_the_store() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let parent = tempfile::tempdir().unwrap();
            let file = parent.path().join("store.db");
            let store = bitrix_id_auth_core::store::open_sqlite(&file).await.unwrap();
            let [anna, _] = &PEOPLE;
            let passwords = ["one", "two", "three"].map(str::to_owned);
            let start = async |now_ms| {
                let change = AccountChange { directory: &store, sessions: &store, now_ms };
                anna.import(change, &passwords).await.unwrap();
                use bitrix_id_auth_core::store::Joining;
                store.free_profiles(&[anna.email.to_owned()]).await.unwrap()
            };
            let first = start(1_000).await;
            assert_eq!(first.len(), 3);
            assert_eq!(start(9_000).await, first);
        });
    }
}
