-- Rows beside the ledger: customers, files of documents, products, accounts of customers. Each
-- write has its record in the journal, with a salted digest of the row. `body` is JSON in the one
-- form that the library writes; what is secret in it is encrypted.
CREATE TABLE ~entity (
    id UUID NOT NULL,
    kind TEXT NOT NULL CHECK (length(kind) BETWEEN 1 AND 24),
    version BIGINT NOT NULL CHECK (version > 0),
    salt BYTEA NOT NULL CHECK (length(salt) = 16),
    request TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (id, kind)
) WITH (fillfactor = 80);
CREATE INDEX entity_kind ON ~entity (kind, id);

-- Keys that stand once at most.
CREATE TABLE ~entity_unique (
    idx SMALLINT NOT NULL,
    key BYTEA NOT NULL CHECK (length(key) <= 255),
    id UUID NOT NULL,
    kind TEXT NOT NULL,
    PRIMARY KEY (idx, key)
);
CREATE INDEX entity_unique_of ON ~entity_unique (id, kind);

-- Keys by which rows are listed.
CREATE TABLE ~entity_index (
    idx SMALLINT NOT NULL,
    key BYTEA NOT NULL CHECK (length(key) <= 255),
    id UUID NOT NULL,
    kind TEXT NOT NULL,
    PRIMARY KEY (idx, key, id)
);
CREATE INDEX entity_index_of ON ~entity_index (id, kind);

-- The account of a customer: postings on it must have passed the rules about people.
ALTER TABLE ~account ADD COLUMN guarded SMALLINT NOT NULL DEFAULT 0 CHECK (guarded IN (0, 1));
