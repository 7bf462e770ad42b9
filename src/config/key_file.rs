//! Files of keys. Keys protect money, so only the owner may be able to read such a file.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

use zeroize::Zeroizing;

/// Octets of a new key for hashes, the same as of a hash.
const KEY_OCTETS: usize = 32;

/// Bits of a file's mode: permissions of the group and of others.
const GROUP_AND_OTHERS: u32 = 0o077;
/// Permissions of others.
const OTHERS: u32 = 0o007;

/// Reads a key from a file that only its owner can read.
///
/// # Errors
/// The file is missing, cannot be read, or is readable by others. The text does not name the file; the caller knows it.
pub fn read(file: &Path) -> Result<Zeroizing<String>, String> {
    closed(file, GROUP_AND_OTHERS)?;
    std::fs::read_to_string(file).map(Zeroizing::new).map_err(|error| error.to_string())
}

/// Makes a key for hashes, in hexadecimal, in a new file.
///
/// # Errors
/// As for [`write_new`], or the system has no random octets.
pub fn make(file: &Path) -> io::Result<()> {
    let mut octets = Zeroizing::new([0; KEY_OCTETS]);
    getrandom::fill(octets.as_mut()).map_err(io::Error::other)?;
    let mut text = Zeroizing::new(hex::encode(octets.as_slice()));
    text.push('\n');
    write_new(file, text.as_bytes())
}

/// Writes a key to a new file that only its owner can read.
///
/// # Errors
/// The file exists, or it cannot be written.
pub fn write_new(file: &Path, key: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(file)?;
    file.write_all(key)?;
    file.sync_all()
}

/// Checks that others cannot read a private key of TLS. A group may share it, as is usual.
///
/// # Errors
/// As for [`read`].
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
    fn a_new_key_is_for_its_owner_alone_and_never_in_place_of_another() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("key");
        make(&file).unwrap();
        assert_eq!(std::fs::metadata(&file).unwrap().mode() & 0o777, 0o600);
        let key = read(&file).unwrap();
        assert_eq!(hex::decode(key.trim()).unwrap().len(), KEY_OCTETS);
        assert_eq!(make(&file).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(*read(&file).unwrap(), *key);
    }

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
