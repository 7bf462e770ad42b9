//! Secrets: from the configuration, the environment, or a file of their own. They are never printed.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret, SecretString};

/// Most octets of a password over SMPP. The specification allows 8; operators hand out longer ones.
const PASSWORD_OCTETS_MAX: usize = 64;

/// The protocol field that carries a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carrier {
    /// The HTTP header `Authorization`.
    Header,
    /// The field `password` of a bind: a C-octet string.
    Bind,
}

/// Bits of a file's mode: read permission of others.
const EVERYBODY: u32 = 0o004;

/// Takes a secret from the value or from the file.
///
/// # Errors
/// Both or neither are given, the file cannot be read, or the content is not a valid secret. The text names the keys
/// `key` and `key_file`.
pub fn resolve(
    carrier: Carrier,
    key: &str,
    value: Option<SecretString>,
    file: Option<&PathBuf>,
) -> Result<SecretString, String> {
    match (value, file) {
        (Some(value), None) => match problem(carrier, value.expose_secret()) {
            Some(problem) => Err(format!("{key}: {problem}")),
            None => Ok(value),
        },
        (None, Some(file)) => read(carrier, key, file),
        (Some(_), Some(_)) => Err(format!("{key} and {key}_file are both given: keep one")),
        (None, None) => Err(format!("{key} is missing: give {key} or {key}_file (or the environment variable for it)")),
    }
}

fn read(carrier: Carrier, key: &str, file: &Path) -> Result<SecretString, String> {
    let text = std::fs::read_to_string(file).map_err(|error| {
        format!("{key}_file = \"{}\": {error}: give a file that this user can read", file.display())
    })?;
    let secret = text.trim_end_matches(['\r', '\n']);
    match problem(carrier, secret) {
        Some(problem) => Err(format!("{key}_file = \"{}\": {problem}", file.display())),
        None => Ok(SecretString::from(secret.to_owned())),
    }
}

/// Returns the problem of a secret that protects nothing, or that cannot be sent: SMPP ends a password at a zero octet,
/// HTTP strips spaces, and neither defines an encoding of characters outside of ASCII.
fn problem(carrier: Carrier, secret: &str) -> Option<String> {
    if secret.trim().is_empty() {
        return Some("it is empty, and would let everybody in: give a secret".to_owned());
    }
    if secret.contains(char::is_control) {
        return Some("it has a control character or several lines: give a secret of one line".to_owned());
    }
    if secret.trim() != secret {
        return Some("it begins or ends with a space, which is lost on the way: take it out".to_owned());
    }
    if let Some(place) = secret.chars().position(|c| !c.is_ascii()) {
        let why = match carrier {
            Carrier::Header => "no header of HTTP carries",
            Carrier::Bind => "no bind of SMPP carries",
        };
        return Some(format!("its character {} is not of ASCII, which {why}: give another", place + 1));
    }
    (carrier == Carrier::Bind && secret.len() > PASSWORD_OCTETS_MAX)
        .then(|| format!("it has {} characters; a bind holds {PASSWORD_OCTETS_MAX} at most", secret.len()))
}

/// Returns true if everybody on this machine can read the file.
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
        assert_eq!(resolve(Carrier::Bind, "password", None, Some(&file)).unwrap().expose_secret(), "s3cret");
        assert_eq!(resolve(Carrier::Bind, "password", value(), None).unwrap().expose_secret(), "s3cret");
        assert!(resolve(Carrier::Bind, "password", value(), Some(&file)).unwrap_err().contains("keep one"));
        assert!(resolve(Carrier::Bind, "password", None, None).unwrap_err().contains("password_file"));
        for none in ["", " ", "\t\n", "\u{0}", "a\u{0}b", "a\nb", " a", "a "] {
            assert!(resolve(Carrier::Bind, "password", Some(SecretString::from(none)), None).is_err(), "{none:?}");
        }
        for none in ["", "\n", "  \n", "one\ntwo\n", "\u{0}\n"] {
            std::fs::write(&file, none).unwrap();
            assert!(
                resolve(Carrier::Bind, "password", None, Some(&file)).unwrap_err().contains("password_file"),
                "{none:?}"
            );
        }
        let long = "x".repeat(65);
        let bind = |secret: &str| resolve(Carrier::Bind, "password", Some(secret.into()), None);
        assert!(bind(&long).unwrap_err().contains("64 at most") && bind(&long[1..]).is_ok());
        for carrier in [Carrier::Header, Carrier::Bind] {
            let secret = Some(SecretString::from("client-t\u{eb}o-secret-22"));
            let problem = resolve(carrier, "secret", secret, None).unwrap_err();
            assert!(problem.contains("character 9") && !problem.contains('\u{eb}'), "{problem}");
            let printable: String = ('!'..='~').collect();
            let printable = printable.get(..64).map(SecretString::from);
            assert!(resolve(carrier, "secret", printable, None).is_ok());
        }
        let missing = folder.path().join("nothing");
        assert!(resolve(Carrier::Bind, "password", None, Some(&missing)).unwrap_err().contains("nothing"));
    }
}
