//! The question before somebody is removed from a portal.

use askama::Template;

use super::surround::{Surround, render};
use super::{Frame, Person};

/// `GET /portals/{id}/people/remove?person=…`. The form posts `remove` with the id of the account, and
/// `csrf`, to the page of the people.
#[derive(Debug, Clone, Default)]
pub(crate) struct RemoveMember {
    /// Who asks.
    pub person: Person,
    /// Anti-forgery value.
    pub csrf: String,
    /// The page of the people, which the way back leads to as well.
    pub path: String,
    /// Title of the portal.
    pub portal: String,
    /// Account of whom it is about.
    pub id: String,
    /// Display name of the same.
    pub name: String,
}

#[derive(Template)]
#[template(path = "remove_member.html")]
struct RemoveMemberPage<'a> {
    c: Surround<'a>,
    v: &'a RemoveMember,
    title: String,
    text: String,
    section: &'static str,
}

/// Whether somebody is to be removed.
pub(crate) fn remove_member(frame: &Frame, view: &RemoveMember) -> String {
    let c = Surround::new(frame);
    let about = [("name", view.name.as_str().into()), ("portal", view.portal.as_str().into())];
    let (title, text) =
        (c.t.fill("remove-member-title", &about), c.t.fill("remove-member-text", &about));
    render(&RemoveMemberPage { c, v: view, title, text, section: "portals" })
}
