//! What every text that is parsed by its `new` and read by its `as_str` has besides.

/// The wire form: the text. What is read has passed `new`.
macro_rules! wire_as_text {
    ($name:ident) => {
        impl ::serde::Serialize for $name {
            fn serialize<S: ::serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.serialize_str(self.as_str())
            }
        }

        impl<'de> ::serde::Deserialize<'de> for $name {
            fn deserialize<D: ::serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let text =
                    <::std::borrow::Cow<'de, str> as ::serde::Deserialize>::deserialize(from)?;
                Self::new(&text).map_err(::serde::de::Error::custom)
            }
        }
    };
}

/// `Debug` that prints the length only, unless nothing in the text can be personal.
macro_rules! debug_as_length {
    ($name:ident, $hidden:literal) => {
        impl ::std::fmt::Debug for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                let text = self.as_str();
                if $hidden {
                    write!(f, concat!(stringify!($name), "({} characters)"), text.chars().count())
                } else {
                    write!(f, concat!(stringify!($name), "({:?})"), text)
                }
            }
        }
    };
}

pub(crate) use {debug_as_length, wire_as_text};
