//! Portals that people make, requests for access, invitations.

use uuid::Uuid;

use super::super::{NOW, at_once};
use super::{Directories, create, details, named, profile, unknown};
use crate::identity::AccountId;
use crate::portal_name::skeleton;
use crate::store::access::{
    Accept, AskForAccess, CreatePortal, Invitation, MOST_INVITATIONS, NewInvitation, NewPortal,
    Standing,
};
use crate::store::merging::MergeRequest;
use crate::store::notices::Notice;
use crate::store::{
    AccountState, AddressProof, CreateAccount, NewAccount, Profile, QueuedMail, StoredPortal,
};

fn new_portal(name: &str, maker: AccountId, most: u32) -> NewPortal {
    let portal = StoredPortal {
        id: name.to_owned(),
        toml: "x".to_owned(),
        created_at: NOW,
        created_by: Some(maker),
    };
    let notice = Notice::portal_created(maker, name, name);
    NewPortal { portal, name_key: skeleton(name), most, webhook: None, notice }
}

fn roles(role: &str) -> Vec<String> {
    vec![role.to_owned()]
}

async fn put(nodes: &Directories, account: AccountId, portal: &str, role: &str) {
    let profile = Profile { roles: roles(role), ..Profile::new(account, portal, NOW) };
    nodes.one.put_profile(profile, NOW).await.unwrap();
}

pub(in crate::store) async fn created_portal_has_its_maker_as_owner(nodes: &Directories) {
    let anna = create(nodes, "anna@example.com").await;
    let version = nodes.other.version().await.unwrap();
    let made = nodes.one.create_portal(new_portal("nova", anna.id, 7), NOW).await.unwrap();
    assert_eq!(made, CreatePortal::Created);
    assert!(nodes.other.version().await.unwrap() > version, "gateways hear of it");
    assert_eq!(nodes.other.portals().await.unwrap()[0].created_by, Some(anna.id));
    let profile = nodes.other.profile(anna.id, "nova").await.unwrap().unwrap();
    assert_eq!(profile.roles, ["owner"]);
    let now = nodes.other.account(anna.id).await.unwrap().unwrap();
    assert!(now.generation > anna.generation, "tokens learn of it");
    assert_eq!(nodes.other.portals_made(anna.id).await.unwrap(), 1);
}

pub(in crate::store) async fn portal_name_has_one_owner_however_many_ask_at_once(
    nodes: &Directories,
) {
    let mut people = Vec::new();
    for n in 0..8 {
        people.push(create(nodes, &format!("p{n}@example.com")).await.id);
    }
    let people_of = people.clone();
    // Half of them ask for a look-alike.
    let outcomes = at_once(nodes, 8, move |n, node| {
        let name = if n % 2 == 0 { "modern" } else { "rnodern" };
        let new = new_portal(name, people_of[n], 7);
        async move { node.create_portal(new, NOW).await.unwrap() }
    })
    .await;
    let created = outcomes.iter().filter(|outcome| **outcome == CreatePortal::Created).count();
    assert_eq!(created, 1, "{outcomes:?}");
    assert_eq!(nodes.one.portals().await.unwrap().len(), 1);
    let mut members = 0;
    for account in people {
        members += nodes.one.profiles(account).await.unwrap().len();
    }
    assert_eq!(members, 1, "the others have no profile");
}

pub(in crate::store) async fn nobody_makes_more_portals_than_may_be(nodes: &Directories) {
    let anna = create(nodes, "anna@example.com").await.id;
    let outcomes = at_once(nodes, 8, |n, node| async move {
        node.create_portal(new_portal(&format!("nova{}", "abcdefgh".split_at(n).1), anna, 3), NOW)
            .await
            .unwrap()
    })
    .await;
    let count = |wanted| outcomes.iter().filter(|outcome| **outcome == wanted).count();
    assert_eq!((count(CreatePortal::Created), count(CreatePortal::TooMany)), (3, 5));
    let first = nodes.one.portals().await.unwrap().swap_remove(0).id;
    assert!(nodes.one.remove_portal(&first).await.unwrap());
    let again = nodes.one.create_portal(new_portal("terra", anna, 3), NOW).await.unwrap();
    assert_eq!(again, CreatePortal::Created, "a removed one counts no more");
    let boris = create(nodes, "boris@example.com").await.id;
    let other = nodes.one.create_portal(new_portal("luna", boris, 3), NOW).await.unwrap();
    assert_eq!(other, CreatePortal::Created, "each counts for themselves");
}

