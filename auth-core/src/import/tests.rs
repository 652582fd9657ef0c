use super::*;

const HEADER: &str = COLUMNS;
const MD5: &str = "5bc19af86c75c8bc1af45b3ef4cd8717";

fn open(text: &[u8]) -> Result<PeopleFile<&[u8]>, OpenPeopleError> {
    PeopleFile::open(text)
}

fn lines(text: &[u8]) -> Vec<Line> {
    let mut file = open(text).unwrap();
    std::iter::from_fn(|| file.next_line().unwrap()).collect()
}

/// What one row says.
fn says(row: &str) -> Says {
    let mut lines = lines(format!("{HEADER}\n{row}\n").as_bytes());
    assert_eq!((lines.len(), lines[0].number), (1, 2), "{row}");
    lines.remove(0).says
}

fn person(row: &str) -> ImportedProfile {
    match says(row) {
        Says::Person(person) => *person,
        other => panic!("{row}: {other:?}"),
    }
}

fn bad(row: &str) -> String {
    match says(row) {
        Says::Bad(reason) => reason.to_string(),
        other => panic!("{row}: {other:?}"),
    }
}

#[test]
fn a_row_is_a_person() {
    let row = format!("17,anna,Anna@EXAMPLE.com,{MD5},Anna,Müller,Y,,\"admin, employee;admin\"");
    let anna = person(&row);
    assert_eq!((anna.local_id.as_str(), anna.login.as_str()), ("17", "anna"));
    assert_eq!(anna.email.as_deref(), Some("anna@example.com"));
    assert_eq!(anna.password_hash.as_deref(), Some(MD5));
    assert_eq!((anna.name.as_str(), anna.active), ("Anna Müller", true));
    assert_eq!(anna.roles, ["admin", "employee"]);
    assert_eq!((anna.account, anna.imported_at), (None, 0));
}

#[test]
fn columns_come_in_any_order_and_others_are_passed_over() {
    let text = format!(
        "\u{feff}roles,active,department,email,login,local_id,\"name\",last_name,external_auth_id,password_hash\r\n\
         crm,N,Sales,b@example.com,boris,42,Boris,,,{MD5}"
    );
    let [Line { number: 2, says: Says::Person(boris) }] = &lines(text.as_bytes())[..] else {
        panic!("{text}");
    };
    assert_eq!((boris.local_id.as_str(), boris.name.as_str()), ("42", "Boris"));
    assert_eq!((boris.active, boris.roles.as_slice()), (false, &["crm".to_owned()][..]));
}

#[test]
fn a_file_without_its_columns_is_no_file_of_people() {
    for (text, reason) in [
        ("", "empty"),
        ("\n\r\n", "empty"),
        ("\u{feff}", "empty"),
        ("local_id;login;email", "with commas between"),
        (&HEADER.replace("roles", "role"), "no column \"roles\""),
        (&format!("{HEADER},email"), "\"email\" twice"),
        ("local_id,\"login", "first line cannot be read"),
    ] {
        let error = open(text.as_bytes()).unwrap_err().to_string();
        assert!(error.contains(reason), "{text:?}: {error}");
    }
    let utf16: Vec<u8> = HEADER.encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert!(open(&utf16).is_err());
}

#[test]
fn lines_are_counted_as_an_editor_counts_them() {
    let text = format!(
        "{HEADER}\r\n\r\n1,a,,,\"two\r\nlines\",,Y,,\r\n\n2,b,,,x,,Y,,\n3,c,,,x,,maybe,,\r\n4,d,,,x,,Y,,"
    );
    let numbers: Vec<_> = lines(text.as_bytes())
        .iter()
        .map(|line| (line.number, matches!(line.says, Says::Bad(_))))
        .collect();
    assert_eq!(numbers, [(3, false), (6, false), (7, true), (8, false)]);
}

#[test]
fn a_stray_quotation_mark_costs_its_own_row() {
    for broken in ["1,a,,,\"Anna,,Y,,", "1,a,,,An\"na,,Y,,", "1,a,,,\"An\"na,,Y,,"] {
        let text = format!("{HEADER}\n{broken}\n2,b,,,\"x\",,Y,,\n3,c,,,x,,Y,,\n");
        let lines = lines(text.as_bytes());
        let numbers: Vec<_> = lines.iter().map(|line| line.number).collect();
        assert_eq!(numbers, [2, 3, 4], "{broken}");
        assert!(matches!(lines[0].says, Says::Bad(BadRow::OpenQuote | BadRow::StrayQuote)));
        assert!(lines[1..].iter().all(|line| matches!(line.says, Says::Person(_))), "{broken}");
    }
}

