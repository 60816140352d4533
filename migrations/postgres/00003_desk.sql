-- Entries of the desk ("To sort out") that a treasurer or the operator has
-- dismissed. facts is a digest of the ids and instants that the entry rested
-- on: the dismissal holds while the entry still rests on them.

-- +goose Up

CREATE TABLE desk_dismissal (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY CHECK (id <> ''),
    entry TEXT COLLATE "C" NOT NULL CHECK (entry <> ''),
    kind TEXT COLLATE "C" NOT NULL CHECK (kind <> ''),
    facts TEXT COLLATE "C" NOT NULL CHECK (length(facts) = 64),
    actor TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    known BIGINT NOT NULL CHECK (known > 0)
);
CREATE INDEX desk_dismissal_entry ON desk_dismissal (entry);

CREATE TRIGGER desk_dismissal_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON desk_dismissal FOR EACH STATEMENT EXECUTE FUNCTION append_only();
