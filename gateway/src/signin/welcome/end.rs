//! Pages on which the way ends: a code in the wrong browser, an account that may not sign in, a link that
//! leads elsewhere.

use http::StatusCode;

use crate::pages::{self, WelcomeEnd};
use crate::signin::reply::Reply;
use crate::signin::visit::Visit;

/// The mail's link was opened where nothing began.
pub(super) fn code_elsewhere(visit: &Visit, unchecked_code: &str, signed_in: bool) -> Reply {
    let is_code = unchecked_code.len() == 6 && unchecked_code.bytes().all(|b| b.is_ascii_digit());
    let code = is_code.then(|| unchecked_code.to_owned());
    let end = WelcomeEnd::CodeElsewhere { code, signed_in };
    // The address of this page holds the code; the language links need not.
    Reply::page(pages::welcome_end(&visit.frame_at("/welcome"), &end))
}

/// The account that has proved the address may not sign in.
pub(super) fn refused(visit: &Visit) -> Reply {
    end(visit, &WelcomeEnd::Refused)
}

/// The provider's account opens another Bitrix ID.
pub(super) fn linked_elsewhere(visit: &Visit, provider: &str) -> Reply {
    end(visit, &WelcomeEnd::LinkedElsewhere(provider.to_owned()))
}

fn end(visit: &Visit, end: &WelcomeEnd) -> Reply {
    Reply::page(pages::welcome_end(&visit.frame_at("/sign-in"), end)).status(StatusCode::FORBIDDEN)
}
