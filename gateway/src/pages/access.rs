//! The page of a portal's owners: who belongs to it, who asks to, and who is invited.

use askama::Template;
use bitrix_id_auth_core::identity::UnixSeconds;

use super::surround::{Surround, render};
use super::text::Text;
use super::when::Moment;
use super::{Frame, Person, asset};

/// A portal that the person runs, in a list.
#[derive(Debug, Clone, Default)]
pub(crate) struct OwnedPortal {
    /// Title.
    pub title: String,
    /// Path of its owners' page.
    pub url: String,
    /// Open requests.
    pub requests: usize,
}

/// `GET /portals/{id}/people`. Forms post to the same path: `invite` with `emails`, `link` with `uses`, and
/// buttons `approve`, `decline`, `revoke` whose values are the ids of the rows; all with `csrf`. "Remove" leads
/// to [`super::remove_member()`].
#[derive(Debug, Clone, Default)]
pub(crate) struct People {
    /// Who.
    pub person: Person,
    /// Anti-forgery value.
    pub csrf: String,
    /// This page.
    pub path: String,
    /// Title of the portal.
    pub portal: String,
    /// Where the portal is.
    pub portal_url: String,
    /// Open requests, oldest first.
    pub requests: Vec<RequestRow>,
    /// Owners first.
    pub members: Vec<MemberRow>,
    /// There are members that `members` leaves out.
    pub more: bool,
    /// The `q` of the address, or empty.
    pub query: String,
    /// Open ones, newest first.
    pub invitations: Vec<InvitationRow>,
    /// Whether mail can be sent.
    pub mail: bool,
    /// What was typed into the field for addresses.
    pub emails: String,
    /// What was typed into the field for the number of people.
    pub uses: String,
    /// What was done just now.
    pub news: Option<PeopleNews>,
    /// Why nothing was.
    pub error: Option<PeopleError>,
    /// For "3 days ago".
    pub now: UnixSeconds,
}

/// Somebody who asks to be let in.
#[derive(Debug, Clone, Default)]
pub(crate) struct RequestRow {
    /// Of the request.
    pub id: String,
    /// Display name.
    pub name: String,
    /// Proved address.
    pub email: String,
    /// When.
    pub asked_at: UnixSeconds,
}

/// Somebody who belongs to the portal.
#[derive(Debug, Clone, Default)]
pub(crate) struct MemberRow {
    /// Of the account.
    pub id: String,
    /// Display name.
    pub name: String,
    /// Proved address.
    pub email: Option<String>,
    /// Roles.
    pub roles: Vec<String>,
    /// Since when.
    pub joined_at: UnixSeconds,
    /// The person who looks at the page.
    pub own: bool,
}

/// An open invitation.
#[derive(Debug, Clone, Default)]
pub(crate) struct InvitationRow {
    /// Of the invitation; not what is in the link.
    pub id: String,
    /// Where it was mailed.
    pub email: Option<String>,
    /// How many have accepted.
    pub uses: u32,
    /// How many may.
    pub most_uses: u32,
    /// Its end.
    pub expires_at: UnixSeconds,
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PeopleNews {
    /// A request was approved.
    Approved,
    /// The request of the person of this name was declined.
    Declined(String),
    /// The request had been answered, or had expired.
    AnsweredBefore,
    /// So many invitations are on their way.
    Invited(usize),
    /// The link, which is shown this once.
    Link(String),
    /// An invitation was taken back.
    Revoked,
    /// The person of this name was removed.
    Removed(String),
}

/// Why nothing was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PeopleError {
    /// No address was typed.
    EmailsMissing,
    /// This is no address.
    EmailInvalid(String),
    /// More than 20 at once.
    EmailsTooMany,
    /// Not 1 to 50.
    UsesWrong,
    /// As many invitations as may be are open.
    InvitationsTooMany,
    /// The mail could not be sent.
    MailFailed,
    /// Attempts are limited; the next one is taken after this many minutes.
    TooMany {
        /// At least 1.
        minutes: u32,
    },
    /// The anti-forgery value is stale.
    Expired,
}

#[derive(Template)]
#[template(path = "people.html")]
struct PeoplePage<'a> {
    c: Surround<'a>,
    v: &'a People,
    script: String,
    problem: Option<String>,
    emails_wrong: Option<String>,
    uses_wrong: Option<String>,
    done: Option<String>,
    link: Option<&'a str>,
    requests: Vec<(&'a RequestRow, Moment)>,
    requests_title: String,
    members: Vec<MemberLine<'a>>,
    /// There are more members than the page shows.
    more: Option<String>,
    invitations: Vec<InvitationLine<'a>>,
    search: bool,
    section: &'static str,
}

struct MemberLine<'a> {
    row: &'a MemberRow,
    roles: String,
    joined: Moment,
}

struct InvitationLine<'a> {
    id: &'a str,
    /// To whom, or that it is a link.
    what: String,
    /// How many have used a link for several.
    used: Option<String>,
    expires: String,
}

