//! Names that a client may not send: compared folded, because CGI, WSGI and PHP make one variable of
//! `X-User`, `x_user` and `X.User`.

use ahash::AHashSet;
use bitrix_id_config::names::fold_byte;
use bitrix_id_config::{FORWARDED, HeaderPreset, fold};

/// The reserved names of a configuration. Built-in names are always among them, whatever presets the
/// portals use.
#[derive(Debug)]
pub struct ReservedNames {
    /// Folded.
    names: AHashSet<Box<[u8]>>,
    longest: usize,
    /// By [`start_index`]: whether any reserved name begins like this. Most fields of most requests do not.
    starts: Box<[bool; 256]>,
}

impl ReservedNames {
    /// Reserves the built-in names and the names of every custom table among `presets`.
    #[must_use]
    pub fn new<'a>(presets: impl IntoIterator<Item = &'a HeaderPreset>) -> Self {
        let built_in = FORWARDED.iter().chain(&[HTTP_PROXY]);
        let mut names: AHashSet<Box<[u8]>> = built_in.map(|name| name.as_bytes().into()).collect();
        for preset in presets {
            if let HeaderPreset::Custom(headers) = preset {
                let folded = headers.iter().map(|(name, _)| fold(name.as_bytes()));
                names.extend(folded.map(|name| name.into_bytes().into()));
            }
        }
        let longest = names.iter().map(|name| name.len()).max().unwrap_or(0);
        let mut starts = Box::new([false; 256]);
        let families = IDENTITY_FAMILIES.iter().map(|start| start.as_bytes());
        for name in names.iter().map(AsRef::as_ref).chain(families) {
            starts[start_index(name)] = true;
        }
        Self { names, longest, starts }
    }

    /// Whether a client's field of this name is removed. Allocates nothing for names of usual length.
    #[must_use]
    pub fn is_reserved(&self, name: &[u8]) -> bool {
        if !self.starts[start_index(name)] {
            return false;
        }
        let mut buffer = [0; LONGEST_USUAL];
        if name.len() <= buffer.len() {
            let folded = &mut buffer[..name.len()];
            for (to, from) in folded.iter_mut().zip(name) {
                *to = fold_byte(*from);
            }
            return self.is_reserved_folded(folded);
        }
        // Beyond the longest name only a family's start can match.
        let end = name.len().min(self.longest.max(LONGEST_USUAL) + 1);
        self.is_reserved_folded(fold(&name[..end]).as_bytes())
    }

    fn is_reserved_folded(&self, folded: &[u8]) -> bool {
        self.names.contains(folded)
            || IDENTITY_FAMILIES.iter().any(|start| folded.starts_with(start.as_bytes()))
    }
}

/// One of 256 kinds of beginning, the same for every spelling of a name.
fn start_index(name: &[u8]) -> usize {
    let byte = |at: usize| name.get(at).map_or(0, |byte| fold_byte(*byte));
    usize::from(byte(0).wrapping_mul(31).wrapping_add(byte(1)))
}

const LONGEST_USUAL: usize = 128;

/// Everything that begins like this, folded. The gateway's own names to the sign-in app are in the
/// first; the others are how well-known apps and proxies name an identity, beyond our presets' names.
const IDENTITY_FAMILIES: [&str; 7] = [
    "x_bitrix_id",
    "x_auth_request_",
    "x_forwarded_",
    "x_remote_",
    "x_webauth_",
    "remote_",
    "client_cert",
];

/// CGI makes `HTTP_PROXY` of it, which many HTTP clients obey (CVE-2016-5385).
const HTTP_PROXY: &str = "proxy";

#[cfg(test)]
mod tests;
