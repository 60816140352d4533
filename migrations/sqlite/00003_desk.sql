-- Entries of the desk ("To sort out") that a treasurer or the operator has
-- dismissed. facts is a digest of the ids and instants that the entry rested
-- on: the dismissal holds while the entry still rests on them.

-- +goose Up

CREATE TABLE desk_dismissal (
    id TEXT NOT NULL PRIMARY KEY CHECK (id <> ''),
    entry TEXT NOT NULL CHECK (entry <> ''),
    kind TEXT NOT NULL CHECK (kind <> ''),
    facts TEXT NOT NULL CHECK (length(facts) = 64),
    actor TEXT NOT NULL,
    reason TEXT NOT NULL,
    known INTEGER NOT NULL CHECK (known > 0)
) STRICT;
CREATE INDEX desk_dismissal_entry ON desk_dismissal (entry);

-- +goose StatementBegin
CREATE TRIGGER desk_dismissal_append_only_update BEFORE UPDATE ON desk_dismissal BEGIN SELECT RAISE(ABORT, 'append-only: desk_dismissal'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER desk_dismissal_append_only_delete BEFORE DELETE ON desk_dismissal BEGIN SELECT RAISE(ABORT, 'append-only: desk_dismissal'); END;
-- +goose StatementEnd
