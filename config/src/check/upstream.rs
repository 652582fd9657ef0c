//! Upstream URLs.

use std::collections::HashSet;
use std::net::IpAddr;

use serde_spanned::Spanned;

use super::value::each;
use crate::address::Address;
use crate::host;
use crate::model::{Upstream, UpstreamHost, UpstreamScheme};
use crate::read::Field;
use crate::report::{Refused, Scope};

/// Checks a list of URLs together with the `upstream_sni` beside it.
pub(super) fn list(
    written: &[Result<Spanned<String>, Refused>],
    key: &str,
    sni: &Field<Spanned<String>>,
    scope: Scope<'_>,
) -> Result<Vec<Upstream>, Refused> {
    if let Some(Ok(beyond)) = written.get(MOST) {
        return Err(scope.refuse(&beyond.span(), format!("{key}: more than {MOST} upstreams")));
    }
    let sni_name = sni_name(sni, scope);
    let mut seen = HashSet::new();
    let upstreams = each(written, |url| {
        let upstream = one(url, key, sni, &sni_name, scope)?;
        if seen.insert(upstream.clone()) {
            return Ok(upstream);
        }
        let message = format!("{key}: \"{}\" is listed twice", url.get_ref());
        Err(scope.refuse(&url.span(), message))
    })?;
    let https = upstreams.iter().any(|upstream| upstream.scheme == UpstreamScheme::Https);
    match sni.given() {
        Some(name) if !https => {
            let message = "upstream_sni: none of the upstreams is an https one";
            Err(scope.refuse(&name.span(), message))
        }
        _ => sni_name.map(|_| upstreams),
    }
}

fn one(
    written: &Spanned<String>,
    key: &str,
    sni: &Field<Spanned<String>>,
    sni_name: &Result<Option<String>, Refused>,
    scope: Scope<'_>,
) -> Result<Upstream, Refused> {
    let (text, span) = (written.get_ref(), written.span());
    let help = "scheme, host and port, for example \"http://10.0.0.5:8000\"";
    let address = match Address::parse_internal(text) {
        Ok(address) if address.is_bare() => address,
        Ok(address) => {
            let message = format!("{key}: \"{text}\" is more than scheme, host and port");
            let help = match address.user {
                Some(_) => "an upstream takes no user name",
                None => "the visitor's own path is passed on",
            };
            return Err(scope.refuse_with(&span, message, help));
        }
        Err(error) => {
            let message = format!("{key}: \"{text}\" is not a URL: {error}");
            return Err(scope.refuse_with(&span, message, help));
        }
    };
    let (scheme, default_port) = match address.scheme {
        "http" => (UpstreamScheme::Http, 80),
        "h2c" => (UpstreamScheme::H2c, 80),
        "https" => (UpstreamScheme::Https, 443),
        other => {
            let message = format!("{key}: the scheme is \"{other}\"");
            return Err(scope.refuse_with(&span, message, "possible: http, https, h2c"));
        }
    };
    if scheme == UpstreamScheme::Https && sni.is_absent() {
        let message = format!("{key}: an https upstream needs \"upstream_sni\"");
        let help = "the name in its certificate: upstream_sni = \"app.internal\"";
        return Err(scope.refuse_with(&span, message, help));
    }
    let sni = if scheme == UpstreamScheme::Https { sni_name.clone()? } else { None };
    let port = address.port.unwrap_or(default_port);
    Ok(Upstream { scheme, host: upstream_host(address.host), port, sni })
}

fn upstream_host(canonical: String) -> UpstreamHost {
    let inner = canonical.trim_start_matches('[').trim_end_matches(']');
    match inner.parse::<IpAddr>() {
        Ok(address) => UpstreamHost::Address(address),
        Err(_) => UpstreamHost::Name(canonical),
    }
}

fn sni_name(field: &Field<Spanned<String>>, scope: Scope<'_>) -> Result<Option<String>, Refused> {
    let Some(written) = field.optional()? else { return Ok(None) };
    let reason = match host::canonical(written.get_ref()) {
        Ok(host) if host::is_address(&host) => "SNI carries names only".to_owned(),
        Ok(host) => return Ok(Some(host)),
        Err(error) => error.to_string(),
    };
    let message = format!("upstream_sni: \"{}\" is not a name: {reason}", written.get_ref());
    Err(scope.refuse(&written.span(), message))
}

const MOST: usize = 64;
