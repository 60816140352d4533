-- Funded work that members tell each other of first, and the links by which a
-- member's contact says that a person speaks for it. Neither is a fact.

-- +goose Up

CREATE TABLE opportunity (
    id TEXT NOT NULL PRIMARY KEY CHECK (id <> ''),
    member TEXT NOT NULL,
    person TEXT NOT NULL,
    title TEXT NOT NULL CHECK (title <> ''),
    summary TEXT NOT NULL,
    contact TEXT NOT NULL,
    url TEXT NOT NULL,
    budget TEXT NOT NULL,
    posted INTEGER NOT NULL CHECK (posted > 0),
    public_from INTEGER NOT NULL CHECK (public_from >= posted),
    closes INTEGER NOT NULL CHECK (closes = 0 OR closes > posted),
    closed INTEGER NOT NULL CHECK (closed >= 0)
) STRICT;
CREATE INDEX opportunity_posted ON opportunity (posted);

-- The token of a link is kept by its hash alone. notice is the row of the outbox
-- whose mail has it; each attempt to send makes a link of its own.
CREATE TABLE confirm_link (
    hash TEXT NOT NULL PRIMARY KEY CHECK (length(hash) = 64),
    notice TEXT NOT NULL CHECK (notice <> ''),
    member TEXT NOT NULL CHECK (member <> ''),
    person TEXT NOT NULL CHECK (person <> ''),
    contact TEXT NOT NULL CHECK (contact <> ''),
    created INTEGER NOT NULL CHECK (created > 0),
    expires INTEGER NOT NULL CHECK (expires > created),
    used INTEGER NOT NULL CHECK (used >= 0)
) STRICT;
CREATE INDEX confirm_link_expires ON confirm_link (expires);
