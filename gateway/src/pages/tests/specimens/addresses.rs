//! Addresses, the fresh sign-in, and merging.

use bitrix_id_auth_core::store::{Address, AddressProof};

use super::{CSRF, DAY, HOUR, NOW, STATE, Specimen, anna, frame, page};
use crate::pages::*;

pub(super) fn all(lang: Lang) -> Vec<Specimen> {
    [again(lang), list(lang), merging(lang)].into_iter().flatten().collect()
}

fn again(lang: Lang) -> Vec<Specimen> {
    let f = frame(lang, &format!("/confirm?state={STATE}"));
    let view = ConfirmIdentity {
        email: "anna@example.com".into(),
        by_password: true,
        by_code: true,
        state: Some(STATE.into()),
        csrf: CSRF.into(),
        error: None,
    };
    let failed =
        |error| confirm_identity(&f, &ConfirmIdentity { error: Some(error), ..view.clone() });
    let by_code = ConfirmIdentity { by_password: false, ..view.clone() };
    let neither = ConfirmIdentity { by_code: false, ..by_code.clone() };
    let code = |purpose: CodePurpose, error: Option<CodeError>| {
        let email = "anna.mueller@firma.example".into();
        let resend_in_seconds = if error.is_some() { 0 } else { 60 };
        let (csrf, resent) = (CSRF.into(), false);
        let view = CodeStep { purpose, email, csrf, error, resent, resend_in_seconds };
        code_step(&frame(lang, purpose.path()), &view)
    };
    vec![
        page("again", confirm_identity(&f, &view)),
        page("again-no-match", failed(ConfirmError::NoMatch)),
        page("again-too-many", failed(ConfirmError::TooMany { minutes: 5 })),
        page("again-busy", failed(ConfirmError::Busy)),
        page("again-expired", failed(ConfirmError::Expired)),
        page("again-by-code", confirm_identity(&f, &by_code)),
        page("again-no-way", confirm_identity(&f, &neither)),
        page("again-code", code(CodePurpose::Confirm, None)),
        page("emails-code", code(CodePurpose::AddAddress, None)),
        page("emails-code-wrong", code(CodePurpose::AddAddress, Some(CodeError::NoMatch))),
        page("emails-code-too-old", code(CodePurpose::AddAddress, Some(CodeError::CodeExpired))),
        page("merge-code", code(CodePurpose::Merge, None)),
    ]
}

fn address(address: &str, proof: AddressProof, age: i64, primary: bool) -> Address {
    Address { address: address.into(), proof, primary, added_at: NOW - age }
}

fn list(lang: Lang) -> Vec<Specimen> {
    let f = frame(lang, "/profile/emails");
    let view = Emails {
        person: anna(),
        addresses: vec![
            address("anna@example.com", AddressProof::Mail, 400 * DAY, true),
            address("anna.mueller@firma.example", AddressProof::Operator, 3 * DAY, false),
            address(
                "a.mueller.geschaeftsfuehrung@grosse-firma.example",
                AddressProof::Provider,
                HOUR,
                false,
            ),
        ],
        by_password: true,
        can_add: true,
        csrf: CSRF.into(),
        now: NOW,
        ..Emails::default()
    };
    let news = |news| emails(&f, &Emails { news: Some(news), ..view.clone() });
    let failed = |error| {
        let typed = "anna@example".into();
        emails(&f, &Emails { error: Some(error), typed, ..view.clone() })
    };
    let one = Emails { addresses: view.addresses[..1].to_vec(), ..view.clone() };
    let waiting = vec!["Globex".to_owned(), "Initech".to_owned()];
    let added = Some(AddressNews::Added("anna.mueller@firma.example".into()));
    let second = || "anna.mueller@firma.example".to_owned();
    let pending = Emails { pending: Some("anna@neu.example".into()), ..view.clone() };
    let remove = RemoveAddress {
        person: anna(),
        address: second(),
        portals: vec!["Acme Inc.".into(), "Globex".into()],
        csrf: CSRF.into(),
    };
    let nowhere = RemoveAddress { portals: Vec::new(), ..remove.clone() };
    vec![
        page("emails", emails(&f, &view)),
        page("emails-one", emails(&f, &one)),
        page("emails-no-password", emails(&f, &Emails { by_password: false, ..one.clone() })),
        page("emails-no-mail", emails(&f, &Emails { can_add: false, ..one })),
        page("emails-added", emails(&f, &Emails { news: added, waiting, ..view.clone() })),
        page("emails-primary", news(AddressNews::Primary(second()))),
        page("emails-removed", news(AddressNews::Removed(second()))),
        page("emails-elsewhere", news(AddressNews::Elsewhere(second()))),
        page("emails-pending", emails(&f, &pending)),
        page("emails-cancelled", news(AddressNews::Cancelled(second()))),
        page("remove-address", remove_address(&f, &remove)),
        page("remove-address-nowhere", remove_address(&f, &nowhere)),
        page("emails-confirmed", news(AddressNews::Confirmed)),
        page("emails-invalid", failed(EmailsError::Invalid)),
        page("emails-held", failed(EmailsError::Held)),
        page("emails-most", failed(EmailsError::Most { count: 20 })),
        page("emails-no-match", failed(EmailsError::CurrentNoMatch)),
        page("emails-gone", failed(EmailsError::Gone)),
        page("emails-is-primary", failed(EmailsError::Primary)),
        page("emails-too-many", failed(EmailsError::TooMany { minutes: 5 })),
        page("emails-mail-failed", failed(EmailsError::MailFailed)),
    ]
}

