//! Encryption with age. Plaintext is made only from a file whose hash was checked: `age` hands out what it has decrypted
//! before it has seen the end, so a cut file would else be half restored before anybody knows.

use std::fs::File;
use std::io::{self, BufReader, Read, Write};
use std::path::{Path, PathBuf};

use age::stream::StreamWriter;
use age::x25519::Recipient;

use crate::pg::plain::open_given;

/// What is wrong with keys or with what they were to decrypt.
#[derive(Debug, thiserror::Error)]
pub enum CryptError {
    /// A text that is no public key.
    #[error("`{key}` is no public key of age ({why}); one begins with `age1`")]
    BadRecipient {
        /// The text.
        key: String,
        /// Why.
        why: String,
    },
    /// There is nobody to encrypt to.
    #[error("there is nobody to encrypt to")]
    NoRecipient,
    /// The file with the secret keys.
    #[error("cannot read the secret keys in `{}`: {why}", path.display())]
    Identity {
        /// Where.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// None of the secret keys fits.
    #[error("no secret key in `{}` decrypts it", path.display())]
    NoMatch {
        /// Where the keys are.
        path: PathBuf,
    },
    /// It is no file of age, or a damaged one.
    #[error("it cannot be decrypted: {0}")]
    Damaged(String),
    /// The file system said no.
    #[error("cannot encrypt")]
    Io(#[from] io::Error),
}

/// A file whose SHA-256 is the one that the manifest says, at its beginning. Only `check` makes one.
#[derive(Debug)]
pub struct Checked(File);

impl Checked {
    /// The caller has just hashed this very file.
    pub(super) fn new(file: File) -> Self {
        Self(file)
    }
}

/// Read public keys.
///
/// # Errors
/// `CryptError::BadRecipient`.
pub fn recipients(keys: &[String]) -> Result<Vec<Recipient>, CryptError> {
    let parse = |key: &String| {
        key.trim().parse().map_err(|why: &'static str| CryptError::BadRecipient {
            // A secret key in the wrong place must not be repeated.
            key: if key.to_uppercase().contains("SECRET") {
                "AGE-SECRET-KEY-…".into()
            } else {
                key.clone()
            },
            why: why.to_owned(),
        })
    };
    keys.iter().map(parse).collect()
}

/// Encrypt what is written to the returned writer; `finish` it, or the file is cut.
///
/// # Errors
/// `NoRecipient`, `Io`.
pub fn encrypt_to<W: Write>(recipients: &[Recipient], writer: W) -> Result<StreamWriter<W>, CryptError> {
    let all = recipients.iter().map(|recipient| recipient as &dyn age::Recipient);
    let encryptor = age::Encryptor::with_recipients(all).map_err(|_| CryptError::NoRecipient)?;
    Ok(encryptor.wrap_output(writer)?)
}

/// Decrypt a file that was checked with the keys in `identity`.
///
/// # Errors
/// `Identity`, `NoMatch`, `Damaged`.
pub fn decrypt(identity: &Path, file: Checked) -> Result<impl Read + use<>, CryptError> {
    let unreadable = |why: String| CryptError::Identity { path: identity.to_owned(), why };
    let keys = open_given(identity).map_err(|error| unreadable(error.to_string()))?;
    let keys = age::IdentityFile::from_buffer(BufReader::new(keys))
        .map_err(|error| unreadable(error.to_string()))?;
    let keys = keys.into_identities().map_err(|error| unreadable(error.to_string()))?;
    let damaged = |error: age::DecryptError| match error {
        age::DecryptError::NoMatchingKeys => CryptError::NoMatch { path: identity.to_owned() },
        other => CryptError::Damaged(other.to_string()),
    };
    let decryptor = age::Decryptor::new_buffered(BufReader::new(file.0)).map_err(damaged)?;
    decryptor.decrypt(keys.iter().map(|key| key.as_ref() as &dyn age::Identity)).map_err(damaged)
}

#[cfg(test)]
mod tests {
    use std::io::Seek;

    use age::secrecy::ExposeSecret;

    use super::*;

    fn key(dir: &Path) -> (PathBuf, String) {
        let key = age::x25519::Identity::generate();
        let path = dir.join("key.txt");
        std::fs::write(&path, format!("{}\n", key.to_string().expose_secret())).unwrap();
        (path, key.to_public().to_string())
    }

    #[test]
    fn what_is_encrypted_is_read_with_the_right_key_alone() {
        let (ours, theirs) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let ((key_file, public), (other_file, _)) = (key(ours.path()), key(theirs.path()));
        let mut file = tempfile::tempfile().unwrap();
        let mut writer = encrypt_to(&recipients(&[public]).unwrap(), file.try_clone().unwrap()).unwrap();
        writer.write_all(b"secret rows").unwrap();
        writer.finish().unwrap();
        let mut checked = || {
            file.rewind().unwrap();
            Checked::new(file.try_clone().unwrap())
        };
        let mut text = String::new();
        decrypt(&key_file, checked()).unwrap().read_to_string(&mut text).unwrap();
        assert_eq!(text, "secret rows");
        assert!(matches!(decrypt(&other_file, checked()).err(), Some(CryptError::NoMatch { .. })));
        let missing = ours.path().join("none");
        assert!(matches!(decrypt(&missing, checked()).err(), Some(CryptError::Identity { .. })));
    }

    #[test]
    fn what_is_no_public_key_is_refused_and_a_secret_one_is_not_repeated() {
        let error = |key: &str| recipients(&[key.to_owned()]).unwrap_err().to_string();
        assert!(error("age1nonsense").contains("`age1nonsense`"));
        assert!(!error("AGE-SECRET-KEY-1ABC").contains("1ABC"));
        assert!(matches!(encrypt_to(&[], Vec::new()).err(), Some(CryptError::NoRecipient)));
    }
}
