-- Tokens with which programs read the API. A token is no fact: no verdict rests
-- on one, so the table is no log. Making and revoking one is in the audit chain.

-- +goose Up

CREATE TABLE api_token (
    id TEXT NOT NULL PRIMARY KEY CHECK (id <> ''),
    hash TEXT NOT NULL UNIQUE CHECK (length(hash) = 64),
    name TEXT NOT NULL CHECK (name <> ''),
    scopes TEXT NOT NULL CHECK (scopes <> ''),
    created INTEGER NOT NULL CHECK (created > 0),
    created_by TEXT NOT NULL,
    expires INTEGER NOT NULL CHECK (expires >= 0),
    revoked INTEGER NOT NULL CHECK (revoked >= 0),
    revoked_by TEXT NOT NULL
) STRICT;
