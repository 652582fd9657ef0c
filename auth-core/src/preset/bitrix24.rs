//! The route policy of a Bitrix24 portal: which of its paths answer without a sign-in, and how.
//!
//! Rules are tried in order; the first that matches gives the class. What none of them claims is
//! protected as the portal's own `access` says. They work on decoded segments, so every spelling of a
//! path falls under the same rule. Only the denials fold case: a portal's nginx matches some of these
//! places in any case, and a path spelt unusually must not come out freer than the usual spelling.

use bitrix_id_config::Access;

/// What kind of place a path is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// Never served from outside: server-side publishing, sources, backups. Holds how many leading
    /// segments make it so.
    Deny(usize),
    /// Called by machines that bring a secret of their own: payment systems, telephony, messengers.
    Callback,
    /// Open to anyone: static files and links that are themselves the permission.
    Public,
    /// Has a sign-in of its own: REST, calendars, exchange with 1C.
    OwnAuth,
    /// A document tree that is also a DAV share: pages for browsers, but `Authorization: Basic`
    /// with a DAV method belongs to the portal.
    Dav,
    /// Native apps: own sign-in unless a session is presented.
    App,
    /// Push & Pull: long-lived streams whose channel id is the permission.
    Push,
    /// Calls that guests make as well as people signed in: identity if there is one, never a redirect.
    Ajax,
}

impl Class {
    /// The access that stands for the class. `None`: the portal's own.
    #[must_use]
    pub fn access(self) -> Option<Access> {
        match self {
            Self::Deny(_) => Some(Access::Deny),
            Self::Callback | Self::OwnAuth | Self::Push => Some(Access::OwnAuth),
            Self::Public => Some(Access::Public),
            Self::App | Self::Ajax => Some(Access::Optional),
            Self::Dav => None,
        }
    }

    /// Name in logs.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Deny(_) => "preset:deny",
            Self::Callback => "preset:callback",
            Self::Public => "preset:public",
            Self::OwnAuth => "preset:own-auth",
            Self::Dav => "preset:dav",
            Self::App => "preset:app",
            Self::Push => "preset:push",
            Self::Ajax => "preset:ajax",
        }
    }
}

/// The class of a path, given as decoded segments; a path that ends in `/` has one segment less than
/// slashes.
#[must_use]
pub fn classify<S: AsRef<str>>(segments: &[S]) -> Option<Class> {
    let path: Vec<&str> = segments.iter().map(AsRef::as_ref).collect();
    if let Some(depth) = denied(&path) {
        return Some(Class::Deny(depth));
    }
    RULES.into_iter().find(|(matches, _)| matches(&path)).map(|(_, class)| class)
}

type Rule = (fn(&[&str]) -> bool, Class);

// In this order: a callback lies under a public prefix, and static files under protected ones.
const RULES: [Rule; 8] = [
    (is_callback, Class::Callback),
    (is_static, Class::Public),
    (is_capability_link, Class::Public),
    (is_own_auth, Class::OwnAuth),
    (is_app, Class::App),
    (is_push, Class::Push),
    (is_ajax, Class::Ajax),
    (is_dav, Class::Dav),
];

// How many leading segments make the path a forbidden one.
fn denied(path: &[&str]) -> Option<usize> {
    let well_known = usize::from(path.first() == Some(&".well-known"));
    let hidden = path.iter().skip(well_known).position(|segment| segment.starts_with('.'));
    if let Some(at) = hidden {
        return Some(at + 1 + well_known);
    }
    let [first, second, rest @ ..] = path else { return None };
    if first.eq_ignore_ascii_case("upload") {
        return begins(second, "1c_").then_some(2);
    }
    if !first.eq_ignore_ascii_case("bitrix") {
        return None;
    }
    if second.eq_ignore_ascii_case("cache") {
        return rest.iter().position(|segment| holds(segment, ".php")).map(|at| at + 3);
    }
    let private = PRIVATE_PLACES.iter().any(|place| begins(second, place));
    (private || second.eq_ignore_ascii_case("pub")).then_some(2)
}

fn begins(text: &str, start: &str) -> bool {
    text.get(..start.len()).is_some_and(|text| text.eq_ignore_ascii_case(start))
}

fn holds(text: &str, part: &str) -> bool {
    text.as_bytes().windows(part.len()).any(|piece| piece.eq_ignore_ascii_case(part.as_bytes()))
}

