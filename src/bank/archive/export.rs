//! Writing an archive.

use std::io::Write;

use sha2::{Digest, Sha256};

use super::line::{BookLine, EntityLine, KeyLine, Line, Trailer, UsageLine, by_depth};
use super::{ArchiveError, Counts, Exported, MAX_LINE, VERSION};
use crate::bank::{Action, Bank, Context, Error};
use crate::ledger::{Book, Chart};
use crate::store::rows::Rows;
use crate::store::{ArchiveRow, ErrorKind, Head, StoreError};

impl Bank {
    /// Writes the whole bank as an [archive](super). Nobody may post meanwhile: it compares the
    /// head of the journal before and after, and what was written then has no trailer, so that no
    /// import takes it.
    ///
    /// Every line is read back before it is written. It blocks the thread while it writes.
    ///
    /// # Errors
    /// [`ErrorKind::Conflict`] when somebody posted; [`Error::Archive`] with
    /// [`ArchiveError::Io`] or [`ArchiveError::Unreadable`]; [`Error::Denied`]; [`Error::Store`].
    pub async fn export<W: Write + Send + ?Sized>(
        &self,
        context: &Context,
        to: &mut W,
    ) -> Result<Exported, Error> {
        self.authorise(context, Action::Export)?;
        let store = &*self.inner.store;
        let before = store.head().await?;
        let mut rows = Rows::of(store).await?;
        let mut writer = Writer::new(to);
        writer.line(&Line::CorebankArchive(VERSION))?;
        while let Some(rows) = rows.next().await? {
            for row in rows {
                writer.row(row)?;
            }
        }
        let after = store.head().await?;
        if after != before || writer.head.position != after.position {
            let what = "somebody posted during the export; export when nobody does";
            return Err(StoreError::new(ErrorKind::Conflict, what).into());
        }
        Ok(writer.finish()?)
    }
}

struct Writer<'w, W: ?Sized> {
    to: &'w mut W,
    hash: Sha256,
    lines: u64,
    bytes: u64,
    counts: Counts,
    head: Head,
    text: Vec<u8>,
    scratch: Vec<u8>,
}

impl<'w, W: Write + ?Sized> Writer<'w, W> {
    fn new(to: &'w mut W) -> Self {
        Self {
            to,
            hash: Sha256::new(),
            lines: 0,
            bytes: 0,
            counts: Counts::default(),
            head: Head::default(),
            text: Vec::new(),
            scratch: Vec::new(),
        }
    }

    fn row(&mut self, row: ArchiveRow) -> Result<(), ArchiveError> {
        let counts = &mut self.counts;
        let (count, line) = match row {
            ArchiveRow::Book(book, chart) => return self.book(&book, &chart),
            ArchiveRow::Account(account) => {
                (&mut counts.accounts, Line::Account(Box::new((*account).into())))
            }
            ArchiveRow::Record(record) => {
                self.head = Head { position: record.position(), instant: record.posted_at() };
                (&mut counts.records, Line::Record(record))
            }
            ArchiveRow::Block(block) => (&mut counts.blocks, Line::Block(block)),
            ArchiveRow::Hold(hold) => (&mut counts.holds, Line::Hold(Box::new((*hold).into()))),
            ArchiveRow::Key(key, record) => (&mut counts.keys, Line::Key(KeyLine::of(key, record))),
            ArchiveRow::Usage(key, usage) => {
                (&mut counts.usages, Line::Usage(UsageLine::of(key, usage)))
            }
            ArchiveRow::Entity(row, _) => {
                (&mut counts.entities, Line::Entity(EntityLine::of(&row)))
            }
        };
        *count = count.saturating_add(1);
        self.line(&line)
    }

    fn book(&mut self, book: &Book, chart: &Chart) -> Result<(), ArchiveError> {
        self.line(&Line::Book(BookLine { closed_through: book.closed_through }))?;
        for node in by_depth(chart) {
            self.counts.chart_nodes = self.counts.chart_nodes.saturating_add(1);
            self.line(&Line::ChartNode(node.clone()))?;
        }
        for rule in book.limits.iter() {
            self.counts.limits = self.counts.limits.saturating_add(1);
            self.line(&Line::Limit(rule.clone()))?;
        }
        Ok(())
    }

    /// Writes a line that counts for the checksum.
    fn line(&mut self, line: &Line) -> Result<(), ArchiveError> {
        self.compose(line)?;
        self.hash.update(&self.text);
        self.send()
    }

    /// Brings a line into its form, as it can be read again.
    fn compose(&mut self, line: &Line) -> Result<(), ArchiveError> {
        self.lines = self.lines.saturating_add(1);
        let unreadable = ArchiveError::Unreadable { line: self.lines };
        self.text.clear();
        line.write(&mut self.text).map_err(|_| unreadable)?;
        if self.text.len() >= MAX_LINE {
            return Err(unreadable);
        }
        Line::read(&self.text, self.lines, &mut self.scratch).map_err(|_| unreadable)?;
        self.text.push(b'\n');
        Ok(())
    }

    fn send(&mut self) -> Result<(), ArchiveError> {
        let length = u64::try_from(self.text.len()).unwrap_or(u64::MAX);
        self.bytes = self.bytes.saturating_add(length);
        Ok(self.to.write_all(&self.text)?)
    }

    fn finish(mut self) -> Result<Exported, ArchiveError> {
        let sha256 = std::mem::take(&mut self.hash).finalize().into();
        let (counts, head) = (self.counts, self.head);
        let Head { position, instant } = head;
        self.compose(&Line::Trailer(Trailer { counts, position, instant, sha256 }))?;
        self.send()?;
        self.to.flush()?;
        Ok(Exported { counts, head, sha256, bytes: self.bytes })
    }
}
