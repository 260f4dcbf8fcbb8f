//! The messages of PostgreSQL, protocol version 3, as far as a proxy must know them: where each
//! one ends, and which of them commit.
//!
//! A message is a byte for its type, four for its length (itself included) and the rest; the first
//! one of a client has no type.

use std::collections::HashSet;

const SSL_REQUEST: &[u8] = &80_877_103_u32.to_be_bytes();
const GSS_REQUEST: &[u8] = &80_877_104_u32.to_be_bytes();

/// What is wrong with a stream that is no stream of messages.
#[derive(Debug)]
pub struct Malformed;

/// What a client says.
#[derive(Debug, PartialEq, Eq)]
pub enum Said {
    /// It asks whether it may encrypt; the answer is one byte.
    AsksToEncrypt,
    /// It asks for a commit, or prepares to.
    Commit(Vec<u8>),
    Else(Vec<u8>),
}

/// What a server answers.
#[derive(Debug, PartialEq, Eq)]
pub enum Answer {
    /// It has committed.
    Committed(Vec<u8>),
    /// It has answered all that came before a synchronisation.
    Ready(Vec<u8>),
    Else(Vec<u8>),
}

/// What a client sends, in pieces of any size, as messages.
#[derive(Debug, Default)]
pub struct Client {
    bytes: Vec<u8>,
    started: bool,
    /// Names of prepared statements that commit.
    prepared: HashSet<Vec<u8>>,
}

