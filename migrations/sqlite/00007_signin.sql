-- Who is signed in, and the links by which one signs in. Neither is a fact: no
-- verdict rests on them, so the tables are no log, and what is over is removed.
-- Signing in and out is in the audit chain. Tokens are kept by their hashes
-- alone.

-- +goose Up

CREATE TABLE session (
    id TEXT NOT NULL PRIMARY KEY CHECK (id <> ''),
    hash TEXT NOT NULL UNIQUE CHECK (length(hash) = 64),
    person TEXT NOT NULL CHECK (person <> ''),
    way TEXT NOT NULL CHECK (way IN ('mail', 'openid', 'printed')),
    created INTEGER NOT NULL CHECK (created > 0),
    expires INTEGER NOT NULL CHECK (expires > created)
) STRICT;
CREATE INDEX session_person ON session (person);
CREATE INDEX session_expires ON session (expires);

-- next is where the link leads after signing in: a path of these pages, or ''.
CREATE TABLE sign_in_link (
    hash TEXT NOT NULL PRIMARY KEY CHECK (length(hash) = 64),
    person TEXT NOT NULL CHECK (person <> ''),
    way TEXT NOT NULL CHECK (way IN ('mail', 'printed')),
    next TEXT NOT NULL,
    created INTEGER NOT NULL CHECK (created > 0),
    expires INTEGER NOT NULL CHECK (expires > created),
    used INTEGER NOT NULL CHECK (used >= 0)
) STRICT;
CREATE INDEX sign_in_link_person ON sign_in_link (person);
CREATE INDEX sign_in_link_expires ON sign_in_link (expires);
