//! Imported profiles, joins and the journal.

use super::super::{NOW, NOW_MS, at_once};
use super::{Directories, create, named, profile, unknown};
use crate::identity::AccountId;
use crate::store::joining::{
    ImportedBatch, ImportedProfile, JoinEntry, JoinProof, MOST_FREE_PROFILES, ProfileKey,
};
use crate::store::{AddressProof, CreateAccount, Holder, NewAccount, Profile};

const ANNA: &str = "anna@example.com";
const HASH: &str = "5bc19af86c75c8bc1af45b3ef4cd8717";

fn record(local_id: &str) -> ImportedProfile {
    ImportedProfile {
        portal: "acme".to_owned(),
        local_id: local_id.to_owned(),
        login: "anna".to_owned(),
        email: Some(ANNA.to_owned()),
        password_hash: Some(HASH.to_owned()),
        name: "Anna Müller".to_owned(),
        active: true,
        roles: vec!["employee".to_owned()],
        imported_at: NOW,
        account: None,
    }
}

fn key(portal: &str, local_id: &str) -> ProfileKey {
    ProfileKey { portal: portal.to_owned(), local_id: local_id.to_owned() }
}

fn counts(batch: &ImportedBatch) -> (u64, u64, u64) {
    (batch.added, batch.changed, batch.unchanged)
}

async fn import(nodes: &Directories, portal: &str, records: &[ImportedProfile]) -> ImportedBatch {
    nodes.one.import_profiles(portal, records.to_vec(), NOW).await.unwrap()
}

async fn free(nodes: &Directories) -> Vec<ImportedProfile> {
    nodes.other.free_profiles(&[ANNA.to_owned()]).await.unwrap()
}

async fn join(nodes: &Directories, account: AccountId, keys: &[ProfileKey]) -> Vec<ProfileKey> {
    nodes.one.join(account, keys, JoinProof::Address, "self", NOW_MS).await.unwrap()
}

async fn generation(nodes: &Directories, account: AccountId) -> u32 {
    nodes.other.account(account).await.unwrap().unwrap().generation
}

async fn unproved(nodes: &Directories, email: &str) -> AccountId {
    let new = NewAccount { proof: AddressProof::None, ..named(email) };
    match nodes.one.create_account(new, NOW).await.unwrap() {
        CreateAccount::Created(account) => account.id,
        other => panic!("{other:?}"),
    }
}

/// Somebody with profile 17 on acme, joined.
async fn joined(nodes: &Directories) -> AccountId {
    let anna = create(nodes, ANNA).await.id;
    import(nodes, "acme", &[record("17")]).await;
    assert_eq!(join(nodes, anna, &[key("acme", "17")]).await, [key("acme", "17")]);
    anna
}

pub(in crate::store) async fn import_adds_changes_and_leaves_alone(nodes: &Directories) {
    let same = record("1");
    let moved = ImportedProfile { email: None, ..record("2") };
    assert_eq!(counts(&import(nodes, "acme", &[same.clone(), record("2")]).await), (2, 0, 0));
    let again = nodes.other.import_profiles("acme", vec![same.clone(), record("2")], NOW + 9).await;
    assert_eq!(again.unwrap(), ImportedBatch { unchanged: 2, ..ImportedBatch::default() });
    assert_eq!(free(nodes).await, [same.clone(), record("2")], "not even the time");
    let third = import(nodes, "acme", &[same.clone(), moved, record("3")]).await;
    assert_eq!(counts(&third), (1, 1, 1));
    assert_eq!(free(nodes).await, [same, record("3")]);
    assert_eq!(counts(&import(nodes, "acme", &[]).await), (0, 0, 0));
}

