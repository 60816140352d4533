-- What one person has asked for that needs a second one: a change of a decision's
-- electorate, or a pause of a member. It is no fact until the second person agrees.

-- +goose Up

CREATE TABLE motion (
    id TEXT NOT NULL PRIMARY KEY CHECK (id <> ''),
    kind TEXT NOT NULL CHECK (kind IN ('add', 'remove', 'in', 'out', 'pause')),
    decision TEXT NOT NULL,
    about TEXT NOT NULL CHECK (about <> ''),
    reason TEXT NOT NULL,
    person TEXT NOT NULL CHECK (person <> ''),
    member TEXT NOT NULL,
    at INTEGER NOT NULL CHECK (at > 0),
    ended INTEGER NOT NULL CHECK (ended >= 0),
    outcome TEXT NOT NULL CHECK (outcome IN ('', 'carried', 'withdrawn'))
) STRICT;
CREATE INDEX motion_ended ON motion (ended, at);