impl Client {
    pub fn hear(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// The next message, if all of it is there.
    pub fn next(&mut self) -> Result<Option<Said>, Malformed> {
        let Some(message) = take(&mut self.bytes, usize::from(self.started))? else {
            return Ok(None);
        };
        if !self.started {
            if [SSL_REQUEST, GSS_REQUEST].contains(&&message[4..]) {
                return Ok(Some(Said::AsksToEncrypt));
            }
            self.started = true;
            return Ok(Some(Said::Else(message)));
        }
        let commits = self.commits(message[0], &message[5..]);
        Ok(Some(if commits { Said::Commit(message) } else { Said::Else(message) }))
    }

    fn commits(&mut self, kind: u8, body: &[u8]) -> bool {
        // Texts and names end with a zero.
        let mut texts = body.split(|byte| *byte == 0);
        let (first, second) = (texts.next().unwrap_or_default(), texts.next().unwrap_or_default());
        match kind {
            b'Q' => has_commit(first),
            // Parse: a name and its text. A name may be given anew.
            b'P' if has_commit(second) => {
                self.prepared.insert(first.to_vec());
                true
            }
            b'P' => {
                self.prepared.remove(first);
                false
            }
            // Bind: a portal and the name of a statement.
            b'B' => self.prepared.contains(second),
            _ => false,
        }
    }
}

/// What a server sends, in pieces of any size, as messages.
#[derive(Debug, Default)]
pub struct Host {
    bytes: Vec<u8>,
}

impl Host {
    pub fn hear(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// The next message, if all of it is there.
    pub fn next(&mut self) -> Result<Option<Answer>, Malformed> {
        let message = take(&mut self.bytes, 1)?;
        Ok(message.map(|message| match message[0] {
            // Of a transaction that failed it says ROLLBACK.
            b'C' if message[5..].starts_with(b"COMMIT") => Answer::Committed(message),
            b'Z' => Answer::Ready(message),
            _ => Answer::Else(message),
        }))
    }
}

/// Takes the first message off, which has `before` bytes before its length.
fn take(bytes: &mut Vec<u8>, before: usize) -> Result<Option<Vec<u8>>, Malformed> {
    let Some(length) = bytes.get(before..before + 4) else { return Ok(None) };
    let length = u32::from_be_bytes(length.try_into().map_err(|_| Malformed)?) as usize;
    // The first message of a client holds a code at least.
    if length < if before == 0 { 8 } else { 4 } || length > 1 << 30 {
        return Err(Malformed);
    }
    if bytes.len() < before + length {
        return Ok(None);
    }
    let rest = bytes.split_off(before + length);
    Ok(Some(std::mem::replace(bytes, rest)))
}

/// Whether one of the statements of a text is COMMIT or END, which means the same.
pub fn has_commit(text: &[u8]) -> bool {
    let text = String::from_utf8_lossy(text);
    statements(&text).iter().any(|statement| {
        let words = statement.trim_start();
        let end = words.find(|character: char| !character.is_alphanumeric() && character != '_');
        let first = &words[..end.unwrap_or(words.len())];
        first.eq_ignore_ascii_case("commit") || first.eq_ignore_ascii_case("end")
    })
}

/// The statements of a text, with blanks for comments and for what is quoted.
fn statements(text: &str) -> Vec<String> {
    let (mut all, mut now, mut rest) = (Vec::new(), String::new(), text);
    while let Some(first) = rest.chars().next() {
        let skipped = quoted(rest);
        match (first, skipped) {
            (_, Some(length)) => {
                // Not only a blank: a quoted name that stands first is no word of the language.
                now.push_str(if rest.starts_with(['-', '/']) { " " } else { "?" });
                rest = &rest[length..];
                continue;
            }
            (';', None) => all.push(std::mem::take(&mut now)),
            (other, None) => now.push(other),
        }
        rest = &rest[first.len_utf8()..];
    }
    all.push(now);
    all
}

/// The length of the comment or quotation that begins here.
fn quoted(text: &str) -> Option<usize> {
    let up_to = |open: usize, close: &str| {
        text[open..].find(close).map_or(text.len(), |at| open + at + close.len())
    };
    if text.starts_with("--") {
        return Some(up_to(2, "\n"));
    }
    if text.starts_with("/*") {
        return Some(up_to(2, "*/"));
    }
    match text.chars().next()? {
        '\'' => Some(up_to(1, "'")),
        '"' => Some(up_to(1, "\"")),
        '$' => {
            let tag = &text[..text[1..].find('$')? + 2];
            let named = tag[1..tag.len() - 1].chars().all(|c| c.is_alphabetic() || c == '_');
            named.then(|| up_to(tag.len(), tag))
        }
        _ => None,
    }
}

#[test]
fn a_commit_is_found_in_a_text() {
    for text in [
        "COMMIT",
        " commit ;",
        "Commit Work",
        "END",
        "INSERT INTO a VALUES (1); COMMIT",
        "-- at last\nCOMMIT",
        "/* at last; */COMMIT AND CHAIN",
        "SELECT 'it''s'; COMMIT;",
        "DO $x$ BEGIN; END $x$; COMMIT",
    ] {
        assert!(has_commit(text.as_bytes()), "{text}");
    }
    for text in [
        "",
        "COMMITS",
        "SELECT 1 AS commit",
        "SELECT 'a; COMMIT; b'",
        "SELECT \"; COMMIT; \"",
        "\"x\" COMMIT",
        "-- ; COMMIT",
        "DO $$ BEGIN; COMMIT; END; $$",
        "DO $a$ ; COMMIT; $a$",
        "SELECT $1; SELECT $2",
        "ROLLBACK",
    ] {
        assert!(!has_commit(text.as_bytes()), "{text}");
    }
}

#[test]
fn messages_are_found_however_they_are_cut() {
    let message = |kind: &[u8], body: &[u8]| {
        let length = (body.len() as u32 + 4).to_be_bytes();
        [kind, length.as_slice(), body].concat()
    };
    let startup = message(b"", b"\0\x03\0\0user\0me\0\0");
    let (begin, commit) = (message(b"Q", b"BEGIN\0"), message(b"Q", b"COMMIT\0"));
    let (parse, bind) = (message(b"P", b"s\0COMMIT\0\0\0"), message(b"B", b"\0s\0\0\0\0\0\0\0"));
    let another = message(b"P", b"s\0BEGIN\0\0\0");
    let asks = message(b"", SSL_REQUEST);
    let said = [&asks, &startup, &begin, &commit, &parse, &bind, &another, &bind];
    let stream = said.map(Vec::as_slice).concat();
    for size in [1, 3, 7, stream.len()] {
        let (mut client, mut all) = (Client::default(), Vec::new());
        for piece in stream.chunks(size) {
            client.hear(piece);
            while let Some(said) = client.next().unwrap() {
                all.push(said);
            }
        }
        let expected = [
            Said::AsksToEncrypt,
            Said::Else(startup.clone()),
            Said::Else(begin.clone()),
            Said::Commit(commit.clone()),
            Said::Commit(parse.clone()),
            Said::Commit(bind.clone()),
            Said::Else(another.clone()),
            Said::Else(bind.clone()),
        ];
        assert_eq!(all, expected, "in pieces of {size}");
    }
    let mut host = Host::default();
    host.hear(&[message(b"C", b"COMMIT\0"), message(b"C", b"ROLLBACK\0")].concat());
    assert!(matches!(host.next(), Ok(Some(Answer::Committed(_)))));
    assert!(matches!(host.next(), Ok(Some(Answer::Else(_)))));
    assert!(matches!(host.next(), Ok(None)));
    host.hear(&message(b"Z", b"I"));
    assert!(matches!(host.next(), Ok(Some(Answer::Ready(_)))));
    host.hear(&[b'C', 0, 0, 0, 3]);
    assert!(host.next().is_err(), "a message is no shorter than its length");
}