pub(in crate::store) async fn import_takes_what_a_portal_may_say(nodes: &Directories) {
    let odd = ImportedProfile {
        login: "o'neill \"x\" \\".to_owned(),
        name: "Анна; DROP TABLE".to_owned(),
        roles: vec!["a\"b".to_owned(), "роль".to_owned()],
        ..record("0042")
    };
    import(nodes, "acme", &[odd.clone(), record("42")]).await;
    assert_eq!(free(nodes).await, [odd, record("42")], "ids are text");
    let other = nodes.one.import_profiles("globex", vec![record("42")], NOW).await.unwrap();
    assert_eq!(other.added, 1, "an id belongs to its portal, whatever the record says");
}

pub(in crate::store) async fn import_of_a_full_batch_fits(nodes: &Directories) {
    let many: Vec<_> = (0..1000).map(|n| record(&n.to_string())).collect();
    assert_eq!(counts(&import(nodes, "acme", &many).await), (1000, 0, 0));
    assert_eq!(counts(&import(nodes, "acme", &many).await), (0, 0, 1000));
    let found = free(nodes).await;
    assert_eq!(found.len(), usize::try_from(MOST_FREE_PROFILES).unwrap());
    assert!(found.is_sorted_by_key(ImportedProfile::key));
}

pub(in crate::store) async fn only_free_and_active_records_of_the_address_are_found(
    nodes: &Directories,
) {
    let gone = ImportedProfile { active: false, ..record("2") };
    let boris = ImportedProfile { email: Some("boris@example.com".to_owned()), ..record("3") };
    let nameless = ImportedProfile { email: None, ..record("4") };
    import(nodes, "globex", &[record("1")]).await;
    import(nodes, "acme", &[record("1"), gone, boris.clone(), nameless]).await;
    let globex = ImportedProfile { portal: "globex".to_owned(), ..record("1") };
    assert_eq!(free(nodes).await, [record("1"), globex.clone()]);
    let both = ["boris@example.com".to_owned(), ANNA.to_owned(), ANNA.to_owned()];
    let found = nodes.one.free_profiles(&both).await.unwrap();
    assert_eq!(found, [record("1"), boris, globex]);
    assert_eq!(nodes.one.free_profiles(&[]).await.unwrap(), []);
}

pub(in crate::store) async fn a_portal_password_waits_only_while_it_is_free(nodes: &Directories) {
    let any = async || nodes.other.any_portal_password().await.unwrap();
    assert!(!any().await);
    let without = ImportedProfile { password_hash: None, ..record("1") };
    let gone = ImportedProfile { active: false, ..record("2") };
    import(nodes, "acme", &[without, gone]).await;
    assert!(!any().await);
    let anna = joined(nodes).await;
    assert!(!any().await);
    assert!(nodes.one.unjoin(anna, "acme", "self", NOW_MS).await.unwrap());
    assert!(any().await);
}

pub(in crate::store) async fn a_used_password_is_not_imported_over(nodes: &Directories) {
    import(nodes, "acme", &[record("17")]).await;
    let seventeen = key("acme", "17");
    let replace = async |expected: &str, new: &str| {
        nodes.other.replace_portal_password(&seventeen, expected, new).await.unwrap()
    };
    assert!(!replace("something else", "new").await);
    assert!(replace(HASH, "new").await);
    assert_eq!(counts(&import(nodes, "acme", &[record("17")]).await), (0, 0, 1));
    assert_eq!(free(nodes).await[0].password_hash.as_deref(), Some("new"));
    // What else changes does so without it.
    let renamed = ImportedProfile { name: "Anna".to_owned(), ..record("17") };
    assert_eq!(counts(&import(nodes, "acme", &[renamed]).await), (0, 1, 0));
    let found = free(nodes).await;
    assert_eq!((found[0].name.as_str(), found[0].password_hash.as_deref()), ("Anna", Some("new")));
    // A password that was never used is the portal's to change.
    let changed = ImportedProfile { password_hash: Some("0".repeat(32)), ..record("18") };
    import(nodes, "acme", &[record("18")]).await;
    assert_eq!(counts(&import(nodes, "acme", std::slice::from_ref(&changed)).await), (0, 1, 0));
    assert_eq!(free(nodes).await[1], changed);
}

