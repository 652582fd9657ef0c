//! `bitrix-id` as its next version might be: it knows one migration more, which leaves the present version's
//! programs working. For the tests of upgrades (tests/e2e/upgrades.rs), and of no use besides.

use std::process::ExitCode;

fn main() -> ExitCode {
    let (migration, completion) = (include_str!("migration.sql"), include_str!("completion.sql"));
    bitrix_id_auth_core::store::pretend_next_version(migration, completion);
    bitrix_id::main()
}
