-- Amounts are minor units. Days count from 1970-01-01. Instants are nanoseconds since then, UTC.
-- A place numbers a record: the number of its unit, then 14 bits for its offset within the unit.
-- The sequence of an entry is the place of its record, then 12 bits for its leg.

CREATE TABLE ~head (
    one SMALLINT PRIMARY KEY CHECK (one = 1),
    position BIGINT NOT NULL CHECK (position >= 0),
    instant BIGINT NOT NULL,
    units BIGINT NOT NULL CHECK (units >= 0),
    accounts BIGINT NOT NULL CHECK (accounts >= 0),
    book_version BIGINT NOT NULL CHECK (book_version >= 0),
    closed_through INTEGER
) WITH (fillfactor = 50);

-- What units that joined a host's transaction share, and what changes the book excludes.
CREATE TABLE ~book (
    one SMALLINT PRIMARY KEY CHECK (one = 1),
    version BIGINT NOT NULL
);

-- Numbers of units are given out in ranges; gaps mean nothing.
CREATE TABLE ~numbering (
    one SMALLINT PRIMARY KEY CHECK (one = 1),
    units BIGINT NOT NULL
);

CREATE TABLE ~chart_node (
    code TEXT PRIMARY KEY CHECK (length(code) BETWEEN 1 AND 16),
    class SMALLINT NOT NULL CHECK (class BETWEEN 0 AND 4),
    parent TEXT REFERENCES ~chart_node (code),
    name TEXT NOT NULL
);

CREATE TABLE ~limit_rule (
    id UUID PRIMARY KEY,
    rule TEXT NOT NULL
);

CREATE TABLE ~account (
    key BIGINT PRIMARY KEY,
    version BIGINT NOT NULL,
    debits_posted BIGINT NOT NULL CHECK (debits_posted >= 0),
    credits_posted BIGINT NOT NULL CHECK (credits_posted >= 0),
    debits_pending BIGINT NOT NULL CHECK (debits_pending >= 0),
    credits_pending BIGINT NOT NULL CHECK (credits_pending >= 0),
    entries BIGINT NOT NULL CHECK (entries >= 0),
    floor_amount BIGINT NOT NULL CHECK (floor_amount >= 0),
    ceiling BIGINT,
    booked INTEGER NOT NULL,
    valued INTEGER NOT NULL,
    class SMALLINT NOT NULL CHECK (class BETWEEN 0 AND 4),
    exponent SMALLINT NOT NULL CHECK (exponent BETWEEN 0 AND 18),
    floor SMALLINT NOT NULL CHECK (floor BETWEEN 0 AND 3),
    block SMALLINT NOT NULL CHECK (block BETWEEN 0 AND 3),
    closed SMALLINT NOT NULL CHECK (closed IN (0, 1)),
    id UUID NOT NULL UNIQUE,
    customer UUID,
    branch UUID,
    currency TEXT NOT NULL CHECK (length(currency) BETWEEN 3 AND 7),
    code TEXT NOT NULL REFERENCES ~chart_node (code),
    name TEXT,
    opened BIGINT NOT NULL,
    opened_floor SMALLINT NOT NULL,
    opened_floor_amount BIGINT NOT NULL,
    opened_ceiling BIGINT,
    CHECK (closed = 0 OR (debits_posted = credits_posted AND debits_pending = 0 AND credits_pending = 0))
) WITH (fillfactor = 60);
CREATE INDEX account_customer ON ~account (customer, id) WHERE customer IS NOT NULL;
CREATE INDEX account_code ON ~account (code, id);

-- One row for what was committed together. Its place in the journal is settled at the commit, or,
-- where it joined a host's transaction, by the next unit or reader after the host's commit.
CREATE TABLE ~unit (
    number BIGINT PRIMARY KEY CHECK (number > 0),
    first_position BIGINT UNIQUE CHECK (first_position > 0),
    first_instant BIGINT,
    not_before BIGINT NOT NULL,
    records INTEGER NOT NULL CHECK (records BETWEEN 1 AND 16384),
    turn INTEGER NOT NULL,
    kind TEXT,
    actor TEXT,
    channel TEXT,
    correlation TEXT,
    CHECK ((first_position IS NULL) = (first_instant IS NULL)),
    CHECK ((actor IS NULL) = (channel IS NULL))
);
CREATE INDEX unit_unsettled ON ~unit (turn) WHERE first_position IS NULL;
CREATE INDEX unit_correlation ON ~unit (correlation) WHERE correlation IS NOT NULL;
CREATE INDEX unit_kind_of ON ~unit (kind, number) WHERE kind IS NOT NULL;

-- Who asked, in a unit that carries the requests of many: from this place on. Where all records of
-- a unit have one origin it stands in the unit.
CREATE TABLE ~origin (
    place BIGINT PRIMARY KEY,
    actor TEXT NOT NULL,
    channel TEXT NOT NULL,
    correlation TEXT
);
CREATE INDEX origin_correlation ON ~origin (correlation) WHERE correlation IS NOT NULL;

