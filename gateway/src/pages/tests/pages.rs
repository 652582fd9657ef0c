//! What every page promises.

use super::specimens::{self, Specimen, sign_up_view};
use super::write_out::asset_names;
use crate::pages::*;

fn every_page() -> impl Iterator<Item = (Lang, Specimen)> {
    Lang::ALL.into_iter().flat_map(|lang| specimens::all(lang).into_iter().map(move |s| (lang, s)))
}

#[test]
fn pages_are_small_with_everything_they_load() {
    for (lang, page) in every_page() {
        let loaded: usize =
            asset_names(&page.html).iter().map(|name| asset(name).unwrap().body.len()).sum();
        let total = page.html.len() + loaded;
        assert!(total < 20 * 1024, "{} in {}: {total} bytes", page.name, lang.tag());
    }
}

#[test]
fn no_message_lacks_a_value() {
    for (lang, page) in every_page() {
        assert!(!page.html.contains("{$"), "{} in {}", page.name, lang.tag());
    }
}

#[test]
fn nothing_is_inline_and_nothing_comes_from_elsewhere() {
    for (_, page) in every_page() {
        let html = page.html.to_lowercase();
        for forbidden in [
            "<style",
            " style=",
            "<script>",
            " onclick",
            " onload",
            " onerror",
            " onsubmit",
            "javascript:",
        ] {
            assert!(!html.contains(forbidden), "{forbidden} in {}", page.name);
        }
        for source in html.split(" src=\"").skip(1) {
            // The one picture that is not ours is the person's own.
            let own = source.starts_with(ASSET_PREFIX) || source.starts_with("/profile/photo?v=");
            assert!(own, "{} loads {source:.60}", page.name);
        }
        for link in html.split("<link ").skip(1) {
            assert!(
                link.contains(&format!("href=\"{ASSET_PREFIX}")),
                "{} links {link:.60}",
                page.name
            );
        }
    }
}

#[test]
fn every_page_has_language_title_heading_and_landmark() {
    for (lang, page) in every_page() {
        let html = &page.html;
        assert!(html.starts_with("<!doctype html>"), "{}", page.name);
        assert!(html.contains(&format!("<html lang=\"{}\"", lang.tag())), "{}", page.name);
        assert_eq!(html.matches("<h1>").count(), 1, "{}", page.name);
        assert_eq!(html.matches("<main>").count(), 1, "{}", page.name);
        let title = html.split("<title>").nth(1).unwrap().split("</title>").next().unwrap();
        assert!(title.ends_with(" · Bitrix ID") && title.len() > 14, "{title}");
    }
}

