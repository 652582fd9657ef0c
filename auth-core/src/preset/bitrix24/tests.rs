use proptest::prelude::*;

use super::*;
use crate::path;

fn class(path: &str) -> Option<Class> {
    let canonical = path::canonical_path(path.as_bytes(), false).unwrap();
    classify(&path::segments(canonical).collect::<Vec<_>>())
}

fn assert_all(expected: Option<Class>, paths: &[&str]) {
    for path in paths {
        assert_eq!(class(path), expected, "{path}");
    }
}

#[test]
fn places_never_served_are_denied_in_any_case() {
    for path in [
        "/bitrix/pub",
        "/bitrix/pub/",
        "/bitrix/pub/x",
        "/BITRIX/PUB/",
        "/Bitrix/pUb",
        "/bitrix/%70ub/",
        "/bitrix/modules/main/include.php",
        "/bitrix/MODULES/",
        "/bitrix/modules.bak/x",
        "/bitrix/php_interface/dbconn.php",
        "/bitrix/backup/1.tar.gz",
        "/bitrix/updates/x",
        "/bitrix/stack_cache/x",
        "/bitrix/managed_cache/x",
        "/bitrix/cache/x.php",
        "/bitrix/cache/css/a/b.php",
        "/bitrix/cache/js/x.PHP/y.js",
        "/bitrix/cache/x.php.css",
        "/bitrix/html_pages/.config.php",
        "/bitrix/html_pages/.enabled",
        "/upload/1c_catalog/x",
        "/UPLOAD/1C_x",
        "/.git/config",
        "/.env",
        "/a/.htaccess",
        "/a/b/.svn/x",
        "/pub/.hidden",
        "/rest/.x",
        "/.well-known/.x",
        "/a/.well-known/caldav",
        "/.WELL-KNOWN/caldav",
    ] {
        assert!(matches!(class(path), Some(Class::Deny(_))), "{path}: {:?}", class(path));
    }
}

#[test]
fn a_denial_knows_how_deep_it_begins() {
    assert_all(Some(Class::Deny(2)), &["/bitrix/pub/x/y", "/bitrix/modules/a/b", "/upload/1c_x/y"]);
    assert_all(Some(Class::Deny(3)), &["/bitrix/cache/x.php/y", "/a/b/.c/d"]);
    assert_all(Some(Class::Deny(4)), &["/bitrix/cache/css/x.php"]);
    assert_all(Some(Class::Deny(2)), &["/.well-known/.x"]);
}

#[test]
fn server_side_publishing_is_denied_without_taking_its_neighbours() {
    assert_all(
        Some(Class::Push),
        &[
            "/bitrix/pubweb/",
            "/bitrix/pubweb",
            "/bitrix/subws/",
            "/bitrix/sub/",
            "/bitrix/rest/",
            "/bitrix/api/",
        ],
    );
    assert_all(None, &["/bitrix/public/", "/bitrix/subs/", "/BITRIX/SUBWS/"]);
}

#[test]
fn callbacks_come_before_the_public_places_around_them() {
    assert_all(
        Some(Class::Callback),
        &[
            "/pub/imconnector/",
            "/pub/imconnector/x/y",
            "/pub/imbot.php",
            "/services/telephony/info_receiver.php",
            "/bitrix/tools/voximplant/x",
            "/bitrix/tools/messageservice/callback_sms.php",
            "/bitrix/tools/sale_ps_result.php",
            "/bitrix/tools/track_mail_click.php",
            "/bitrix/tools/track_mail_read.php",
            "/bitrix/tools/seo_client.php",
            "/bitrix/services/calendar/push.php",
            "/bitrix/services/ymarket/x/y",
        ],
    );
    assert_all(
        None,
        &[
            "/bitrix/tools/track_mail_other.php",
            "/bitrix/tools/sale_ps_result.php/x",
            "/bitrix/tools/x/sale_ps_a.php",
            "/bitrix/tools/messageservice/admin.php",
            "/bitrix/services/calendar",
            "/services/telephony/",
        ],
    );
}

