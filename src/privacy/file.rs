//! A master key in a file that only its owner may read.

use std::fs;
use std::io::{ErrorKind, Write};
use std::path::Path;

use super::key::{bytes_of, digits_of};
use super::{KeyPort, MemoryKeys, PortFuture, PrivacyError, Sensitive, Wrapped, random_bytes};
use crate::id::DataKeyId;

/// A master key in a file: 64 hexadecimal digits. On Unix the file is created for its owner only
/// (mode 0600), and one that others may read is refused. Lose it, and what it guards is lost.
#[derive(Debug, Clone)]
pub struct FileKeys(MemoryKeys);

impl FileKeys {
    /// Reads the master key, or makes one if there is no file.
    ///
    /// # Errors
    /// [`PrivacyError::KeyFile`].
    pub fn open(path: impl AsRef<Path>) -> Result<Self, PrivacyError> {
        let path = path.as_ref();
        match fs::read_to_string(path) {
            Ok(text) => {
                let text = Sensitive::new(text);
                closed(path)?;
                Self::of(text.expose().trim_end())
            }
            Err(error) if error.kind() == ErrorKind::NotFound => Self::create(path),
            Err(_) => Err(PrivacyError::KeyFile { what: "cannot be read" }),
        }
    }

    fn of(digits: &str) -> Result<Self, PrivacyError> {
        let what = "does not hold 64 hexadecimal digits";
        let bytes = bytes_of(digits).and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
        let master = bytes.ok_or(PrivacyError::KeyFile { what })?;
        Ok(Self(MemoryKeys::of("file", master)))
    }

    fn create(path: &Path) -> Result<Self, PrivacyError> {
        let failed = |_| PrivacyError::KeyFile { what: "cannot be written" };
        let digits = Sensitive::new(digits_of(&random_bytes::<32>()?));
        let mut options = fs::OpenOptions::new();
        // Never over another: that would lose what it guards.
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(path).map_err(failed)?;
        file.write_all(digits.expose().as_bytes()).map_err(failed)?;
        file.sync_all().map_err(failed)?;
        Self::of(digits.expose())
    }
}

/// Whether only its owner may read it.
#[cfg(unix)]
fn closed(path: &Path) -> Result<(), PrivacyError> {
    use std::os::unix::fs::PermissionsExt;
    let what = "may be read by others than its owner; set its mode to 0600";
    match fs::metadata(path) {
        Ok(found) if found.permissions().mode() & 0o077 == 0 => Ok(()),
        _ => Err(PrivacyError::KeyFile { what }),
    }
}

#[cfg(not(unix))]
fn closed(_: &Path) -> Result<(), PrivacyError> {
    Ok(())
}

impl KeyPort for FileKeys {
    fn wrap_key<'a>(
        &'a self,
        key: &'a Sensitive<[u8; 32]>,
        id: DataKeyId,
    ) -> PortFuture<'a, Wrapped> {
        self.0.wrap_key(key, id)
    }

    fn unwrap_key<'a>(
        &'a self,
        wrapped: &'a Wrapped,
        id: DataKeyId,
    ) -> PortFuture<'a, Sensitive<[u8; 32]>> {
        self.0.unwrap_key(wrapped, id)
    }
}
