//! The sample portals' two pages.

use askama::Template;
use axum::http::{HeaderMap, Uri};
use percent_encoding::percent_decode_str;

use super::Portal;

/// Greets whoever the identity headers name.
pub(super) fn home(portal: &Portal, uri: &Uri, headers: &HeaderMap) -> String {
    let text = |name: &str| {
        let value = headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        value.to_owned()
    };
    let name = text("x-bitrix-id-name");
    let name = percent_decode_str(&name).decode_utf8_lossy().into_owned();
    let page = Home {
        portal,
        target: uri.path_and_query().map_or("/", |target| target.as_str()),
        greeting: if name.is_empty() { text("x-bitrix-id-email") } else { name },
        signed_in: headers.contains_key("x-bitrix-id-subject"),
        rows: [
            ("E-mail", text("x-bitrix-id-email")),
            ("User here", text("x-bitrix-id-portal-user")),
            ("Roles", text("x-bitrix-id-roles").replace(',', ", ")),
            ("Subject", text("x-bitrix-id-subject")),
            ("Session", text("x-bitrix-id-session")),
        ],
    };
    rendered(&page)
}

/// For anybody.
pub(super) fn public(portal: &Portal) -> String {
    rendered(&Public { portal })
}

fn rendered(page: &impl Template) -> String {
    page.render().unwrap_or_else(|error| {
        tracing::error!(%error, "a sample portal's page cannot be rendered");
        String::new()
    })
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ portal.sample.title }}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/pub/style.css">
<script src="/pub/portal.js" defer></script>
</head>
<body class="{{ portal.sample.id }}">
<header>
<strong>{{ portal.sample.title }}</strong>
<nav aria-label="Portals"><ul id="portals">
{%- for (url, title) in portal.portals.iter() %}
<li><a href="{{ url }}"{% if *title == portal.sample.title %} aria-current="true"{% endif %}>{{ title }}</a></li>
{%- endfor %}
</ul></nav>
</header>
<main>
{% if signed_in -%}
<h1>Hello, {{ greeting }}</h1>
<p>This is a sample portal. It has no sign-in of its own: it read who you are from the headers of this request.</p>
<dl>
{%- for (label, value) in rows %}{% if !value.is_empty() %}
<dt>{{ label }}</dt><dd>{{ value }}</dd>
{%- endif %}{% endfor %}
<dt>You asked for</dt><dd>{{ target }}</dd>
</dl>
<div class="actions"><a href="/.bitrix-id/profile">Your Bitrix ID</a>
<form method="post" action="/.bitrix-id/sign-out"><button>Sign out</button></form></div>
{%- else -%}
<h1>Hello</h1>
<p>This is a sample portal, and this request came without an identity.</p>
<dl><dt>You asked for</dt><dd>{{ target }}</dd></dl>
{%- endif %}
<h2>Look inside</h2>
<ul class="links">
<li><a href="/headers">/headers</a> every header this app receives</li>
<li><a href="/pub/">/pub/</a> a page that needs no sign-in</li>
<li><a href="/crm/deal/7/?tab=history">/crm/deal/7/?tab=history</a> any other path leads here</li>
<li id="events"><a href="/events">/events</a> server-sent events <output></output></li>
<li id="socket"><code>/ws</code> WebSocket echo <output></output></li>
</ul>
</main>
</body>
</html>
"#
)]
struct Home<'a> {
    portal: &'a Portal,
    target: &'a str,
    greeting: String,
    signed_in: bool,
    rows: [(&'static str, String); 5],
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ portal.sample.title }}: public</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/pub/style.css">
</head>
<body class="{{ portal.sample.id }}">
<header><strong>{{ portal.sample.title }}</strong></header>
<main>
<h1>A public page</h1>
<p>Everybody may read this. The app learns nothing about who you are here, even if you are signed in.</p>
<p class="actions"><a href="/">Go inside</a> <a href="{{ portal.identity_url }}">Bitrix ID</a></p>
</main>
</body>
</html>
"#
)]
struct Public<'a> {
    portal: &'a Portal,
}