/// Who belongs to a portal, who wants to, and who is invited.
pub(crate) fn people(frame: &Frame, view: &People) -> String {
    let c = Surround::new(frame);
    let (mut problem, mut emails_wrong, mut uses_wrong) = (None, None, None);
    if let Some(error) = &view.error {
        let place = match error {
            PeopleError::EmailsMissing
            | PeopleError::EmailInvalid(_)
            | PeopleError::EmailsTooMany => &mut emails_wrong,
            PeopleError::UsesWrong => &mut uses_wrong,
            PeopleError::InvitationsTooMany
            | PeopleError::MailFailed
            | PeopleError::TooMany { .. }
            | PeopleError::Expired => &mut problem,
        };
        *place = Some(problem_words(&c.t, error));
    }
    let requests =
        view.requests.iter().map(|row| (row, Moment::new(&c.t, row.asked_at, view.now))).collect();
    let requests_title = c.t.count("requests-title", &view.requests.len());
    let more = view.more.then(|| c.t.count("members-more", &view.members.len()));
    let members = view.members.iter().map(|row| member_line(&c.t, row, view.now)).collect();
    let invitations = view.invitations.iter().map(|row| invitation_line(&c.t, row, view)).collect();
    let link = match &view.news {
        Some(PeopleNews::Link(link)) => Some(link.as_str()),
        _ => None,
    };
    let done = view.news.as_ref().map(|news| news_words(&c.t, news));
    // Only then can there be somebody whom the list does not show.
    let search = view.more || !view.query.is_empty();
    let section = "portals";
    render(&PeoplePage {
        c,
        v: view,
        script: asset::copy_script_path(),
        problem,
        emails_wrong,
        uses_wrong,
        done,
        link,
        requests,
        requests_title,
        members,
        more,
        invitations,
        search,
        section,
    })
}

fn member_line<'a>(t: &Text<'_>, row: &'a MemberRow, now: UnixSeconds) -> MemberLine<'a> {
    let role = |role: &String| match role.as_str() {
        "owner" => t.say("role-owner"),
        "admin" => t.say("role-admin"),
        "employee" => t.say("role-employee"),
        _ => role.clone(),
    };
    let roles = row.roles.iter().map(role).collect::<Vec<_>>().join(", ");
    MemberLine { row, roles, joined: Moment::new(t, row.joined_at, now) }
}

fn invitation_line<'a>(t: &Text<'_>, row: &'a InvitationRow, view: &People) -> InvitationLine<'a> {
    let used = (row.most_uses > 1).then(|| {
        t.fill("invitation-used", &[("used", row.uses.into()), ("count", row.most_uses.into())])
    });
    InvitationLine {
        id: &row.id,
        what: row.email.clone().unwrap_or_else(|| t.say("invitation-link")),
        used,
        expires: t.count("expires-in", &days_left(row.expires_at, view.now)),
    }
}

/// Days, begun ones counted; at least 1.
fn days_left(until: UnixSeconds, now: UnixSeconds) -> u32 {
    let seconds = u32::try_from((until - now).max(1)).unwrap_or(u32::MAX);
    seconds.div_ceil(86_400)
}

fn problem_words(t: &Text<'_>, error: &PeopleError) -> String {
    match error {
        PeopleError::EmailsMissing => t.say("emails-missing"),
        PeopleError::EmailInvalid(typed) => t.with("emails-invalid", "typed", typed),
        PeopleError::EmailsTooMany => t.say("emails-too-many"),
        PeopleError::UsesWrong => t.say("uses-wrong"),
        PeopleError::InvitationsTooMany => t.say("invitations-too-many"),
        PeopleError::MailFailed => t.say("mail-failed"),
        PeopleError::TooMany { minutes } => t.count("too-many", minutes),
        PeopleError::Expired => t.say("form-expired"),
    }
}

fn news_words(t: &Text<'_>, news: &PeopleNews) -> String {
    match news {
        PeopleNews::Approved => t.say("request-approved"),
        PeopleNews::Declined(name) => t.with("request-declined", "name", name),
        PeopleNews::AnsweredBefore => t.say("request-answered"),
        PeopleNews::Invited(count) => t.count("invited", count),
        PeopleNews::Link(_) => t.say("link-made"),
        PeopleNews::Revoked => t.say("invitation-revoked"),
        PeopleNews::Removed(name) => t.with("member-removed", "name", name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_left_are_those_that_have_begun() {
        const DAY: i64 = 86_400;
        for (seconds, days) in [
            (7 * DAY, 7),
            (7 * DAY - 1, 7),
            (6 * DAY + 1, 7),
            (6 * DAY, 6),
            (DAY + 1, 2),
            (DAY, 1),
            (1, 1),
            (0, 1),
            (-DAY, 1),
        ] {
            assert_eq!(days_left(1_800_000_000 + seconds, 1_800_000_000), days, "{seconds}");
        }
    }
}
