//! The way to sign-in and back: a redirect for whoever reads pages, an address for everybody else.

use bitrix_id_auth_core::hop;
use http::HeaderMap;
use http::header::REFERER;
use pingora::http::RequestHeader;

use crate::answer::Answer;
use crate::context::RequestCtx;
use crate::locate::Located;
use crate::proxy::Gateway;
use crate::view;

impl Gateway {
    /// The answer to a request that needs someone signed in.
    pub(crate) fn sign_in_answer(
        &self,
        head: &RequestHeader,
        ctx: &RequestCtx,
        located: &Located<'_>,
    ) -> Answer {
        if !view::is_navigation(&head.method, &head.headers) {
            return Answer::Unauthorized { sign_in: self.sign_in_url(head, ctx, located) };
        }
        // Path and query as they were decided upon.
        let return_to = head.uri.path_and_query().map_or("/", |target| target.as_str());
        let departure = hop::depart(&self.hub.hop, located.host(), return_to, 0, ctx.now);
        let mut cookies = surplus_hops(&head.headers);
        cookies.insert(0, hop_cookie(&departure));
        Answer::SignIn { location: sign_in_page(ctx, &departure.state), cookies }
    }

    /// Where a script can send its person: back to the page it runs on.
    pub(crate) fn sign_in_url(
        &self,
        head: &RequestHeader,
        ctx: &RequestCtx,
        located: &Located<'_>,
    ) -> String {
        let return_to = page_of_script(head, ctx, located).unwrap_or("/");
        let state = hop::depart_without_cookie(&self.hub.hop, located.host(), return_to, ctx.now);
        sign_in_page(ctx, &state)
    }
}

fn page_of_script<'a>(
    head: &'a RequestHeader,
    ctx: &RequestCtx,
    located: &Located<'_>,
) -> Option<&'a str> {
    // Most have none, and need no origin to hold it against.
    head.headers
        .contains_key(REFERER)
        .then(|| ctx.snapshot.origin_of(located.host()))
        .and_then(|origin| view::referer_path(&head.headers, &origin))
}

fn sign_in_page(ctx: &RequestCtx, state: &str) -> String {
    [&ctx.snapshot.issuer, "/sign-in?state=", state].concat()
}

fn hop_cookie(departure: &hop::Departure) -> String {
    let hop::Departure { cookie_name, cookie_value, .. } = departure;
    let mut age = itoa::Buffer::new();
    let age = age.format(hop::STATE_LIFETIME);
    [cookie_name, "=", cookie_value, "; Max-Age=", age, HOP_COOKIE_ATTRIBUTES].concat()
}

/// Takes away what is too much of hops half done. They are small, but not free: with many tabs given up,
/// the oldest go.
fn surplus_hops(headers: &HeaderMap) -> Vec<String> {
    let held = view::hop_cookies(headers);
    let surplus = held.len().saturating_sub(hop::MOST_HOPS);
    let gone = held.iter().take(surplus);
    gone.map(|name| [name, "=; Max-Age=0", HOP_COOKIE_ATTRIBUTES].concat()).collect()
}

const HOP_COOKIE_ATTRIBUTES: &str = "; Path=/; Secure; HttpOnly; SameSite=Lax";
