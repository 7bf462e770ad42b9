//! Files of keys: what they open is worth money, so that none but their owner may read them.

use std::os::unix::fs::MetadataExt;
use std::path::Path;

use zeroize::Zeroizing;

/// Bits of a file's mode: its group, or everybody, may do something with it.
const GROUP_AND_OTHERS: u32 = 0o077;
/// Everybody may.
const OTHERS: u32 = 0o007;

/// Reads a key that its owner alone can read.
///
/// # Errors
/// It is not there, cannot be read, or others can read it. Words without the file's name, which the caller knows.
pub fn read(file: &Path) -> Result<Zeroizing<String>, String> {
    closed(file, GROUP_AND_OTHERS)?;
    std::fs::read_to_string(file).map(Zeroizing::new).map_err(|error| error.to_string())
}

/// Whether a private key of TLS is closed to everybody; a group of its own may share it, as is the custom.
///
/// # Errors
/// As of [`read`].
pub fn check_tls(file: &Path) -> Result<(), String> {
    closed(file, OTHERS)
}

fn closed(file: &Path, to: u32) -> Result<(), String> {
    let found = std::fs::metadata(file).map_err(|error| error.to_string())?;
    if found.is_dir() {
        return Err("it is a folder: name a file".to_owned());
    }
    let mode = found.mode();
    if mode & to == 0 {
        return Ok(());
    }
    Err(format!("others can read it (mode {:o}); chmod 600 it", mode & 0o777))
}

#[cfg(test)]
mod tests {
    use std::fs::{Permissions, set_permissions, write};
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_key_is_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("key");
        assert!(read(&file).is_err() && check_tls(&file).is_err(), "it is not there");
        write(&file, "00ff").unwrap();
        for (mode, is_key, is_tls) in [
            (0o600, true, true),
            (0o400, true, true),
            (0o640, false, true),
            (0o644, false, false),
            (0o602, false, false),
        ] {
            set_permissions(&file, Permissions::from_mode(mode)).unwrap();
            let (key, tls) = (read(&file), check_tls(&file));
            assert_eq!((key.is_ok(), tls.is_ok()), (is_key, is_tls), "{mode:o}");
            let told = key.err().or(tls.err());
            assert!(told.is_none_or(|told| told.contains(&format!("mode {mode:o}")) && told.contains("chmod 600")));
        }
    }
}
