//! A master key in a file that only its owner may read.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use super::hex::{bytes_of, digits_of};
use super::{KeyPort, MemoryKeys, PortFuture, PrivacyError, Sensitive, Wrapped, random_bytes};
use crate::id::DataKeyId;

/// The digits of a key and the end of a line; one byte more tells that a file is longer.
const LONGEST: u64 = 64 + 2 + 1;

/// A master key in a file: 64 hexadecimal digits. On Unix the file is created for its owner only
/// (mode 0600), and one that others may read is refused. Lose it, and what it guards is lost.
///
/// Make it once with [`create`](Self::create), when the bank is set up; from then on
/// [`open`](Self::open) it. A path that was mistyped gives an error, never a fresh key that opens
/// nothing of what was written.
#[derive(Debug, Clone)]
pub struct FileKeys(MemoryKeys);

impl FileKeys {
    /// Reads the master key of a file that is there.
    ///
    /// # Errors
    /// [`PrivacyError::KeyFileMissing`] when there is none; [`PrivacyError::KeyFile`] when it
    /// cannot be used.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, PrivacyError> {
        match File::open(path) {
            Ok(file) => Self::read(file),
            Err(error) if error.kind() == ErrorKind::NotFound => Err(PrivacyError::KeyFileMissing),
            Err(_) => Err(UNREADABLE),
        }
    }

    /// What is judged is the open file: its name may stand for another one a moment later.
    fn read(file: File) -> Result<Self, PrivacyError> {
        closed(&file)?;
        let mut text = Sensitive::new(String::new());
        // Room for all of it, so that no part is left behind when the text grows.
        text.expose_mut().reserve_exact(usize::try_from(LONGEST).unwrap_or(usize::MAX));
        file.take(LONGEST).read_to_string(text.expose_mut()).map_err(|_| UNREADABLE)?;
        let digits = text.expose().strip_suffix('\n').unwrap_or(text.expose());
        Self::of(digits.strip_suffix('\r').unwrap_or(digits))
    }

    fn of(digits: &str) -> Result<Self, PrivacyError> {
        let what = "does not hold 64 hexadecimal digits";
        let bytes = bytes_of(digits).map(Sensitive::new);
        let master = bytes.and_then(|bytes| <[u8; 32]>::try_from(bytes.expose().as_slice()).ok());
        let master = master.ok_or(PrivacyError::KeyFile { what })?;
        Ok(Self(MemoryKeys::of("file", master)))
    }

    /// Makes a new master key in a new file. Of several that make one at once, one does; the
    /// others are told that it exists, and open it.
    ///
    /// # Errors
    /// [`PrivacyError::KeyFileExists`] when there is one, which is never written to;
    /// [`PrivacyError::KeyFile`] when none can be written; [`PrivacyError::PortUnavailable`] when
    /// the operating system has no random bytes.
    pub fn create(path: impl AsRef<Path>) -> Result<Self, PrivacyError> {
        let path = path.as_ref();
        // Written beside and then given its name, so that nobody reads half a key; and never over
        // another, which would lose what that one guards.
        let digits = Sensitive::new(digits_of(Sensitive::new(random_bytes::<32>()?).expose()));
        let beside = beside(path)?;
        let named = write_new(&beside, digits.expose()).and_then(|()| fs::hard_link(&beside, path));
        let _ = fs::remove_file(&beside);
        // A file system without links gets the key written in place.
        let exists = |error: &io::Error| error.kind() == ErrorKind::AlreadyExists;
        let named = match named {
            Err(error) if !exists(&error) => write_new(path, digits.expose()),
            named => named,
        };
        named.map_err(
            |error| {
                if exists(&error) { PrivacyError::KeyFileExists } else { UNWRITABLE }
            },
        )?;
        settle(path).map_err(|_| UNWRITABLE)?;
        Self::of(digits.expose())
    }
}

const UNREADABLE: PrivacyError = PrivacyError::KeyFile { what: "cannot be read" };
const UNWRITABLE: PrivacyError = PrivacyError::KeyFile { what: "cannot be written" };

/// A name in the same folder that nobody else has.
fn beside(path: &Path) -> Result<PathBuf, PrivacyError> {
    let mut name = path.file_name().ok_or(UNWRITABLE)?.to_os_string();
    name.push(format!(".{}.new", digits_of(&random_bytes::<8>()?)));
    Ok(path.with_file_name(name))
}

fn write_new(path: &Path, digits: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(digits.as_bytes())?;
    file.sync_all()
}