pub(in crate::store) async fn name_of_a_portal_with_people_is_not_given_again(nodes: &Directories) {
    let anna = create(nodes, "anna@example.com").await.id;
    let eve = create(nodes, "eve@example.com").await.id;
    nodes.one.create_portal(new_portal("nova", anna, 7), NOW).await.unwrap();
    nodes.one.remove_portal("nova").await.unwrap();
    let again = nodes.other.create_portal(new_portal("nova", eve, 7), NOW).await.unwrap();
    assert_eq!(again, CreatePortal::NameTaken, "its people would belong to the new one");
    nodes.one.remove_profile(anna, "nova", NOW).await.unwrap();
    let again = nodes.other.create_portal(new_portal("nova", eve, 7), NOW).await.unwrap();
    assert_eq!(again, CreatePortal::Created);
}

pub(in crate::store) async fn members_are_listed_and_found(nodes: &Directories) {
    let add = async |email: &str, name: &str, proof| {
        let new = NewAccount { name: name.to_owned(), proof, ..named(email) };
        match nodes.one.create_account(new, NOW).await.unwrap() {
            CreateAccount::Created(account) => account.id,
            other => panic!("{other:?}"),
        }
    };
    let boris = add("boris@example.com", "Boris", AddressProof::Mail).await;
    let anna = add("anna@example.com", "Anna 100%", AddressProof::Mail).await;
    let carol = add("carol@example.com", "Carol", AddressProof::None).await;
    nodes.one.put_profile(profile(carol, "acme"), NOW).await.unwrap();
    put(nodes, anna, "acme", "employee").await;
    put(nodes, boris, "acme", "owner").await;
    put(nodes, boris, "globex", "employee").await;
    let found = async |query: &str, limit: u32| -> Vec<AccountId> {
        let members = nodes.other.members("acme", query, limit).await.unwrap();
        members.into_iter().map(|member| member.account).collect()
    };
    assert_eq!(found("", 10).await, [boris, anna, carol], "owners first, then by name");
    assert_eq!(found("", 1).await, [boris]);
    assert_eq!(found("ANNA@", 10).await, [anna]);
    assert_eq!(found("0%", 10).await, [anna], "no character is a wildcard");
    assert_eq!(found("bor_s", 10).await, []);
    assert_eq!(found("carol@", 10).await, [], "an unproved address is not found");
    let members = nodes.other.members("acme", "", 10).await.unwrap();
    let emails: Vec<_> = members.iter().map(|member| member.email.as_deref()).collect();
    assert_eq!(emails, [Some("boris@example.com"), Some("anna@example.com"), None]);
}

pub(in crate::store) async fn members_are_found_in_every_alphabet(nodes: &Directories) {
    for (n, name) in ["Яна", "Иван Петров", "Ärzte", "Zoë"].into_iter().enumerate() {
        let new = NewAccount { name: name.to_owned(), ..named(&format!("p{n}@example.com")) };
        let created = nodes.one.create_account(new, NOW).await.unwrap();
        let CreateAccount::Created(account) = created else { panic!("{created:?}") };
        put(nodes, account.id, "acme", "employee").await;
    }
    let names = async |query: &str| {
        let found = nodes.other.members("acme", query, 10).await.unwrap();
        found.into_iter().map(|member| (member.account, member.name)).collect::<Vec<_>>()
    };
    for (query, expected) in [
        ("иван", "Иван Петров"),
        ("ИВАН", "Иван Петров"),
        ("Иван", "Иван Петров"),
        ("петр", "Иван Петров"),
        ("ärz", "Ärzte"),
        ("Ärzte", "Ärzte"),
        ("ZOË", "Zoë"),
    ] {
        let found = names(query).await;
        assert_eq!(found.iter().map(|(_, name)| name).collect::<Vec<_>>(), [expected], "{query}");
    }
    let all = names("").await;
    let order: Vec<_> = all.iter().map(|(_, name)| name.as_str()).collect();
    assert_eq!(order, ["Zoë", "Ärzte", "Иван Петров", "Яна"], "capitals make no difference");
    let (zoe, _) = all[0];
    nodes.one.update_account(zoe, details("Ольга"), NOW).await.unwrap();
    assert_eq!(names("ОЛЬГА").await, [(zoe, "Ольга".to_owned())], "by the name of today");
    assert_eq!(names("zoë").await, []);
}

