//! Stylesheet, script and icon, served on every host from memory, and the operator's accent.
//!
//! A file's name holds a hash of its bytes, so a browser fetches it once and keeps it for good.

use std::sync::LazyLock;

use bytes::Bytes;

use super::accent::Accent;

/// Path prefix under which the gateway serves [`asset`] on every host.
pub(crate) const ASSET_PREFIX: &str = "/.bitrix-id/assets/";

/// A file to serve.
#[derive(Debug, Clone)]
pub(crate) struct Asset {
    /// `Content-Type`.
    pub content_type: &'static str,
    /// `Cache-Control`.
    pub cache_control: &'static str,
    /// `ETag`, quotes included.
    pub etag: String,
    /// The bytes.
    pub body: Bytes,
}

/// The asset of this name (what follows [`ASSET_PREFIX`]); `None` is a 404.
///
/// A known file under another version's hash is answered too, uncached: during an upgrade two versions
/// serve the same visitors.
pub(crate) fn asset(name: &str) -> Option<Asset> {
    let (stem, extension) = name.rsplit_once('.')?;
    let (stem, tag) = stem.rsplit_once('-')?;
    if (stem, extension) == ("accent", "css") {
        return Some(accent_sheet(&Accent::from_hex(tag)?));
    }
    let file = FILES.iter().find(|file| (file.stem, file.extension) == (stem, extension))?;
    if tag.len() != HASH_LENGTH || !tag.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let hash = file.hash();
    Some(Asset {
        content_type: file.content_type,
        cache_control: if tag == hash { KEPT } else { "no-cache" },
        etag: format!("\"{hash}\""),
        body: match file.content_type {
            CSS => Bytes::from_static(squeezed_style().as_bytes()),
            JAVASCRIPT => squeeze_script(file.body).into(),
            _ => Bytes::from_static(file.body.as_bytes()),
        },
    })
}

/// Path of the stylesheet.
pub(super) fn style_path() -> String {
    STYLE.path()
}

/// Path of the script.
pub(super) fn script_path() -> String {
    SCRIPT.path()
}

/// Path of the script for the address of a new portal.
pub(super) fn address_script_path() -> String {
    ADDRESS.path()
}

/// Path of the script that copies a link.
pub(super) fn copy_script_path() -> String {
    COPY.path()
}

/// Path of the script that proposes the browser's time zone.
pub(super) fn zone_script_path() -> String {
    ZONE.path()
}

/// Path of the icon.
pub(super) fn icon_path() -> String {
    ICON.path()
}

/// Path of the stylesheet for the operator's accent (`#rrggbb`); `None` if it is not one.
pub(super) fn accent_path(accent: &str) -> Option<String> {
    let accent = Accent::from_hex(accent.strip_prefix('#')?)?;
    Some(format!("{ASSET_PREFIX}accent-{}.css", accent.hex()))
}

/// The stylesheet as it is sent.
fn squeezed_style() -> &'static str {
    static SQUEEZED: LazyLock<String> = LazyLock::new(|| squeeze(STYLE.body));
    &SQUEEZED
}

/// A stylesheet of ours without comments and needless blanks: they explain, and every visitor would fetch
/// them. It looks into texts in quotes as well: there is none with a blank that matters.
fn squeeze(style: &str) -> String {
    let mut squeezed = String::with_capacity(style.len());
    for piece in style.split("*/").map(|piece| piece.split("/*").next().unwrap_or_default()) {
        for word in piece.split_ascii_whitespace() {
            let open = squeezed.is_empty() || squeezed.ends_with(['{', '}', ';', ':', ',']);
            if !open && !word.starts_with(['{', '}']) {
                squeezed.push(' ');
            }
            squeezed.push_str(word);
        }
    }
    squeezed.replace(";}", "}")
}

/// A script of ours without indentation and lines of comment. None has a text that runs over lines.
fn squeeze_script(script: &str) -> String {
    let lines = script.lines().map(str::trim).filter(|line| !line.starts_with("//"));
    lines.filter(|line| !line.is_empty()).flat_map(|line| [line, "\n"]).collect()
}

fn accent_sheet(accent: &Accent) -> Asset {
    let body = accent.stylesheet();
    Asset {
        content_type: CSS,
        // The name holds the colour and not a hash: how it is lightened may change with a version.
        cache_control: "public, max-age=3600",
        etag: format!("\"{:016x}\"", fnv1a(body.as_bytes())),
        body: body.into(),
    }
}

struct File {
    stem: &'static str,
    extension: &'static str,
    content_type: &'static str,
    body: &'static str,
    fingerprint: u64,
}

