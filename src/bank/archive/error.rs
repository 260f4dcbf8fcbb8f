//! Why an archive was not written or not taken.

/// Why an archive was not written or not taken. Nothing was changed.
///
/// It names lines, never what stands in them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ArchiveError {
    /// The file could not be read or written.
    #[error("the archive could not be read or written ({kind}); look at the disk or the network")]
    Io {
        /// What the operating system said.
        kind: std::io::ErrorKind,
    },
    /// The store to import into has books already.
    #[error("the store is not empty; import into a new one")]
    NotEmpty,
    /// The first line is not that of an archive.
    #[error("this is not an archive of a bank: its first line does not say so")]
    NotAnArchive,
    /// The archive has a version that this program does not read.
    #[error("the archive has version {found}; use the program that wrote it")]
    Version {
        /// Its version.
        found: u64,
    },
    /// A line is longer than [`MAX_LINE`](super::MAX_LINE).
    #[error("line {line} is longer than {max} bytes, which no line is")]
    LineTooLong {
        /// The line, from 1.
        line: u64,
        /// The bound.
        max: usize,
    },
    /// A line is of a kind that this version does not have.
    #[error("line {line} is of an unknown kind")]
    UnknownKind {
        /// The line, from 1.
        line: u64,
    },
    /// A line is not in the one form that it can have.
    #[error("line {line} is not in the form of an archive")]
    Malformed {
        /// The line, from 1.
        line: u64,
    },
    /// A line does not follow the one before it: lines are missing, repeated or moved.
    #[error("line {line} is out of order")]
    OutOfOrder {
        /// The line, from 1.
        line: u64,
    },
    /// The archive ends before its trailer.
    #[error("the archive ends after line {lines}, before its trailer; get the whole file")]
    Truncated {
        /// How many whole lines there are.
        lines: u64,
    },
    /// Something stands behind the trailer.
    #[error("something stands behind the trailer in line {line}")]
    Trailing {
        /// The line of the trailer, from 1.
        line: u64,
    },
    /// The bytes are not those that were written.
    #[error("the checksum does not fit: the archive was damaged or altered")]
    Checksum,
    /// The trailer counts other lines, or names another head, than the archive has.
    #[error("the trailer does not count what the archive holds")]
    Counts,
    /// Chart, limits or the closed day are not what the journal gives.
    #[error("chart, limits or closed day are not what the journal gives; verify the old bank")]
    BookDiffers,
    /// The books contradict themselves.
    #[error("the books contradict themselves up to line {line}; verify the old bank")]
    Unsound {
        /// The line at which it showed, from 1.
        line: u64,
    },
    /// The seals do not fit the journal.
    #[error("the seals do not fit the journal, {faults} times; verify the seals of the old bank")]
    SealsBroken {
        /// How many faults there are.
        faults: u64,
    },
    /// A row cannot be written so that it can be read again, such as one with a nil id.
    #[error("line {line} could not be read back and was not written; the row has to be changed")]
    Unreadable {
        /// The line, from 1.
        line: u64,
    },
}

impl ArchiveError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Io { .. } => "archive_io",
            Self::NotEmpty => "archive_not_empty",
            Self::NotAnArchive => "archive_not_an_archive",
            Self::Version { .. } => "archive_version",
            Self::LineTooLong { .. } => "archive_line_too_long",
            Self::UnknownKind { .. } => "archive_unknown_kind",
            Self::Malformed { .. } => "archive_malformed",
            Self::OutOfOrder { .. } => "archive_out_of_order",
            Self::Truncated { .. } => "archive_truncated",
            Self::Trailing { .. } => "archive_trailing",
            Self::Checksum => "archive_checksum",
            Self::Counts => "archive_counts",
            Self::BookDiffers => "archive_book_differs",
            Self::Unsound { .. } => "archive_unsound",
            Self::SealsBroken { .. } => "archive_seals_broken",
            Self::Unreadable { .. } => "archive_unreadable",
        }
    }
}

impl From<std::io::Error> for ArchiveError {
    fn from(error: std::io::Error) -> Self {
        Self::Io { kind: error.kind() }
    }
}
