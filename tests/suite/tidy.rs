//! The rules of the house, as a plain test over the source text. Each check is a function from
//! text to complaints, and a test of its own shows that it can complain.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use corebank::ledger::Refusal;

/// Floors. A room imports from lower floors only.
const FLOORS: &[(&str, u32)] = &[
    ("money", 0),
    ("time", 0),
    ("id", 0),
    ("locale", 0),
    ("privacy", 0),
    ("ledger", 1),
    ("party", 2),
    ("product", 2),
    ("kyc", 3),
    ("account", 4),
    ("profile", 5),
    ("store", 6),
    ("bank", 7),
    ("bridge", 8),
    ("conformance", 9),
];

/// Neighbours that may be imported all the same, each with its reason.
const NEIGHBOURS: &[(&str, &str)] = &[
    // An id of version 7 is stamped with an instant, which is the argument of its source.
    ("id", "time"),
    // A data key is named by an id and lives from an instant on.
    ("privacy", "id"),
    ("privacy", "time"),
];

/// Rooms that hold rules and so may not reach the world outside; one file of them reads the clock.
const PURE: &[&str] = &[
    "money", "time", "id", "locale", "privacy", "ledger", "party", "product", "kyc", "account",
    "profile",
];
const READS_THE_CLOCK: &str = "src/time/clock.rs";

/// The codes of the rooms that refuse, and where each is written.
const ROOMS_THAT_REFUSE: &[(&[&str], &str)] = &[
    (Refusal::ALL, "src/ledger/refusal.rs"),
    (corebank::party::Refusal::ALL, "src/party/refusal.rs"),
    (corebank::kyc::Refusal::ALL, "src/kyc/refusal.rs"),
    (corebank::product::Refusal::ALL, "src/product/refusal.rs"),
    (corebank::account::Refusal::ALL, "src/account/refusal.rs"),
    (corebank::profile::Refusal::ALL, "src/profile/refusal.rs"),
];

/// What a pure room does without.
const IMPURE: &[&str] = &["async", "await", "sqlx", "SystemTime", "rand", "f32", "f64"];

/// The longest file and function. The tables of standards (ISO 4217 and its like) are data.
const MAX_FILE: usize = 800;
const AIM_FILE: usize = 400;
const MAX_FUNCTION: usize = 70;

/// Files above the aim, with the most lines that each may have. Numbers only go down; a file that
/// is back within the aim leaves the list.
const LONG_FILES: &[(&str, usize)] = &[
    ("src/id.rs", 437),
    ("src/ledger/encode.rs", 460),
    ("src/ledger/verify/difference.rs", 402),
    ("src/ledger/verify/tests.rs", 576),
];

/// Functions above the bound, as `file::function`. Empty is what it should be.
const LONG_FUNCTIONS: &[&str] = &[];

// ---- the checks

#[test]
fn imports_go_down() {
    none(each("src", |file| upward_imports(&file.path, &file.lexed)));
}

#[test]
fn rooms_with_rules_are_pure() {
    none(each("src", |file| impurities(&file.path, &file.lexed)));
}

#[test]
fn only_the_corridor_applies_and_commits() {
    none(each("src", |file| writes_beside_the_corridor(&file.path, &file.lexed)));
}

#[test]
fn only_the_ledger_proves_a_balance() {
    none(each("src", |file| proofs_of_balance(&file.path, &file.lexed)));
}

#[test]
fn sql_stands_under_store() {
    none(each("src", |file| sql_text(&file.path, &file.lexed)));
}

#[test]
fn refusal_codes_are_unique_and_in_the_guide() {
    let guide = read("src/guide/errors.md");
    let (_, errors) = guide.split_once("\n# Refusals\n").expect("a chapter on refusals");
    let (errors, _) = errors.split_once("\n# Denials\n").expect("a chapter on denials");
    let mut all = Vec::new();
    for (codes, file) in ROOMS_THAT_REFUSE {
        none(unlisted(codes, &passing_codes(&read(file)), errors));
        all.extend_from_slice(codes);
    }
    none(repeated(&all));
    none(strangers(&all, errors));
}

