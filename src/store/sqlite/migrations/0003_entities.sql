-- Rows beside the ledger: customers, files of documents, products, accounts of customers. Each
-- write has its record in the journal, with a salted digest of the row. `body` is JSON in the one
-- form that the library writes; what is secret in it is encrypted.
CREATE TABLE ~entity (
    id BLOB NOT NULL,
    kind TEXT NOT NULL CHECK (length(kind) BETWEEN 1 AND 24),
    version INTEGER NOT NULL CHECK (version > 0),
    salt BLOB NOT NULL CHECK (length(salt) = 16),
    request TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (id, kind)
) STRICT;
CREATE INDEX ~entity_kind ON ~entity (kind, id);

-- Keys that stand once at most.
CREATE TABLE ~entity_unique (
    idx INTEGER NOT NULL,
    key BLOB NOT NULL CHECK (length(key) <= 255),
    id BLOB NOT NULL,
    kind TEXT NOT NULL,
    PRIMARY KEY (idx, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX ~entity_unique_of ON ~entity_unique (id, kind);

-- Keys by which rows are listed.
CREATE TABLE ~entity_index (
    idx INTEGER NOT NULL,
    key BLOB NOT NULL CHECK (length(key) <= 255),
    id BLOB NOT NULL,
    kind TEXT NOT NULL,
    PRIMARY KEY (idx, key, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX ~entity_index_of ON ~entity_index (id, kind);

-- The account of a customer: postings on it must have passed the rules about people.
ALTER TABLE ~account ADD COLUMN guarded INTEGER NOT NULL DEFAULT 0 CHECK (guarded IN (0, 1));
