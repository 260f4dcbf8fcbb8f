-- Amounts are minor units. Days count from 1970-01-01. Instants are nanoseconds since then, UTC.
-- A place numbers a record: the number of its unit, then 14 bits for its offset within the unit.
-- The sequence of an entry is the place of its record, then 12 bits for its leg.

CREATE TABLE ~head (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    position INTEGER NOT NULL CHECK (position >= 0),
    instant INTEGER NOT NULL,
    units INTEGER NOT NULL CHECK (units >= 0),
    accounts INTEGER NOT NULL CHECK (accounts >= 0),
    book_version INTEGER NOT NULL CHECK (book_version >= 0),
    closed_through INTEGER
) STRICT;

-- What units that joined a host's transaction share, and what changes the book excludes.
CREATE TABLE ~book (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    version INTEGER NOT NULL
) STRICT;

-- Numbers of units are given out in ranges; gaps mean nothing.
CREATE TABLE ~numbering (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    units INTEGER NOT NULL
) STRICT;

CREATE TABLE ~chart_node (
    code TEXT PRIMARY KEY CHECK (length(code) BETWEEN 1 AND 16),
    class INTEGER NOT NULL CHECK (class BETWEEN 0 AND 4),
    parent TEXT REFERENCES ~chart_node (code),
    name TEXT NOT NULL
) STRICT;

CREATE TABLE ~limit_rule (
    id BLOB PRIMARY KEY,
    rule TEXT NOT NULL
) STRICT;

CREATE TABLE ~account (
    key INTEGER PRIMARY KEY,
    version INTEGER NOT NULL,
    debits_posted INTEGER NOT NULL CHECK (debits_posted >= 0),
    credits_posted INTEGER NOT NULL CHECK (credits_posted >= 0),
    debits_pending INTEGER NOT NULL CHECK (debits_pending >= 0),
    credits_pending INTEGER NOT NULL CHECK (credits_pending >= 0),
    entries INTEGER NOT NULL CHECK (entries >= 0),
    floor_amount INTEGER NOT NULL CHECK (floor_amount >= 0),
    ceiling INTEGER,
    booked INTEGER NOT NULL,
    valued INTEGER NOT NULL,
    class INTEGER NOT NULL CHECK (class BETWEEN 0 AND 4),
    exponent INTEGER NOT NULL CHECK (exponent BETWEEN 0 AND 18),
    floor INTEGER NOT NULL CHECK (floor BETWEEN 0 AND 3),
    block INTEGER NOT NULL CHECK (block BETWEEN 0 AND 3),
    closed INTEGER NOT NULL CHECK (closed IN (0, 1)),
    id BLOB NOT NULL UNIQUE,
    customer BLOB,
    branch BLOB,
    currency TEXT NOT NULL CHECK (length(currency) BETWEEN 3 AND 7),
    code TEXT NOT NULL REFERENCES ~chart_node (code),
    name TEXT,
    opened INTEGER NOT NULL,
    opened_floor INTEGER NOT NULL,
    opened_floor_amount INTEGER NOT NULL,
    opened_ceiling INTEGER,
    CHECK (closed = 0 OR (debits_posted = credits_posted AND debits_pending = 0 AND credits_pending = 0))
) STRICT;
CREATE INDEX ~account_customer ON ~account (customer, id) WHERE customer IS NOT NULL;
CREATE INDEX ~account_code ON ~account (code, id);

-- One row for what was committed together. Its place in the journal is settled at the commit, or,
-- where it joined a host's transaction, by the next unit or reader after the host's commit.
CREATE TABLE ~unit (
    number INTEGER PRIMARY KEY CHECK (number > 0),
    first_position INTEGER UNIQUE CHECK (first_position > 0),
    first_instant INTEGER,
    not_before INTEGER NOT NULL,
    records INTEGER NOT NULL CHECK (records BETWEEN 1 AND 16384),
    turn INTEGER NOT NULL,
    kind TEXT,
    actor TEXT,
    channel TEXT,
    correlation TEXT,
    CHECK ((first_position IS NULL) = (first_instant IS NULL)),
    CHECK ((actor IS NULL) = (channel IS NULL))
) STRICT;
CREATE INDEX ~unit_unsettled ON ~unit (turn) WHERE first_position IS NULL;
CREATE INDEX ~unit_correlation ON ~unit (correlation) WHERE correlation IS NOT NULL;
CREATE INDEX ~unit_kind_of ON ~unit (kind, number) WHERE kind IS NOT NULL;

-- Who asked, in a unit that carries the requests of many: from this place on. Where all records of
-- a unit have one origin it stands in the unit.
CREATE TABLE ~origin (
    place INTEGER PRIMARY KEY,
    actor TEXT NOT NULL,
    channel TEXT NOT NULL,
    correlation TEXT
) STRICT;
CREATE INDEX ~origin_correlation ON ~origin (correlation) WHERE correlation IS NOT NULL;

-- The kinds of units that hold several.
CREATE TABLE ~unit_kind (
    kind TEXT NOT NULL,
    unit INTEGER NOT NULL,
    PRIMARY KEY (kind, unit)
) STRICT, WITHOUT ROWID;