#[test]
fn static_files_are_public_by_extension_under_their_folders_only() {
    assert_all(
        Some(Class::Public),
        &[
            "/robots.txt",
            "/favicon.ico",
            "/sitemap.xml",
            "/sitemap_2.xml",
            "/.well-known/acme-challenge/x",
            "/bitrix/js/main/core.js",
            "/bitrix/css/x.css",
            "/bitrix/themes/a/b.png",
            "/bitrix/cache/css/a/b.css",
            "/bitrix/templates/bitrix24/x.woff2",
            "/local/assets/x.svg",
            "/bitrix/components/bitrix/x/script.js",
        ],
    );
    assert_all(
        None,
        &[
            "/index.php/x.css",
            "/x.css",
            "/upload/x.png",
            "/crm/x.js",
            "/bitrix/js/",
            "/bitrix/js/x",
            "/bitrix/js/x.php",
            "/bitrix/js/x.php/y.js",
            "/bitrix/js/a.PHP/y.js",
            "/bitrix/components/x/ajax.php/a.css",
            "/bitrix/js/x.phtml/a.js",
            "/bitrix/js/x.json",
            "/bitrix/cache/x.css",
            "/bitrix/x.css",
            "/local/php/x.js",
            "/bitrix/js.css",
            "/a/robots.txt",
            "/bitrix/js/js",
        ],
    );
}

#[test]
fn links_that_are_permissions_are_public() {
    assert_all(
        Some(Class::Public),
        &[
            "/pub/",
            "/pub/form/x/",
            "/guest/",
            "/online/alias",
            "/video/alias/",
            "/extranet/video/alias",
            "/vote-result/signed",
            "/conference/videoconf.php",
            "/docs/pub/0123456789abcdefABCDEF0123456789/default/x",
            "/bitrix/tools/sale/paysystem/robokassa/redirect.php",
        ],
    );
    assert_all(
        None,
        &[
            "/online/",
            "/video",
            "/extranet/video/",
            "/conference/",
            "/publish/",
            "/PUB/",
            "/vote-result/",
        ],
    );
    assert_all(
        Some(Class::Dav),
        &["/docs/pub/0123/x", "/docs/pub/0123456789abcdef0123456789abcdeg/x"],
    );
}

#[test]
fn places_with_a_sign_in_of_their_own_are_left_to_it() {
    assert_all(
        Some(Class::OwnAuth),
        &[
            "/rest/",
            "/rest/1/abc/crm.deal.list",
            "/bitrix/services/rest/index.php",
            "/bitrix/groupdav.php",
            "/bitrix/groupdav.php/1/calendar/",
            "/.well-known/caldav",
            "/.well-known/carddav/",
            "/stssync/contacts/",
            "/bitrix/services/stssync/x",
            "/bitrix/tools/ws_calendar/x",
            "/crm/1c_exchange.php",
            "/bitrix/admin/1c_exchange.php",
        ],
    );
    assert_all(
        None,
        &[
            "/restore/",
            "/.well-known/other",
            "/crm/",
            "/crm/1c_exchange.php/x",
            "/bitrix/admin/",
            "/bitrix/admin/index.php",
        ],
    );
}

#[test]
fn apps_ajax_and_shared_documents_have_their_classes() {
    assert_all(
        Some(Class::App),
        &[
            "/mobile/",
            "/mobileapp/x",
            "/desktop_app/login/",
            "/bitrix/mobileapp/",
            "/bitrix/services/mobile/x",
        ],
    );
    assert_all(
        Some(Class::Ajax),
        &["/bitrix/services/main/ajax.php", "/disk/boards/5/x", "/disk/file/0123456789abcdefghij/"],
    );
    assert_all(
        None,
        &[
            "/bitrix/services/main/ajax.php/x",
            "/bitrix/services/main/",
            "/disk/file/short/",
            "/disk/boards/",
            "/disk/",
        ],
    );
    assert_all(
        Some(Class::Dav),
        &[
            "/docs/",
            "/workgroups/group/5/",
            "/company/personal/user/1/disk/",
            "/contacts/personal/",
        ],
    );
    assert_all(None, &["/company/", "/contacts/"]);
}

#[test]
fn everything_else_is_the_portal_s_own() {
    assert_all(
        None,
        &[
            "/",
            "/stream/",
            "/crm/deal/details/5/",
            "/bitrix/",
            "/bitrix/admin/user_edit.php",
            "/company/",
        ],
    );
}

proptest! {
    #[test]
    fn a_denied_path_stays_denied_in_every_case(
        path in prop::sample::select(vec!["/bitrix/pub/x", "/bitrix/modules/x", "/upload/1c_x/y", "/a/.git/x"]),
        upper: u32,
    ) {
        let spelt: String = path.char_indices()
            .map(|(at, c)| if upper >> at & 1 == 1 { c.to_ascii_uppercase() } else { c })
            .collect();
        prop_assert!(matches!(class(&spelt), Some(Class::Deny(_))));
    }

    #[test]
    fn any_segments_are_classified_without_a_panic(segments in prop::collection::vec("\\PC{0,6}|bitrix|pub|cache|docs", 0..6)) {
        let _ = classify(&segments);
    }
}
