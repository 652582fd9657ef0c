//! A notice as it goes over the wire: its JSON, and the signature of Standard Webhooks.
//!
//! Source: Standard Webhooks 1.0, "Webhook payload" and "Signature scheme".

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bitrix_id_auth_core::identity::UnixSeconds;
use bitrix_id_auth_core::store::notices::QueuedNotice;
use bitrix_id_config::Secret;
use ring::hmac;
use serde_json::json;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// The body: the same octets at every attempt.
pub(super) fn body(notice: &QueuedNotice) -> Vec<u8> {
    let body = json!({
        "id": notice.id,
        "type": notice.event.name(),
        "created_at": rfc3339(notice.created_at_ms),
        "portal": notice.portal,
        "subject": notice.subject.map(|account| account.to_string()),
        "portal_user": notice.portal_user,
        "data": notice.data,
    });
    body.to_string().into_bytes()
}

/// The value of `webhook-signature`: `v1,` and the base64 of an HMAC-SHA256 over id, time and body, for
/// each key, with blanks between them.
pub(super) fn signature(secrets: &[Secret], id: &str, at: UnixSeconds, body: &[u8]) -> String {
    let signed = [format!("{id}.{at}.").as_bytes(), body].concat();
    let one = |secret: &Secret| {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &key_octets(secret.expose()));
        format!("v1,{}", STANDARD.encode(hmac::sign(&key, &signed)))
    };
    secrets.iter().map(one).collect::<Vec<_>>().join(" ")
}

/// What follows `whsec_` is base64, as the libraries for receivers have it; any other text is the key itself.
fn key_octets(secret: &str) -> Vec<u8> {
    let encoded = secret.strip_prefix("whsec_").and_then(|text| STANDARD.decode(text).ok());
    encoded.unwrap_or_else(|| secret.as_bytes().to_vec())
}

/// With milliseconds, UTC.
fn rfc3339(at_ms: i64) -> String {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(at_ms) * 1_000_000)
        .ok()
        .and_then(|at| at.format(&Rfc3339).ok())
        .unwrap_or_else(|| at_ms.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_that_of_the_standard_s_example() {
        // The vector of the reference libraries.
        let secret = Secret::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        let body = br#"{"test": 2432232314}"#;
        let signature = signature(&[secret], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, body);
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn every_key_signs() {
        let secrets = [Secret::new(&"a".repeat(32)), Secret::new(&"b".repeat(32))];
        let both = signature(&secrets, "id", 1, b"{}");
        let each: Vec<String> = secrets
            .iter()
            .map(|one| signature(std::slice::from_ref(one), "id", 1, b"{}"))
            .collect();
        assert_eq!(both, each.join(" "));
        assert_ne!(each[0], each[1]);
    }

    #[test]
    fn times_are_utc() {
        assert_eq!(rfc3339(1_769_847_330_250), "2026-01-31T08:15:30.25Z");
    }
}
