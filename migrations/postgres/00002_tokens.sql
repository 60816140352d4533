-- Tokens with which programs read the API. A token is no fact: no verdict rests
-- on one, so the table is no log. Making and revoking one is in the audit chain.

-- +goose Up

CREATE TABLE api_token (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY CHECK (id <> ''),
    hash TEXT COLLATE "C" NOT NULL UNIQUE CHECK (length(hash) = 64),
    name TEXT COLLATE "C" NOT NULL CHECK (name <> ''),
    scopes TEXT COLLATE "C" NOT NULL CHECK (scopes <> ''),
    created BIGINT NOT NULL CHECK (created > 0),
    created_by TEXT COLLATE "C" NOT NULL,
    expires BIGINT NOT NULL CHECK (expires >= 0),
    revoked BIGINT NOT NULL CHECK (revoked >= 0),
    revoked_by TEXT COLLATE "C" NOT NULL
);