fn is_callback(path: &[&str]) -> bool {
    match path {
        ["pub", "imconnector", ..]
        | ["pub", "imbot.php"]
        | ["services", "telephony", "info_receiver.php"]
        | ["bitrix", "tools", "voximplant", ..]
        | ["bitrix", "tools", "seo_client.php"]
        | ["bitrix", "services", "calendar" | "sale" | "ymarket", _, ..] => true,
        ["bitrix", "tools", "messageservice", file] => is_script(file, "callback_"),
        ["bitrix", "tools", file] => {
            is_script(file, "sale_ps_") || TRACKED_MAIL.iter().any(|name| file == name)
        }
        _ => false,
    }
}

// Never by extension alone: `/index.php/x.css` runs index.php, so a script in the path rules it out.
fn is_static(path: &[&str]) -> bool {
    match path {
        ["robots.txt" | "favicon.ico"] | [".well-known", "acme-challenge", ..] => true,
        [file] => file.starts_with("sitemap") && file.ends_with(".xml"),
        [
            "bitrix",
            "js" | "css" | "images" | "themes" | "fonts" | "panel" | "wizards" | "templates"
            | "components",
            inner @ ..,
        ]
        | ["bitrix", "cache", "css" | "js", inner @ ..]
        | ["local", "templates" | "js" | "components" | "assets", inner @ ..] => {
            is_static_file(inner)
        }
        _ => false,
    }
}

fn is_static_file(inner: &[&str]) -> bool {
    let runs_code =
        |segment: &&str| [".php", ".phtml", ".phar"].iter().any(|script| holds(segment, script));
    let extension = inner.last().and_then(|file| file.rsplit_once('.')).map(|(_, end)| end);
    !inner.iter().any(runs_code) && extension.is_some_and(|end| STATIC_EXTENSIONS.contains(&end))
}

fn is_capability_link(path: &[&str]) -> bool {
    match path {
        ["pub" | "guest", ..]
        | ["online" | "video" | "vote-result", _, ..]
        | ["extranet", "video", _, ..]
        | ["conference", "videoconf.php"]
        | ["bitrix", "tools", "sale", "paysystem", "robokassa", "redirect.php"] => true,
        ["docs", "pub", hash, ..] => {
            hash.len() == 32 && hash.bytes().all(|byte| byte.is_ascii_hexdigit())
        }
        _ => false,
    }
}

fn is_own_auth(path: &[&str]) -> bool {
    match path {
        ["rest" | "stssync", ..]
        | ["bitrix", "services", "rest" | "stssync", ..]
        | ["bitrix", "groupdav.php", ..]
        | [".well-known", "caldav" | "carddav", ..]
        | ["crm", "1c_exchange.php"] => true,
        ["bitrix", "tools", folder, ..] => folder.starts_with("ws_"),
        ["bitrix", "admin", file] => is_script(file, "1c_"),
        _ => false,
    }
}

fn is_app(path: &[&str]) -> bool {
    matches!(
        path,
        ["mobile" | "mobileapp" | "desktop_app", ..]
            | ["bitrix", "mobileapp", ..]
            | ["bitrix", "services", "mobile", ..]
    )
}

fn is_push(path: &[&str]) -> bool {
    matches!(path, ["bitrix", "sub" | "subws" | "pubweb" | "rest" | "api", ..])
}

fn is_ajax(path: &[&str]) -> bool {
    match path {
        ["bitrix", "services", "main", "ajax.php"] | ["disk", "boards", _, ..] => true,
        ["disk", "file", code, ..] => {
            code.len() == 20 && code.bytes().all(|byte| byte.is_ascii_alphanumeric())
        }
        _ => false,
    }
}

fn is_dav(path: &[&str]) -> bool {
    matches!(path, ["docs" | "workgroups", ..] | ["company" | "contacts", "personal", ..])
}

/// Methods by which a DAV client is told from a browser, together with `Authorization: Basic`.
pub const DAV_METHODS: [&str; 11] = [
    "PROPFIND",
    "REPORT",
    "MKCOL",
    "LOCK",
    "UNLOCK",
    "PROPPATCH",
    "COPY",
    "MOVE",
    "PUT",
    "DELETE",
    "OPTIONS",
];

fn is_script(file: &str, prefix: &str) -> bool {
    file.starts_with(prefix) && file.ends_with(".php")
}

const PRIVATE_PLACES: [&str; 6] =
    ["modules", "php_interface", "backup", "updates", "stack_cache", "managed_cache"];

const TRACKED_MAIL: [&str; 4] = [
    "track_mail_click.php",
    "track_mail_read.php",
    "track_mail_unsub.php",
    "track_mail_callback.php",
];

const STATIC_EXTENSIONS: [&str; 16] = [
    "css", "js", "map", "mjs", "png", "jpg", "jpeg", "gif", "svg", "webp", "ico", "woff", "woff2",
    "ttf", "eot", "wasm",
];

#[cfg(test)]
mod tests;
