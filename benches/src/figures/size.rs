//! Whether a request costs more where there is more: portals, or revocations in force.

use super::counted::count;
use super::rounds::{Load, measure};
use super::{Effort, Figure, Section};
use crate::beside::peers;
use crate::load::{LOAD_CORE, wrk};
use crate::scene::{Scene, Size};

pub(crate) async fn section(effort: &Effort) -> Section {
    let folder = tempfile::tempdir().expect("a folder");
    let upstream = peers::upstream(folder.path()).await.expect("nginx is installed");
    upstream.pin(LOAD_CORE);
    let mut few = Scene::prepare(upstream.address, FEW).await;
    let mut wide = Scene::prepare(upstream.address, WIDE).await;
    let mut revoked = Scene::prepare(upstream.address, REVOKED).await;
    // With a million revocations it would not start under callgrind: reading them takes too long.
    let counts = [count(&mut few).await.instructions, count(&mut wide).await.instructions];
    for scene in [&mut few, &mut wide, &mut revoked] {
        scene.start().await;
    }
    let loads = [load(&few), load(&wide), load(&revoked)];
    let [of_few, of_wide, of_revoked] = measure(&effort.in_short_rounds(), loads);
    for scene in [&mut few, &mut wide, &mut revoked] {
        scene.gateway.stop().await;
    }
    let counted = counts[1] as f64 / counts[0] as f64;
    let figures = vec![
        Figure::new("50,000 portals ÷ 10, CPU time", "<= 1.03", ratio(of_wide.over(&of_few))),
        Figure::new("50,000 portals ÷ 10, user instructions", "<= 1.03", ratio(counted)),
        Figure::new(
            "1,000,000 revocations ÷ none, CPU time",
            "<= 1.03",
            ratio(of_revoked.over(&of_few)),
        ),
        Figure::new("10 portals, no revocations, CPU µs", "", of_few.text()),
        Figure::new("50,000 portals, no revocations, CPU µs", "", of_wide.text()),
        Figure::new("10 portals, 1,000,000 revocations, CPU µs", "", of_revoked.text()),
        Figure::new("10 portals, user instructions", "", counts[0].to_string()),
        Figure::new("50,000 portals, user instructions", "", counts[1].to_string()),
    ];
    Section {
        title: "Many portals, many revocations",
        method: "CPU time of the gateway per signed-in request, HTTP/1.1, 64 connections, one worker. The \
                 three gateways run at once and are asked in turn; the ratios of times are medians of the \
                 ratios of rounds of one second. User instructions by callgrind, on 16 connections.",
        figures,
    }
}

fn ratio(value: f64) -> String {
    format!("{value:.3}")
}

fn load(scene: &Scene) -> Load<'static> {
    let (address, request) = (scene.gateway.http(), scene.signed_in_load());
    Load::new(scene.gateway.process().pid(), move |span| wrk(address, &request, span, false))
}

const FEW: Size = Size { portals: 10, revocations: 0 };
const WIDE: Size = Size { portals: 50_000, ..FEW };
const REVOKED: Size = Size { revocations: 1_000_000, ..FEW };
