//! A growing column in chunks: appending never copies what stands there, so no posting pays for
//! the size of the book.

const CHUNK_BITS: u32 = 14;
const CHUNK: usize = 1 << CHUNK_BITS;
const MASK: usize = CHUNK - 1;

#[derive(Debug)]
pub(super) struct Column<T> {
    chunks: Vec<Vec<T>>,
    len: usize,
}

impl<T> Default for Column<T> {
    fn default() -> Self {
        Self { chunks: Vec::new(), len: 0 }
    }
}

impl<T> Column<T> {
    pub(super) const fn len(&self) -> usize {
        self.len
    }

    /// Appends a row and returns its index.
    pub(super) fn push(&mut self, row: T) -> usize {
        let at = self.len;
        match self.chunks.last_mut() {
            Some(chunk) if chunk.len() < CHUNK => chunk.push(row),
            _ => {
                // The first chunk of a small book stays small.
                let capacity = if self.chunks.is_empty() { 64 } else { CHUNK };
                let mut chunk = Vec::with_capacity(capacity);
                chunk.push(row);
                self.chunks.push(chunk);
            }
        }
        self.len = self.len.saturating_add(1);
        at
    }

    pub(super) fn get(&self, at: usize) -> Option<&T> {
        self.chunks.get(at >> CHUNK_BITS)?.get(at & MASK)
    }

    pub(super) fn get_mut(&mut self, at: usize) -> Option<&mut T> {
        self.chunks.get_mut(at >> CHUNK_BITS)?.get_mut(at & MASK)
    }

    /// The rows from an index on.
    pub(super) fn iter_from(&self, from: usize) -> impl Iterator<Item = &T> {
        let chunks = self.chunks.get(from >> CHUNK_BITS..).unwrap_or_default();
        let (first, rest) = match chunks.split_first() {
            Some((first, rest)) => (first.get(from & MASK..).unwrap_or_default(), rest),
            None => (&[][..], &[][..]),
        };
        first.iter().chain(rest.iter().flatten())
    }
}
