//! The page that an invitation's link leads to.

use askama::Template;

use super::Frame;
use super::surround::{Surround, render};

/// `GET /invitation?token=…`. The form posts `token` and `csrf` to `/invitation`.
#[derive(Debug, Clone, Default)]
pub(crate) struct InvitationPage {
    /// What the page is about; without it, there is no such invitation.
    pub invitation: Option<InvitationView>,
    /// Who is signed in.
    pub email: Option<String>,
    /// Anti-forgery value.
    pub csrf: String,
    /// The secret, as it came.
    pub token: String,
    /// Where to sign in and come back.
    pub sign_in_url: String,
    /// Where to create a Bitrix ID and come back; `None` without mail.
    pub sign_up_url: Option<String>,
    /// This page, to come back to after switching.
    pub path: String,
    /// The anti-forgery value was stale.
    pub expired: bool,
}

/// An invitation, as whoever has its link sees it.
#[derive(Debug, Clone, Default)]
pub(crate) struct InvitationView {
    /// Title of the portal.
    pub portal: String,
    /// Host, with the port where it is not the scheme's own.
    pub address: String,
    /// Where the portal is.
    pub url: String,
    /// Who invites.
    pub by_name: String,
    /// Their proved address.
    pub by_email: String,
    /// What has become of it.
    pub standing: InvitationStanding,
}

/// What has become of an invitation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum InvitationStanding {
    /// It can be accepted.
    #[default]
    Open,
    /// Whoever is signed in belongs to the portal.
    Member,
    /// Everybody it was for has accepted.
    Used,
    /// It has let in whoever is signed in, who belongs to the portal no more.
    UsedBefore,
    /// Too old.
    Expired,
    /// Taken back.
    Revoked,
}

#[derive(Template)]
#[template(path = "invitation.html")]
struct InvitationTemplate<'a> {
    c: Surround<'a>,
    v: &'a InvitationPage,
    title: String,
    text: String,
    /// It can be accepted.
    open: bool,
    /// There is a portal to go to.
    member: bool,
    from: Option<String>,
    address: &'a str,
    portal_url: &'a str,
}

/// Who invites to which portal.
pub(crate) fn invitation(frame: &Frame, view: &InvitationPage) -> String {
    let c = Surround::new(frame);
    let standing = view.invitation.as_ref().map(|invitation| invitation.standing);
    let portal = view.invitation.as_ref().map_or("", |invitation| &invitation.portal);
    let (title, text) = match standing {
        Some(InvitationStanding::Open) => ("invitation-title", "invitation-text"),
        Some(InvitationStanding::Member) => ("invitation-member", "invitation-member-text"),
        Some(InvitationStanding::Used) => ("invitation-was-used", "invitation-used-text"),
        Some(InvitationStanding::UsedBefore) => ("invitation-was-yours", "invitation-yours-text"),
        Some(InvitationStanding::Expired) => ("invitation-expired", "invitation-expired-text"),
        Some(InvitationStanding::Revoked) => ("invitation-withdrawn", "invitation-withdrawn-text"),
        None => ("invitation-unknown", "invitation-unknown-text"),
    };
    let from = view.invitation.as_ref().map(|by| {
        let values = [("name", by.by_name.as_str().into()), ("email", by.by_email.as_str().into())];
        c.t.fill("invitation-from", &values)
    });
    render(&InvitationTemplate {
        title: c.t.with(title, "portal", portal),
        text: c.t.with(text, "portal", portal),
        open: standing == Some(InvitationStanding::Open),
        member: standing == Some(InvitationStanding::Member),
        from,
        address: view.invitation.as_ref().map_or("", |invitation| &invitation.address),
        portal_url: view.invitation.as_ref().map_or("", |invitation| &invitation.url),
        v: view,
        c,
    })
}
