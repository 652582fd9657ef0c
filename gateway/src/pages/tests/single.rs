//! What single pages do.

use super::specimens::{self, frame, portal_frame, sign_in_view, sign_up_view};
use crate::pages::*;

#[test]
fn sign_in_says_where_it_leads_and_helps_password_managers() {
    let html = sign_in(&frame(Lang::En, "/sign-in?state=x"), &sign_in_view());
    for part in [
        "to continue to Acme Inc.",
        "name=\"email\" type=\"email\"",
        "autocomplete=\"username\"",
        "name=\"password\" type=\"password\"",
        "autocomplete=\"current-password\"",
        "<form method=\"post\" action=\"/sign-in\">",
        "Create a Bitrix ID",
        "href=\"/sign-up?state=",
    ] {
        assert!(html.contains(part), "{part}");
    }
    assert!(focused(&html).contains("id=\"email\""));
}

#[test]
fn after_a_wrong_password_the_email_stays_and_the_password_has_the_focus() {
    let view = SignIn {
        email: "anna@example.com".into(),
        error: Some(SignInError::NoMatch),
        ..sign_in_view()
    };
    let html = sign_in(&frame(Lang::En, "/sign-in"), &view);
    assert!(html.contains("value=\"anna@example.com\""));
    assert!(html.contains("role=\"alert\""));
    let field = focused(&html);
    assert!(
        field.contains("id=\"password\"") && field.contains("aria-invalid=\"true\""),
        "{field}"
    );
    assert!(!field.contains("value="), "{field}");
}

#[test]
fn other_troubles_take_the_focus_to_the_message() {
    let view = SignIn { error: Some(SignInError::TooMany { minutes: 5 }), ..sign_in_view() };
    let html = sign_in(&frame(Lang::En, "/sign-in"), &view);
    assert!(html.contains("You can try again in 5 minutes."));
    assert!(focused(&html).contains("role=\"alert\" tabindex=\"-1\""));
    let html = sign_up(&frame(Lang::En, "/sign-up"), &sign_up_view());
    assert!(html.contains("3 things need another look:"));
    assert!(html.contains("<a href=\"#name\">Enter your name.</a>"));
    assert!(html.contains("<p class=\"wrong\" id=\"name-wrong\">Enter your name.</p>"));
    assert!(focused(&html).contains("role=\"alert\" tabindex=\"-1\""));
}

/// The tag with `autofocus`.
fn focused(html: &str) -> &str {
    let end = html.find(" autofocus").expect("something takes the focus");
    let start = html[..end].rfind('<').unwrap();
    html[start..].split('>').next().unwrap()
}

#[test]
fn language_switch_has_six_links_and_only_on_the_bitrix_id_host() {
    let html = sign_in(&frame(Lang::De, "/sign-in?state=x"), &sign_in_view());
    for lang in Lang::ALL {
        let tag = lang.tag();
        let link =
            format!("href=\"/sign-in?state=x&#38;lang={tag}\" lang=\"{tag}\" hreflang=\"{tag}\"");
        assert!(html.contains(&link), "{link}");
    }
    assert_eq!(html.matches("aria-current=\"true\"").count(), 1);
    assert!(!error(&portal_frame(Lang::De), ErrorKind::NotFound).contains("hreflang"));
}

#[test]
fn code_can_be_pasted_and_a_new_one_waits_its_time() {
    let view = ConfirmCode { resend_in_seconds: 42, ..ConfirmCode::default() };
    let html = confirm_code(&frame(Lang::En, "/sign-up/confirm"), &view);
    assert!(focused(&html).contains("autocomplete=\"one-time-code\""));
    assert!(html.contains("class=\"later s50\""));
    let html = confirm_code(&frame(Lang::En, "/sign-up/confirm"), &ConfirmCode::default());
    assert!(!html.contains("until"));
}

#[test]
fn search_appears_from_eight_portals_on_and_looks_at_name_and_address() {
    let list = |count: usize, query: &str| {
        let row = |i: usize| PortalRow {
            title: format!("Portal {i}"),
            address: format!("p{i}.example"),
            ..PortalRow::default()
        };
        let view = Portals {
            portals: (0..count).map(row).collect(),
            query: query.into(),
            ..Portals::default()
        };
        portals(&frame(Lang::En, "/"), &view)
    };
    assert!(!list(7, "P3.EX").contains("role=\"search\""));
    assert_eq!(list(7, "P3.EX").matches("class=\"row\"").count(), 7);
    assert!(list(8, "").contains("role=\"search\""));
    assert_eq!(list(8, " P3.EX ").matches("class=\"row\"").count(), 1);
    assert!(list(8, "zzz").contains("No portal matches “zzz”."));
}

#[test]
fn only_other_browsers_can_be_ended_and_no_form_is_without_its_value() {
    let html = specimens::all(Lang::En).into_iter().find(|s| s.name == "sessions").unwrap().html;
    assert_eq!(html.matches("name=\"end\"").count(), 4);
    assert_eq!(html.matches("value=\"others\"").count(), 1);
    assert_eq!(html.matches("value=\"all\"").count(), 1);
    for form in html.split("<form ").skip(1) {
        assert!(form.split("</form>").next().unwrap().contains("name=\"csrf\""));
    }
    let alone =
        specimens::all(Lang::En).into_iter().find(|s| s.name == "sessions-ended").unwrap().html;
    assert!(!alone.contains("name=\"end\"") && alone.contains("2 browsers were signed out"));
}

