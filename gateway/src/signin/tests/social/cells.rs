//! The decision table, each cell to its end state.

use bitrix_id_auth_core::store::{AccountState, Holder};

use super::*;

const EVES: &str = "eve@elsewhere.example";

async fn holder(scene: &Scene, email: &str) -> Holder {
    scene.hub.directory.holder(email).await.unwrap()
}

#[tokio::test]
async fn cell_1_an_address_on_a_hint_is_proved_by_mail_before_there_is_an_account() {
    let (scene, fake) = scene().await;
    let mut browser = scene.browser();
    let answer = browser.social(&fake, "login", &Who::verified("7", "anna@other.example")).await;
    assert_eq!(answer.location(), url(ID, "/welcome"));
    assert!(!browser.is_signed_in());
    assert_eq!(holder(&scene, "anna@other.example").await, Holder::None);
    assert!(scene.linked("7").await.is_none());
    let code = scene.code().await;
    browser.fill("/welcome", "/welcome", &[("code", &code)]).await;
    assert!(browser.is_signed_in());
    let link = scene.linked("7").await.unwrap();
    assert_eq!(holder(&scene, "anna@other.example").await, Holder::Proved(link.account));
    let account = scene.hub.directory.account(link.account).await.unwrap().unwrap();
    assert_eq!((account.name.as_str(), account.proof), ("Anna B", AddressProof::Mail));
}

#[tokio::test]
async fn cell_1_an_address_is_asked_for_when_none_came() {
    let (scene, fake) = scene().await;
    let mut browser = scene.browser();
    let answer = browser.social(&fake, "login", &Who::nameless("7")).await;
    assert_eq!(answer.location(), url(ID, "/social/next"));
    let again = browser.fill("/social/next", "/social/next", &[("email", "not an address")]).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    let answer =
        browser.fill("/social/next", "/social/next", &[("email", "Anna@Example.COM")]).await;
    assert_eq!(answer.location(), url(ID, "/welcome"));
    let code = scene.code().await;
    browser.fill("/welcome", "/welcome", &[("code", &code)]).await;
    let link = scene.linked("7").await.unwrap();
    assert_eq!(holder(&scene, ANNA).await, Holder::Proved(link.account));
}

#[tokio::test]
async fn cells_2_and_5_a_linked_subject_signs_in_whatever_address_it_brings() {
    let (scene, fake) = scene().await;
    let anna = scene.account(ANNA, &[]).await;
    scene.link(anna.id, "7").await;
    for who in [
        Who::verified("7", "new@other.example"),
        Who::verified("7", "new@example.com"),
        Who::nameless("7"),
    ] {
        let mut browser = scene.browser();
        let answer = browser.social(&fake, "login", &who).await;
        assert_eq!(answer.location(), url(ID, "/"));
        assert!(browser.is_signed_in());
    }
    assert_eq!(holder(&scene, "new@example.com").await, Holder::None, "not added");
    assert_eq!(scene.linked("7").await.unwrap().last_used_at, Some(scene.clock.now()));
}

#[tokio::test]
async fn cells_3_and_6_a_link_of_another_moves_for_no_address_that_nobody_holds() {
    for email in ["new@other.example", "new@example.com"] {
        let (scene, fake) = scene().await;
        let boris = scene.account("boris@example.com", &[]).await;
        scene.link(boris.id, "7").await;
        let anna = scene.account(ANNA, &[]).await;
        let mut browser = scene.signed_in(ANNA).await;
        let answer = browser.connect(&fake, "login", &Who::verified("7", email)).await;
        assert_eq!(answer.location(), url(ID, "/profile/social"), "{email}");
        let page = browser.get(ID, "/profile/social").await;
        assert!(page.text.contains("/profile/merge") && !page.text.contains("boris@example.com"));
        assert_eq!(scene.linked("7").await.unwrap().account, boris.id);
        assert!(scene.hub.directory.links(anna.id).await.unwrap().is_empty());
        assert_eq!(holder(&scene, email).await, Holder::None, "nor is the address anybody's now");
        assert!(scene.audited().await.contains(&("link.refused".into(), "login elsewhere".into())));
    }
}

#[tokio::test]
async fn cell_4_a_trusted_word_creates_the_account_with_its_link() {
    let (scene, fake) = scene().await;
    let mut browser = scene.browser();
    let answer = browser.social(&fake, "login", &Who::verified("7", ANNA)).await;
    assert_eq!(answer.location(), url(ID, "/"));
    assert!(browser.is_signed_in());
    let link = scene.linked("7").await.unwrap();
    let account = scene.hub.directory.account(link.account).await.unwrap().unwrap();
    assert_eq!((account.email.as_str(), account.proof), (ANNA, AddressProof::Provider));
    assert_eq!(account.password_hash, None);
    let actions: Vec<String> =
        scene.audited().await.into_iter().map(|(action, _)| action).collect();
    assert_eq!(actions, ["account.created", "link.added", "sign_in.succeeded"]);
    let mails = scene.mails().await;
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0].0, ANNA);
}