pub(in crate::store) async fn owners_are_those_that_mail_reaches(nodes: &Directories) {
    let mut people = Vec::new();
    for (n, role) in ["owner", "admin", "employee", "landowner", "owner"].iter().enumerate() {
        let account = create(nodes, &format!("p{n}@example.com")).await.id;
        put(nodes, account, "acme", role).await;
        people.push(account);
    }
    nodes.one.set_account_state(people[4], AccountState::Disabled).await.unwrap();
    let owners = async |limit| -> Vec<AccountId> {
        let owners = nodes.other.owners("acme", limit).await.unwrap();
        owners.into_iter().map(|account| account.id).collect()
    };
    assert_eq!(owners(10).await, people[..2]);
    assert_eq!(owners(1).await, people[..1]);
    assert!(nodes.other.owners("globex", 10).await.unwrap().is_empty());
}

pub(in crate::store) async fn request_is_open_once_and_ends_on_its_second(nodes: &Directories) {
    let anna = create(nodes, "anna@example.com").await.id;
    let asked = at_once(nodes, 6, |_, node| async move {
        node.ask_for_access("acme", anna, NOW, NOW + 100).await.unwrap()
    })
    .await;
    assert_eq!(asked.iter().filter(|asked| **asked == AskForAccess::Asked).count(), 1);
    let open = async |now| nodes.other.access_requests("acme", now, 10).await.unwrap();
    let requests = open(NOW + 99).await;
    assert_eq!((requests.len(), requests[0].email.as_str()), (1, "anna@example.com"));
    let own = nodes.other.access_request("acme", anna, NOW + 99).await.unwrap();
    assert_eq!(own.as_ref(), requests.first());
    assert!(open(NOW + 100).await.is_empty());
    assert_eq!(nodes.other.access_request("acme", anna, NOW + 100).await.unwrap(), None);
    let again = nodes.one.ask_for_access("acme", anna, NOW + 100, NOW + 200).await.unwrap();
    assert_eq!(again, AskForAccess::Asked, "one can ask anew");
    put(nodes, anna, "acme", "employee").await;
    assert!(open(NOW + 150).await.is_empty(), "a profile answers it, whoever gave it");
    let member = nodes.one.ask_for_access("acme", anna, NOW + 150, NOW + 250).await.unwrap();
    assert_eq!(member, AskForAccess::Member);
}

pub(in crate::store) async fn request_is_answered_once_and_by_its_own_portal(nodes: &Directories) {
    let anna = create(nodes, "anna@example.com").await.id;
    nodes.one.ask_for_access("acme", anna, NOW, NOW + 100).await.unwrap();
    let id = nodes.one.access_requests("acme", NOW, 10).await.unwrap()[0].id;
    let employee = roles("employee");
    let foreign = nodes.one.answer_access_request("globex", id, Some(&employee), NOW).await;
    assert_eq!(foreign.unwrap(), None);
    let late = nodes.one.answer_access_request("acme", id, Some(&employee), NOW + 100).await;
    assert_eq!(late.unwrap(), None);
    assert!(nodes.one.profiles(anna).await.unwrap().is_empty());
    let answers = at_once(nodes, 6, |n, node| async move {
        let employee = ["employee".to_owned()];
        let roles = (n % 2 == 0).then_some(&employee[..]);
        (n, node.answer_access_request("acme", id, roles, NOW).await.unwrap().is_some())
    })
    .await;
    let won: Vec<usize> = answers.iter().filter(|(_, won)| *won).map(|(n, _)| *n).collect();
    assert_eq!(won.len(), 1, "{answers:?}");
    let profile = nodes.other.profile(anna, "acme").await.unwrap();
    assert_eq!(profile.is_some(), won[0].is_multiple_of(2), "declined or let in, not both");
}

