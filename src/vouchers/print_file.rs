//! The print file: serial, code and value of each card, encrypted with age for the public keys of the printer.
//!
//! It never replaces another file, only its owner can read it, and it gets its name after all of it is on disk.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use age::stream::StreamWriter;
use age::x25519::Recipient;
use sha2::{Digest, Sha256};
use zeroize::{Zeroize, Zeroizing};

use crate::domain::voucher::{Code, Serial};
use crate::domain::{Amount, CURRENCY};

#[derive(Debug, thiserror::Error)]
pub enum PrintFileError {
    #[error("{path}: {problem}")]
    File { path: PathBuf, problem: io::Error },
    /// The file exists; files are never overwritten.
    #[error(
        "{0}: the file exists and is not overwritten; give another name. (The file of an interrupted run, whose batch \
             `mbush voucher report` shows as generating, has no valid codes and may be deleted.)"
    )]
    Exists(PathBuf),
    /// A recipient is not a public key.
    #[error("`{0}` is not an age public key; write one that begins with age1, as `age-keygen` prints it")]
    Recipient(String),
    /// There is no recipient.
    #[error("no recipient of the print file: set vouchers.recipients or give --recipient")]
    NoRecipient,
}

/// A print file that is being written.
pub struct PrintFile {
    path: PathBuf,
    partial: PathBuf,
    line: Zeroizing<Vec<u8>>,
    out: Option<StreamWriter<Hashed>>,
}

/// Nothing is printed, because the buffers hold codes.
impl std::fmt::Debug for PrintFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PrintFile").field("path", &self.path).finish_non_exhaustive()
    }
}

/// A writer that hashes all octets written to it.
struct Hashed {
    file: BufWriter<File>,
    digest: Sha256,
}

impl Write for Hashed {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        let written = self.file.write(octets)?;
        self.digest.update(octets.get(..written).unwrap_or_default());
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Reads public keys.
///
/// # Errors
/// A key is invalid, or there is none.
pub fn recipients(keys: &[String]) -> Result<Vec<Recipient>, PrintFileError> {
    if keys.is_empty() {
        return Err(PrintFileError::NoRecipient);
    }
    keys.iter().map(|key| key.trim().parse().map_err(|_| PrintFileError::Recipient(key.clone()))).collect()
}

impl PrintFile {
    /// Creates a file that gets this name when it is complete.
    ///
    /// # Errors
    /// The file exists, or it cannot be written.
    pub fn create(path: &Path, recipients: &[Recipient]) -> Result<Self, PrintFileError> {
        let failed = |problem| file_error(path, problem);
        let mut partial = path.as_os_str().to_owned();
        partial.push(".partial");
        let partial = PathBuf::from(partial);
        if path.symlink_metadata().is_ok() {
            return Err(PrintFileError::Exists(path.to_owned()));
        }
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&partial);
        let file = file.map_err(|problem| match problem.kind() {
            io::ErrorKind::AlreadyExists => PrintFileError::Exists(partial.clone()),
            _ => file_error(&partial, problem),
        })?;
        let encryptor = age::Encryptor::with_recipients(recipients.iter().map(|recipient| recipient as _))
            .map_err(|_| PrintFileError::NoRecipient)?;
        let hashed = Hashed { file: BufWriter::new(file), digest: Sha256::new() };
        let out = encryptor.wrap_output(hashed).map_err(failed)?;
        let mut file = Self { path: path.to_owned(), partial, line: Zeroizing::default(), out: Some(out) };
        file.write(format!("serial,code,amount_{}\n", CURRENCY.to_string().to_lowercase()).as_bytes())?;
        Ok(file)
    }