#[tokio::test]
async fn cells_7_to_12_a_store_that_contradicts_itself_signs_nobody_in_and_keeps_nothing() {
    for (email, linked) in [("anna@other.example", false), (ANNA, false), (ANNA, true)] {
        let (scene, fake) = scene().await;
        let anna = scene.account(email, &[]).await;
        if linked {
            scene.link(anna.id, "7").await;
        }
        let mut browser = scene.browser();
        let left = browser.get(ID, "/social/login/start").await;
        let back = fake.consent(&left.location(), &Who::verified("7", email));
        let accounts = scene.hub.directory.accounts(None, 10).await.unwrap().len();
        // Nobody holds what somebody has proved.
        scene.store.forgetting.lock().unwrap().push("holder");
        let answer = browser.get(ID, &back).await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{email} {linked}");
        assert!(!answer.header("retry-after").is_empty());
        assert!(answer.text.contains("<h1>") && !answer.text.contains(email), "{}", answer.text);
        assert!(!browser.is_signed_in() && scene.sessions().await == 0);
        assert_eq!(scene.linked("7").await.is_some(), linked);
        assert_eq!(scene.hub.directory.accounts(None, 10).await.unwrap().len(), accounts);
        assert!(scene.mails().await.is_empty());
        let event = ("sign_in.failed".to_owned(), "login contradiction".to_owned());
        assert!(scene.audited().await.contains(&event));
    }
}

#[tokio::test]
async fn cells_13_and_16_an_unproved_holder_loses_everything_to_who_proves_the_address() {
    for word_is_trusted in [false, true] {
        let (scene, fake) = scene().await;
        let email = if word_is_trusted { ANNA } else { "anna@other.example" };
        let eve = scene.unproved(email).await;
        let mut eves = scene.browser();
        eves.sign_in("/sign-in", email, PASSWORD).await;

        let mut annas = scene.browser();
        let answer = annas.social(&fake, "login", &Who::verified("7", email)).await;
        assert_eq!(answer.location(), url(ID, "/welcome"), "{word_is_trusted}");
        assert!(!annas.is_signed_in());
        assert!(scene.linked("7").await.is_none());
        assert_eq!(holder(&scene, email).await, Holder::Unproved(eve.id), "until the code is back");

        let code = scene.code().await;
        annas.fill("/welcome", "/welcome", &[("code", &code)]).await;
        assert!(annas.is_signed_in());
        let link = scene.linked("7").await.unwrap();
        assert_ne!(link.account, eve.id);
        assert_eq!(holder(&scene, email).await, Holder::Proved(link.account));
        assert!(scene.hub.directory.account(eve.id).await.unwrap().is_none());
        let again = scene.browser().sign_in("/sign-in", email, PASSWORD).await;
        assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY, "the planted password is dead");
        let home = eves.get(ID, "/").await;
        assert!(home.location().starts_with(&url(ID, "/sign-in")), "so is the session");
    }
}

#[tokio::test]
async fn cells_14_and_17_cannot_come_about_because_an_unproved_account_gets_no_link() {
    let (scene, _fake) = scene().await;
    let eve = scene.unproved(ANNA).await;
    scene.link(eve.id, "7").await;
    assert!(scene.linked("7").await.is_none());
}

#[tokio::test]
async fn cells_15_18_21_and_24_name_the_account_that_the_subject_opens() {
    for (email, proved) in
        [("a@other.example", false), (EVES, true), ("a@example.com", false), (ANNA, true)]
    {
        let (scene, fake) = scene().await;
        let boris = scene.account("boris@example.com", &[]).await;
        scene.link(boris.id, "7").await;
        let holder_id = if proved {
            scene.account(email, &[]).await.id
        } else {
            scene.unproved(email).await.id
        };
        let mut browser = scene.browser();
        let answer = browser.social(&fake, "login", &Who::verified("7", email)).await;
        assert_eq!(answer.location(), url(ID, "/social/next"), "{email}");
        assert!(!browser.is_signed_in());
        let page = browser.get(ID, "/social/next").await;
        assert!(page.text.contains("boris@example.com") && page.text.contains(email));
        assert!(page.text.contains("/profile/merge"));

        let mut cancels = browser.clone();
        let answer = cancels.fill("/social/next", "/social/next", &[("do", "cancel")]).await;
        assert_eq!(answer.location(), url(ID, "/sign-in"));
        assert!(!cancels.is_signed_in());

        let mut goes_on = scene.browser();
        goes_on.social(&fake, "login", &Who::verified("7", email)).await;
        let forged = holder_id.to_string();
        let fields = [("do", "go-on"), ("account", forged.as_str()), ("email", email)];
        let answer = goes_on.fill("/social/next", "/social/next", &fields).await;
        assert_eq!(answer.location(), url(ID, "/"));
        let page = goes_on.get(ID, "/profile").await;
        assert!(page.text.contains("boris@example.com"), "as the one it opens, and no other");
        assert_eq!(scene.linked("7").await.unwrap().account, boris.id);
    }
}

