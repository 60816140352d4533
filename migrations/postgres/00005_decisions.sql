-- Decisions. Each has a chain of its own: decision and decision_entry are only
-- ever inserted into, decision_head is the chain's end, updated first by every
-- writer, so that two of them never continue from the same end.
--
-- public is what everybody may read of an entry; private is the whole of it, in
-- ids, and stands in the chain by its salted hash. number, state and due are
-- those after the entry; due is the instant of an open decision's deadline.

-- +goose Up

CREATE TABLE decision (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY CHECK (id <> ''),
    zone TEXT COLLATE "C" NOT NULL CHECK (zone <> ''),
    secret TEXT COLLATE "C" NOT NULL CHECK (length(secret) = 64)
);

CREATE TABLE decision_entry (
    decision TEXT COLLATE "C" NOT NULL REFERENCES decision (id),
    seq BIGINT NOT NULL CHECK (seq > 0),
    at BIGINT NOT NULL CHECK (at > 0),
    kind TEXT COLLATE "C" NOT NULL CHECK (kind <> ''),
    number BIGINT NOT NULL CHECK (number >= 0),
    state TEXT COLLATE "C" NOT NULL CHECK (state <> ''),
    due BIGINT NOT NULL CHECK (due >= 0),
    public TEXT COLLATE "C" NOT NULL,
    private TEXT COLLATE "C" NOT NULL,
    salt TEXT COLLATE "C" NOT NULL CHECK (length(salt) = 32),
    prev TEXT COLLATE "C" NOT NULL CHECK (length(prev) = 64),
    hash TEXT COLLATE "C" NOT NULL UNIQUE CHECK (length(hash) = 64),
    PRIMARY KEY (decision, seq),
    UNIQUE (decision, prev)
);

CREATE TABLE decision_head (
    decision TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES decision (id),
    seq BIGINT NOT NULL CHECK (seq >= 0),
    at BIGINT NOT NULL CHECK (at >= 0),
    number BIGINT NOT NULL CHECK (number >= 0),
    state TEXT COLLATE "C" NOT NULL,
    due BIGINT NOT NULL CHECK (due >= 0),
    hash TEXT COLLATE "C" NOT NULL CHECK (length(hash) = 64)
);
CREATE UNIQUE INDEX decision_head_number ON decision_head (number) WHERE number > 0;
CREATE INDEX decision_head_due ON decision_head (due) WHERE due > 0;

CREATE TRIGGER decision_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON decision FOR EACH STATEMENT EXECUTE FUNCTION append_only();
CREATE TRIGGER decision_entry_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON decision_entry FOR EACH STATEMENT EXECUTE FUNCTION append_only();
