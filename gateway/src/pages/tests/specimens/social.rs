//! Pages about accounts at providers.

use super::{CSRF, DAY, HOUR, NOW, STATE, Specimen, anna, frame, page, sign_in_view, sign_up_view};
use crate::pages::*;

fn button(id: &str, title: &str, icon: ProviderIcon) -> SocialButton {
    SocialButton {
        id: id.into(),
        title: title.into(),
        icon,
        url: format!("/social/{id}/start?state={STATE}"),
    }
}

/// One of every kind.
pub(super) fn buttons() -> Vec<SocialButton> {
    vec![
        button("google", "Google", ProviderIcon::Google),
        button("microsoft", "Microsoft", ProviderIcon::Microsoft),
        button("github", "GitHub", ProviderIcon::Github),
        button("facebook", "Facebook", ProviderIcon::Facebook),
        button("apple", "Apple", ProviderIcon::Apple),
        button("vk", "VK", ProviderIcon::Vk),
        button("yandex", "Yandex", ProviderIcon::Yandex),
        button("mailru", "Mail.ru", ProviderIcon::Mailru),
        button("staff", "Donaudampfschifffahrtsgesellschaft", ProviderIcon::Other),
    ]
}

fn row(provider: &str, icon: Option<ProviderIcon>, used: Option<i64>) -> LinkRow {
    LinkRow {
        id: "0123456789abcdef".into(),
        provider: provider.into(),
        icon,
        name: Some("Anna Müller".into()),
        email: Some("anna.mueller@elsewhere.example".into()),
        linked_at: NOW - 40 * DAY,
        last_used_at: used,
    }
}

fn links_view() -> SocialLinks {
    SocialLinks {
        person: anna(),
        rows: vec![
            row("Google", Some(ProviderIcon::Google), Some(NOW - 3 * HOUR)),
            row("old-staff", None, None),
        ],
        offered: buttons(),
        csrf: CSRF.into(),
        now: NOW,
        ..SocialLinks::default()
    }
}

pub(super) fn all(lang: Lang) -> Vec<Specimen> {
    [at_sign_in(lang), failed(lang), next(lang), links(lang)].into_iter().flatten().collect()
}

fn at_sign_in(lang: Lang) -> Vec<Specimen> {
    let f = frame(lang, &format!("/sign-in?state={STATE}"));
    let few = buttons().into_iter().take(2).collect();
    let news = Some(SocialNews::Cancelled("Google".into()));
    let up = SignUp { errors: Vec::new(), social: buttons(), ..sign_up_view() };
    vec![
        page("sign-in-social", sign_in(&f, &SignIn { social: buttons(), ..sign_in_view() })),
        page("sign-in-social-few", sign_in(&f, &SignIn { social: few, news, ..sign_in_view() })),
        page("sign-up-social", sign_up(&f, &up)),
    ]
}

fn failed(lang: Lang) -> Vec<Specimen> {
    let f = frame(lang, "/sign-in");
    let view = |problem| SocialFailed {
        provider: "Google".into(),
        problem,
        again: format!("/social/google/start?state={STATE}"),
        other: format!("/sign-in?state={STATE}"),
    };
    let shown = |problem| social_failed(&f, &view(problem));
    vec![
        page("social-refused", shown(SocialProblem::Refused)),
        page("social-stale", shown(SocialProblem::Stale)),
        page("social-unreachable", shown(SocialProblem::Unreachable)),
        page("social-too-many", shown(SocialProblem::TooMany)),
        page("social-not-allowed", shown(SocialProblem::NotAllowed)),
    ]
}

fn next(lang: Lang) -> Vec<Specimen> {
    let f = frame(lang, "/social/next");
    let shown = |ask, error| {
        let (provider, csrf) = ("Google".into(), CSRF.into());
        social_next(&f, &SocialNext { provider, ask, by_mail: true, csrf, error })
    };
    let address = |typed: &str| SocialAsk::Address { typed: typed.into() };
    let confirm = |password| SocialAsk::Confirm { email: "anna@example.com".into(), password };
    let belongs = SocialAsk::BelongsTo {
        owner: "anna@example.com".into(),
        told: Some("anna.mueller@elsewhere.example".into()),
    };
    let later = SocialNextError::TooMany { minutes: 5 };
    vec![
        page("social-address", shown(address(""), None)),
        page("social-address-wrong", shown(address("anna"), Some(SocialNextError::EmailInvalid))),
        page("social-confirm", shown(confirm(true), None)),
        page("social-confirm-wrong", shown(confirm(true), Some(SocialNextError::NoMatch))),
        page("social-confirm-later", shown(confirm(true), Some(later))),
        page("social-confirm-busy", shown(confirm(true), Some(SocialNextError::Busy))),
        page("social-confirm-code", shown(confirm(false), None)),
        page("social-belongs", shown(belongs.clone(), None)),
        page("social-belongs-expired", shown(belongs, Some(SocialNextError::Expired))),
    ]
}

fn links(lang: Lang) -> Vec<Specimen> {
    let f = frame(lang, "/profile/social");
    let told = |news: fn(String) -> SocialNews| {
        social_links(&f, &SocialLinks { news: Some(news("Google".into())), ..links_view() })
    };
    let refused = |error| social_links(&f, &SocialLinks { error: Some(error), ..links_view() });
    let confirmed = SocialLinks { news: Some(SocialNews::Confirmed), ..links_view() };
    let none = SocialLinks { rows: Vec::new(), ..links_view() };
    vec![
        page("links", social_links(&f, &links_view())),
        page("links-none", social_links(&f, &none)),
        page("links-linked", told(SocialNews::Linked)),
        page("links-already", told(SocialNews::Already)),
        page("links-unlinked", told(SocialNews::Unlinked)),
        page("links-elsewhere", told(SocialNews::Elsewhere)),
        page("links-cancelled", told(SocialNews::Cancelled)),
        page("links-confirmed", social_links(&f, &confirmed)),
        page("links-last", refused(SocialLinksError::LastWayIn)),
        page("links-gone", refused(SocialLinksError::Gone)),
        page("links-expired", refused(SocialLinksError::Expired)),
    ]
}
