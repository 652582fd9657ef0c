//! Headers of every answer of our own.

/// `Content-Security-Policy` of a page: styles, scripts and images of the same host, nothing
/// inline, no frame around it.
///
/// `form_targets` are origins (`https://host[:port]`) or schemes (`https:`) to which the answer to a form
/// of this page may redirect, beside the page's own. Chromium (tried with 156) holds *every* redirect
/// that follows a form to `form-action`, the portal's own ones included: a page whose form leads to a
/// portal therefore names the scheme, since nobody can know where a portal's landing page leads.
///
/// A target that could end the directive (white space, `;` or `,` in it) is left out.
pub(crate) fn content_security_policy(form_targets: &[&str]) -> String {
    let mut policy = String::from(
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; \
         object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'",
    );
    for target in form_targets.iter().filter(|target| is_source(target)) {
        policy.push(' ');
        policy.push_str(target);
    }
    policy
}

/// Whether a value can stand in a source list without ending it.
fn is_source(target: &str) -> bool {
    !target.is_empty() && target.bytes().all(|b| b.is_ascii_graphic() && b != b';' && b != b',')
}

/// The other security headers of our own answers; names in lower case.
///
/// `referrer-policy` is `same-origin` and not `no-referrer`: under the latter browsers send
/// `Origin: null` with our own forms (Fetch, "append a request `Origin` header"), which the origin check
/// refuses. To other hosts both send nothing.
pub(crate) fn security_headers() -> &'static [(&'static str, &'static str)] {
    &[
        ("cache-control", "no-store"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        (
            "permissions-policy",
            "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
        ),
        ("referrer-policy", "same-origin"),
        ("strict-transport-security", "max-age=31536000"),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policy_allows_nothing_inline_and_no_frame() {
        let policy = content_security_policy(&[]);
        assert!(!policy.contains("unsafe"), "{policy}");
        for directive in
            ["default-src 'none'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"]
        {
            assert!(policy.split("; ").any(|d| d == directive), "{directive} in {policy}");
        }
        assert!(policy.ends_with("form-action 'self'"));
    }

    #[test]
    fn form_targets_are_added_and_cannot_end_the_directive() {
        let policy = content_security_policy(&[
            "https://acme.example:8443",
            "https://x; script-src *",
            "https://x,default-src *",
            "",
        ]);
        assert!(policy.ends_with("form-action 'self' https://acme.example:8443"), "{policy}");
    }

    #[test]
    fn security_headers_hold_what_is_promised() {
        let value =
            |name: &str| security_headers().iter().find(|(n, _)| *n == name).map(|(_, v)| *v);
        assert_eq!(value("cache-control"), Some("no-store"));
        assert_eq!(value("x-content-type-options"), Some("nosniff"));
        assert_eq!(value("x-frame-options"), Some("DENY"));
        assert_eq!(value("cross-origin-opener-policy"), Some("same-origin"));
        assert_eq!(value("strict-transport-security"), Some("max-age=31536000"));
    }
}
