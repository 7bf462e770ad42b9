//! Secrets: given in the configuration, in the environment, or in a file of their own; never printed.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret, SecretString};

/// Bits of a file's mode: who is neither its owner nor of its group may read it.
const EVERYBODY: u32 = 0o004;

/// Takes a secret from the value or from the file that is named for it.
///
/// # Errors
/// Both or neither are given, the file cannot be read, or what is given is no secret; the text names the keys `key` and
/// `key_file`.
pub fn resolve(key: &str, value: Option<SecretString>, file: Option<&PathBuf>) -> Result<SecretString, String> {
    match (value, file) {
        (Some(value), None) => match problem(value.expose_secret()) {
            Some(problem) => Err(format!("{key}: {problem}")),
            None => Ok(value),
        },
        (None, Some(file)) => read(key, file),
        (Some(_), Some(_)) => Err(format!("{key} and {key}_file are both given: keep one")),
        (None, None) => Err(format!("{key} is missing: give {key} or {key}_file (or the environment variable for it)")),
    }
}

fn read(key: &str, file: &Path) -> Result<SecretString, String> {
    let text = std::fs::read_to_string(file).map_err(|error| {
        format!("{key}_file = \"{}\": {error}: give a file that this user can read", file.display())
    })?;
    let secret = text.trim_end_matches(['\r', '\n']);
    match problem(secret) {
        Some(problem) => Err(format!("{key}_file = \"{}\": {problem}", file.display())),
        None => Ok(SecretString::from(secret.to_owned())),
    }
}

/// Why it keeps nobody out, or could never be sent: SMPP ends a password at a zero octet, and HTTP strips spaces.
fn problem(secret: &str) -> Option<&'static str> {
    if secret.trim().is_empty() {
        return Some("it is empty, and would let everybody in: give a secret");
    }
    if secret.contains(char::is_control) {
        return Some("it has a control character or several lines: give a secret of one line");
    }
    (secret.trim() != secret).then_some("it begins or ends with a space, which is lost on the way: take it out")
}

/// Whether everybody on this machine can read the file.
pub(super) fn is_open(file: &Path) -> bool {
    std::fs::metadata(file).is_ok_and(|data| data.is_file() && data.mode() & EVERYBODY != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_given_once() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("password");
        std::fs::write(&file, "s3cret\n").unwrap();
        let value = || Some(SecretString::from("s3cret"));
        assert_eq!(resolve("password", None, Some(&file)).unwrap().expose_secret(), "s3cret");
        assert_eq!(resolve("password", value(), None).unwrap().expose_secret(), "s3cret");
        assert!(resolve("password", value(), Some(&file)).unwrap_err().contains("keep one"));
        assert!(resolve("password", None, None).unwrap_err().contains("password_file"));
        for none in ["", " ", "\t\n", "\u{0}", "a\u{0}b", "a\nb", " a", "a "] {
            assert!(resolve("password", Some(SecretString::from(none)), None).is_err(), "{none:?}");
        }
        for none in ["", "\n", "  \n", "one\ntwo\n", "\u{0}\n"] {
            std::fs::write(&file, none).unwrap();
            assert!(resolve("password", None, Some(&file)).unwrap_err().contains("password_file"), "{none:?}");
        }
        let missing = folder.path().join("nothing");
        assert!(resolve("password", None, Some(&missing)).unwrap_err().contains("nothing"));
    }
}