#[test]
fn every_feature_has_a_row() {
    let features = features(&read("Cargo.toml"));
    assert!(!features.is_empty(), "no [features] found in Cargo.toml");
    none(without_row(&features, "src/lib.rs", &read("src/lib.rs")));
    none(without_row(&features, "README.md", &read("README.md")));
}

#[test]
fn files_are_short() {
    let lengths = each("src", |file| vec![(file.path.clone(), file.text.lines().count())]);
    none(long_files(&lengths, LONG_FILES));
}

#[test]
fn functions_are_short() {
    let all = each("src", |file| functions(&file.path, &file.lexed.code));
    none(long_functions(&all, LONG_FUNCTIONS));
}

#[test]
fn nothing_is_left_undone() {
    let mut all = Vec::new();
    for folder in ["src", "tests", "examples", "benches", "fuzz/fuzz_targets"] {
        all.extend(each(folder, |file| undone(&file.path, &file.lexed.code)));
    }
    none(all);
}

#[test]
fn every_chapter_is_bound() {
    let bound = read("src/guide/mod.rs");
    let chapters = names_in("src/guide", "md");
    assert!(!chapters.is_empty(), "no chapters found");
    none(
        chapters
            .iter()
            .filter(|name| !bound.contains(&format!("include_str!(\"{name}\")")))
            .collect::<Vec<_>>(),
    );
}

#[test]
fn every_suite_is_mounted() {
    let main = read("tests/suite/main.rs");
    let files = names_in("tests/suite", "rs");
    let lost = files.iter().filter(|name| {
        let stem = name.trim_end_matches(".rs");
        stem != "main" && !main.contains(&format!("mod {stem};"))
    });
    none(lost.collect::<Vec<_>>());
}

#[test]
fn paths_that_the_guide_names_exist() {
    let chapters = names_in("src/guide", "md");
    let lost = chapters.iter().flat_map(|name| {
        let text = read(&format!("src/guide/{name}"));
        let paths = paths_in(&text);
        paths
            .into_iter()
            .filter(|path| !root().join(path).exists())
            .map(move |path| format!("{name}: {path}"))
    });
    none(lost.collect::<Vec<_>>());
}

// ---- from text to complaints

fn floor_of(room: &str) -> Option<u32> {
    FLOORS.iter().find(|(name, _)| *name == room).map(|(_, floor)| *floor)
}

/// The room of a path such as `src/ledger/post.rs` or `src/id.rs`.
fn room_of(path: &str) -> &str {
    let inner = path.strip_prefix("src/").unwrap_or(path);
    inner.split(['/', '.']).next().unwrap_or(inner)
}

/// `support` carries foreign traits to every floor and holds no rule, so it is not on one.
fn upward_imports(path: &str, lexed: &Lexed) -> Vec<String> {
    let room = room_of(path);
    if ["lib", "guide", "support"].contains(&room) {
        return Vec::new();
    }
    let Some(own) = floor_of(room) else {
        return vec![format!("{path}: room `{room}` has no floor")];
    };
    let named = imported_rooms(&lexed.code)
        .into_iter()
        .filter(|(_, named)| named != "support" && named != room);
    named
        .filter(|(_, named)| {
            let neighbour = NEIGHBOURS.contains(&(room, named.as_str()));
            !neighbour && floor_of(named).is_none_or(|floor| floor >= own)
        })
        .map(|(line, named)| format!("{path}:{line}: {room} imports {named}"))
        .collect()
}

/// What follows `crate::`, also in `crate::{a, b}`, with its line.
fn imported_rooms(code: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        let line = line_of(code, at);
        let rest = code[at + "crate::".len()..].trim_start();
        let Some(list) = rest.strip_prefix('{') else {
            found.push((line, leading_word(rest)));
            continue;
        };
        let (mut depth, mut at_start) = (0_i32, true);
        for (index, character) in list.char_indices() {
            match character {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => at_start = true,
                _ if at_start && !character.is_whitespace() => {
                    found.push((line, leading_word(&list[index..])));
                    at_start = false;
                }
                _ => {}
            }
        }
    }
    found
}