pub(in crate::store) async fn a_join_gives_profile_and_journal(nodes: &Directories) {
    let anna = create(nodes, ANNA).await.id;
    import(nodes, "acme", &[record("17")]).await;
    let before = generation(nodes, anna).await;
    assert_eq!(join(nodes, anna, &[key("acme", "17")]).await, [key("acme", "17")]);
    let expected = Profile {
        local_id: Some("17".to_owned()),
        roles: vec!["employee".to_owned()],
        ..Profile::new(anna, "acme", NOW)
    };
    assert_eq!(nodes.other.profiles(anna).await.unwrap(), [expected]);
    assert_eq!(generation(nodes, anna).await, before + 1);
    assert_eq!(free(nodes).await, []);
    let owned = ImportedProfile { account: Some(anna), ..record("17") };
    assert_eq!(nodes.other.joined_profiles(anna).await.unwrap(), [owned]);
    let entry = JoinEntry {
        at_ms: NOW_MS,
        key: key("acme", "17"),
        proof: JoinProof::Address,
        actor: "self".to_owned(),
        undone: None,
    };
    assert_eq!(nodes.other.journal(anna).await.unwrap(), [entry]);
    assert!(!nodes.one.replace_portal_password(&key("acme", "17"), HASH, "new").await.unwrap());
}

pub(in crate::store) async fn a_join_takes_nothing_that_is_not_there_to_take(nodes: &Directories) {
    let anna = joined(nodes).await;
    let boris = create(nodes, "boris@example.com").await.id;
    let gone = ImportedProfile { active: false, ..record("18") };
    import(nodes, "globex", &[gone, record("1"), record("2")]).await;
    nodes.one.put_profile(profile(anna, "initech"), NOW).await.unwrap();
    import(nodes, "initech", &[record("231")]).await;
    let before = (generation(nodes, anna).await, generation(nodes, boris).await);
    for (who, key) in [
        (anna, key("acme", "17")),
        (anna, key("acme", "no such")),
        (anna, key("globex", "18")),
        (anna, key("initech", "231")),
        (boris, key("acme", "17")),
        (boris, key("globex", "1")),
    ] {
        assert_eq!(join(nodes, who, std::slice::from_ref(&key)).await, [], "{key:?}");
    }
    assert_eq!((generation(nodes, anna).await, generation(nodes, boris).await), before);
    let two = [key("globex", "1"), key("globex", "2")];
    assert_eq!(join(nodes, anna, &two).await, two[..1], "one profile on a portal");
    let operator = nodes.one.join(boris, &two, JoinProof::Operator, "operator", NOW_MS).await;
    assert_eq!(operator.unwrap(), two[1..]);
    let nobody = nodes.one.join(unknown(), &two, JoinProof::Operator, "operator", NOW_MS).await;
    assert!(nobody.is_err());
}

pub(in crate::store) async fn an_address_joins_only_if_it_was_proved_well_enough(
    nodes: &Directories,
) {
    import(nodes, "acme", &[record("17")]).await;
    let seventeen = [key("acme", "17")];
    let provider = NewAccount { proof: AddressProof::Provider, ..named(ANNA) };
    let created = nodes.one.create_account(provider, NOW).await.unwrap();
    let CreateAccount::Created(account) = created else { panic!("{created:?}") };
    assert_eq!(join(nodes, account.id, &seventeen).await, []);
    let old = JoinProof::PortalPassword;
    let by_password = nodes.one.join(account.id, &seventeen, old, "self", NOW_MS).await.unwrap();
    assert_eq!(by_password, [], "who has proved an address is past old passwords");
    nodes.one.add_address(account.id, 1, ANNA, AddressProof::Mail, NOW).await.unwrap();
    assert_eq!(join(nodes, account.id, &seventeen).await, seventeen);
}

