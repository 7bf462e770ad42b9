//! Secrets: given in the configuration, in the environment, or in a file of their own; never printed.

use std::path::{Path, PathBuf};

use secrecy::SecretString;

/// Takes a secret from the value or from the file that is named for it.
///
/// # Errors
/// Both or neither are given, or the file cannot be read or is empty; the text names the keys `key` and `key_file`.
pub fn resolve(key: &str, value: Option<SecretString>, file: Option<&PathBuf>) -> Result<SecretString, String> {
    match (value, file) {
        (Some(value), None) => Ok(value),
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
    if secret.is_empty() {
        return Err(format!("{key}_file = \"{}\": the file is empty: write the secret into it", file.display()));
    }
    Ok(SecretString::from(secret.to_owned()))
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

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
        let missing = folder.path().join("nothing");
        assert!(resolve("password", None, Some(&missing)).unwrap_err().contains("nothing"));
    }
}