#[tokio::test]
async fn cell_19_a_hint_at_a_proved_address_looks_like_any_other() {
    let (scene, fake) = scene().await;
    let anna = scene.account(ANNA, &[]).await;
    let mut known = scene.browser();
    let answer = known.social(&fake, "hint", &Who::verified("7", ANNA)).await;
    let mut unknown = scene.browser();
    let other = unknown.social(&fake, "hint", &Who::verified("8", "nobody@example.com")).await;
    assert_eq!(answer.location(), url(ID, "/welcome"));
    assert_eq!(answer.location(), other.location());
    let pages = [known.get(ID, "/welcome").await.text, unknown.get(ID, "/welcome").await.text];
    let shape = |page: &str| page.replace(ANNA, "X").replace("nobody@example.com", "X").len();
    assert_eq!(shape(&pages[0]), shape(&pages[1]), "the same page");
    let mails = scene.mails().await;
    assert_eq!(mails.len(), 2);
    let code = mails.iter().find(|(to, _)| to == ANNA).unwrap().1.lines().next().unwrap();
    let code = code.split_whitespace().last().unwrap().to_owned();
    known.fill("/welcome", "/welcome", &[("code", &code)]).await;
    assert!(known.is_signed_in());
    let linked = scene.hub.directory.linked("https://hint.example", "7").await.unwrap();
    assert_eq!(linked.unwrap().account, anna.id);
}

#[tokio::test]
async fn cells_20_and_23_a_linked_holder_signs_in() {
    let (scene, fake) = scene().await;
    let anna = scene.account(ANNA, &[]).await;
    scene.link(anna.id, "7").await;
    for claims in
        [Who::verified("7", ANNA), Who { sub: "7", claims: serde_json::json!({"email": ANNA}) }]
    {
        let mut browser = scene.browser();
        browser.social(&fake, "login", &claims).await;
        assert!(browser.is_signed_in());
    }
}

#[tokio::test]
async fn cell_22_takes_the_password_or_a_code_and_tells_the_stored_address() {
    for by_password in [true, false] {
        let (scene, fake) = scene().await;
        let anna = scene.account(ANNA, &[]).await;
        let mut browser = scene.browser();
        let answer = browser.social(&fake, "login", &Who::verified("7", ANNA)).await;
        assert_eq!(answer.location(), url(ID, "/social/next"));
        assert!(!browser.is_signed_in() && scene.linked("7").await.is_none());
        if by_password {
            let fields = [("do", "password"), ("password", "another one entirely")];
            let wrong = browser.fill("/social/next", "/social/next", &fields).await;
            assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
            assert!(scene.linked("7").await.is_none());
            let fields = [("do", "password"), ("password", PASSWORD)];
            let answer = browser.fill("/social/next", "/social/next", &fields).await;
            assert_eq!(answer.location(), url(ID, "/"));
            let mails = scene.mails().await;
            assert!(
                mails.iter().any(|(to, text)| to == ANNA && text.contains("Login")),
                "{mails:?}"
            );
        } else {
            browser.fill("/social/next", "/social/next", &[("do", "code")]).await;
            let code = scene.code().await;
            browser.fill("/welcome", "/welcome", &[("code", &code)]).await;
        }
        assert!(browser.is_signed_in());
        assert_eq!(scene.linked("7").await.unwrap().account, anna.id);
    }
}

#[tokio::test]
async fn an_account_that_may_not_sign_in_is_refused_in_every_cell_that_would_let_it_in() {
    for state in [AccountState::Disabled, AccountState::Leaving { delete_at: i64::MAX / 2 }] {
        let (scene, fake) = scene().await;
        let anna = scene.account(ANNA, &[]).await;
        scene.link(anna.id, "7").await;
        scene.hub.directory.set_account_state(anna.id, state).await.unwrap();
        for who in [
            Who::verified("7", ANNA),
            Who::nameless("7"),
            Who::verified("8", ANNA),
            Who::verified("7", "other@example.com"),
        ] {
            let mut browser = scene.browser();
            let answer = browser.social(&fake, "login", &who).await;
            // The owner of one that is leaving may say that it stays.
            let leaving = matches!(state, AccountState::Leaving { .. });
            if leaving && who.sub == "7" {
                assert_eq!(answer.location(), url(ID, "/profile/keep"));
            } else {
                assert_eq!(answer.status, StatusCode::FORBIDDEN, "{state:?}");
            }
            assert!(!browser.is_signed_in());
        }
        assert!(scene.linked("8").await.is_none());
        assert_eq!(scene.sessions().await, 0);
    }
}

#[tokio::test]
async fn a_store_that_does_not_answer_signs_nobody_in() {
    for call in ["linked", "holder", "account_by_email", "create_linked_account", "take_one_time"] {
        let (scene, fake) = scene().await;
        let mut browser = scene.browser();
        let left = browser.get(ID, "/social/login/start").await;
        let back = fake.consent(&left.location(), &Who::verified("7", ANNA));
        scene.store.failing.lock().unwrap().push(call);
        let answer = browser.get(ID, &back).await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{call}");
        assert!(!browser.is_signed_in());
        assert_eq!(holder(&scene, ANNA).await, Holder::None);
    }
}
