-- Decisions. Each has a chain of its own: decision and decision_entry are only
-- ever inserted into, decision_head is the chain's end, updated first by every
-- writer, so that two of them never continue from the same end.
--
-- public is what everybody may read of an entry; private is the whole of it, in
-- ids, and stands in the chain by its salted hash. number, state and due are
-- those after the entry; due is the instant of an open decision's deadline.

-- +goose Up

CREATE TABLE decision (
    id TEXT NOT NULL PRIMARY KEY CHECK (id <> ''),
    zone TEXT NOT NULL CHECK (zone <> ''),
    secret TEXT NOT NULL CHECK (length(secret) = 64)
) STRICT;

CREATE TABLE decision_entry (
    decision TEXT NOT NULL REFERENCES decision (id),
    seq INTEGER NOT NULL CHECK (seq > 0),
    at INTEGER NOT NULL CHECK (at > 0),
    kind TEXT NOT NULL CHECK (kind <> ''),
    number INTEGER NOT NULL CHECK (number >= 0),
    state TEXT NOT NULL CHECK (state <> ''),
    due INTEGER NOT NULL CHECK (due >= 0),
    public TEXT NOT NULL,
    private TEXT NOT NULL,
    salt TEXT NOT NULL CHECK (length(salt) = 32),
    prev TEXT NOT NULL CHECK (length(prev) = 64),
    hash TEXT NOT NULL UNIQUE CHECK (length(hash) = 64),
    PRIMARY KEY (decision, seq),
    UNIQUE (decision, prev)
) STRICT;

CREATE TABLE decision_head (
    decision TEXT NOT NULL PRIMARY KEY REFERENCES decision (id),
    seq INTEGER NOT NULL CHECK (seq >= 0),
    at INTEGER NOT NULL CHECK (at >= 0),
    number INTEGER NOT NULL CHECK (number >= 0),
    state TEXT NOT NULL,
    due INTEGER NOT NULL CHECK (due >= 0),
    hash TEXT NOT NULL CHECK (length(hash) = 64)
) STRICT;
CREATE UNIQUE INDEX decision_head_number ON decision_head (number) WHERE number > 0;
CREATE INDEX decision_head_due ON decision_head (due) WHERE due > 0;

-- +goose StatementBegin
CREATE TRIGGER decision_append_only_update BEFORE UPDATE ON decision BEGIN SELECT RAISE(ABORT, 'append-only: decision'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER decision_append_only_delete BEFORE DELETE ON decision BEGIN SELECT RAISE(ABORT, 'append-only: decision'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER decision_entry_append_only_update BEFORE UPDATE ON decision_entry BEGIN SELECT RAISE(ABORT, 'append-only: decision_entry'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER decision_entry_append_only_delete BEFORE DELETE ON decision_entry BEGIN SELECT RAISE(ABORT, 'append-only: decision_entry'); END;
-- +goose StatementEnd
