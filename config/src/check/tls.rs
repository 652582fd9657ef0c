//! `[tls]`: certificates. Whether they parse and match is found where they are used; here, that they
//! can be read at all.

use std::path::PathBuf;

use serde_spanned::Spanned;

use super::value::each;
use crate::file::{CertificateTable, TlsTable};
use crate::files::{Files, LARGEST_PEM};
use crate::model::{CertificateFiles, Tls};
use crate::read::Field;
use crate::report::{Refused, Scope};

pub(super) fn tls(table: &TlsTable, scope: Scope<'_>, files: &mut Files) -> Result<Tls, Refused> {
    let help = "certificates = [{ chain = \"fullchain.pem\", key = \"key.pem\" }]";
    let written =
        table.certificates.required(|| scope.missing(&table.span, "certificates", help))?;
    if written.get_ref().is_empty() {
        return Err(scope.refuse_with(&written.span(), "certificates: the list is empty", help));
    }
    let about = scope.within("certificates");
    let scope = scope.about(&about);
    let certificates = each(written.get_ref(), |table| certificate(table, scope, files))?;
    Ok(Tls { certificates })
}

fn certificate(
    table: &CertificateTable,
    scope: Scope<'_>,
    files: &mut Files,
) -> Result<CertificateFiles, Refused> {
    let mut file = |field: &Field<Spanned<String>>, key: &str| -> Result<PathBuf, Refused> {
        let written = field.required(|| scope.missing(&table.span, key, "a path to a PEM file"))?;
        let path = scope.path(written, key)?;
        match files.read(&path, LARGEST_PEM) {
            Ok(_) => Ok(path),
            Err(error) => {
                let message = format!("{key}: cannot read {}: {error}", path.display());
                Err(scope.refuse(&written.span(), message))
            }
        }
    };
    let (chain, key) = (file(&table.chain, "chain"), file(&table.key, "key"));
    Ok(CertificateFiles { chain: chain?, key: key?, place: scope.place(&table.span) })
}
