-- Who is signed in, and the links by which one signs in. Neither is a fact: no
-- verdict rests on them, so the tables are no log, and what is over is removed.
-- Signing in and out is in the audit chain. Tokens are kept by their hashes
-- alone.

-- +goose Up

CREATE TABLE session (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY CHECK (id <> ''),
    hash TEXT COLLATE "C" NOT NULL UNIQUE CHECK (length(hash) = 64),
    person TEXT COLLATE "C" NOT NULL CHECK (person <> ''),
    way TEXT COLLATE "C" NOT NULL CHECK (way IN ('mail', 'openid', 'printed')),
    created BIGINT NOT NULL CHECK (created > 0),
    expires BIGINT NOT NULL CHECK (expires > created)
);
CREATE INDEX session_person ON session (person);
CREATE INDEX session_expires ON session (expires);

-- next is where the link leads after signing in: a path of these pages, or ''.
CREATE TABLE sign_in_link (
    hash TEXT COLLATE "C" NOT NULL PRIMARY KEY CHECK (length(hash) = 64),
    person TEXT COLLATE "C" NOT NULL CHECK (person <> ''),
    way TEXT COLLATE "C" NOT NULL CHECK (way IN ('mail', 'printed')),
    next TEXT COLLATE "C" NOT NULL,
    created BIGINT NOT NULL CHECK (created > 0),
    expires BIGINT NOT NULL CHECK (expires > created),
    used BIGINT NOT NULL CHECK (used >= 0)
);
CREATE INDEX sign_in_link_person ON sign_in_link (person);
CREATE INDEX sign_in_link_expires ON sign_in_link (expires);
