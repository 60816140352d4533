-- A standing that a repair found wrong, as the facts known when it was written give
-- it. mends is the known of the wrong one, which stays where it is and counts no more.

-- +goose Up

CREATE TABLE standing_mended (
    member TEXT NOT NULL REFERENCES member (id),
    at INTEGER NOT NULL CHECK (at > 0),
    state TEXT NOT NULL CHECK (state <> ''),
    vote INTEGER NOT NULL CHECK (vote IN (0, 1)),
    listing INTEGER NOT NULL CHECK (listing IN (0, 1)),
    services INTEGER NOT NULL CHECK (services IN (0, 1)),
    codes TEXT NOT NULL,
    policy TEXT NOT NULL,
    worse INTEGER NOT NULL CHECK (worse IN (0, 1)),
    as_of INTEGER NOT NULL,
    known INTEGER NOT NULL CHECK (known > 0),
    mends INTEGER NOT NULL CHECK (mends > 0),
    PRIMARY KEY (member, at, mends, known)
) STRICT;

-- +goose StatementBegin
CREATE TRIGGER standing_mended_append_only_update BEFORE UPDATE ON standing_mended BEGIN SELECT RAISE(ABORT, 'append-only: standing_mended'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER standing_mended_append_only_delete BEFORE DELETE ON standing_mended BEGIN SELECT RAISE(ABORT, 'append-only: standing_mended'); END;
-- +goose StatementEnd