/// The name of a new file outlives a loss of power only if its folder was written too.
#[cfg(unix)]
fn settle(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

#[cfg(not(unix))]
fn settle(_: &Path) -> io::Result<()> {
    Ok(())
}

/// Whether only its owner may read it.
#[cfg(unix)]
fn closed(file: &File) -> Result<(), PrivacyError> {
    use std::os::unix::fs::PermissionsExt;
    let what = "may be read by others than its owner; set its mode to 0600";
    match file.metadata() {
        Ok(found) if !found.is_file() => Err(UNREADABLE),
        Ok(found) if found.permissions().mode() & 0o077 == 0 => Ok(()),
        _ => Err(PrivacyError::KeyFile { what }),
    }
}

#[cfg(not(unix))]
fn closed(_: &File) -> Result<(), PrivacyError> {
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

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[tokio::test]
    async fn a_master_key_file_is_its_owners_only() {
        use std::os::unix::fs::PermissionsExt;
        let folder = std::env::temp_dir().join(format!("corebank-keys-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join("master");
        let _ = std::fs::remove_file(&path);
        let (key, id) = (Sensitive::new([3; 32]), DataKeyId::from_u128(1));
        // Neither makes what the other one is for.
        assert_eq!(FileKeys::open(&path).unwrap_err(), PrivacyError::KeyFileMissing);
        assert!(!path.exists(), "a path that was mistyped makes no key");
        let wrapped = FileKeys::create(&path).unwrap().wrap_key(&key, id).await.unwrap();
        let mode = || std::fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(), 0o600);
        let again = FileKeys::open(&path).unwrap();
        assert_eq!(again.unwrap_key(&wrapped, id).await.unwrap().expose(), key.expose());
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert_eq!(FileKeys::open(&path).unwrap_err().code(), "privacy_key_file");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        let digits = std::fs::read_to_string(&path).unwrap();
        assert_eq!(FileKeys::create(&path).unwrap_err(), PrivacyError::KeyFileExists);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), digits, "made twice");
        assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1, "nothing is left beside it");
        let opens = |text: &str| {
            std::fs::write(&path, text).unwrap();
            let opened = FileKeys::open(&path);
            assert_eq!(
                std::fs::read_to_string(&path).unwrap(),
                text,
                "a key file is not written over"
            );
            opened.map_err(|error| error.code())
        };
        for text in [digits.clone(), format!("{digits}\n"), format!("{digits}\r\n")] {
            assert!(opens(&text).is_ok(), "{text:?}");
        }
        let upper = format!("{}F", &digits[1..]);
        for text in
            ["", "0123", &digits[1..], &format!("{digits}0"), &format!("{digits}\n\n"), &upper]
        {
            assert_eq!(opens(text).unwrap_err(), "privacy_key_file", "{text:?}");
        }
        assert_eq!(FileKeys::open(&folder).unwrap_err().code(), "privacy_key_file");
        assert_eq!(FileKeys::create(&folder).unwrap_err(), PrivacyError::KeyFileExists);
        let nowhere = folder.join("none/master");
        assert_eq!(FileKeys::open(&nowhere).unwrap_err(), PrivacyError::KeyFileMissing);
        assert_eq!(FileKeys::create(&nowhere).unwrap_err(), UNWRITABLE);
        // A link to nothing is no file, and no place for one.
        let link = folder.join("link");
        std::os::unix::fs::symlink(folder.join("gone"), &link).unwrap();
        assert_eq!(FileKeys::open(&link).unwrap_err(), PrivacyError::KeyFileMissing);
        assert_eq!(FileKeys::create(&link).unwrap_err(), PrivacyError::KeyFileExists);
        assert!(!folder.join("gone").exists());
        std::fs::remove_dir_all(&folder).unwrap();
    }

    /// Of many that make a master key at once one does, all open the same, and nothing is left
    /// beside it.
    #[tokio::test]
    async fn a_master_key_file_is_made_once() {
        let folder = std::env::temp_dir().join(format!("corebank-race-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join("master");
        let _ = std::fs::remove_file(&path);
        let make = || match FileKeys::create(&path) {
            Ok(made) => (true, made),
            Err(error) => {
                assert_eq!(error, PrivacyError::KeyFileExists);
                (false, FileKeys::open(&path).unwrap())
            }
        };
        let ports: Vec<(bool, FileKeys)> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(make)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert_eq!(ports.iter().filter(|(made, _)| *made).count(), 1);
        let ports: Vec<FileKeys> = ports.into_iter().map(|(_, port)| port).collect();
        let (key, id) = (Sensitive::new([3; 32]), DataKeyId::from_u128(1));
        let wrapped = ports[0].wrap_key(&key, id).await.unwrap();
        for port in &ports {
            assert_eq!(port.unwrap_key(&wrapped, id).await.unwrap().expose(), key.expose());
        }
        assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1);
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
