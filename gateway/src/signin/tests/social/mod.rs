//! Signing in with accounts at providers, over a provider that does what it is told.

mod answers;
mod cells;
mod joining;
mod leaving;
mod links;
mod moved;
mod provider;
mod trips;

use bitrix_id_auth_core::hop::SESSION_COOKIE;
use bitrix_id_auth_core::identity::AccountId;
use bitrix_id_auth_core::store::links::{Link, NewLink};

use super::super::social::Providers;
use super::*;
pub(super) use provider::{Fake, Who};

const SOCIAL: &str = r#"
[[social]]
id = "login"
preset = "oidc"
title = "Login"
client_id = "bitrix-id"
client_secret_file = "secret"
issuer = "https://login.example"
email_trust = ["example.com"]

[[social]]
id = "hint"
preset = "oidc"
title = "Hint"
client_id = "bitrix-id"
client_secret_file = "secret"
issuer = "https://hint.example"

[[social]]
id = "apple"
preset = "apple"
client_id = "bitrix-id"
client_secret_file = "apple.p8"
team_id = "TEAM123456"
key_id = "KEY1234567"
languages = ["de"]

[[social]]
id = "acme-staff"
preset = "oidc"
title = "Acme staff"
client_id = "bitrix-id"
issuer = "https://staff.example"
portals = ["acme"]
"#;

/// A scene with providers.
pub(super) async fn scene() -> (Scene, Arc<Fake>) {
    let mut scene = Scene::new().await;
    let folder = scene.directory.path();
    std::fs::write(folder.join("secret"), "a client secret").unwrap();
    std::fs::write(folder.join("apple.p8"), provider::apple_key()).unwrap();
    scene.configure(SOCIAL);
    let fake = Fake::new(scene.clock.clone());
    let network = fake.clone();
    let mut app = Arc::into_inner(App::new(scene.hub.clone())).unwrap();
    app.social = Providers::over(move |_| Ok(network.clone()));
    scene.app = Arc::new(app);
    (scene, fake)
}

impl Browser<'_> {
    /// To the provider and back, as this person there.
    pub(super) async fn social(&mut self, fake: &Fake, provider: &str, who: &Who) -> Answer {
        let left = self.get(ID, &format!("/social/{provider}/start")).await;
        let back = fake.consent(&left.location(), who);
        self.get(ID, &back).await
    }

    /// The same from the profile, to link.
    async fn connect(&mut self, fake: &Fake, provider: &str, who: &Who) -> Answer {
        let left = self.fill("/profile/social", &format!("/social/{provider}/start"), &[]).await;
        let back = fake.consent(&left.location(), who);
        self.get(ID, &back).await
    }

    fn is_signed_in(&mut self) -> bool {
        self.jar(ID).contains_key(SESSION_COOKIE)
    }
}

impl Scene {
    async fn link(&self, account: AccountId, subject: &str) {
        let link = NewLink {
            issuer: "https://login.example".into(),
            subject: subject.into(),
            provider: "login".into(),
            name: None,
            email: None,
        };
        self.hub.directory.link(account, u32::MAX, link, self.clock.now()).await.unwrap();
    }

    pub(super) async fn linked(&self, subject: &str) -> Option<Link> {
        self.hub.directory.linked("https://login.example", subject).await.unwrap()
    }

    /// Actions of the audit table, oldest first.
    async fn audited(&self) -> Vec<(String, String)> {
        let events = self.hub.directory.audit(None, 1000).await.unwrap();
        events.into_iter().rev().map(|event| (event.action, event.detail)).collect()
    }

    async fn sessions(&self) -> u64 {
        self.hub.sessions.count_sessions().await.unwrap()
    }

    /// Recipients and texts of the mails that wait.
    async fn mails(&self) -> Vec<(String, String)> {
        let mails = self.hub.directory.take_mail(self.clock.now(), 100).await.unwrap();
        mails.into_iter().map(|mail| (mail.to, mail.text)).collect()
    }

    /// The six digits of the only mail that waits.
    async fn code(&self) -> String {
        let mails = self.mails().await;
        let [(_, text)] = mails.as_slice() else { panic!("{mails:?}") };
        text.lines().next().unwrap().split_whitespace().last().unwrap().to_owned()
    }

    async fn unproved(&self, email: &str) -> Account {
        let new = NewAccount {
            proof: AddressProof::None,
            email: email.into(),
            name: "Eve".into(),
            password_hash: Some(self.hub.passwords.load_full().hash(PASSWORD).await.unwrap()),
            language: None,
        };
        let created = self.hub.directory.create_account(new, self.clock.now()).await.unwrap();
        let CreateAccount::Created(account) = created else { panic!("{created:?}") };
        account
    }
}
