//! The sample people. Their passwords are random per data folder and the same at every start.

use std::fmt::Write;
use std::path::Path;

use anyhow::{Context, anyhow};
use bitrix_id_auth_core::clock::{Clock, SystemClock};
use bitrix_id_auth_core::identity::AccountId;
use bitrix_id_auth_core::password::{PasswordPool, Verification};
use bitrix_id_auth_core::store::{AddressProof, CreateAccount, Directory, NewAccount, Profile};
use ring::rand::{SecureRandom, SystemRandom};

use super::folder::{Folder, Readable};
use crate::stores;

/// Someone to sign in as.
struct Person {
    email: &'static str,
    name: &'static str,
    /// Portal, local user id, roles.
    profiles: &'static [(&'static str, &'static str, &'static [&'static str])],
}

const PEOPLE: [Person; 2] = [
    Person {
        email: "anna@example.com",
        name: "Anna Müller",
        profiles: &[
            ("acme", "17", &["admin", "employee"]),
            ("globex", "4", &["employee"]),
            ("initech", "231", &["employee", "crm-manager"]),
        ],
    },
    Person {
        email: "boris@example.com",
        name: "Boris Petrov",
        profiles: &[("acme", "42", &["employee"])],
    },
];

/// What is printed about a sample account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SampleAccount {
    pub(super) email: &'static str,
    /// `None`: it was changed since, and only the person knows it.
    pub(super) password: Option<String>,
    pub(super) portals: Vec<&'static str>,
}

/// Adds what is missing of the sample accounts to the store that `config` names.
pub(super) fn prepare(folder: &Folder, config: &Path) -> anyhow::Result<Vec<SampleAccount>> {
    let config = bitrix_id_config::load(config)?;
    let (passwords, kept) = passwords(folder)?;
    let pool = PasswordPool::new(&config.passwords);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let stores = stores::open(&config).await?;
        let store = stores.directory.as_ref();
        let mut accounts = Vec::new();
        for (person, password) in PEOPLE.iter().zip(passwords) {
            accounts.push(Seed { store, pool: &pool, person }.plant(password, kept).await?);
        }
        stores.close().await;
        Ok(accounts)
    })
}

/// One person on the way into the store.
struct Seed<'a> {
    store: &'a dyn Directory,
    pool: &'a PasswordPool,
    person: &'a Person,
}

impl Seed<'_> {
    async fn plant(&self, password: String, kept: Passwords) -> anyhow::Result<SampleAccount> {
        let (id, password) = match self.store.account_by_email(self.person.email).await? {
            None => (self.create(&password).await?, Some(password)),
            Some(account) => {
                let stored = account.password_hash.as_deref();
                let known = self.keep_or_replace(account.id, stored, &password, kept).await?;
                (account.id, known.then_some(password))
            }
        };
        self.add_profiles(id).await?;
        let portals = self.person.profiles.iter().map(|(portal, ..)| *portal).collect();
        Ok(SampleAccount { email: self.person.email, password, portals })
    }

    async fn create(&self, password: &str) -> anyhow::Result<AccountId> {
        let new = NewAccount {
            email: self.person.email.to_owned(),
            proof: AddressProof::Operator,
            name: self.person.name.to_owned(),
            password_hash: Some(self.pool.hash(password).await?),
            language: None,
        };
        match self.store.create_account(new, SystemClock.now()).await? {
            CreateAccount::Created(account) | CreateAccount::InsteadOf { account, .. } => {
                Ok(account.id)
            }
            CreateAccount::EmailTaken(owner) => Ok(owner),
        }
    }

    /// Whether `password` opens the account. A new password file replaces what nobody knows any more; a
    /// kept one means that the person has chosen another password, which stays.
    async fn keep_or_replace(
        &self,
        id: AccountId,
        stored: Option<&str>,
        password: &str,
        kept: Passwords,
    ) -> anyhow::Result<bool> {
        if self.pool.verify(stored, password).await? != Verification::NoMatch {
            return Ok(true);
        }
        match kept {
            Passwords::Kept => Ok(false),
            Passwords::New => {
                let hash = self.pool.hash(password).await?;
                Ok(self.store.replace_password_hash(id, stored, &hash).await?)
            }
        }
    }

    async fn add_profiles(&self, account: AccountId) -> anyhow::Result<()> {
        for (portal, local_id, roles) in self.person.profiles {
            if self.store.profile(account, portal).await?.is_some() {
                continue;
            }
            let profile = Profile {
                local_id: Some((*local_id).to_owned()),
                roles: roles.iter().map(|role| (*role).to_owned()).collect(),
                ..Profile::new(account, portal, SystemClock.now())
            };
            self.store.put_profile(profile).await?;
        }
        Ok(())
    }
}

/// Where the passwords came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Passwords {
    /// From the file of an earlier start.
    Kept,
    /// Made now.
    New,
}

/// One password per person, in order.
fn passwords(folder: &Folder) -> anyhow::Result<(Vec<String>, Passwords)> {
    if let Some(passwords) = folder.read(FILE)?.as_deref().and_then(read_all) {
        return Ok((passwords, Passwords::Kept));
    }
    let mut text = String::new();
    let mut passwords = Vec::new();
    for person in &PEOPLE {
        let password = random_password()?;
        let _ = writeln!(text, "{} {password}", person.email);
        passwords.push(password);
    }
    folder.write(FILE, &text, Readable::Private)?;
    Ok((passwords, Passwords::New))
}

/// `None` unless everybody is in there.
fn read_all(text: &str) -> Option<Vec<String>> {
    let of = |person: &Person| {
        let line = |line: &str| {
            let (email, password) = line.split_once(' ')?;
            (email == person.email && !password.is_empty()).then(|| password.to_owned())
        };
        text.lines().find_map(line)
    };
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
    use super::*;

    #[test]
    fn a_second_start_finds_the_same_passwords() {
        let parent = tempfile::tempdir().unwrap();
        let folder = Folder::open(parent.path()).unwrap();
        let (first, made) = passwords(&folder).unwrap();
        let (second, kept) = passwords(&folder).unwrap();
        assert_eq!((made, kept), (Passwords::New, Passwords::Kept));
        assert_eq!(first, second);
        assert_ne!(first[0], first[1]);
    }

    #[test]
    fn a_file_that_lacks_somebody_is_made_anew() {
        assert_eq!(read_all("anna@example.com one\n"), None);
        assert_eq!(
            read_all("boris@example.com two\nanna@example.com one\n"),
            Some(vec!["one".to_owned(), "two".to_owned()])
        );
    }

    #[test]
    fn a_password_is_good_enough_for_its_own_gateway() {
        let password = random_password().unwrap();
        assert_eq!(password.len(), 14);
        let verdict = bitrix_id_auth_core::password::check_new(&password, 8, "anna@example.com");
        assert_eq!(verdict, Ok(()));
    }
}