pub(in crate::store) async fn a_second_address_joins_too(nodes: &Directories) {
    let account = create(nodes, "work@example.com").await.id;
    import(nodes, "acme", &[record("17")]).await;
    assert_eq!(join(nodes, account, &[key("acme", "17")]).await, []);
    nodes.one.add_address(account, 1, ANNA, AddressProof::Mail, NOW).await.unwrap();
    assert_eq!(join(nodes, account, &[key("acme", "17")]).await, [key("acme", "17")]);
}

pub(in crate::store) async fn an_old_password_joins_for_an_unproved_account_alone(
    nodes: &Directories,
) {
    let stranger = unproved(nodes, "stranger@example.com").await;
    let anna = unproved(nodes, ANNA).await;
    import(nodes, "acme", &[record("17")]).await;
    let seventeen = [key("acme", "17")];
    assert_eq!(join(nodes, anna, &seventeen).await, [], "nothing was proved");
    let by_password = async |account| {
        nodes.other.join(account, &seventeen, JoinProof::PortalPassword, "self", NOW_MS).await
    };
    assert_eq!(by_password(stranger).await.unwrap(), [], "it is another address's");
    assert_eq!(by_password(anna).await.unwrap(), seventeen);
    // The one who proves the address gets what the other leaves.
    let created = nodes.one.create_account(named(ANNA), NOW).await.unwrap();
    let CreateAccount::InsteadOf { account, displaced } = created else { panic!("{created:?}") };
    assert_eq!(displaced, anna);
    assert_eq!(free(nodes).await, [record("17")]);
    assert_eq!(join(nodes, account.id, &seventeen).await, seventeen);
    assert_eq!(nodes.one.journal(anna).await.unwrap().len(), 1, "the journal stays");
}

pub(in crate::store) async fn an_account_is_made_with_its_join_or_not_at_all(nodes: &Directories) {
    let unproved = || NewAccount { proof: AddressProof::None, ..named(ANNA) };
    let make = async |key: ProfileKey| {
        let old = JoinProof::PortalPassword;
        nodes.one.create_joined_account(unproved(), &key, old, "self", NOW_MS).await.unwrap()
    };
    assert_eq!(make(key("acme", "17")).await, None, "there is no such record");
    assert_eq!(nodes.other.holder(ANNA).await.unwrap(), Holder::None, "nor an account");
    import(nodes, "acme", &[record("17"), record("18")]).await;
    let made = make(key("acme", "17")).await.unwrap();
    assert_eq!(nodes.other.account(made.id).await.unwrap().as_ref(), Some(&made));
    assert_eq!(nodes.other.holder(ANNA).await.unwrap(), Holder::Unproved(made.id));
    assert_eq!(nodes.other.profiles(made.id).await.unwrap().len(), 1);
    assert_eq!(nodes.other.journal(made.id).await.unwrap().len(), 1);
    assert_eq!(make(key("acme", "18")).await, None, "the address is somebody's");
    assert_eq!(free(nodes).await, [record("18")]);
}

pub(in crate::store) async fn a_record_has_one_account_however_many_join_at_once(
    nodes: &Directories,
) {
    import(nodes, "acme", &[record("17")]).await;
    let mut accounts = Vec::new();
    for n in 0..8 {
        accounts.push(create(nodes, &format!("a{n}@example.com")).await.id);
    }
    let all = accounts.clone();
    let outcomes = at_once(nodes, 8, move |n, node| {
        let account = all[n];
        async move {
            let seventeen = [key("acme", "17")];
            node.join(account, &seventeen, JoinProof::Operator, "operator", NOW_MS).await.unwrap()
        }
    })
    .await;
    assert_eq!(outcomes.iter().filter(|joined| !joined.is_empty()).count(), 1, "{outcomes:?}");
    let mut profiles = 0;
    for account in accounts {
        profiles += nodes.one.profiles(account).await.unwrap().len();
        profiles += nodes.one.journal(account).await.unwrap().len();
    }
    assert_eq!(profiles, 2, "one profile, one line in the journal");
}