#[test]
fn rows_without_end_cost_no_memory() {
    let long = "x".repeat(100_000);
    let text = format!("{HEADER}\n1,{long},,,x,,Y,,\n2,\"{}\n3,c,,,x,,Y,,\n", "y\n".repeat(20_000));
    let lines = lines(text.as_bytes());
    assert_eq!(lines[0], Line { number: 2, says: Says::Bad(BadRow::Long) });
    assert_eq!(lines[1], Line { number: 3, says: Says::Bad(BadRow::OpenQuote) });
    let last = lines.last().unwrap();
    assert!(matches!(last.says, Says::Person(_)), "{last:?}");
    assert_eq!(last.number, 20_004);
}

#[test]
fn text_in_another_charset_is_named() {
    let mut text = format!("{HEADER}\n1,a,,,").into_bytes();
    text.extend_from_slice(b"\xc0\xed\xed\xe0,,Y,,\n2,b,,,x,,Y,,\n");
    let lines = lines(&text);
    assert_eq!(lines[0].says, Says::Bad(BadRow::NotUtf8));
    assert!(matches!(lines[1].says, Says::Person(_)));
}

#[test]
fn what_never_signs_in_is_skipped_whatever_its_row_says() {
    for kind in ["bot", "email", "__controller", "replica", "imconnector", "sale", "im_guest"] {
        assert_eq!(says(&format!(",,no address,no hash,,,,{kind},")), Says::NoPerson(kind));
    }
    assert_eq!(says(",,,,,,,BOT,"), Says::NoPerson("bot"));
}

#[test]
fn only_a_portal_s_own_people_have_a_password() {
    for external in ["LDAP#1", "socservices"] {
        let anna = person(&format!("17,anna,,no hash at all,Anna,,Y,{external},"));
        assert_eq!(anna.password_hash, None);
    }
    assert_eq!(person("17,anna,,,Anna,,Y,,").password_hash, None);
    assert!(bad("17,anna,,no hash at all,Anna,,Y,,").starts_with("password_hash: "));
}

#[test]
fn a_name_is_found_for_everybody() {
    for (row, name) in [
        ("17,anna,a@example.com,,\" Anna \",\" K.\",Y,,", "Anna K."),
        ("17,anna,a@example.com,,,K.,Y,,", "K."),
        ("17,anna,a@example.com,,,,Y,,", "anna"),
        ("17,,a@example.com,,,,Y,,", "a"),
        ("17,,,,,,Y,,", ""),
        ("17,anna,,,\"An\nna\",,Y,,", "An na"),
        ("17,anna,,,\u{3},\u{7},Y,,", "anna"),
    ] {
        assert_eq!(person(row).name, name, "{row}");
    }
}

#[test]
fn yes_and_no_have_three_spellings_each() {
    for (word, active) in [
        ("Y", true),
        ("y", true),
        ("1", true),
        ("True", true),
        ("N", false),
        ("0", false),
        ("false", false),
    ] {
        assert_eq!(person(&format!("17,anna,,,,,{word},,")).active, active);
    }
    for word in ["", "yes", "2", "D"] {
        assert_eq!(bad(&format!("17,anna,,,,,{word},,")), "active is neither Y nor N");
    }
}

#[test]
fn every_field_has_its_bounds() {
    let wide = "w".repeat(101);
    let long = "x".repeat(256);
    let roles: String = (0..200).map(|n| format!("role{n};")).collect();
    for (row, reason) in [
        ("17,anna", "it has 2 fields, the first line names 9"),
        ("17,anna,,,,,Y,,,", "it has 10 fields, the first line names 9"),
        (" ,anna,,,,,Y,,", "local_id is empty"),
        (&format!("{},a,,,,,Y,,", &long[..65]), "local_id is longer than 64 bytes"),
        ("\"1\n7\",a,,,,,Y,,", "local_id holds a control character"),
        (&format!("17,{long},,,,,Y,,"), "login is longer than 255 bytes"),
        ("17,a,not an address,,,,Y,,", "email: an e-mail address has exactly one @"),
        (&format!("17,a,,,{wide},,Y,,"), "the name is longer than 100 characters"),
        (&format!("17,a,,{long},,,Y,,"), "password_hash is longer than 255 bytes"),
        (&format!("17,a,,,,,Y,{long},"), "external_auth_id is longer than 255 bytes"),
        ("17,a,,,,,Y,,a\u{7}b", "roles holds a control character"),
        (&format!("17,a,,,,,Y,,{roles}"), "local_id and roles together are longer than 1024 bytes"),
    ] {
        assert_eq!(bad(row), reason, "{row}");
    }
}

#[test]
fn an_id_is_taken_once() {
    let text = format!("{HEADER}\n17,a,,,,,Y,,\n18,b,,,,,Y,,\n17,c,,,,,Y,,\n");
    let lines = lines(text.as_bytes());
    assert_eq!(lines[2], Line { number: 4, says: Says::Bad(BadRow::Again { line: 2 }) });
}

#[test]
fn no_reason_repeats_a_hash() {
    let secret = "5bc19af86c75c8bc1af45b3ef4cd871z";
    assert!(!bad(&format!("17,a,,{secret},,,Y,,")).contains("5bc1"));
}