impl File {
    const fn new(
        stem: &'static str,
        extension: &'static str,
        content_type: &'static str,
        body: &'static str,
    ) -> Self {
        Self { stem, extension, content_type, body, fingerprint: fnv1a(body.as_bytes()) }
    }

    fn hash(&self) -> String {
        format!("{:016x}", self.fingerprint)
    }

    fn path(&self) -> String {
        format!("{ASSET_PREFIX}{}-{}.{}", self.stem, self.hash(), self.extension)
    }
}

/// FNV-1a, 64 bits: tells versions of our own files apart; nothing is secured by it.
const fn fnv1a(bytes: &[u8]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut i = 0;
    while i < bytes.len() {
        hash = (hash ^ bytes[i] as u64).wrapping_mul(0x0000_0100_0000_01b3);
        i += 1;
    }
    hash
}

const CSS: &str = "text/css; charset=utf-8";
const JAVASCRIPT: &str = "text/javascript; charset=utf-8";
const KEPT: &str = "public, max-age=31536000, immutable";
const HASH_LENGTH: usize = 16;

static STYLE: File = File::new("style", "css", CSS, include_str!("../../assets/style.css"));
static SCRIPT: File = File::new("page", "js", JAVASCRIPT, include_str!("../../assets/page.js"));
static ADDRESS: File =
    File::new("address", "js", JAVASCRIPT, include_str!("../../assets/address.js"));
static COPY: File = File::new("copy", "js", JAVASCRIPT, include_str!("../../assets/copy.js"));
static ICON: File =
    File::new("icon", "svg", "image/svg+xml", include_str!("../../assets/icon.svg"));
static ZONE: File = File::new("zone", "js", JAVASCRIPT, include_str!("../../assets/zone.js"));
static FILES: [&File; 6] = [&STYLE, &SCRIPT, &ICON, &ADDRESS, &COPY, &ZONE];

#[cfg(test)]
mod tests {
    use super::*;

    fn name(path: &str) -> &str {
        path.strip_prefix(ASSET_PREFIX).unwrap()
    }

    #[test]
    fn what_is_squeezed_out_of_the_stylesheet_is_blanks_and_comments() {
        let style = "/* why */\na,\nb > c {\n  margin: 0 auto; /* x */\n  content: \"x\";\n}\n@media (x: y) {\n  a { b: c }\n}\n";
        assert_eq!(squeeze(style), "a,b > c{margin:0 auto;content:\"x\"}@media (x:y){a{b:c}}");
        let blankless = |text: &str| text.replace([' ', '\n'], "").replace(";}", "}");
        let uncommented: String =
            STYLE.body.split("*/").map(|piece| piece.split("/*").next().unwrap()).collect();
        assert_eq!(blankless(squeezed_style()), blankless(&uncommented));
        let quoted = uncommented.split('"').skip(1).step_by(2);
        for text in quoted {
            assert!(!["; ", ": ", ", ", "  "].iter().any(|lost| text.contains(lost)), "{text}");
        }
    }

    #[test]
    fn assets_are_found_under_the_names_pages_use_and_kept_for_good() {
        for (path, content_type) in [
            (style_path(), CSS),
            (script_path(), "text/javascript; charset=utf-8"),
            (icon_path(), "image/svg+xml"),
        ] {
            let found = asset(name(&path)).unwrap();
            assert_eq!(found.content_type, content_type);
            assert_eq!(found.cache_control, KEPT);
            assert!(!found.body.is_empty());
        }
    }

    #[test]
    fn another_versions_name_is_answered_but_not_kept() {
        let found = asset("style-0123456789abcdef.css").unwrap();
        assert_eq!(found.cache_control, "no-cache");
        assert_eq!(found.body, asset(name(&style_path())).unwrap().body);
    }

    #[test]
    fn other_names_are_not_found() {
        for name in [
            "",
            "style.css",
            "style-.css",
            "style-xyz.css",
            "page-0123456789abcdef.css",
            "../style-0123456789abcdef.css",
            "accent-.css",
            "accent-12345.css",
            "accent-zzzzzz.css",
            "accent-#aabbc.css",
            "accent-aabbccdd.css",
            "accent-+12345.css",
        ] {
            assert!(asset(name).is_none(), "{name}");
        }
    }

    #[test]
    fn accent_gets_a_sheet_of_its_own() {
        let path = accent_path("#0A7D55").unwrap();
        assert_eq!(path, "/.bitrix-id/assets/accent-0a7d55.css");
        let sheet = asset(name(&path)).unwrap();
        assert!(String::from_utf8_lossy(&sheet.body).contains("--accent:#0a7d55"));
        assert_eq!(accent_path("red"), None);
        assert_eq!(accent_path("#aabbcc\"><script>"), None);
    }
}