pub(in crate::store) async fn an_account_takes_one_record_of_a_portal_however_often_at_once(
    nodes: &Directories,
) {
    let anna = create(nodes, ANNA).await.id;
    let records: Vec<_> = (0..8).map(|n| record(&n.to_string())).collect();
    import(nodes, "acme", &records).await;
    let outcomes = at_once(nodes, 8, move |n, node| async move {
        let one = [key("acme", &n.to_string())];
        node.join(anna, &one, JoinProof::Address, "self", NOW_MS).await.unwrap()
    })
    .await;
    assert_eq!(outcomes.iter().flatten().count(), 1, "{outcomes:?}");
    assert_eq!(free(nodes).await.len(), 7);
}

pub(in crate::store) async fn an_undone_join_gives_everything_back(nodes: &Directories) {
    let anna = joined(nodes).await;
    let before = generation(nodes, anna).await;
    let undo = async || nodes.other.unjoin(anna, "acme", "operator", NOW_MS + 5).await.unwrap();
    assert!(undo().await);
    assert!(!undo().await);
    assert_eq!(nodes.one.profiles(anna).await.unwrap(), []);
    assert_eq!(free(nodes).await, [record("17")]);
    assert_eq!(generation(nodes, anna).await, before + 1);
    let journal = nodes.one.journal(anna).await.unwrap();
    assert_eq!(journal[0].undone, Some((NOW_MS + 5, "operator".to_owned())));
    // It can be joined again, which is another line.
    let again =
        nodes.one.join(anna, &[key("acme", "17")], JoinProof::Address, "self", NOW_MS + 9).await;
    assert_eq!(again.unwrap().len(), 1);
    let journal = nodes.one.journal(anna).await.unwrap();
    assert_eq!(journal.iter().map(|entry| entry.at_ms).collect::<Vec<_>>(), [NOW_MS + 9, NOW_MS]);
    assert_eq!(journal[0].undone, None);
}

pub(in crate::store) async fn what_was_not_joined_is_not_undone(nodes: &Directories) {
    let anna = create(nodes, ANNA).await.id;
    nodes.one.put_profile(profile(anna, "acme"), NOW).await.unwrap();
    let before = generation(nodes, anna).await;
    assert!(!nodes.one.unjoin(anna, "acme", "self", NOW_MS).await.unwrap());
    assert_eq!(nodes.one.profiles(anna).await.unwrap().len(), 1, "an operator gave it");
    assert_eq!(generation(nodes, anna).await, before);
}

pub(in crate::store) async fn what_a_portal_says_later_reaches_the_profile(nodes: &Directories) {
    let anna = joined(nodes).await;
    let roles = |roles: &[&str]| roles.iter().map(|&role| role.to_owned()).collect::<Vec<_>>();
    let before = generation(nodes, anna).await;
    let promoted = ImportedProfile { roles: roles(&["admin"]), ..record("17") };
    let batch = import(nodes, "acme", std::slice::from_ref(&promoted)).await;
    assert_eq!((batch.changed, batch.affected), (1, vec![anna]));
    let profile = nodes.other.profile(anna, "acme").await.unwrap().unwrap();
    assert_eq!((profile.roles, profile.joined_at), (roles(&["admin"]), NOW));
    assert_eq!(generation(nodes, anna).await, before + 1);
    // A name is nobody's token.
    let renamed = ImportedProfile { name: "Anna K.".to_owned(), ..promoted };
    let batch = import(nodes, "acme", &[renamed]).await;
    assert_eq!((batch.changed, batch.affected), (1, vec![]));
    assert_eq!(generation(nodes, anna).await, before + 1);
}

