use proptest::prelude::*;

use super::*;

fn token<'a>(fields: &[&'a str]) -> Found<'a> {
    find(fields.iter().map(|field| field.as_bytes()), TOKEN_COOKIE)
}

#[test]
fn the_one_value_is_found_however_the_field_is_spaced_and_split() {
    for fields in [
        &["__Host-bitrix-id=x.y.z"][..],
        &["a=b; __Host-bitrix-id=x.y.z"],
        &["a=b;__Host-bitrix-id=x.y.z;c=d"],
        &["a=b ;\t __Host-bitrix-id=x.y.z \t; c=d"],
        &[";; ;__Host-bitrix-id=x.y.z;; "],
        &["a=b", "__Host-bitrix-id=x.y.z"],
        &["a=b; c=d", "e=f", "g=h; __Host-bitrix-id=x.y.z", ""],
        &["__Host-bitrix-id; __Host-bitrix-id=x.y.z"],
        &["__Host-bitrix-id-session=s; __Host-bitrix-id=x.y.z; __Host-bitrix-id-hop-a=n"],
        &["x__Host-bitrix-id=1; __host-bitrix-id=2; __Host-bitrix-id=x.y.z"],
        &["__Host-bitrix-id =x.y.z"],
        &["__Host-bitrix-id= x.y.z"],
    ] {
        assert_eq!(token(fields), Found::One(b"x.y.z"), "{fields:?}");
    }
}

#[test]
fn another_name_is_not_it() {
    for fields in [
        &[][..],
        &[""],
        &["a=b"],
        &["__Host-bitrix-id"],
        &["__host-bitrix-id=x"],
        &["__HOST-BITRIX-ID=x"],
        &["__Host-bitrix-id-session=x"],
        &["__Host-bitrix_id=x"],
        &["__Host-bitrix-id2=x"],
        &["x__Host-bitrix-id=x"],
        &["\"__Host-bitrix-id\"=x"],
        &["a=__Host-bitrix-id=x"],
        &["=__Host-bitrix-id=x"],
        &["__Host-bitrix-id\u{a0}=x"],
        &["$Version=1; a=b, __Host-bitrix-id=x"],
    ] {
        assert_eq!(token(fields), Found::Absent, "{fields:?}");
    }
}

#[test]
fn two_values_are_none_even_if_they_agree() {
    for fields in [
        &["__Host-bitrix-id=x; __Host-bitrix-id=x"][..],
        &["__Host-bitrix-id=x", "__Host-bitrix-id=y"],
        &["__Host-bitrix-id=; __Host-bitrix-id=x"],
        &["__Host-bitrix-id=x;a=b", "c=d;\t__Host-bitrix-id =y", "__Host-bitrix-id=z"],
    ] {
        assert_eq!(token(fields), Found::Several, "{fields:?}");
    }
}

#[test]
fn a_value_is_taken_as_it_stands() {
    for (field, value) in [
        ("__Host-bitrix-id=", ""),
        ("__Host-bitrix-id=\"x\"", "\"x\""),
        ("__Host-bitrix-id=a=b==", "a=b=="),
        ("__Host-bitrix-id=a b", "a b"),
        ("__Host-bitrix-id=%00", "%00"),
        ("__Host-bitrix-id=\"x; a=b\"", "\"x"),
    ] {
        assert_eq!(token(&[field]), Found::One(value.as_bytes()), "{field}");
    }
    let long = format!("__Host-bitrix-id={}", "a".repeat(100_000));
    assert!(matches!(token(&[&long]), Found::One(value) if value.len() == 100_000));
}

#[test]
fn only_names_of_ours_are_the_gateway_s() {
    for name in ["__Host-bitrix-id", "__HOST-BITRIX-ID", "__Host-bitrix-id-", "__host-bitrix-id-x"]
    {
        assert!(is_gateway_cookie(name.as_bytes()), "{name}");
    }
    for name in [
        "",
        "__Host-bitrix-i",
        "__Host-bitrix-idx",
        "__Host-bitrix-id_x",
        "bitrix-id",
        "BITRIX_SM_LOGIN",
    ] {
        assert!(!is_gateway_cookie(name.as_bytes()), "{name}");
    }
}

#[test]
fn an_upstream_cannot_set_a_cookie_of_ours() {
    for field in [
        "__Host-bitrix-id=x; Path=/; Secure",
        " \t__Host-bitrix-id =x",
        "__HOST-BITRIX-ID-session=x",
        "__Host-bitrix-id",
        "=__Host-bitrix-id=x",
        " = __host-bitrix-id-hop-a =x",
        "=__Host-bitrix-id",
        ";__Host-bitrix-id=x",
    ] {
        assert!(sets_gateway_cookie(field.as_bytes()), "{field}");
    }
    for field in ["", ";", "a=b", "a=__Host-bitrix-id=x", "a=b; __Host-bitrix-id=x", "=", "=x"] {
        assert!(!sets_gateway_cookie(field.as_bytes()), "{field}");
    }
}

fn field() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop::sample::select(vec![
        "__Host-bitrix-id",
        "__Host-bitrix-id=",
        "=",
        ";",
        "; ",
        " ",
        "\t",
        "a",
        "\"",
        ",",
        "-hop-",
        "\u{ff}",
    ]);
    let pieces = prop::collection::vec(piece, 0..12).prop_map(|all| all.concat().into_bytes());
    prop_oneof![pieces, any::<Vec<u8>>()]
}

proptest! {
    #[test]
    fn splitting_a_field_into_crumbs_changes_nothing(field in field()) {
        let crumbs: Vec<&[u8]> = field.split(|byte| *byte == b';').collect();
        prop_assert_eq!(find(crumbs, TOKEN_COOKIE), find([&field[..]], TOKEN_COOKIE));
    }
}