#[test]
fn every_error_says_what_to_do_and_names_the_request() {
    for (name, kind) in specimens::ERRORS {
        let html = error(&portal_frame(Lang::En), kind);
        assert!(html.contains("01989f4e-6a7b-7c11-9d2e-3f5a1b2c4d5e"), "{name}");
        assert_eq!(
            html.contains("http-equiv=\"refresh\" content=\"10\""),
            kind == ErrorKind::UpstreamDown,
            "{name}"
        );
        assert!(html.contains("class=\"button"), "{name} leads nowhere");
    }
    let down = error(&portal_frame(Lang::En), ErrorKind::UpstreamDown);
    assert!(down.contains("Acme Inc. isn&#39;t answering"), "{down}");
    assert!(!down.contains("/sign-in"));
}

#[test]
fn no_access_shows_a_few_portals_and_leads_to_all_of_them() {
    let page = |count: usize| {
        let view = NoAccess {
            portals: vec![PortalRow::default(); count],
            portals_url: "https://id.example/".into(),
            ..NoAccess::default()
        };
        no_access(&portal_frame(Lang::En), &view)
    };
    for (count, shown) in [(0, 0), (5, 5), (6, 5)] {
        let html = page(count);
        assert_eq!(html.matches("<a class=\"row\"").count(), shown);
        assert_eq!(html.matches("href=\"https://id.example/\"").count(), 1, "{count}");
    }
}

/// Labels of what stands out as the thing to do.
fn primary(html: &str) -> Vec<&str> {
    let main = html.split("<main>").nth(1).unwrap().split("</main>").next().unwrap();
    let tags = main.split("<button").skip(1).chain(main.split("<a class=\"button").skip(1));
    let tags = tags.filter_map(|rest| rest.split_once('>'));
    let stands_out = tags.filter(|(tag, _)| !tag.contains("quiet") && !tag.contains("plain"));
    stands_out.map(|(_, rest)| rest.split('<').next().unwrap()).collect()
}

fn specimen(name: &str) -> String {
    specimens::all(Lang::En).into_iter().find(|specimen| specimen.name == name).unwrap().html
}

#[test]
fn no_access_says_one_thing_and_has_one_way_on() {
    for (name, way, left_out) in [
        ("no-access-ask", vec!["Ask for access"], vec!["You asked", "has a profile"]),
        ("no-access-asked", vec![], vec!["It knows the people", "Ask for access"]),
        ("no-access-nobody", vec![], vec!["It knows the people", "Ask for access"]),
        ("no-access-join", vec!["Join"], vec!["It knows", "doesn&#39;t know", "You asked"]),
        ("no-access-prove", vec!["Prove your address"], vec!["It knows", "You asked"]),
    ] {
        let html = specimen(name);
        assert_eq!(primary(&html), way, "{name}");
        for words in left_out {
            assert!(!html.contains(words), "{name}: {words}");
        }
        assert!(html.contains("boris@example.com"), "{name}");
    }
    assert!(specimen("no-access-ask").contains("It knows the people"));
}

#[test]
fn owners_let_people_in_before_they_invite() {
    assert_eq!(primary(&specimen("people")), ["Let in", "Let in"]);
    let nobody_asks = People { mail: true, ..People::default() };
    let html = people(&frame(Lang::En, "/portals/acme/people"), &nobody_asks);
    assert_eq!(primary(&html), ["Send invitations"]);
}

#[test]
fn what_was_done_takes_the_focus_and_is_a_status() {
    for name in [
        "profile-portals-joined",
        "profile-portals-unjoined",
        "portals-joined",
        "portals-soon",
        "portal-name-saved",
        "people-approved",
    ] {
        let html = specimen(name);
        let note = html.split("id=\"done\"").nth(1).unwrap_or_else(|| panic!("{name}"));
        let note = note.split('>').next().unwrap();
        for attribute in ["role=\"status\"", "tabindex=\"-1\"", "autofocus"] {
            assert!(note.contains(attribute), "{name}: {attribute}");
        }
    }
}

#[test]
fn the_sign_in_page_says_that_it_has_signed_out() {
    let view = SignIn { switched: true, ..sign_in_view() };
    let html = sign_in(&frame(Lang::En, "/sign-in"), &view);
    assert!(html.contains("You are signed out. Sign in with another Bitrix ID."), "{html}");
    assert!(focused(&html).contains("aria-describedby=\"news\""), "read with the field");
}

#[test]
fn two_portals_are_both_in_every_language() {
    let both = ["Both", "beide", "dos portales", "dois portais", "deux portails", "обоих"];
    for (lang, word) in Lang::ALL.into_iter().zip(both) {
        let view = |portals| Profile { portals, by_name: portals, ..Profile::default() };
        let html = profile(&frame(lang, "/profile"), &view(2));
        assert!(html.contains(word), "{}", lang.tag());
        let html = profile(&frame(lang, "/profile"), &view(3));
        assert!(html.contains(" 3 "), "{}", lang.tag());
    }
}

#[test]
fn the_name_on_a_portal_says_which_portal() {
    assert!(specimen("portal-name").contains("<label for=\"name\">Name on Acme Inc.</label>"));
    assert!(specimen("profile-portals").contains(">Name on Globex</a>"));
}

#[test]
fn the_header_holds_the_whole_address() {
    let html = specimens::all(Lang::De).into_iter().find(|s| s.name == "profile").unwrap().html;
    assert!(html.contains("title=\"anna@example.com\">anna@example.com</span>"), "{html}");
}

#[test]
fn accent_is_linked_only_when_it_is_a_colour() {
    let with = |accent: &str| {
        let frame = Frame { accent: Some(accent.into()), ..frame(Lang::En, "/") };
        error(&frame, ErrorKind::NotFound)
    };
    assert!(with("#0a7d55").contains("href=\"/.bitrix-id/assets/accent-0a7d55.css\""));
    assert!(!with("url(x)").contains("accent-"));
}
