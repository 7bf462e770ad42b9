//! The file with the key that signs the heads of days.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, anyhow};

use crate::config::jobs::Audit;
use crate::config::key_file;
use crate::store::{HeadKey, PublicKey};

/// The configured key; `None` if none is configured.
pub(super) fn read(settings: &Audit) -> anyhow::Result<Option<HeadKey>> {
    let Some(file) = &settings.signing_key_file else { return Ok(None) };
    let place = format!("audit.signing_key_file = \"{}\"", file.display());
    // A missing or unreadable file is an error of the system: a user who only audits need not be able to read it.
    fs::File::open(file).with_context(|| format!("{place}: `mbush audit keygen FILE` makes one"))?;
    let text = key_file::read(file).map_err(|problem| anyhow!("{place}: {problem}"))?;
    Ok(Some(HeadKey::from_text(&text).with_context(|| place)?))
}

/// The public keys whose signatures are trusted.
pub(super) fn trusted(settings: &Audit) -> anyhow::Result<BTreeSet<PublicKey>> {
    let own = match read(settings) {
        // The user who audits may not be the one who signs.
        Err(problem) if !settings.trusted_keys.is_empty() && is_denied(&problem) => None,
        own => own?.map(|key| key.public()),
    };
    let others = settings.trusted_keys.iter().filter_map(|key| hex::decode(key).ok()?.try_into().ok());
    Ok(own.into_iter().chain(others).collect())
}

/// Returns whether the key file may not be read.
fn is_denied(problem: &anyhow::Error) -> bool {
    let kind = problem.downcast_ref::<std::io::Error>().map(std::io::Error::kind);
    kind == Some(std::io::ErrorKind::PermissionDenied)
}

/// Writes a new key to a new file that only its owner can read. Returns the public key.
pub(super) fn generate(file: &Path) -> anyhow::Result<PublicKey> {
    let secret = HeadKey::generate()?;
    key_file::write_new(file, secret.as_bytes()).with_context(|| {
        format!("{}: a key is never written over a file: give a new file, in a folder that exists", file.display())
    })?;
    Ok(HeadKey::from_text(&secret)?.public())
}