#[test]
fn every_field_has_a_label_and_every_id_is_used_once() {
    for (_, page) in every_page() {
        let html = &page.html;
        let ids: Vec<_> =
            html.split(" id=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
        let mut unique = ids.clone();
        unique.sort_unstable();
        unique.dedup();
        assert_eq!(ids.len(), unique.len(), "{}: {ids:?}", page.name);
        for field in html.split("<input ").skip(1).map(|rest| rest.split('>').next().unwrap()) {
            if field.contains("type=\"hidden\"") {
                continue;
            }
            let id = field.split("id=\"").nth(1).expect(page.name).split('"').next().unwrap();
            assert!(html.contains(&format!("<label for=\"{id}\">")), "{} {id}", page.name);
        }
        for attribute in ["aria-describedby=\"", "href=\"#"] {
            for names in html.split(attribute).skip(1).map(|rest| rest.split('"').next().unwrap()) {
                for name in names.split(' ') {
                    assert!(ids.contains(&name), "{} refers to {name}", page.name);
                }
            }
        }
    }
}

#[test]
fn at_most_one_element_takes_the_focus() {
    for (_, page) in every_page() {
        assert!(page.html.matches(" autofocus").count() <= 1, "{}", page.name);
    }
}

#[test]
fn whatever_is_shown_is_shown_as_text() {
    let evil = "\"><script>alert(1)</script>'";
    let frame = Frame {
        brand: evil.into(),
        request_id: evil.into(),
        path: format!("/{evil}"),
        portal: Some(evil.into()),
        accent: Some(evil.into()),
        ..Frame::default()
    };
    let rows = vec![PortalRow {
        title: evil.into(),
        address: evil.into(),
        url: evil.into(),
        last_used: Some(0),
        current: true,
    }];
    let person = Person {
        name: evil.into(),
        email: evil.into(),
        time_zone: Some(evil.into()),
        unproved: true,
        social: false,
    };
    let text = || evil.to_owned();
    let hostile_buttons = |evil: &str| {
        let (id, title, url) = (evil.to_owned(), evil.to_owned(), evil.to_owned());
        vec![SocialButton { id, title, icon: ProviderIcon::Other, url }]
    };
    let pages = [
        sign_in(
            &frame,
            &SignIn {
                to_portal: Some(text()),
                email: text(),
                state: Some(text()),
                csrf: text(),
                error: None,
                sign_up: true,
                social: hostile_buttons(evil),
                ..SignIn::default()
            },
        ),
        sign_up(
            &frame,
            &SignUp {
                to_portal: Some(text()),
                name: text(),
                email: text(),
                state: Some(text()),
                csrf: text(),
                social: hostile_buttons(evil),
                ..sign_up_view()
            },
        ),
        confirm_code(
            &frame,
            &ConfirmCode {
                email: text(),
                state: Some(text()),
                csrf: text(),
                ..ConfirmCode::default()
            },
        ),
        sign_out_ask(
            &frame,
            &SignOutAsk { csrf: Some(text()), action: text(), email: Some(text()) },
        ),
        portals(
            &frame,
            &Portals {
                person: person.clone(),
                portals: vec![rows[0].clone(); 9],
                query: text(),
                owned: vec![OwnedPortal { title: text(), url: text(), requests: 1 }],
                csrf: text(),
                now: 0,
                ..Portals::default()
            },
        ),
        profile(&frame, &Profile { person: person.clone(), csrf: text(), ..Profile::default() }),
        sessions(
            &frame,
            &Sessions {
                person,
                rows: vec![SessionRow {
                    id: text(),
                    user_agent: text(),
                    address: text(),
                    ..SessionRow::default()
                }],
                csrf: text(),
                ended: None,
                now: 0,
            },
        ),
        no_access(
            &frame,
            &NoAccess {
                portal_title: text(),
                email: text(),
                portals: rows,
                ask: AskState::Offered,
                return_to: text(),
                now: 0,
                portals_url: text(),
                way_in: Some(WayIn::Join(text())),
                new: true,
                time_zone: None,
            },
        ),
        error(&frame, ErrorKind::UpstreamDown),
        new_portal(
            &frame,
            &NewPortal {
                person: Person { name: text(), email: text(), ..Person::default() },
                title: text(),
                address: text(),
                domain: text(),
                left: 1,
                ..NewPortal::default()
            },
        ),
        people(
            &frame,
            &People {
                portal: text(),
                portal_url: text(),
                path: text(),
                requests: vec![RequestRow { name: text(), email: text(), ..RequestRow::default() }],
                members: vec![MemberRow {
                    name: text(),
                    roles: vec![text()],
                    ..MemberRow::default()
                }],
                invitations: vec![InvitationRow {
                    email: Some(text()),
                    ..InvitationRow::default()
                }],
                emails: text(),
                error: Some(PeopleError::EmailInvalid(text())),
                ..People::default()
            },
        ),
        invitation(
            &frame,
            &InvitationPage {
                invitation: Some(InvitationView {
                    portal: text(),
                    by_name: text(),
                    by_email: text(),
                    ..InvitationView::default()
                }),
                token: text(),
                ..InvitationPage::default()
            },
        ),
    ];
    for html in pages {
        assert!(html.contains("alert(1)"), "{html}");
        assert!(!html.contains("<script>"), "{html}");
        assert!(!html.contains(evil), "{html}");
    }
}