fn impurities(path: &str, lexed: &Lexed) -> Vec<String> {
    if !PURE.contains(&room_of(path)) || path == READS_THE_CLOCK || is_tests(path) {
        return Vec::new();
    }
    let code = without_tests(&lexed.code);
    let words =
        IMPURE.iter().flat_map(|word| places(&code, word).into_iter().map(move |at| (at, *word)));
    let calls = [".unwrap(", ".expect(", "Instant::now"]
        .into_iter()
        .flat_map(|call| code.match_indices(call));
    words
        .chain(calls)
        .map(|(at, what)| format!("{path}:{}: a room with rules says `{what}`", line_of(&code, at)))
        .collect()
}

/// Below the store nobody can name a unit, so these words mean other things there.
fn writes_beside_the_corridor(path: &str, lexed: &Lexed) -> Vec<String> {
    let may = path == "src/bank/corridor.rs" || ["store", "conformance"].contains(&room_of(path));
    if may || PURE.contains(&room_of(path)) {
        return Vec::new();
    }
    let calls = [".apply(", ".commit("].into_iter().flat_map(|call| lexed.code.match_indices(call));
    calls
        .map(|(at, call)| {
            format!("{path}:{}: `{call}` outside the corridor", line_of(&lexed.code, at))
        })
        .collect()
}

fn proofs_of_balance(path: &str, lexed: &Lexed) -> Vec<String> {
    if room_of(path) == "ledger" {
        return Vec::new();
    }
    let made = ["BalancedEntries::new", "BalancedEntries("];
    let made = made.into_iter().flat_map(|call| lexed.code.match_indices(call));
    made.map(|(at, _)| {
        format!("{path}:{}: balanced entries are built in the ledger", line_of(&lexed.code, at))
    })
    .collect()
}

/// Two words of a statement in one literal: a refusal may well say "delete", but not with "from".
fn sql_text(path: &str, lexed: &Lexed) -> Vec<String> {
    const STATEMENTS: &[(&str, &str)] = &[
        ("SELECT ", " FROM "),
        ("INSERT ", "INTO "),
        ("UPDATE ", " SET "),
        ("DELETE ", "FROM "),
        ("CREATE ", "TABLE "),
        ("ALTER ", "TABLE "),
    ];
    if room_of(path) == "store" {
        return Vec::new();
    }
    let is_sql = |text: &str| {
        STATEMENTS.iter().any(|(verb, then)| {
            text.split_once(verb).is_some_and(|(_, rest)| format!(" {rest}").contains(then))
        })
    };
    let literals = lexed.literals.iter().filter(|(_, text)| is_sql(text));
    literals.map(|(line, _)| format!("{path}:{line}: SQL text outside store/")).collect()
}

fn repeated(codes: &[&str]) -> Vec<String> {
    let mut seen = BTreeMap::new();
    codes.iter().for_each(|code| *seen.entry(*code).or_insert(0) += 1);
    seen.into_iter()
        .filter(|(_, count)| *count > 1)
        .map(|(code, _)| format!("code {code} stands twice"))
        .collect()
}

/// The codes that the table in `refusal.rs` marks as passing.
fn passing_codes(source: &str) -> Vec<String> {
    let lines = source.split(';').filter(|declared| declared.contains("\", true, \""));
    lines
        .filter_map(|declared| {
            let before = declared.split("\", true, \"").next()?;
            before.rsplit('"').next().map(str::to_owned)
        })
        .collect()
}

/// A row is `| code | passing | …`, where passing is `yes` or `no`.
fn rows(guide: &str) -> BTreeMap<String, String> {
    let cells = guide.lines().filter_map(|line| {
        let mut cells = line.strip_prefix("| `")?.split('|').map(str::trim);
        let code = cells.next()?.trim_end_matches('`').to_owned();
        let passing = cells.next()?.to_owned();
        ["yes", "no"].contains(&passing.as_str()).then_some((code, passing))
    });
    cells.collect()
}