    /// Adds a card.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn card(&mut self, serial: Serial, code: Code, amount: Amount) -> Result<(), PrintFileError> {
        let mut digits = code.reveal();
        let mut line = std::mem::take(&mut *self.line);
        line.clear();
        line.extend_from_slice(serial.to_string().as_bytes());
        line.push(b',');
        line.extend_from_slice(&digits);
        line.push(b',');
        line.extend_from_slice(amount.to_string().as_bytes());
        line.push(b'\n');
        digits.zeroize();
        let written = self.write(&line);
        *self.line = line;
        written
    }

    fn write(&mut self, octets: &[u8]) -> Result<(), PrintFileError> {
        let Some(out) = &mut self.out else { return Ok(()) };
        out.write_all(octets).map_err(|problem| file_error(&self.partial, problem))
    }

    /// Puts the file on disk under its name. Returns the SHA-256 of the encrypted file.
    ///
    /// # Errors
    /// The file cannot be written, or another file of this name was created meanwhile.
    pub fn finish(mut self) -> Result<[u8; 32], PrintFileError> {
        let failed = |problem| file_error(&self.partial, problem);
        let Some(out) = self.out.take() else { return Err(failed(io::ErrorKind::NotConnected.into())) };
        let mut hashed = out.finish().map_err(failed)?;
        hashed.file.flush().map_err(failed)?;
        hashed.file.get_ref().sync_all().map_err(failed)?;
        // Unlike a rename, a link never replaces another file. The partial name is removed on drop.
        std::fs::hard_link(&self.partial, &self.path).map_err(|problem| match problem.kind() {
            io::ErrorKind::AlreadyExists => PrintFileError::Exists(self.path.clone()),
            _ => failed(problem),
        })?;
        std::fs::remove_file(&self.partial).map_err(failed)?;
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(|problem| file_error(folder, problem))?;
        Ok(hashed.digest.finalize().into())
    }
}

/// Removes a file that is not finished.
impl Drop for PrintFile {
    fn drop(&mut self) {
        drop(std::fs::remove_file(&self.partial));
    }
}

/// SHA-256 of a file, as [`PrintFile::finish`] returns it.
///
/// # Errors
/// The file cannot be read.
pub fn file_digest(path: &Path) -> Result<[u8; 32], PrintFileError> {
    let failed = |problem| file_error(path, problem);
    let (mut file, mut digest) = (File::open(path).map_err(failed)?, Sha256::new());
    let mut buffer = vec![0; 65_536];
    loop {
        let read = file.read(&mut buffer).map_err(failed)?;
        if read == 0 {
            return Ok(digest.finalize().into());
        }
        digest.update(buffer.get(..read).unwrap_or_default());
    }
}

fn file_error(path: &Path, problem: io::Error) -> PrintFileError {
    PrintFileError::File { path: path.to_owned(), problem }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use age::x25519::Identity;

    use super::*;

    fn code() -> Code {
        Code::draw(740_158_200_031_952).unwrap()
    }

    fn amount() -> Amount {
        Amount::whole(5).unwrap()
    }

    #[test]
    fn only_the_printer_reads_it_and_only_the_owner_gets_it() {
        let folder = tempfile::tempdir().unwrap();
        let (path, printer) = (folder.path().join("cards.age"), Identity::generate());
        let mut file = PrintFile::create(&path, &[printer.to_public()]).unwrap();
        file.card(Serial::new(12, 345).unwrap(), code(), amount()).unwrap();
        assert!(!path.exists(), "it has its name only when it is whole");
        let digest = file.finish().unwrap();
        assert_eq!(file_digest(&path).unwrap(), digest);
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        let octets = std::fs::read(&path).unwrap();
        assert!(!octets.windows(16).any(|window| window == code().reveal()));
        let clear = age::decrypt(&printer, &octets).unwrap();
        assert_eq!(
            String::from_utf8(clear).unwrap(),
            "serial,code,amount_eur\n00012-0000345-2,7401582000319520,5.00\n"
        );
        assert!(age::decrypt(&Identity::generate(), &octets).is_err());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing else is left");
    }

    #[test]
    fn nothing_is_overwritten_and_nothing_unfinished_stays() {
        let folder = tempfile::tempdir().unwrap();
        let (path, printer) = (folder.path().join("cards.age"), Identity::generate().to_public());
        std::fs::write(&path, "first").unwrap();
        let exists = PrintFile::create(&path, std::slice::from_ref(&printer)).err().unwrap();
        assert!(matches!(exists, PrintFileError::Exists(_)), "{exists}");
        let other = folder.path().join("other.age");
        let late = PrintFile::create(&other, std::slice::from_ref(&printer)).unwrap();
        std::fs::write(&other, "faster").unwrap();
        assert!(matches!(late.finish(), Err(PrintFileError::Exists(_))));
        drop(PrintFile::create(&folder.path().join("third.age"), &[printer]).unwrap());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
        assert_eq!(std::fs::read_to_string(&other).unwrap(), "faster");
    }

    #[test]
    fn recipients_are_public_keys() {
        assert!(matches!(recipients(&[]), Err(PrintFileError::NoRecipient)));
        assert!(matches!(recipients(&["age1nonsense".into()]), Err(PrintFileError::Recipient(_))));
        assert_eq!(recipients(&[Identity::generate().to_public().to_string()]).unwrap().len(), 1);
    }
}
