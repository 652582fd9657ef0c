//! What portals know of somebody who comes by a provider for the first time.

use bitrix_id_auth_core::store::Holder;

use super::super::welcome::{ACME_PASSWORD, ALL, TITLES, named, portals_of, three_portals};
use super::*;

#[tokio::test]
async fn after_the_first_sign_in_by_a_provider_the_records_are_offered_once_the_address_is_proved()
{
    // The provider's word is trusted, or it is a hint: no profile joins on either.
    for provider in ["login", "hint"] {
        let (scene, fake) = scene().await;
        three_portals(&scene).await;
        let mut browser = scene.browser();
        let answer = browser.social(&fake, provider, &Who::verified("7", ANNA)).await;
        assert_eq!(answer.location(), url(ID, "/welcome"), "{provider}");
        assert!(!browser.is_signed_in(), "{provider}");
        assert_eq!(scene.hub.directory.holder(ANNA).await.unwrap(), Holder::None);
        let page = browser.get(ID, "/welcome").await;
        assert!(named(&page, &TITLES).is_empty(), "no portal is told before the proof");

        let code = scene.code().await;
        let answer = browser.fill("/welcome", "/welcome", &[("code", &code)]).await;
        assert!(browser.is_signed_in(), "{provider}");
        assert_eq!(answer.location(), url(ID, "/welcome"), "{provider}");
        assert!(portals_of(&scene, ANNA).await.is_empty(), "nothing joins by itself");
        let page = browser.get(ID, "/welcome").await;
        assert_eq!(named(&page, &TITLES), TITLES);
        browser.fill("/welcome", "/welcome/join", &ALL).await;
        assert_eq!(portals_of(&scene, ANNA).await, ["acme", "globex", "initech"]);
        for host in [ACME, GLOBEX, INITECH] {
            browser.arrive(host).await;
            assert!(browser.verified(host).unwrap().identity.member, "{host}");
        }
        // By the button alone from now on; the portal's old password opens nothing.
        let mut again = scene.browser();
        let answer = again.social(&fake, provider, &Who::verified("7", ANNA)).await;
        assert_eq!(answer.location(), url(ID, "/"), "{provider}");
        assert!(again.is_signed_in());
        assert!(
            !scene.browser().sign_in("/sign-in", ANNA, ACME_PASSWORD).await.sets(SESSION_COOKIE)
        );
    }
}
