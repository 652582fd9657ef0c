use proptest::prelude::*;

use super::*;

#[test]
fn a_plain_path_comes_back_as_it_was() {
    for path in [
        "/",
        "/pub",
        "/pub/",
        "/a/b.c/d~e",
        "/100%25",
        "/100%25/x",
        "/%D0%BF%D1%83%D1%82%D1%8C",
        "/a%20b",
        "/%41",
        "/a+b",
        "/(a)!*'",
        "/a=b&c,d",
        "/$@:",
        "/...",
        "/a..b",
        "/.hidden",
        "/x[1]",
        "/%25zz",
        "/%2525",
        "/a%3Fb%23c",
    ] {
        // `%2525` decodes to `%25`, which is one more escape.
        let expected = if path == "/%2525" { Err(AmbiguousPath::DoubleEncoding) } else { Ok(path) };
        assert_eq!(canonical_path(path.as_bytes(), false), expected, "{path}");
        assert_eq!(canonical_path(path.as_bytes(), true), expected, "{path}");
    }
}

#[test]
fn whatever_an_upstream_could_read_differently_is_refused() {
    use AmbiguousPath::*;
    let long = format!("/{}", "a".repeat(PATH_LIMIT));
    for (path, reason) in [
        ("", NotAbsolute),
        ("*", NotAbsolute),
        ("a", NotAbsolute),
        ("acme.example:443", NotAbsolute),
        ("%2f", NotAbsolute),
        (&long, TooLong),
        ("/a\\b", IllegalByte),
        ("/a#b", IllegalByte),
        ("/a?b", IllegalByte),
        ("/a b", IllegalByte),
        ("/a\tb", IllegalByte),
        ("/a\r\nb", IllegalByte),
        ("/a\0b", IllegalByte),
        ("/a\u{7f}b", IllegalByte),
        ("/\u{fc}", IllegalByte),
        ("/a<b", IllegalByte),
        ("/a>b", IllegalByte),
        ("/a\"b", IllegalByte),
        ("/a{b", IllegalByte),
        ("/a}b", IllegalByte),
        ("/a|b", IllegalByte),
        ("/a^b", IllegalByte),
        ("/a`b", IllegalByte),
        ("/%", BadEscape),
        ("/%4", BadEscape),
        ("/%zz", BadEscape),
        ("/%+4", BadEscape),
        ("/a%2fb", EncodedSeparator),
        ("/a%2Fb", EncodedSeparator),
        ("/a%5cb", EncodedSeparator),
        ("/a%5Cb", EncodedSeparator),
        ("/a%00b", EncodedControl),
        ("/a%0d%0ab", EncodedControl),
        ("/a%7fb", EncodedControl),
        ("/a%252fb", DoubleEncoding),
        ("/a%25%32%66b", DoubleEncoding),
        ("/a%25%32fb", DoubleEncoding),
        ("/%252e%252e/a", DoubleEncoding),
        ("/%c0%af", NotUtf8),
        ("/%c0%ae%c0%ae/a", NotUtf8),
        ("/%ff", NotUtf8),
        ("/.", DotSegment),
        ("/..", DotSegment),
        ("/./a", DotSegment),
        ("/a/../b", DotSegment),
        ("/a/%2e%2e/b", DotSegment),
        ("/a/.%2E/b", DotSegment),
        ("/a/%2e", DotSegment),
        ("//", EmptySegment),
        ("//a", EmptySegment),
        ("/a//b", EmptySegment),
        ("/a//", EmptySegment),
    ] {
        assert_eq!(canonical_path(path.as_bytes(), false), Err(reason), "{path:?}");
        assert_eq!(canonical_path(path.as_bytes(), true), Err(reason), "{path:?}");
    }
    assert_eq!(canonical_path(b"/\xff", false), Err(IllegalByte));
}

#[test]
fn path_parameters_pass_where_the_portal_opts_in_and_hide_no_dot_segment() {
    use AmbiguousPath::*;
    for path in ["/a;x=1", "/a;x/b", "/a%3Bx", "/a%3bx"] {
        assert_eq!(canonical_path(path.as_bytes(), false), Err(Semicolon), "{path}");
        assert_eq!(canonical_path(path.as_bytes(), true), Ok(path));
    }
    for path in ["/a/..;/b", "/..;x", "/.;x/b", "/a/%2e.;x/b", "/a/..%3bx/b"] {
        assert_eq!(canonical_path(path.as_bytes(), true), Err(DotSegment), "{path}");
    }
    for path in ["/;x", "/;/a", "/a/;x/b", "/;"] {
        assert_eq!(canonical_path(path.as_bytes(), true), Err(EmptySegment), "{path}");
    }
}

#[test]
fn segments_are_decoded_and_a_closing_slash_adds_none() {
    let all = |path| segments(path).map(Cow::into_owned).collect::<Vec<_>>();
    assert_eq!(all("/"), Vec::<String>::new());
    assert_eq!(all("/%70ub/a%20b/"), ["pub", "a b"]);
    assert_eq!(all("/%D0%BF"), ["п"]);
    assert!(segments("/a/b").all(|segment| matches!(segment, Cow::Borrowed(_))));
}

/// Paths rich in what matters here.
pub(crate) fn tricky_path() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "/", "/", "/", "a", "b", "pub", ".", "..", "%2e", "%2F", "%5c", "%25", "2f", "%00", ";",
        "%3b", "%41", "%c3%bc", "%c0", "\\", "?", "#", "%", " ", "admin", "=", "[", "\t",
    ]);
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn what_passes_is_its_own_canonical_form(
        path in prop_oneof![tricky_path(), "\\PC{0,30}"],
        allow_semicolon: bool,
    ) {
        let Ok(canonical) = canonical_path(path.as_bytes(), allow_semicolon) else { return Ok(()) };
        prop_assert_eq!(canonical, &path);
        prop_assert_eq!(canonical_path(canonical.as_bytes(), allow_semicolon), Ok(canonical));
        // Opting in never makes a good path bad.
        prop_assert_eq!(canonical_path(canonical.as_bytes(), true), Ok(canonical));
    }

    #[test]
    fn one_decoding_leaves_nothing_to_decode_or_resolve(path in tricky_path()) {
        let Ok(canonical) = canonical_path(path.as_bytes(), true) else { return Ok(()) };
        for segment in segments(canonical) {
            prop_assert!(!segment.contains(['/', '\\', '\0']));
            prop_assert!(!matches!(without_parameters(&segment), "" | "." | ".."));
            prop_assert_eq!(percent_decode_str(&segment).decode_utf8_lossy(), &*segment);
        }
    }

    #[test]
    fn a_browser_s_parser_leaves_a_canonical_path_alone(path in tricky_path()) {
        let Ok(canonical) = canonical_path(path.as_bytes(), true) else { return Ok(()) };
        let url = url::Url::parse("https://acme.example/x/").unwrap().join(canonical).unwrap();
        prop_assert_eq!(url.path(), canonical);
    }

    #[test]
    fn any_bytes_are_answered_without_a_panic(bytes: Vec<u8>, allow_semicolon: bool) {
        let _ = canonical_path(&bytes, allow_semicolon);
    }
}

proptest! {
    #[test]
    fn a_plain_path_passes_the_closer_look(
        plain in "(/[a-zA-Z0-9~_-][a-z.0-9-]{0,4}){0,5}/?",
        tricky in tricky_path(),
    ) {
        for path in [plain, tricky] {
            if path.starts_with('/') && is_plain(path.as_bytes()) {
                prop_assert_eq!(look_closely(path.as_bytes(), false), Ok(path.as_str()));
            }
        }
    }
}