pub(in crate::store) async fn a_request_of_somebody_who_may_not_sign_in_is_not_answered(
    nodes: &Directories,
) {
    let anna = create(nodes, "anna@example.com").await.id;
    let boris = create(nodes, "boris@example.com").await.id;
    for account in [anna, boris] {
        nodes.one.ask_for_access("acme", account, NOW, NOW + 100).await.unwrap();
    }
    let id = nodes.one.access_request("acme", anna, NOW).await.unwrap().unwrap().id;
    nodes.one.set_account_state(anna, AccountState::Disabled).await.unwrap();
    let employee = roles("employee");
    let answer = async || {
        let answered = nodes.other.answer_access_request("acme", id, Some(&employee), NOW).await;
        answered.unwrap().map(|request| request.account)
    };
    assert_eq!(answer().await, None);
    assert!(nodes.one.profiles(anna).await.unwrap().is_empty());
    nodes.one.set_account_state(anna, AccountState::Active).await.unwrap();
    assert_eq!(answer().await, Some(anna), "hers and not the other's");
    assert_eq!(nodes.one.access_requests("acme", NOW, 10).await.unwrap()[0].account, boris);
}

pub(in crate::store) async fn requests_go_with_their_account(nodes: &Directories) {
    let anna = create(nodes, "anna@example.com").await.id;
    nodes.one.ask_for_access("acme", anna, NOW, NOW + 100).await.unwrap();
    nodes.one.delete_account(anna, NOW).await.unwrap();
    assert!(nodes.other.access_requests("acme", NOW, 10).await.unwrap().is_empty());
    assert!(nodes.one.ask_for_access("acme", unknown(), NOW, NOW + 1).await.is_err());
}

fn invitation(maker: AccountId, key: u8, most_uses: u32) -> NewInvitation {
    NewInvitation {
        token_hash: [key; 32],
        email: None,
        roles: roles("employee"),
        invited_by: maker,
        expires_at: NOW + 100,
        most_uses,
    }
}

async fn inviter(nodes: &Directories, key: u8, most_uses: u32) -> (AccountId, Invitation) {
    let owner = create(nodes, &format!("owner{key}@example.com")).await.id;
    put(nodes, owner, "acme", "owner").await;
    let new = vec![invitation(owner, key, most_uses)];
    let invited = nodes.one.invite("acme", new, Vec::new(), NOW).await.unwrap();
    (owner, invited.unwrap().remove(0))
}

pub(in crate::store) async fn invitation_lets_in_as_many_as_it_says(nodes: &Directories) {
    let (owner, invitation) = inviter(nodes, 1, 2).await;
    let found = nodes.other.invitation(&[1; 32]).await.unwrap();
    assert_eq!(found, Some(invitation.clone()));
    assert_eq!(nodes.other.invitations("acme", NOW).await.unwrap(), [invitation]);
    let mut people = Vec::new();
    for n in 0..6 {
        people.push(create(nodes, &format!("p{n}@example.com")).await.id);
    }
    let guests = people.clone();
    let outcomes = at_once(nodes, 6, move |n, node| {
        let guest = guests[n];
        async move { node.accept_invitation(&[1; 32], guest, NOW).await.unwrap() }
    })
    .await;
    let joined = outcomes.iter().filter(|o| matches!(o, Accept::Joined(_))).count();
    let used = outcomes.iter().filter(|o| **o == Accept::Closed(Standing::Used)).count();
    assert_eq!((joined, used), (2, 4), "{outcomes:?}");
    let members = nodes.other.members("acme", "", 10).await.unwrap();
    assert_eq!(members.len(), 3, "the owner and two guests");
    assert!(members.iter().all(|m| m.account == owner || m.roles == ["employee"]));
    assert!(nodes.other.invitations("acme", NOW).await.unwrap().is_empty());
}