-- Transactions (with a kind) and operations (without). The id of a release stands here too, so
-- that no id is used twice.
CREATE TABLE ~record (
    place INTEGER PRIMARY KEY,
    id BLOB UNIQUE,
    booking_day INTEGER,
    value_day INTEGER,
    defaulted INTEGER NOT NULL,
    detailed INTEGER NOT NULL CHECK (detailed IN (0, 1)),
    kind TEXT,
    CHECK (kind IS NULL OR (id IS NOT NULL AND booking_day IS NOT NULL AND value_day IS NOT NULL)),
    CHECK (kind IS NOT NULL OR detailed = 1)
) STRICT;

-- What few records have.
CREATE TABLE ~detail (
    place INTEGER PRIMARY KEY,
    link INTEGER CHECK (link BETWEEN 0 AND 2),
    linked BLOB,
    marked INTEGER CHECK (marked IN (0, 1)),
    group_id BLOB,
    group_index INTEGER,
    group_size INTEGER,
    reference TEXT,
    words TEXT,
    salt BLOB,
    digest BLOB CHECK (length(digest) = 32),
    operation TEXT,
    CHECK ((link IS NULL) = (linked IS NULL)),
    CHECK ((group_id IS NULL) = (group_index IS NULL))
) STRICT;
-- At most one reversal of each transaction.
CREATE UNIQUE INDEX ~detail_reversal ON ~detail (linked) WHERE link = 0;
CREATE INDEX ~detail_reference ON ~detail (reference) WHERE reference IS NOT NULL;

-- Debits are positive, credits negative. `booked` and `valued` are the latest booking and value
-- day of the account's entries so far; an entry of an earlier day says so in `late_*`.
CREATE TABLE ~entry (
    seq INTEGER PRIMARY KEY,
    account INTEGER NOT NULL REFERENCES ~account (key),
    number INTEGER NOT NULL CHECK (number > 0),
    amount INTEGER NOT NULL CHECK (amount <> 0),
    balance_after INTEGER NOT NULL,
    booked INTEGER NOT NULL,
    valued INTEGER NOT NULL,
    late_booked INTEGER CHECK (late_booked < booked),
    late_valued INTEGER CHECK (late_valued < valued)
) STRICT;
CREATE UNIQUE INDEX ~entry_account ON ~entry (account, number);
CREATE INDEX ~entry_late_booked ON ~entry (account, late_booked, number) WHERE late_booked IS NOT NULL;
CREATE INDEX ~entry_late_valued ON ~entry (account, late_valued, number) WHERE late_valued IS NOT NULL;

CREATE TABLE ~hold (
    place INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    version INTEGER NOT NULL,
    state INTEGER NOT NULL CHECK (state BETWEEN 0 AND 3),
    expires_at INTEGER,
    ended_place INTEGER,
    body TEXT NOT NULL,
    CHECK ((state = 0) = (ended_place IS NULL))
) STRICT;
CREATE INDEX ~hold_due ON ~hold (expires_at, id) WHERE state = 0 AND expires_at IS NOT NULL;
CREATE TABLE ~hold_account (
    account INTEGER NOT NULL REFERENCES ~account (key),
    place INTEGER NOT NULL REFERENCES ~hold (place),
    PRIMARY KEY (account, place)
) STRICT, WITHOUT ROWID;

CREATE TABLE ~usage (
    limit_id BLOB NOT NULL,
    subject BLOB NOT NULL,
    bucket INTEGER NOT NULL,
    version INTEGER NOT NULL CHECK (version > 0),
    amount INTEGER NOT NULL CHECK (amount >= 0),
    times INTEGER NOT NULL CHECK (times >= 0),
    PRIMARY KEY (limit_id, subject, bucket)
) STRICT, WITHOUT ROWID;

CREATE TABLE ~idempotency (
    key TEXT NOT NULL,
    at INTEGER NOT NULL,
    used_for TEXT NOT NULL,
    PRIMARY KEY (key, at)
) STRICT, WITHOUT ROWID;

CREATE TABLE ~block (
    number INTEGER PRIMARY KEY CHECK (number > 0),
    first_position INTEGER NOT NULL UNIQUE,
    records INTEGER NOT NULL CHECK (records > 0),
    root BLOB NOT NULL CHECK (length(root) = 32),
    previous BLOB NOT NULL UNIQUE CHECK (length(previous) = 32),
    sealed_at INTEGER NOT NULL,
    hash BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;

-- How far the readers of the outbox are.
CREATE TABLE ~mark (
    subscriber TEXT NOT NULL,
    part INTEGER NOT NULL,
    parts INTEGER NOT NULL,
    version INTEGER NOT NULL,
    acknowledged INTEGER NOT NULL,
    worker TEXT,
    token BLOB,
    until INTEGER,
    served_at INTEGER NOT NULL,
    PRIMARY KEY (subscriber, part)
) STRICT, WITHOUT ROWID;

INSERT INTO ~head VALUES (1, 0, 0, 0, 0, 0, NULL);
INSERT INTO ~book VALUES (1, 0);
INSERT INTO ~numbering VALUES (1, 0);
