//! Portals in TOML: a portal that the router takes, or problems with places, and never a crash.
#![no_main]

use std::sync::Arc;

use bitrix_id_auth_core::authority::canonical_host;
use bitrix_id_auth_core::route::{Router, RouterError};
use bitrix_id_config::{HostPattern, Portal, portal_from_toml};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    match portal_from_toml(text) {
        Ok(portal) => check(portal),
        Err(error) => {
            assert!(!error.problems.is_empty(), "refused without a reason");
            for problem in &error.problems {
                assert!(problem.place.line >= 1 && problem.place.column >= 1);
                let printed = problem.to_string();
                assert!(printed.lines().count() <= 3, "{printed}");
                assert!(!printed.chars().any(|c| c.is_control() && c != '\n'), "{printed:?}");
            }
        }
    }
});

fn check(portal: Portal) {
    for host in &portal.hosts {
        let (HostPattern::Exact(host) | HostPattern::Wildcard(host)) = host;
        assert_eq!(canonical_host(host.as_bytes()), Ok((host.clone(), None)));
    }
    match Router::new(vec![Arc::new(portal)], "") {
        // Whether a host is taken is a question to all portals together, hence to the router.
        Ok(_) | Err(RouterError::HostTaken { .. }) => {}
        Err(error) => panic!("checked, and cannot be routed: {error}"),
    }
}