fn unlisted(codes: &[&str], passing: &[String], guide: &str) -> Vec<String> {
    let rows = rows(guide);
    let complaints = codes.iter().filter_map(|code| {
        let expected = if passing.iter().any(|one| one == code) { "yes" } else { "no" };
        match rows.get(*code) {
            None => Some(format!("guide/errors.md has no row for `{code}`")),
            Some(said) if said != expected => {
                Some(format!("guide/errors.md says passing = {said} of `{code}`"))
            }
            Some(_) => None,
        }
    });
    complaints.collect()
}

fn strangers(codes: &[&str], guide: &str) -> Vec<String> {
    let rows = rows(guide).into_keys().filter(|code| !codes.contains(&code.as_str()));
    rows.map(|code| format!("guide/errors.md lists `{code}`, which no refusal has")).collect()
}

fn features(manifest: &str) -> Vec<String> {
    let section = manifest.lines().skip_while(|line| *line != "[features]").skip(1);
    let section = section.take_while(|line| !line.starts_with('['));
    let names = section.filter_map(|line| line.split_once(" = ").map(|(name, _)| name));
    names.filter(|name| !name.starts_with('#')).map(str::to_owned).collect()
}

fn without_row(features: &[String], path: &str, text: &str) -> Vec<String> {
    let missing = features.iter().filter(|feature| !text.contains(&format!("| `{feature}` |")));
    missing.map(|feature| format!("{path} has no row for the feature `{feature}`")).collect()
}

fn is_table_of_a_standard(path: &str) -> bool {
    path.rsplit('/')
        .next()
        .is_some_and(|name| name.starts_with("iso") || name.ends_with("_table.rs"))
}

fn long_files(lengths: &[(String, usize)], ratchet: &[(&str, usize)]) -> Vec<String> {
    let mut complaints = Vec::new();
    for (path, lines) in lengths.iter().filter(|(path, _)| !is_table_of_a_standard(path)) {
        let listed = ratchet.iter().find(|(listed, _)| listed == path);
        match listed {
            _ if *lines > MAX_FILE => {
                complaints.push(format!("{path} has {lines} lines, {MAX_FILE} at most"))
            }
            Some((_, most)) if lines > most => {
                complaints.push(format!("{path} grew from {most} to {lines} lines"))
            }
            Some(_) if *lines <= AIM_FILE => {
                complaints.push(format!("{path} is short again: take it off LONG_FILES"))
            }
            None if *lines > AIM_FILE => {
                complaints.push(format!("{path} has {lines} lines: split it"))
            }
            _ => {}
        }
    }
    let gone = ratchet.iter().filter(|(listed, _)| !lengths.iter().any(|(path, _)| path == listed));
    complaints.extend(gone.map(|(path, _)| format!("{path} is gone: take it off LONG_FILES")));
    complaints
}

/// Every function with a body, as `file::name`, and its lines from `fn` to the closing brace.
fn functions(path: &str, code: &str) -> Vec<(String, usize)> {
    let mut found = Vec::new();
    for at in places(code, "fn") {
        let name = leading_word(code[at + 2..].trim_start());
        if name.is_empty() {
            continue;
        }
        let Some(open) = body(code, at) else { continue };
        let lines = code[at..closing(code, open)].lines().count();
        found.push((format!("{path}::{name}"), lines));
    }
    found
}

/// Where the body begins of the function or item at a place; `None` when it ends with `;`.
fn body(code: &str, from: usize) -> Option<usize> {
    let mut depth = 0_i32;
    for (at, byte) in code.bytes().enumerate().skip(from) {
        match byte {
            b'(' | b'[' => depth += 1,
            b')' | b']' => depth -= 1,
            b'{' if depth == 0 => return Some(at),
            b';' if depth == 0 => return None,
            _ => {}
        }
    }
    None
}

/// Just behind the brace that closes the one at `open`.
fn closing(code: &str, open: usize) -> usize {
    let mut depth = 0_i32;
    for (at, byte) in code.bytes().enumerate().skip(open) {
        match byte {
            b'{' => depth += 1,
            b'}' => depth -= 1,
            _ => continue,
        }
        if depth == 0 {
            return at + 1;
        }
    }
    code.len()
}

