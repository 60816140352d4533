-- Funded work that members tell each other of first, and the links by which a
-- member's contact says that a person speaks for it. Neither is a fact.

-- +goose Up

CREATE TABLE opportunity (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY CHECK (id <> ''),
    member TEXT COLLATE "C" NOT NULL,
    person TEXT COLLATE "C" NOT NULL,
    title TEXT COLLATE "C" NOT NULL CHECK (title <> ''),
    summary TEXT COLLATE "C" NOT NULL,
    contact TEXT COLLATE "C" NOT NULL,
    url TEXT COLLATE "C" NOT NULL,
    budget TEXT COLLATE "C" NOT NULL,
    posted BIGINT NOT NULL CHECK (posted > 0),
    public_from BIGINT NOT NULL CHECK (public_from >= posted),
    closes BIGINT NOT NULL CHECK (closes = 0 OR closes > posted),
    closed BIGINT NOT NULL CHECK (closed >= 0)
);
CREATE INDEX opportunity_posted ON opportunity (posted);

-- The token of a link is kept by its hash alone. notice is the row of the outbox
-- whose mail has it; each attempt to send makes a link of its own.
CREATE TABLE confirm_link (
    hash TEXT COLLATE "C" NOT NULL PRIMARY KEY CHECK (length(hash) = 64),
    notice TEXT COLLATE "C" NOT NULL CHECK (notice <> ''),
    member TEXT COLLATE "C" NOT NULL CHECK (member <> ''),
    person TEXT COLLATE "C" NOT NULL CHECK (person <> ''),
    contact TEXT COLLATE "C" NOT NULL CHECK (contact <> ''),
    created BIGINT NOT NULL CHECK (created > 0),
    expires BIGINT NOT NULL CHECK (expires > created),
    used BIGINT NOT NULL CHECK (used >= 0)
);
CREATE INDEX confirm_link_expires ON confirm_link (expires);