fn merging(lang: Lang) -> Vec<Specimen> {
    let f = frame(lang, "/profile/merge");
    let row = |age, undone| MergeRow {
        id: "01989f4e-6a7b-7c11-9d2e-3f5a1b2c4d5e".into(),
        addresses: vec!["anna.mueller@firma.example".into(), "a.mueller@example.org".into()],
        merged_at: NOW - age,
        undone_at: undone,
    };
    let view =
        Merge { person: anna(), by_code: true, csrf: CSRF.into(), now: NOW, ..Merge::default() };
    let failed = |error| {
        let typed = "anna.mueller@firma.example".into();
        merge(&f, &Merge { error: Some(error), typed, ..view.clone() })
    };
    let news = |news| {
        let rows = vec![row(20, None), row(40 * DAY, Some(NOW - 30 * DAY))];
        merge(&f, &Merge { news: Some(news), rows, ..view.clone() })
    };
    let portals = vec!["Acme Inc.".to_owned(), "Globex".to_owned(), "Initech".to_owned()];
    let review = MergeReview {
        person: anna(),
        csrf: CSRF.into(),
        seen: "c2Vlbg".into(),
        other: "anna.mueller@firma.example".into(),
        addresses: vec!["anna.mueller@firma.example".into(), "a.mueller@example.org".into()],
        password_ends: true,
        links: vec!["google (anna@example.net)".into()],
        portals: portals[1..].to_vec(),
        both: vec![MergeChoice {
            portal: "acme".into(),
            title: portals[0].clone(),
            own: "Anna Müller (anna)".into(),
            other: "Anna M. (a.mueller)".into(),
        }],
        changed: false,
    };
    let plain = MergeReview {
        links: Vec::new(),
        both: Vec::new(),
        portals: Vec::new(),
        password_ends: false,
        ..review.clone()
    };
    vec![
        page("merge", merge(&f, &view)),
        page("merge-no-match", failed(MergeError::NoMatch)),
        page("merge-own", failed(MergeError::Own)),
        page("merge-invalid", failed(MergeError::Invalid)),
        page("merge-too-many", failed(MergeError::TooMany { minutes: 5 })),
        page("merge-done", news(MergeNews::Merged(portals))),
        page("merge-done-no-portals", news(MergeNews::Merged(Vec::new()))),
        page("merge-undone", news(MergeNews::Undone)),
        page("merge-impossible", news(MergeNews::Impossible)),
        page("merge-gone", news(MergeNews::Gone)),
        page("merge-review", merge_review(&f, &review)),
        page("merge-review-plain", merge_review(&f, &plain)),
        page("merge-review-changed", merge_review(&f, &MergeReview { changed: true, ..review })),
    ]
}
