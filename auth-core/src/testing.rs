//! What this crate's tests share.

use std::sync::Arc;
use std::time::Duration;

use bitrix_id_config::{
    Access, HeaderPreset, HostPattern, Limits, Place, Portal, PortalPreset, Route, Upstream,
    UpstreamHost, UpstreamScheme,
};
use uuid::Uuid;

use crate::authenticate::{Criteria, Verified, verify_afresh};
use crate::identity::{AccountId, Identity, SessionId, UnixSeconds};
use crate::keys::{KeyRing, generate};
use crate::revocation::Revocations;
use crate::store::KeyRecord;
use crate::token::sign_token;

pub(crate) const NOW: UnixSeconds = 1_800_000_000;
pub(crate) const ISSUER: &str = "https://id.example";
pub(crate) const HOST: &str = "acme.example";

pub(crate) fn key(active_from: UnixSeconds) -> KeyRecord {
    generate(active_from, active_from).unwrap()
}

pub(crate) fn ring() -> KeyRing {
    KeyRing::new(&[key(NOW - 1000)], NOW).unwrap()
}

pub(crate) fn identity() -> Identity {
    Identity {
        subject: AccountId(Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0001)),
        session: SessionId(Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0002)),
        email: "anna@example.com".to_owned(),
        name: "Anna Müller".to_owned(),
        title: Some("Head of Sales".to_owned()),
        portal: "acme".to_owned(),
        portal_user: Some("17".to_owned()),
        roles: vec!["admin".to_owned(), "sales".to_owned()],
        member: true,
        generation: 3,
        issued_at: NOW,
        expires_at: NOW + 600,
        auth_time: NOW - 50,
        amr: vec!["pwd".to_owned()],
    }
}

/// The token of [`identity`], verified for [`HOST`].
pub(crate) fn verified() -> Verified {
    verified_as(&identity())
}

pub(crate) fn verified_as(identity: &Identity) -> Verified {
    let ring = ring();
    let token = sign_token(&ring, ISSUER, HOST, identity).unwrap();
    let revocations = Revocations::new();
    let criteria =
        Criteria { ring: &ring, revocations: &revocations, issuer: ISSUER, host: HOST, now: NOW };
    verify_afresh(&token, criteria).unwrap()
}

pub(crate) fn limits() -> Limits {
    Limits {
        connect_timeout: Duration::from_secs(3),
        read_timeout: Duration::from_secs(60),
        write_timeout: Duration::from_secs(30),
        stream_idle_timeout: Duration::from_secs(60),
        body_limit: None,
        min_body_rate: 500,
    }
}

pub(crate) fn route(path: &str, access: Access) -> Route {
    Route { path: path.to_owned(), access, upstreams: Vec::new(), limits: limits() }
}

/// A members' portal at these hosts; `*.` makes a wildcard.
pub(crate) fn portal(id: &str, hosts: &[&str], routes: Vec<Route>) -> Portal {
    let pattern = |host: &&str| match host.strip_prefix("*.") {
        Some(suffix) => HostPattern::Wildcard(suffix.to_owned()),
        None => HostPattern::Exact((*host).to_owned()),
    };
    Portal {
        id: id.to_owned(),
        title: id.to_owned(),
        hosts: hosts.iter().map(pattern).collect(),
        upstreams: vec![Upstream {
            scheme: UpstreamScheme::Http,
            host: UpstreamHost::Address([127, 0, 0, 1].into()),
            port: 8000,
            sni: None,
        }],
        access: Access::Members,
        headers: HeaderPreset::BitrixId,
        preset: None,
        allow_semicolon: false,
        routes,
        webhook: None,
        limits: limits(),
        place: Place::whole_file("test.toml".as_ref()),
    }
}

pub(crate) fn bitrix24(routes: Vec<Route>) -> Arc<Portal> {
    let portal = portal("acme", &[HOST], routes);
    Arc::new(Portal { preset: Some(PortalPreset::Bitrix24), ..portal })
}