fn long_functions(all: &[(String, usize)], ratchet: &[&str]) -> Vec<String> {
    let long: Vec<_> = all.iter().filter(|(_, lines)| *lines > MAX_FUNCTION).collect();
    let unlisted = long.iter().filter(|(name, _)| !ratchet.contains(&name.as_str()));
    let mut complaints: Vec<String> =
        unlisted.map(|(name, lines)| format!("{name} has {lines} lines")).collect();
    let short = ratchet.iter().filter(|listed| !long.iter().any(|(name, _)| name == *listed));
    complaints.extend(short.map(|name| format!("{name} is short: take it off LONG_FUNCTIONS")));
    complaints
}

fn undone(path: &str, code: &str) -> Vec<String> {
    let macros = ["todo", "unimplemented", "dbg"].into_iter().flat_map(|name| {
        places(code, name).into_iter().filter(move |at| code[at + name.len()..].starts_with('!'))
    });
    let ignored = code.match_indices("#[ignore").map(|(at, _)| at);
    macros.chain(ignored).map(|at| format!("{path}:{}: not done", line_of(code, at))).collect()
}

/// Paths into the repository that a chapter names between backticks; those that end in `/` too.
fn paths_in(chapter: &str) -> Vec<String> {
    let quoted = chapter.split('`').skip(1).step_by(2);
    let paths = quoted.filter(|quoted| {
        let inside = ["src/", "tests/", "examples/", "benches/", "fuzz/", ".ci/"];
        inside.iter().any(|start| quoted.starts_with(start))
            && !quoted.contains(['*', ' ', '<', '{', '\n'])
    });
    paths.map(|path| path.split("::").next().unwrap_or(path).to_owned()).collect()
}

// ---- reading the source

struct File {
    path: String,
    text: String,
    lexed: Lexed,
}

/// Rust text, taken apart: code in which comments and the contents of literals are blanks (so that
/// places and lines stay), and the contents of string literals by line.
struct Lexed {
    code: String,
    literals: Vec<(usize, String)>,
}

fn lex(text: &str) -> Lexed {
    let bytes = text.as_bytes();
    let (mut code, mut literals) = (bytes.to_vec(), Vec::new());
    let mut at = 0;
    while at < bytes.len() {
        let rest = &bytes[at..];
        let word_before = at > 0 && is_word(bytes[at - 1]);
        if rest.starts_with(b"//") {
            let end = at + rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
            blank(&mut code[at..end]);
            at = end;
        } else if rest.starts_with(b"/*") {
            let end = at + block_comment(rest);
            blank(&mut code[at..end]);
            at = end;
        } else if let Some(hashes) = raw_string(rest).filter(|_| !word_before) {
            let open = at + 1 + hashes + usize::from(rest[0] == b'b') + 1;
            let fence = [b"\"".as_slice(), &vec![b'#'; hashes]].concat();
            let close = find(&bytes[open..], &fence).map_or(bytes.len(), |length| open + length);
            literals.push((
                line_of(text, at),
                String::from_utf8_lossy(&bytes[open..close]).into_owned(),
            ));
            blank(&mut code[open..close]);
            at = (close + fence.len()).min(bytes.len());
        } else if rest[0] == b'"' {
            let close = at + 1 + quoted(&rest[1..], b'"');
            literals.push((
                line_of(text, at),
                String::from_utf8_lossy(&bytes[at + 1..close]).into_owned(),
            ));
            blank(&mut code[at + 1..close]);
            at = close + 1;
        } else if let Some(length) = character(rest) {
            blank(&mut code[at + 1..at + length]);
            at += length + 1;
        } else {
            at += 1;
        }
    }
    Lexed { code: String::from_utf8(code).expect("blanks replace whole characters"), literals }
}

fn blank(bytes: &mut [u8]) {
    bytes.iter_mut().filter(|byte| **byte != b'\n').for_each(|byte| *byte = b' ');
}

