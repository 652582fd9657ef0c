//! Writes the seeds of `token` and `hop` that have to be signed or sealed: `cargo run --example seeds`.

use std::path::Path;
use std::{fs, io};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bitrix_id_auth_core::assertion::sign_assertion;
use bitrix_id_auth_core::hop::{HopState, Ticket, sign_ticket};
use bitrix_id_auth_core::identity::Identity;
use bitrix_id_auth_core::token::sign_token;
use bitrix_id_fuzz::{HOST, ISSUER, NOW, RING, SEALER, identity};
use uuid::Uuid;

fn main() -> io::Result<()> {
    let guest = Identity { portal_user: None, roles: vec![], member: false, ..identity() };
    let expired = Identity { issued_at: NOW - 900, expires_at: NOW - 300, ..identity() };
    let token =
        |identity: &Identity, host| sign_token(&RING, ISSUER, host, identity).expect("it fits");
    let (assertion, _) = sign_assertion(&RING, ISSUER, &identity(), NOW).expect("it fits");
    let good = token(&identity(), HOST);
    write("token/good", &good)?;
    write("token/guest", &token(&guest, HOST))?;
    write("token/expired", &token(&expired, HOST))?;
    write("token/other-host", &token(&identity(), "other.test"))?;
    write("token/assertion", &assertion)?;
    write("token/content", &content(&good))?;

    let state = HopState {
        host: HOST.to_owned(),
        return_to: "/crm/?id=5".to_owned(),
        attempt: "AbCdEfGhI-_".to_owned(),
        nonce_hash: [9; 32],
        restarts: 1,
        issued_at: NOW,
    };
    let sealed = SEALER.seal(&state);
    let ticket = Ticket {
        id: Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0003),
        ..Ticket::new(identity().session, &state, &sealed, NOW)
    };
    let ticket = sign_ticket(&RING, ISSUER, &ticket).expect("it fits");
    write("hop/state", &sealed)?;
    write("hop/expired-state", &SEALER.seal(&HopState { issued_at: NOW - 3600, ..state }))?;
    write("hop/ticket", &ticket)?;
    write("hop/ticket-content", &content(&ticket))?;
    write("hop/token", &good)
}

/// Header, line feed, payload, which the targets sign themselves.
fn content(jws: &str) -> String {
    let parts = jws.split('.').take(2).map(|part| URL_SAFE_NO_PAD.decode(part).expect("base64url"));
    let parts: Vec<_> = parts.map(|part| String::from_utf8(part).expect("JSON")).collect();
    parts.join("\n")
}

fn write(name: &str, text: &str) -> io::Result<()> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(name);
    fs::create_dir_all(file.parent().expect("it is in a folder"))?;
    fs::write(file, text)
}
