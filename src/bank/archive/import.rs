//! Reading an archive into an empty store.

use std::io::{BufRead, Read};

use sha2::{Digest, Sha256};

use super::check::Check;
use super::line::{Line, Trailer, claimed_version};
use super::{ArchiveError, Imported, MAX_CHUNK, MAX_LINE, VERSION};
use crate::bank::{Action, Bank, Context, Error, Mode};
use crate::store::{ArchiveRow, MAX_ROWS};

impl Bank {
    /// Reads an [archive](super) into the store of this bank, which is to be empty. The whole
    /// archive is checked before anything of it can be seen; if it is refused, or the future is
    /// dropped, the store is as empty as before. [`Bank::dry_run`] checks an archive and imports
    /// nothing.
    ///
    /// It blocks the thread while it reads.
    ///
    /// # Errors
    /// [`Error::Archive`], see there; [`Error::Denied`]; [`Error::Store`], with
    /// [`ErrorKind::Conflict`](crate::store::ErrorKind::Conflict) when somebody else wrote into
    /// the store meanwhile. After an
    /// [`OutcomeUnknown`](crate::store::ErrorKind::OutcomeUnknown) look at [`Bank::head`]: the
    /// books are there, or the store is empty.
    pub async fn import<R: BufRead + Send + ?Sized>(
        &self,
        context: &Context,
        from: &mut R,
    ) -> Result<Imported, Error> {
        self.authorise(context, Action::Import)?;
        let store = &self.inner.store;
        if store.head().await?.position != 0 {
            return Err(ArchiveError::NotEmpty.into());
        }
        // From here on, whoever else writes into the store spoils the import.
        let mut restore = store.restore().await?;
        let (mut lines, mut check) = (Lines::new(from), Check::new());
        lines.header()?;
        let trailer = loop {
            let (rows, trailer) = chunk(&mut lines, &mut check)?;
            if !rows.is_empty() {
                restore.put(rows).await?;
            }
            if let Some(trailer) = trailer {
                break trailer;
            }
        };
        let number = lines.number;
        let sha256 = lines.finish(&trailer)?;
        let imported = check.finish(trailer, sha256, number)?;
        if self.mode == Mode::Real {
            restore.finish().await?;
            // No instant of this bank comes before those that it has just taken in.
            self.inner.high_water.observe(imported.head.instant);
        }
        Ok(imported)
    }
}

/// As many checked rows as a store takes at a time, and the trailer if it was reached.
fn chunk<R: BufRead + ?Sized>(
    lines: &mut Lines<'_, R>,
    check: &mut Check,
) -> Result<(Vec<ArchiveRow>, Option<Trailer>), ArchiveError> {
    let (mut rows, mut bytes) = (Vec::new(), 0_usize);
    while rows.len() < MAX_ROWS && bytes < MAX_CHUNK {
        let line = lines.next()?;
        bytes = bytes.saturating_add(lines.text.len());
        let trailer = match line {
            Line::Trailer(trailer) => Some(trailer),
            _ => None,
        };
        check.take(line, lines.number, &mut rows)?;
        if trailer.is_some() {
            return Ok((rows, trailer));
        }
    }
    Ok((rows, None))
}

struct Lines<'r, R: ?Sized> {
    from: &'r mut R,
    hash: Sha256,
    /// The number of the last line that was read, from 1.
    number: u64,
    text: Vec<u8>,
    scratch: Vec<u8>,
}

impl<'r, R: BufRead + ?Sized> Lines<'r, R> {
    fn new(from: &'r mut R) -> Self {
        Self { from, hash: Sha256::new(), number: 0, text: Vec::new(), scratch: Vec::new() }
    }

    fn header(&mut self) -> Result<(), ArchiveError> {
        match self.read_line() {
            Ok(()) => {}
            Err(error @ ArchiveError::Io { .. }) => return Err(error),
            Err(_) => return Err(ArchiveError::NotAnArchive),
        }
        match claimed_version(&self.text) {
            None => return Err(ArchiveError::NotAnArchive),
            Some(found) if found != u64::from(VERSION) => {
                return Err(ArchiveError::Version { found });
            }
            Some(_) => {}
        }
        match self.parse()? {
            Line::CorebankArchive(VERSION) => Ok(()),
            _ => Err(ArchiveError::Malformed { line: self.number }),
        }
    }

    fn next(&mut self) -> Result<Line, ArchiveError> {
        self.read_line()?;
        self.parse()
    }

    /// Reads a line, and leaves its line feed out.
    fn read_line(&mut self) -> Result<(), ArchiveError> {
        self.text.clear();
        let most = u64::try_from(MAX_LINE).unwrap_or(u64::MAX);
        (&mut *self.from).take(most).read_until(b'\n', &mut self.text)?;
        if self.text.pop_if(|last| *last == b'\n').is_none() {
            return Err(match self.text.len() < MAX_LINE {
                true => ArchiveError::Truncated { lines: self.number },
                false => {
                    let line = self.number.saturating_add(1);
                    ArchiveError::LineTooLong { line, max: MAX_LINE }
                }
            });
        }
        self.number = self.number.saturating_add(1);
        Ok(())
    }

    fn parse(&mut self) -> Result<Line, ArchiveError> {
        let line = Line::read(&self.text, self.number, &mut self.scratch)?;
        if !matches!(line, Line::Trailer(_)) {
            self.hash.update(&self.text);
            self.hash.update(b"\n");
        }
        Ok(line)
    }

    /// The checksum, if it is the one of the trailer and nothing stands behind that.
    fn finish(self, trailer: &Trailer) -> Result<[u8; 32], ArchiveError> {
        if !self.from.fill_buf()?.is_empty() {
            return Err(ArchiveError::Trailing { line: self.number });
        }
        let sha256: [u8; 32] = self.hash.finalize().into();
        if sha256 == trailer.sha256 { Ok(sha256) } else { Err(ArchiveError::Checksum) }
    }
}