-- The kinds of units that hold several.
CREATE TABLE ~unit_kind (
    kind TEXT NOT NULL,
    unit BIGINT NOT NULL,
    PRIMARY KEY (kind, unit)
);

-- Transactions (with a kind) and operations (without). The id of a release stands here too, so
-- that no id is used twice.
CREATE TABLE ~record (
    place BIGINT PRIMARY KEY,
    id UUID UNIQUE,
    booking_day INTEGER,
    value_day INTEGER,
    defaulted SMALLINT NOT NULL,
    detailed SMALLINT NOT NULL CHECK (detailed IN (0, 1)),
    kind TEXT,
    CHECK (kind IS NULL OR (id IS NOT NULL AND booking_day IS NOT NULL AND value_day IS NOT NULL)),
    CHECK (kind IS NOT NULL OR detailed = 1)
);

-- What few records have.
CREATE TABLE ~detail (
    place BIGINT PRIMARY KEY,
    link SMALLINT CHECK (link BETWEEN 0 AND 2),
    linked UUID,
    marked SMALLINT CHECK (marked IN (0, 1)),
    group_id UUID,
    group_index INTEGER,
    group_size INTEGER,
    reference TEXT,
    words TEXT,
    salt BYTEA,
    digest BYTEA CHECK (length(digest) = 32),
    operation TEXT,
    CHECK ((link IS NULL) = (linked IS NULL)),
    CHECK ((group_id IS NULL) = (group_index IS NULL))
);
-- At most one reversal of each transaction.
CREATE UNIQUE INDEX detail_reversal ON ~detail (linked) WHERE link = 0;
CREATE INDEX detail_reference ON ~detail (reference) WHERE reference IS NOT NULL;

-- Debits are positive, credits negative. `booked` and `valued` are the latest booking and value
-- day of the account's entries so far; an entry of an earlier day says so in `late_*`.
CREATE TABLE ~entry (
    seq BIGINT PRIMARY KEY,
    account BIGINT NOT NULL,
    number BIGINT NOT NULL CHECK (number > 0),
    amount BIGINT NOT NULL CHECK (amount <> 0),
    balance_after BIGINT NOT NULL,
    booked INTEGER NOT NULL,
    valued INTEGER NOT NULL,
    late_booked INTEGER CHECK (late_booked < booked),
    late_valued INTEGER CHECK (late_valued < valued)
);
CREATE UNIQUE INDEX entry_account ON ~entry (account, number);
CREATE INDEX entry_late_booked ON ~entry (account, late_booked, number) WHERE late_booked IS NOT NULL;
CREATE INDEX entry_late_valued ON ~entry (account, late_valued, number) WHERE late_valued IS NOT NULL;

CREATE TABLE ~hold (
    place BIGINT PRIMARY KEY,
    id UUID NOT NULL UNIQUE,
    version BIGINT NOT NULL,
    state SMALLINT NOT NULL CHECK (state BETWEEN 0 AND 3),
    expires_at BIGINT,
    ended_place BIGINT,
    body TEXT NOT NULL,
    CHECK ((state = 0) = (ended_place IS NULL))
);
CREATE INDEX hold_due ON ~hold (expires_at, id) WHERE state = 0 AND expires_at IS NOT NULL;
CREATE TABLE ~hold_account (
    account BIGINT NOT NULL REFERENCES ~account (key),
    place BIGINT NOT NULL REFERENCES ~hold (place),
    PRIMARY KEY (account, place)
);

CREATE TABLE ~usage (
    limit_id UUID NOT NULL,
    subject UUID NOT NULL,
    bucket BIGINT NOT NULL,
    version BIGINT NOT NULL CHECK (version > 0),
    amount BIGINT NOT NULL CHECK (amount >= 0),
    times BIGINT NOT NULL CHECK (times >= 0),
    PRIMARY KEY (limit_id, subject, bucket)
);

CREATE TABLE ~idempotency (
    key TEXT COLLATE "C" NOT NULL,
    at INTEGER NOT NULL,
    used_for TEXT NOT NULL,
    PRIMARY KEY (key, at)
);

CREATE TABLE ~block (
    number BIGINT PRIMARY KEY CHECK (number > 0),
    first_position BIGINT NOT NULL UNIQUE,
    records INTEGER NOT NULL CHECK (records > 0),
    root BYTEA NOT NULL CHECK (length(root) = 32),
    previous BYTEA NOT NULL UNIQUE CHECK (length(previous) = 32),
    sealed_at BIGINT NOT NULL,
    hash BYTEA NOT NULL CHECK (length(hash) = 32)
);

-- How far the readers of the outbox are.
CREATE TABLE ~mark (
    subscriber TEXT NOT NULL,
    part INTEGER NOT NULL,
    parts INTEGER NOT NULL,
    version BIGINT NOT NULL,
    acknowledged BIGINT NOT NULL,
    worker TEXT,
    token UUID,
    until BIGINT,
    served_at BIGINT NOT NULL,
    PRIMARY KEY (subscriber, part)
);

INSERT INTO ~head VALUES (1, 0, 0, 0, 0, 0, NULL);
INSERT INTO ~book VALUES (1, 0);
INSERT INTO ~numbering VALUES (1, 0);
