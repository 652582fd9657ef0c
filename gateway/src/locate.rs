//! What a request asks for, in its one spelling, or why it cannot be told.

use std::sync::Arc;

use bitrix_id_auth_core::authority::canonical_host;
use http::Method;
use pingora::http::RequestHeader;
use pingora::proxy::Session;

use crate::answer::Answer;
use crate::context::{HeadFault, RequestCtx};
use crate::pages::ErrorKind;
use crate::place::Place;
use crate::tls::ServerName;
use crate::view;

/// A request whose host and path are in their one spelling.
pub(crate) struct Located<'a> {
    /// Whose host.
    pub place: Arc<Place>,
    /// As the client wrote it.
    pub path: &'a str,
    /// As the client wrote it, without the question mark.
    pub query: Option<&'a str>,
}

impl Located<'_> {
    /// Canonical host.
    pub(crate) fn host(&self) -> &str {
        &self.place.host
    }
}

/// Refusals that need no configuration.
pub(crate) fn refuse_head(ctx: &mut RequestCtx, head: &RequestHeader) -> Result<(), Answer> {
    match ctx.head_fault {
        Some(HeadFault::Malformed(reason)) => {
            ctx.log.reason = Some(reason);
            return Err(Answer::Malformed);
        }
        Some(HeadFault::TargetTooLong) => return Err(Answer::Error(ErrorKind::UriTooLong)),
        Some(HeadFault::FieldsTooLarge) => return Err(Answer::Error(ErrorKind::HeadersTooLarge)),
        None => {}
    }
    if matches!(head.method, Method::TRACE | Method::CONNECT) {
        ctx.log.reason = Some("method_not_allowed");
        return Err(Answer::Error(ErrorKind::MethodNotAllowed));
    }
    if head.method.as_str().len() > MAX_METHOD {
        ctx.log.reason = Some("method_too_long");
        return Err(Answer::Error(ErrorKind::BadRequest));
    }
    Ok(())
}

/// Authority, path and query; the path is not yet known to be canonical.
pub(crate) fn locate<'a>(
    head: &'a RequestHeader,
    ctx: &mut RequestCtx,
) -> Result<Located<'a>, Answer> {
    let log = &mut ctx.log;
    let mut bad = |reason| {
        log.reason = Some(reason);
        Answer::Error(ErrorKind::BadRequest)
    };
    let authority = view::authority(head).ok_or_else(|| bad("no_single_authority"))?;
    let place = match ctx.snapshot.usual_place(authority) {
        Some(place) => place.clone(),
        None => {
            let (host, _) = canonical_host(authority).map_err(|_| bad("malformed_authority"))?;
            ctx.snapshot.place(host)
        }
    };
    let (path, query) = view::target(head).ok_or_else(|| bad("malformed_target"))?;
    Ok(Located { place, path, query })
}

/// A connection opened for one name must not carry requests for another: what the client was shown
/// (a certificate, a client-certificate policy) belongs to the first. RFC 9110 section 15.5.20.
pub(crate) fn refuse_other_server_name(
    session: &Session,
    host: &str,
    ctx: &mut RequestCtx,
) -> Result<(), Answer> {
    let asked = session
        .digest()
        .and_then(|digest| digest.proxy_digest.as_ref()?.user_data.as_ref())
        .and_then(|data| data.downcast_ref::<ServerName>());
    match asked {
        Some(ServerName(name)) if name != host => {
            ctx.log.reason = Some("server_name_differs");
            Err(Answer::Error(ErrorKind::Misdirected))
        }
        _ => Ok(()),
    }
}

/// Longest method name taken; the registered ones have at most 17 characters.
const MAX_METHOD: usize = 32;
