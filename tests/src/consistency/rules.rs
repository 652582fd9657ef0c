//! The rules, in the order of the tables they are about.

use super::Rule;

macro_rules! rules {
    ($($says:literal => $query:literal,)+) => {
        /// Every rule.
        pub const RULES: &[Rule] = &[$(Rule { says: $says, query: $query }),+];
    };
}

rules! {
    "a directory in use is no half of a copy" =>
        "SELECT name FROM counters WHERE name = 'unfinished-copy'",

    // Accounts and addresses.
    "an account holds its primary address" =>
        "SELECT id FROM accounts WHERE merged_into IS NULL AND NOT EXISTS (
             SELECT 1 FROM addresses WHERE address = accounts.email AND account = accounts.id)",
    "an account that has proved no address holds one at most" =>
        "SELECT account FROM addresses GROUP BY account
         HAVING count(*) > 1 AND max(CASE WHEN proof = 'none' THEN 0 ELSE 1 END) = 0",
    "sessions are counted from a generation that has been" =>
        "SELECT id FROM accounts WHERE sessions_from > generation",
    "only an active account is leaving" =>
        "SELECT id FROM accounts
         WHERE delete_at IS NOT NULL AND (state <> 'active' OR merged_into IS NOT NULL)",
    "what belongs to an account belongs to one that is there" =>
        "SELECT 'address ' || address FROM addresses
         WHERE NOT EXISTS (SELECT 1 FROM accounts WHERE id = account)
         UNION ALL SELECT 'profile ' || account || ' ' || portal FROM profiles
         WHERE NOT EXISTS (SELECT 1 FROM accounts WHERE id = account)
         UNION ALL SELECT 'record ' || portal || ' ' || local_id FROM imported_profiles
         WHERE account IS NOT NULL AND NOT EXISTS (SELECT 1 FROM accounts WHERE id = account)
         UNION ALL SELECT 'link ' || issuer || ' ' || subject FROM links
         WHERE NOT EXISTS (SELECT 1 FROM accounts WHERE id = account)
         UNION ALL SELECT 'photo ' || account FROM photos
         WHERE NOT EXISTS (SELECT 1 FROM accounts WHERE id = account)
         UNION ALL SELECT 'checkword of ' || account FROM checkwords
         WHERE account IS NOT NULL AND NOT EXISTS (SELECT 1 FROM accounts WHERE id = account)
         UNION ALL SELECT 'request ' || id FROM access_requests
         WHERE NOT EXISTS (SELECT 1 FROM accounts WHERE accounts.id = account)
         UNION ALL SELECT 'invitation ' || id FROM invitations
         WHERE NOT EXISTS (SELECT 1 FROM accounts WHERE accounts.id = invited_by)",

    // Records of portals, and joins.
    "a joined record says since when" =>
        "SELECT portal || ' ' || local_id FROM imported_profiles
         WHERE account IS NOT NULL AND joined_at IS NULL",
    "a joined record that is in use gives a profile" =>
        "SELECT portal || ' ' || local_id FROM imported_profiles AS record
         WHERE account IS NOT NULL AND active = 1 AND withdrawn_at IS NULL AND NOT EXISTS (
             SELECT 1 FROM profiles
             WHERE profiles.account = record.account AND profiles.portal = record.portal)",
    "a withdrawn record gives no profile" =>
        "SELECT record.portal || ' ' || record.local_id FROM imported_profiles AS record
         JOIN profiles ON profiles.account = record.account AND profiles.portal = record.portal
             AND profiles.local_id = record.local_id
         WHERE withdrawn_at IS NOT NULL",
    "nobody has a profile by somebody else's record" =>
        "SELECT profiles.account || ' ' || record.portal || ' ' || record.local_id
         FROM profiles JOIN imported_profiles AS record ON record.portal = profiles.portal
             AND record.local_id = profiles.local_id
         WHERE record.account IS NOT NULL AND record.account <> profiles.account",
    "a local id is one person's on its portal" =>
        "SELECT portal || ' ' || local_id FROM profiles WHERE local_id IS NOT NULL
         GROUP BY portal, local_id HAVING count(*) > 1",
    "the journal has one join in force for a joined record" =>
        "SELECT portal || ' ' || local_id FROM imported_profiles AS record
         WHERE account IS NOT NULL AND 1 <> (
             SELECT count(*) FROM joins
             WHERE joins.account = record.account AND joins.portal = record.portal
               AND joins.local_id = record.local_id AND undone_at_ms IS NULL)",
    "a join in force is of a record that is joined, while its account is there" =>
        "SELECT joins.id FROM joins JOIN accounts ON accounts.id = joins.account
         WHERE undone_at_ms IS NULL AND NOT EXISTS (
             SELECT 1 FROM imported_profiles AS record
             WHERE record.portal = joins.portal AND record.local_id = joins.local_id
               AND record.account = joins.account)",
    "who has undone a join or a merge is written down with when" =>
        "SELECT 'join ' || id FROM joins WHERE (undone_at_ms IS NULL) <> (undone_by IS NULL)
         UNION ALL SELECT 'merge ' || id FROM merges
         WHERE (undone_at_ms IS NULL) <> (undone_by IS NULL)",

    // Merges.
    "a merged account has nothing any more" =>
        "SELECT 'address ' || address FROM addresses JOIN accounts ON accounts.id = account
         WHERE merged_into IS NOT NULL
         UNION ALL SELECT 'profile ' || account || ' ' || portal FROM profiles
         JOIN accounts ON accounts.id = account WHERE merged_into IS NOT NULL
         UNION ALL SELECT 'record ' || portal || ' ' || local_id FROM imported_profiles
         JOIN accounts ON accounts.id = account WHERE merged_into IS NOT NULL
         UNION ALL SELECT 'link ' || issuer || ' ' || subject FROM links
         JOIN accounts ON accounts.id = account WHERE merged_into IS NOT NULL
         UNION ALL SELECT 'portal ' || portals.id FROM portals
         JOIN accounts ON accounts.id = created_by WHERE merged_into IS NOT NULL
         UNION ALL SELECT 'invitation ' || invitations.id FROM invitations
         JOIN accounts ON accounts.id = invited_by WHERE merged_into IS NOT NULL
         UNION ALL SELECT 'request ' || access_requests.id FROM access_requests
         JOIN accounts ON accounts.id = account WHERE merged_into IS NOT NULL
         UNION ALL SELECT 'checkword of ' || account FROM checkwords
         JOIN accounts ON accounts.id = account WHERE merged_into IS NOT NULL",
    "a merged account has the address of a shell" =>
        "SELECT id FROM accounts
         WHERE (merged_into IS NOT NULL) <> (email = id || '@merged.invalid')",
    "a merged account is part of one that is there" =>
        "SELECT id FROM accounts AS shell
         WHERE merged_into = id OR (merged_into IS NOT NULL AND NOT EXISTS (
             SELECT 1 FROM accounts WHERE accounts.id = shell.merged_into))",
    "a merged account has one merge in force" =>
        "SELECT id FROM accounts WHERE merged_into IS NOT NULL AND 1 <> (
             SELECT count(*) FROM merges
             WHERE from_account = accounts.id AND into_account = merged_into
               AND undone_at_ms IS NULL)",
    "a merge in force is of an account that is merged, while that is there" =>
        "SELECT merges.id FROM merges JOIN accounts ON accounts.id = from_account
         WHERE undone_at_ms IS NULL
           AND (merged_into IS NULL OR merged_into <> into_account)",

    // Recovery.
    "of the checkwords of an address one at most can be used" =>
        "SELECT address FROM checkwords WHERE used_at IS NULL AND replaced_by IS NULL
         GROUP BY address HAVING count(*) > 1",
    "of the checkwords of an account one at most can be used" =>
        "SELECT account FROM checkwords
         WHERE used_at IS NULL AND replaced_by IS NULL AND account IS NOT NULL
         GROUP BY account HAVING count(*) > 1",
    "a checkword that is not finished has set somebody's password" =>
        "SELECT hash FROM checkwords WHERE finished = 0 AND (used_at IS NULL OR account IS NULL)",

    // Portals that people made, and who comes in.
    "an invitation is used as often as it says, deleted accounts aside, and no more than it may be" =>
        "SELECT id FROM invitations WHERE uses > most_uses OR uses < (
             SELECT count(*) FROM invitation_uses WHERE invitation = invitations.id)",

    // Keys and counters.
    "where there are signing keys, the newest alone has no end" =>
        "SELECT id FROM signing_keys
         WHERE (expires_at IS NULL) <> (position = (SELECT max(position) FROM signing_keys))",
    "no counter is behind what it counts" =>
        "SELECT name FROM counters
         WHERE (name = 'directory' AND value < (SELECT coalesce(max(position), 0) FROM signing_keys))
            OR (name = 'notices' AND value < (SELECT coalesce(max(position), 0) FROM notices))
            OR (name = 'revocation' AND value < (SELECT coalesce(max(sequence), 0) FROM revocations))",
    "every counter is there" =>
        "SELECT needed.name FROM (
             SELECT 'directory' AS name UNION ALL SELECT 'check' UNION ALL SELECT 'revocation'
             UNION ALL SELECT 'notices') AS needed
         WHERE NOT EXISTS (SELECT 1 FROM counters WHERE counters.name = needed.name)",

    // Sessions, where they are kept with the directory.
    "no session is younger than its account's generation" =>
        "SELECT sessions.id FROM sessions JOIN accounts ON accounts.id = account
         WHERE sessions.generation > accounts.generation",
    "a session that was revoked has ended" =>
        "SELECT sessions.id FROM sessions JOIN revocations ON revocations.session = sessions.id",
    "a revocation is of one thing" =>
        "SELECT CAST(sequence AS TEXT) FROM revocations
         WHERE (session IS NULL) = (account IS NULL)
            OR (account IS NULL) <> (minimum_generation IS NULL)",
    "a portal was opened by a session that is there" =>
        "SELECT session || ' ' || portal FROM session_portals
         WHERE NOT EXISTS (SELECT 1 FROM sessions WHERE sessions.id = session)",
}
