//! `[identity]`: the Bitrix ID host and how long things live.

use std::ops::Range;
use std::time::Duration;

use super::accent;
use super::value::{days, hours, minutes};
use crate::address::Address;
use crate::diagnostic::Place;
use crate::file::{IdentityTable, MainFile};
use crate::host;
use crate::model::{IdentitySettings, MAX_TOKEN_LIFETIME, Origin};
use crate::read::Field;
use crate::report::{Refused, Scope};
use crate::units::format_duration;

/// The settings, and where their host is written: portals may not have it as well.
pub(super) struct Identity {
    pub(super) settings: IdentitySettings,
    pub(super) url_place: Place,
}

pub(super) fn identity(main: &MainFile, scope: Scope<'_>) -> Result<Identity, Refused> {
    let example = "[identity] with url = \"https://id.example.com\"";
    let missing = || scope.refuse_file("[identity] is missing", format!("add {example}"));
    let table = main.identity.required(missing)?;
    let scope = scope.about("identity.");
    let url = url(table, !main.tls.is_absent(), scope);
    let name = match table.name.optional() {
        Ok(Some(name)) => scope.line(name, "name", 100),
        Ok(None) => Ok("Bitrix ID".to_owned()),
        Err(refused) => Err(refused),
    };
    let accent = accent(table, scope);
    let lifetimes = lifetimes(table, scope);

    let (url, span) = url?;
    let Lifetimes { token, idle, session, silence, checkword, rotation, deletion } = lifetimes?;
    let settings = IdentitySettings {
        url,
        name: name?,
        accent: accent?,
        token_lifetime: token,
        session_idle: idle,
        session_lifetime: session,
        max_silence: silence,
        checkword_lifetime: checkword,
        key_rotation: rotation,
        deletion_delay: deletion,
    };
    Ok(Identity { settings, url_place: scope.place(&span) })
}

fn url(
    table: &IdentityTable,
    tls: bool,
    scope: Scope<'_>,
) -> Result<(Origin, Range<usize>), Refused> {
    let help = "scheme, host and port, for example url = \"https://id.example.com\"";
    let written = table.url.required(|| scope.missing(&table.span, "url", help))?;
    let (text, span) = (written.get_ref(), written.span());
    let address = match Address::parse(text) {
        Ok(address) if address.is_bare() => address,
        Ok(_) => {
            let message = format!("url: \"{text}\" is more than scheme, host and port");
            return Err(scope.refuse_with(&span, message, help));
        }
        Err(error) => {
            let message = format!("url: \"{text}\" is not a URL: {error}");
            return Err(scope.refuse_with(&span, message, help));
        }
    };
    let (https, default_port) = match address.scheme {
        "https" => (true, 443),
        "http" => (false, 80),
        other => {
            let message = format!("url: the scheme is \"{other}\", expected https");
            return Err(scope.refuse(&span, message));
        }
    };
    if !https && tls {
        let message = "url: the scheme must be https, because [tls] is present";
        return Err(scope.refuse(&span, message));
    }
    // Cookies with the __Host- prefix are Secure. Over plain http, browsers keep those for this
    // machine only; anywhere else sign-in would go round in circles.
    if !https && !host::is_loopback(&address.host) {
        let message =
            "url: http is possible for localhost only, because browsers refuse our cookies";
        let help = "behind a TLS terminator, write the https URL that browsers see";
        return Err(scope.refuse_with(&span, message, help));
    }
    let port = address.port.unwrap_or(default_port);
    Ok((Origin { https, host: address.host, port }, span))
}

fn accent(table: &IdentityTable, scope: Scope<'_>) -> Result<Option<String>, Refused> {
    let Some(written) = table.accent.optional()? else { return Ok(None) };
    accent::accent(written.get_ref()).map(Some).map_err(|error| {
        let message = format!("accent: \"{}\" cannot be used: {error}", written.get_ref());
        scope.refuse_with(&written.span(), message, "for example \"#0a5cd8\"")
    })
}

struct Lifetimes {
    token: Duration,
    idle: Duration,
    session: Duration,
    silence: Duration,
    checkword: Duration,
    rotation: Duration,
    deletion: Duration,
}

type Written = Field<serde_spanned::Spanned<Duration>>;

fn lifetimes(table: &IdentityTable, scope: Scope<'_>) -> Result<Lifetimes, Refused> {
    let time = |field, key, default, low, high| scope.duration(field, key, default, low..=high);
    // A default gives way to a shorter value that was written, so that one short lifetime is enough.
    let within = |default: Duration, outer: Result<Duration, Refused>| {
        outer.map_or(default, |outer| outer.min(default))
    };
    let session = time(&table.session_lifetime, "session_lifetime", days(30), SHORTEST, days(400));
    let idle_default = within(hours(24), session);
    let idle = time(&table.session_idle, "session_idle", idle_default, SHORTEST, days(400));
    let token_default = within(minutes(10), idle);
    let token =
        time(&table.token_lifetime, "token_lifetime", token_default, SHORTEST, MAX_TOKEN_LIFETIME);
    let silence_default = token.unwrap_or(minutes(10));
    let silence = time(&table.max_silence, "max_silence", silence_default, SHORTEST, hours(24));
    let checkword =
        time(&table.checkword_lifetime, "checkword_lifetime", minutes(60), minutes(1), hours(24));
    let rotation = time(&table.key_rotation, "key_rotation", days(30), hours(1), days(400));
    let deletion = time(&table.deletion_delay, "deletion_delay", days(14), days(1), days(90));

    let idle_fits = not_longer(
        ("token_lifetime", &table.token_lifetime, token),
        ("session_idle", &table.session_idle, idle),
        scope,
    );
    let session_fits = not_longer(
        ("session_idle", &table.session_idle, idle),
        ("session_lifetime", &table.session_lifetime, session),
        scope,
    );
    let keys_fit = not_longer(
        ("twice token_lifetime", &table.token_lifetime, token.map(|token| token * 2)),
        ("key_rotation", &table.key_rotation, rotation),
        scope,
    );
    idle_fits.and(session_fits).and(keys_fit)?;
    Ok(Lifetimes {
        token: token?,
        idle: idle?,
        session: session?,
        silence: silence?,
        checkword: checkword?,
        rotation: rotation?,
        deletion: deletion?,
    })
}

/// Reports the written one of two spans where the first, which must fit into the second, does not.
fn not_longer(
    (inner, inner_field, inner_value): (&str, &Written, Result<Duration, Refused>),
    (outer, outer_field, outer_value): (&str, &Written, Result<Duration, Refused>),
    scope: Scope<'_>,
) -> Result<(), Refused> {
    let (inner_value, outer_value) = (inner_value?, outer_value?);
    if inner_value <= outer_value {
        return Ok(());
    }
    let shown = (format_duration(inner_value), format_duration(outer_value));
    let outer_written = outer_field.given().map(|written| {
        (written.span(), format!("{outer}: shorter than {inner}, which is {}", shown.0))
    });
    let inner_written = inner_field.given().map(|written| {
        (written.span(), format!("{inner}: longer than {outer}, which is {}", shown.1))
    });
    match outer_written.or(inner_written) {
        Some((span, message)) => Err(scope.refuse(&span, message)),
        // Two defaults fit, so one of them was written.
        None => Ok(()),
    }
}

/// Below it a browser would renew tokens all the time; tests of expiry need it this low.
const SHORTEST: Duration = Duration::from_secs(2);