pub(in crate::store) async fn member_does_not_use_an_invitation_up(nodes: &Directories) {
    let (owner, _) = inviter(nodes, 1, 1).await;
    let accepted = nodes.one.accept_invitation(&[1; 32], owner, NOW).await.unwrap();
    assert!(matches!(accepted, Accept::Member(_)), "{accepted:?}");
    let kept = nodes.one.profile(owner, "acme").await.unwrap().unwrap();
    assert_eq!(kept.roles, ["owner"], "an invitation takes no role away");
    let guest = create(nodes, "guest@example.com").await.id;
    let accepted = nodes.one.accept_invitation(&[1; 32], guest, NOW).await.unwrap();
    assert!(matches!(accepted, Accept::Joined(_)), "{accepted:?}");
}

pub(in crate::store) async fn closed_invitation_says_why(nodes: &Directories) {
    let guest = create(nodes, "guest@example.com").await.id;
    let accept =
        async |key: u8, now| nodes.other.accept_invitation(&[key; 32], guest, now).await.unwrap();
    let (_, revoked) = inviter(nodes, 1, 5).await;
    assert!(!nodes.one.revoke_invitation("globex", revoked.id, NOW).await.unwrap());
    assert!(nodes.one.revoke_invitation("acme", revoked.id, NOW).await.unwrap());
    assert!(!nodes.other.revoke_invitation("acme", revoked.id, NOW).await.unwrap());
    assert_eq!(accept(1, NOW).await, Accept::Closed(Standing::Revoked));
    inviter(nodes, 2, 5).await;
    assert_eq!(accept(2, NOW + 100).await, Accept::Closed(Standing::Expired));
    let (owner, _) = inviter(nodes, 3, 5).await;
    put(nodes, owner, "acme", "employee").await;
    assert_eq!(accept(3, NOW).await, Accept::Closed(Standing::Revoked), "an owner no more");
    assert_eq!(accept(9, NOW).await, Accept::Unknown);
    assert!(nodes.one.profiles(guest).await.unwrap().is_empty());
}

pub(in crate::store) async fn invitations_of_a_portal_are_bounded(nodes: &Directories) {
    let (owner, first) = inviter(nodes, 0, 1).await;
    for key in 1..MOST_INVITATIONS {
        let new = vec![invitation(owner, u8::try_from(key).unwrap(), 1)];
        assert!(nodes.one.invite("acme", new, Vec::new(), NOW).await.unwrap().is_some());
    }
    let more = || vec![invitation(owner, 200, 1)];
    assert!(nodes.one.invite("acme", more(), Vec::new(), NOW).await.unwrap().is_none());
    nodes.one.revoke_invitation("acme", first.id, NOW).await.unwrap();
    assert!(nodes.other.invite("acme", more(), Vec::new(), NOW).await.unwrap().is_some());
}

fn letter(to: &str) -> QueuedMail {
    let text = String::from("x");
    let (subject, html) = (text.clone(), text.clone());
    QueuedMail { id: Uuid::now_v7(), to: to.to_owned(), subject, text, html, attempts: 0 }
}