pub(in crate::store) async fn a_record_out_of_use_keeps_the_person_out(nodes: &Directories) {
    let anna = joined(nodes).await;
    let before = generation(nodes, anna).await;
    let gone = ImportedProfile { active: false, ..record("17") };
    let batch = import(nodes, "acme", std::slice::from_ref(&gone)).await;
    assert_eq!(batch.affected, [anna]);
    assert_eq!(nodes.other.profile(anna, "acme").await.unwrap(), None);
    assert_eq!(generation(nodes, anna).await, before + 1);
    assert_eq!(nodes.other.joined_profiles(anna).await.unwrap().len(), 1, "it stays joined");
    // Back in use, it is back.
    assert_eq!(import(nodes, "acme", &[record("17")]).await.affected, [anna]);
    let back = nodes.other.profile(anna, "acme").await.unwrap().unwrap();
    assert_eq!(back.local_id.as_deref(), Some("17"));
    // Unless there is another one by then.
    import(nodes, "acme", &[gone, record("18")]).await;
    assert_eq!(join(nodes, anna, &[key("acme", "18")]).await.len(), 1);
    assert_eq!(import(nodes, "acme", &[record("17")]).await.affected, []);
    let stays = nodes.other.profile(anna, "acme").await.unwrap().unwrap();
    assert_eq!(stays.local_id.as_deref(), Some("18"));
    // An undone join frees both.
    assert!(nodes.one.unjoin(anna, "acme", "self", NOW_MS).await.unwrap());
    assert_eq!(free(nodes).await.len(), 2);
    assert_eq!(nodes.one.profiles(anna).await.unwrap(), []);
}

pub(in crate::store) async fn a_withdrawn_profile_stays_away(nodes: &Directories) {
    let anna = joined(nodes).await;
    assert!(nodes.one.remove_profile(anna, "acme", NOW).await.unwrap());
    let promoted = ImportedProfile { roles: vec!["admin".to_owned()], ..record("17") };
    assert_eq!(import(nodes, "acme", &[promoted]).await.affected, []);
    assert_eq!(nodes.other.profiles(anna).await.unwrap(), []);
}

/// Somebody who was put out of acme, where profile 17 is theirs.
async fn withdrawn(nodes: &Directories) -> AccountId {
    let anna = joined(nodes).await;
    assert!(nodes.one.remove_profile(anna, "acme", NOW).await.unwrap());
    anna
}

/// Whether anything that a person can do brings the profile back.
async fn stays_out(nodes: &Directories, account: AccountId) {
    assert!(!nodes.other.unjoin(account, "acme", "self", NOW_MS).await.unwrap());
    assert_eq!(free(nodes).await, []);
    assert!(!nodes.other.any_portal_password().await.unwrap());
    assert_eq!(join(nodes, account, &[key("acme", "17"), key("acme", "18")]).await, []);
    assert_eq!(nodes.other.profile(account, "acme").await.unwrap(), None);
}

pub(in crate::store) async fn a_withdrawn_person_cannot_undo_the_join_to_come_back(
    nodes: &Directories,
) {
    let anna = withdrawn(nodes).await;
    stays_out(nodes, anna).await;
    assert_eq!(nodes.one.journal(anna).await.unwrap()[0].undone, None);
}

pub(in crate::store) async fn a_withdrawn_person_cannot_come_back_by_a_new_account(
    nodes: &Directories,
) {
    let anna = withdrawn(nodes).await;
    assert!(nodes.one.delete_account(anna, NOW).await.unwrap());
    let other = unproved(nodes, ANNA).await;
    let seventeen = [key("acme", "17")];
    let old = JoinProof::PortalPassword;
    assert_eq!(nodes.one.join(other, &seventeen, old, "self", NOW_MS).await.unwrap(), []);
    let created = nodes.one.create_account(named(ANNA), NOW).await.unwrap();
    let CreateAccount::InsteadOf { account, .. } = created else { panic!("{created:?}") };
    stays_out(nodes, account.id).await;
}

pub(in crate::store) async fn a_withdrawn_record_that_comes_back_into_use_brings_nobody_back(
    nodes: &Directories,
) {
    let anna = withdrawn(nodes).await;
    import(nodes, "acme", &[ImportedProfile { active: false, ..record("17") }]).await;
    assert_eq!(import(nodes, "acme", &[record("17")]).await.affected, []);
    stays_out(nodes, anna).await;
}

