//! Values that are wiped when they go and never printed.

use std::fmt;

use zeroize::{Zeroize, Zeroizing};

/// A value that is wiped from memory when it is dropped. It prints as `***`, and has no wire form:
/// whoever wants to write it must say so, by [`Sensitive::expose`].
#[derive(Clone, Default)]
pub struct Sensitive<T: Zeroize>(Zeroizing<T>);

impl<T: Zeroize> Sensitive<T> {
    /// Takes a value in.
    pub fn new(value: T) -> Self {
        Self(Zeroizing::new(value))
    }

    /// The value itself. What is made of it is the caller's to guard.
    pub fn expose(&self) -> &T {
        &self.0
    }

    /// The value, to be filled in.
    pub(super) fn expose_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

/// Compared in time that depends on the length only.
impl<T: Zeroize + AsRef<[u8]>> PartialEq for Sensitive<T> {
    fn eq(&self, other: &Self) -> bool {
        use subtle::ConstantTimeEq;
        self.0.as_ref().ct_eq(other.0.as_ref()).into()
    }
}

impl<T: Zeroize + AsRef<[u8]>> Eq for Sensitive<T> {}

impl<T: Zeroize> From<T> for Sensitive<T> {
    fn from(value: T) -> Self {
        Self::new(value)
    }
}

impl<T: Zeroize> fmt::Debug for Sensitive<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl<T: Zeroize> fmt::Display for Sensitive<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad("***")
    }
}