pub(in crate::store) async fn several_invitations_are_made_and_mailed_together_or_not_at_all(
    nodes: &Directories,
) {
    let (owner, _) = inviter(nodes, 0, 1).await;
    let some = |keys: std::ops::Range<u8>| {
        let to = |key| Some(format!("p{key}@example.com"));
        keys.map(|key| NewInvitation { email: to(key), ..invitation(owner, key, 1) }).collect()
    };
    let open = async || nodes.other.invitations("acme", NOW).await.unwrap().len();
    let mails = async || nodes.other.mail_depths().await.unwrap().0;
    let sent = vec![letter("p1@example.com"), letter("p2@example.com")];
    let made = nodes.one.invite("acme", some(1..3), sent, NOW).await.unwrap().unwrap();
    let to: Vec<_> = made.iter().map(|made| made.email.as_deref()).collect();
    assert_eq!(to, [Some("p1@example.com"), Some("p2@example.com")], "in the order given");
    assert_eq!((open().await, mails().await), (3, 2));
    // A secret that is there already, behind two that are new.
    let clash = [some(3..5), vec![invitation(owner, 1, 1)]].concat();
    nodes.one.invite("acme", clash, vec![letter("p3@example.com")], NOW).await.unwrap_err();
    // A mail that cannot be queued, behind one that can.
    let twice = letter("p3@example.com");
    let mail = vec![twice.clone(), twice];
    nodes.one.invite("acme", some(3..5), mail, NOW).await.unwrap_err();
    assert_eq!((open().await, mails().await), (3, 2));
    // Two more than there is room for.
    let full = u8::try_from(MOST_INVITATIONS).unwrap();
    let refused =
        nodes.one.invite("acme", some(3..full + 2), vec![letter("p3@example.com")], NOW).await;
    assert_eq!(refused.unwrap(), None);
    assert_eq!((open().await, mails().await), (3, 2));
    let outcomes = at_once(nodes, 2, move |n, node| async move {
        let from = 3 + 60 * u8::try_from(n).unwrap();
        let new = (from..from + 60).map(|key| invitation(owner, key, 1)).collect();
        node.invite("acme", new, Vec::new(), NOW).await.unwrap().is_some()
    })
    .await;
    assert_eq!(outcomes.iter().filter(|made| **made).count(), 1, "counted where it is written");
    assert_eq!(open().await, 63);
}

pub(in crate::store) async fn an_invitation_lets_nobody_in_twice(nodes: &Directories) {
    let (_, link) = inviter(nodes, 1, 5).await;
    inviter(nodes, 2, 5).await;
    let guest = create(nodes, "guest@example.com").await.id;
    let other = create(nodes, "other@example.com").await.id;
    let accept =
        async |key: u8, who| nodes.other.accept_invitation(&[key; 32], who, NOW).await.unwrap();
    let put_out = async |who| assert!(nodes.one.remove_profile(who, "acme", NOW).await.unwrap());
    assert!(!nodes.one.has_used_invitation(link.id, guest).await.unwrap());
    assert!(matches!(accept(1, guest).await, Accept::Joined(_)));
    assert!(matches!(accept(1, guest).await, Accept::Member(_)));
    put_out(guest).await;
    let once = Invitation { uses: 1, ..link.clone() };
    assert_eq!(accept(1, guest).await, Accept::UsedBefore(once.clone()));
    assert_eq!(nodes.other.profile(guest, "acme").await.unwrap(), None);
    // Nor as part of another account, which has not used it itself.
    let [gone, stays] = [guest, other].map(|id| nodes.one.account(id));
    let (gone, stays) = (gone.await.unwrap().unwrap(), stays.await.unwrap().unwrap());
    let request = MergeRequest {
        into: other,
        into_generation: stays.generation,
        from: guest,
        from_generation: gone.generation,
        from_password_hash: gone.password_hash,
        from_stays_on: Vec::new(),
        actor: "self".to_owned(),
    };
    nodes.one.merge(request, NOW * 1000).await.unwrap();
    assert!(nodes.other.has_used_invitation(link.id, other).await.unwrap());
    assert_eq!(accept(1, other).await, Accept::UsedBefore(once));
    // It still lets in others, and another one lets in this person.
    let third = create(nodes, "third@example.com").await.id;
    assert!(matches!(accept(1, third).await, Accept::Joined(_)));
    assert!(matches!(accept(2, other).await, Accept::Joined(_)));
    // Accounts that are gone leave nothing behind that is in the way.
    put_out(third).await;
    assert!(nodes.one.delete_account(third, NOW).await.unwrap());
    assert!(!nodes.other.has_used_invitation(link.id, third).await.unwrap());
}