fn block_comment(rest: &[u8]) -> usize {
    let (mut depth, mut at) = (0_i32, 0);
    while at < rest.len() {
        if rest[at..].starts_with(b"/*") {
            (depth, at) = (depth + 1, at + 2);
        } else if rest[at..].starts_with(b"*/") {
            (depth, at) = (depth - 1, at + 2);
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    rest.len()
}

/// The number of hashes of a raw string that begins here.
fn raw_string(rest: &[u8]) -> Option<usize> {
    let rest = rest.strip_prefix(b"b").unwrap_or(rest).strip_prefix(b"r")?;
    let hashes = rest.iter().take_while(|byte| **byte == b'#').count();
    (rest.get(hashes) == Some(&b'"')).then_some(hashes)
}

/// Up to the quote that ends a literal, escapes skipped.
fn quoted(rest: &[u8], quote: u8) -> usize {
    let mut at = 0;
    while at < rest.len() && rest[at] != quote {
        at += if rest[at] == b'\\' { 2 } else { 1 };
    }
    at.min(rest.len())
}

/// The place of the closing quote of a character literal; `None` for a lifetime.
fn character(rest: &[u8]) -> Option<usize> {
    let inner = rest.strip_prefix(b"'")?;
    if inner.first() == Some(&b'\\') {
        return Some(1 + quoted(inner, b'\''));
    }
    let width = std::str::from_utf8(&inner[..inner.len().min(4)])
        .or_else(|error| std::str::from_utf8(&inner[..error.valid_up_to()]))
        .ok()?
        .chars()
        .next()?
        .len_utf8();
    (inner.get(width) == Some(&b'\'')).then_some(1 + width)
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}

/// Blanks the items behind `#[cfg(test)]`.
fn without_tests(code: &str) -> String {
    let mut bytes = code.as_bytes().to_vec();
    for (at, mark) in code.match_indices("#[cfg(test)]") {
        if let Some(open) = body(code, at + mark.len()) {
            blank(&mut bytes[at..closing(code, open)]);
        }
    }
    String::from_utf8(bytes).expect("blanks replace whole items")
}

fn is_tests(path: &str) -> bool {
    path.ends_with("/tests.rs") || path.contains("/tests/")
}

const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn leading_word(text: &str) -> String {
    text.chars().take_while(|character| character.is_alphanumeric() || *character == '_').collect()
}

/// Where a word stands by itself.
fn places(code: &str, word: &str) -> Vec<usize> {
    let bytes = code.as_bytes();
    let whole = |at: &usize| {
        let before = at.checked_sub(1).is_none_or(|before| !is_word(bytes[before]));
        before && bytes.get(at + word.len()).is_none_or(|after| !is_word(*after))
    };
    code.match_indices(word).map(|(at, _)| at).filter(whole).collect()
}

fn line_of(text: &str, at: usize) -> usize {
    text.as_bytes()[..at].iter().filter(|byte| **byte == b'\n').count() + 1
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn names_in(folder: &str, extension: &str) -> Vec<String> {
    let entries =
        fs::read_dir(root().join(folder)).unwrap_or_else(|error| panic!("{folder}: {error}"));
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.ends_with(&format!(".{extension}"))).collect()
}

/// What a check says of every Rust file below a folder, in the order of their paths.
fn each<T>(folder: &str, check: impl Fn(&File) -> Vec<T>) -> Vec<T> {
    let mut paths = Vec::new();
    rust_files(&root().join(folder), &mut paths);
    paths.sort();
    assert!(folder != "src" || paths.len() > 20, "found only {} files below src", paths.len());
    let files = paths.into_iter().map(|path| {
        let text = read(&path);
        File { lexed: lex(&text), path, text }
    });
    files.flat_map(|file| check(&file)).collect()
}

fn rust_files(folder: &Path, into: &mut Vec<String>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for path in entries.map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            rust_files(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let inner = path.strip_prefix(root()).unwrap();
            into.push(inner.to_str().unwrap().replace('\\', "/"));
        }
    }
}

#[track_caller]
fn none<T: std::fmt::Display>(complaints: Vec<T>) {
    let lines: Vec<String> = complaints.iter().map(ToString::to_string).collect();
    assert!(lines.is_empty(), "\n{}\n", lines.join("\n"));
}

// ---- each check can fail

#[test]
fn an_upward_import_is_found() {
    let up = |path: &str, text: &str| upward_imports(path, &lex(text)).len();
    assert_eq!(up("src/ledger/post.rs", "use crate::store::Store;"), 1);
    assert_eq!(up("src/ledger/post.rs", "use crate::{id::A, bank::{Bank, Context}};"), 1);
    assert_eq!(
        up("src/money/rate.rs", "fn f() -> crate::time::Timestamp { g() }"),
        1,
        "a neighbour"
    );
    assert_eq!(up("src/store/mod.rs", "use crate::Bank;"), 1, "a name from the roof");
    assert_eq!(up("src/cellar/mod.rs", ""), 1, "a room without a floor");
    assert_eq!(up("src/ledger/post.rs", "use crate::{id::A, money::{B, C}, ledger::D};"), 0);
    assert_eq!(up("src/ledger/post.rs", "// crate::store\nlet s = \"crate::bank\";"), 0);
    assert_eq!(up("src/conformance/mod.rs", "use crate::bank::Bank;"), 0);
    assert_eq!(up("src/support/mod.rs", "use crate::bank::Bank;"), 0);
    assert_eq!(up("src/money/wire.rs", "crate::support::serde_as_text!(A);"), 0);
}

#[test]
fn an_impurity_is_found() {
    let said = |path: &str, text: &str| impurities(path, &lex(text)).len();
    let text =
        "async fn f() { g().await; let x: f64 = 0.0; y.unwrap(); std::time::SystemTime::now(); }";
    assert_eq!(said("src/ledger/post.rs", text), 5);
    assert_eq!(said("src/bank/post.rs", text), 0);
    assert_eq!(said("src/time/clock.rs", text), 0);
    assert_eq!(
        said("src/ledger/post.rs", "#[cfg(test)]\nmod tests { fn f() { g().unwrap(); } }"),
        0
    );
    assert_eq!(said("src/ledger/post.rs", "#[cfg(test)]\nmod tests;\nfn f() { g().unwrap(); }"), 1);
    assert_eq!(
        said("src/ledger/post.rs", "/// `async` \nfn operand() { x.unwrap_or(0); \"f64\" }"),
        0
    );
}

#[test]
fn a_write_beside_the_corridor_is_found() {
    let text = "unit.apply(changes).await?; unit.commit().await?;";
    let said = |path: &str| writes_beside_the_corridor(path, &lex(text)).len();
    assert_eq!(said("src/bank/posting.rs"), 2);
    assert_eq!(said("src/bank/corridor.rs"), 0);
    assert_eq!(said("src/store/memory/unit.rs"), 0);
    assert_eq!(said("src/conformance/yielding.rs"), 0);
}

#[test]
fn a_proof_of_balance_elsewhere_is_found() {
    let said = |path: &str| proofs_of_balance(path, &lex("BalancedEntries::new(&legs)?;")).len();
    assert_eq!(said("src/store/memory/rows.rs"), 1);
    assert_eq!(said("src/ledger/decide/post.rs"), 0);
}

#[test]
fn sql_text_elsewhere_is_found() {
    let said = |path: &str, text: &str| sql_text(path, &lex(text)).len();
    assert_eq!(said("src/bank/reads.rs", r#"query("SELECT id FROM accounts")"#), 1);
    assert_eq!(said("src/bank/reads.rs", r##"query(r#"INSERT INTO accounts"#)"##), 1);
    assert_eq!(said("src/store/sqlite/mod.rs", r#"query("SELECT id FROM accounts")"#), 0);
    assert_eq!(said("src/bank/reads.rs", r#"error("select another id from the list")"#), 0);
}

#[test]
fn a_code_that_is_wrong_in_the_guide_is_found() {
    let guide = "| `busy` | yes | a | b |\n| `gone` | no | a | b |\n";
    let passing = ["busy".to_owned()];
    assert_eq!(unlisted(&["busy", "gone"], &passing, guide).len(), 0);
    assert_eq!(unlisted(&["busy", "gone", "new"], &passing, guide).len(), 1);
    assert_eq!(unlisted(&["busy", "gone"], &[], guide).len(), 1);
    assert_eq!(strangers(&["busy"], guide).len(), 1);
    assert_eq!(repeated(&["busy", "gone", "busy"]).len(), 1);
    let source = "A { x: X, } = \"a\", true, \"text\";\n B = \"b\", false, \"text\";";
    assert_eq!(passing_codes(source), ["a"]);
    assert!(passing_codes(&read("src/ledger/refusal.rs")).len() > 5);
}

#[test]
fn a_feature_without_a_row_is_found() {
    let manifest =
        "[features]\n# words\ndefault = []\nserde = [\"dep:serde\"]\n\n[dependencies]\nx = \"1\"\n";
    let features = features(manifest);
    assert_eq!(features, ["default", "serde"]);
    assert_eq!(without_row(&features, "README.md", "| `default` | nothing |\n").len(), 1);
}

#[test]
fn a_long_file_is_found() {
    let said = |path: &str, lines: usize, ratchet: &[(&str, usize)]| {
        long_files(&[(path.to_owned(), lines)], ratchet).len()
    };
    assert_eq!(said("src/a.rs", 801, &[("src/a.rs", 900)]), 1);
    assert_eq!(said("src/a.rs", 450, &[]), 1);
    assert_eq!(said("src/a.rs", 451, &[("src/a.rs", 450)]), 1, "it grew");
    assert_eq!(said("src/a.rs", 300, &[("src/a.rs", 450)]), 1, "it is short again");
    assert_eq!(said("src/b.rs", 300, &[("src/a.rs", 450)]), 1, "it is gone");
    assert_eq!(said("src/a.rs", 450, &[("src/a.rs", 450)]), 0);
    assert_eq!(said("src/money/iso4217.rs", 2_000, &[]), 0);
}

#[test]
fn a_long_function_is_found() {
    let long = format!("fn f(x: [u8; 2]) -> u8 {{\n{}}}\nfn g() {{ }}\n", "    a();\n".repeat(69));
    let all = functions("a.rs", &long);
    assert_eq!(all, [("a.rs::f".to_owned(), 71), ("a.rs::g".to_owned(), 1)]);
    assert_eq!(long_functions(&all, &[]).len(), 1);
    assert_eq!(long_functions(&all, &["a.rs::f"]).len(), 0);
    assert_eq!(long_functions(&all, &["a.rs::f", "a.rs::g"]).len(), 1);
    assert_eq!(functions("a.rs", "fn declared(&self); let f: fn(u8) = g; fn h() {}").len(), 1);
}

#[test]
fn what_is_undone_is_found() {
    let said = |text: &str| undone("a.rs", &lex(text).code).len();
    assert_eq!(
        said("fn f() { todo!() }\n#[ignore = \"slow\"]\nfn g() { dbg!(unimplemented!()) }"),
        4
    );
    assert_eq!(said("// todo!\nlet s = \"dbg!(x)\"; let todo = 1; if todo != 2 {}"), 0);
}

#[test]
fn a_path_in_a_chapter_is_found() {
    assert_eq!(
        paths_in("see `src/a.rs` and `tests/suite/b.rs::c`, `src/*.rs`, `x`"),
        ["src/a.rs", "tests/suite/b.rs"]
    );
}

#[test]
fn text_is_taken_apart() {
    let lexed = lex(
        "let a = \"x // \\\" y\"; // \"z\"\nlet b = 'q'; let c: &'static str = r#\"u\"v\"#; /* { /* } */ */ d",
    );
    assert_eq!(lexed.literals, [(1, "x // \\\" y".to_owned()), (2, "u\"v".to_owned())]);
    let words: Vec<&str> = lexed.code.split_whitespace().collect();
    assert_eq!(words.last(), Some(&"d"));
    assert!(!lexed.code.contains(['x', 'y', 'z', 'q', '{', '}']), "{}", lexed.code);
    assert_eq!(lex("('\\'', '\"', 'é', '{') + \"s\"").literals, [(1, "s".to_owned())]);
}
