//! Files of a portal's people: whatever is in them, what is taken keeps to the bounds, and reads the same
//! when it is written again.
#![no_main]

use bitrix_id_auth_core::email::canonical;
use bitrix_id_auth_core::import::{Line, PeopleFile, Says};
use bitrix_id_auth_core::password::check_portal_hash;
use bitrix_id_auth_core::store::joining::ImportedProfile;
use libfuzzer_sys::fuzz_target;

const HEADER: &str =
    "local_id,login,email,password_hash,name,last_name,active,external_auth_id,roles\n";

fuzz_target!(|data: &[u8]| {
    // As it stands, and under a header of ours.
    let _ = lines(data);
    let text = [HEADER.as_bytes(), data].concat();
    let lines = lines(&text).expect("the header is good");
    let ends = text.split_inclusive(|byte| *byte == b'\n').count();
    assert!(lines.iter().all(|line| (2..=ends).contains(&(line.number as usize))));
    assert!(lines.is_sorted_by(|one, next| one.number < next.number));
    let people: Vec<_> = lines.iter().filter_map(person).collect();
    people.iter().for_each(|person| check(person));
    let again = [HEADER.to_owned(), people.iter().map(|person| row(person)).collect()].concat();
    let again = self::lines(again.as_bytes()).expect("the header is good");
    assert_eq!(again.iter().filter_map(person).collect::<Vec<_>>(), people);
});

fn lines(text: &[u8]) -> Option<Vec<Line>> {
    let mut file = PeopleFile::open(text).ok()?;
    Some(std::iter::from_fn(|| file.next_line().expect("memory gives no errors")).collect())
}

fn person(line: &Line) -> Option<&ImportedProfile> {
    match &line.says {
        Says::Person(person) => Some(person),
        Says::NoPerson(_) | Says::Bad(_) => None,
    }
}

fn check(person: &ImportedProfile) {
    assert!((1..=64).contains(&person.local_id.len()));
    let texts = [&person.local_id, &person.login, &person.name].into_iter().chain(&person.roles);
    assert!(texts.clone().all(|text| !text.contains(char::is_control) && text.len() <= 1024));
    assert!(person.roles.iter().all(|role| !role.is_empty() && !role.contains([',', ';'])));
    if let Some(email) = &person.email {
        assert_eq!(canonical(email).as_ref(), Ok(email));
    }
    if let Some(hash) = &person.password_hash {
        assert_eq!(check_portal_hash(hash), Ok(()));
    }
}

fn row(person: &ImportedProfile) -> String {
    let roles = person.roles.join(";");
    let fields = [
        person.local_id.as_str(),
        &person.login,
        person.email.as_deref().unwrap_or_default(),
        person.password_hash.as_deref().unwrap_or_default(),
        person.name.as_str(),
        "",
        if person.active { "Y" } else { "N" },
        "",
        roles.as_str(),
    ];
    let quoted = fields.map(|field| format!("\"{}\"", field.replace('"', "\"\"")));
    quoted.join(",") + "\r\n"
}
