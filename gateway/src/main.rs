//! The program `bitrix-id`. Everything is in the library beside this file, so that a test can have a program of the
//! next schema version (`examples/next-version`) for the price of linking it.

use std::process::ExitCode;

fn main() -> ExitCode {
    bitrix_id::main()
}