pub(in crate::store) async fn who_was_put_out_does_not_take_a_record_that_waited(
    nodes: &Directories,
) {
    let anna = create(nodes, ANNA).await.id;
    nodes.one.put_profile(profile(anna, "acme"), NOW).await.unwrap();
    let boris = ImportedProfile { email: Some("boris@example.com".to_owned()), ..record("19") };
    import(nodes, "acme", &[record("17"), record("18"), boris]).await;
    import(nodes, "globex", &[record("4")]).await;
    assert!(nodes.one.remove_profile(anna, "acme", NOW).await.unwrap());
    assert_eq!(join(nodes, anna, &[key("acme", "17"), key("acme", "18")]).await, []);
    assert_eq!(free(nodes).await.len(), 1, "globex has put nobody out");
    let others = nodes.one.free_profiles(&["boris@example.com".to_owned()]).await.unwrap();
    assert_eq!(others.len(), 1, "nor has acme Boris");
}

pub(in crate::store) async fn who_is_let_in_again_has_the_record_again(nodes: &Directories) {
    let anna = withdrawn(nodes).await;
    nodes.one.put_profile(profile(anna, "acme"), NOW).await.unwrap();
    let promoted = ImportedProfile { roles: vec!["admin".to_owned()], ..record("17") };
    import(nodes, "acme", &[ImportedProfile { active: false, ..record("17") }]).await;
    import(nodes, "acme", &[promoted]).await;
    assert!(nodes.one.unjoin(anna, "acme", "self", NOW_MS).await.unwrap());
    assert_eq!(free(nodes).await.len(), 1);
}

pub(in crate::store) async fn an_operator_s_undo_frees_a_withdrawn_record(nodes: &Directories) {
    let anna = withdrawn(nodes).await;
    assert!(nodes.one.unjoin(anna, "acme", "operator", NOW_MS).await.unwrap());
    assert_eq!(join(nodes, anna, &[key("acme", "17")]).await, [key("acme", "17")]);
}

pub(in crate::store) async fn an_operator_joins_a_withdrawn_record(nodes: &Directories) {
    let anna = withdrawn(nodes).await;
    assert!(nodes.one.delete_account(anna, NOW).await.unwrap());
    let other = create(nodes, ANNA).await.id;
    let seventeen = [key("acme", "17")];
    let by_operator = nodes.one.join(other, &seventeen, JoinProof::Operator, "operator", NOW_MS);
    assert_eq!(by_operator.await.unwrap(), seventeen);
    assert!(nodes.one.unjoin(other, "acme", "self", NOW_MS).await.unwrap(), "theirs to undo");
}

pub(in crate::store) async fn passwords_of_long_joined_records_are_forgotten(nodes: &Directories) {
    let anna = joined(nodes).await;
    import(nodes, "globex", &[record("4")]).await;
    let forget = async |before| nodes.other.forget_portal_passwords(before).await.unwrap();
    assert_eq!(forget(NOW).await, 0, "joined on that very second");
    assert_eq!(forget(NOW + 1).await, 1);
    assert_eq!(forget(NOW + 1).await, 0);
    assert_eq!(nodes.one.joined_profiles(anna).await.unwrap()[0].password_hash, None);
    assert_eq!(free(nodes).await[0].password_hash.as_deref(), Some(HASH), "a free one keeps it");
    import(nodes, "acme", &[ImportedProfile { login: "a".to_owned(), ..record("17") }]).await;
    assert_eq!(nodes.one.joined_profiles(anna).await.unwrap()[0].password_hash, None);
}

pub(in crate::store) async fn a_deleted_account_leaves_its_records_free(nodes: &Directories) {
    let anna = joined(nodes).await;
    assert!(nodes.one.delete_account(anna, NOW).await.unwrap());
    assert_eq!(free(nodes).await, [record("17")]);
    assert_eq!(counts(&import(nodes, "acme", &[record("17")]).await), (0, 0, 1));
}
