-- What one person has asked for that needs a second one: a change of a decision's
-- electorate, or a pause of a member. It is no fact until the second person agrees.

-- +goose Up

CREATE TABLE motion (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY CHECK (id <> ''),
    kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('add', 'remove', 'in', 'out', 'pause')),
    decision TEXT COLLATE "C" NOT NULL,
    about TEXT COLLATE "C" NOT NULL CHECK (about <> ''),
    reason TEXT COLLATE "C" NOT NULL,
    person TEXT COLLATE "C" NOT NULL CHECK (person <> ''),
    member TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL CHECK (at > 0),
    ended BIGINT NOT NULL CHECK (ended >= 0),
    outcome TEXT COLLATE "C" NOT NULL CHECK (outcome IN ('', 'carried', 'withdrawn'))
);
CREATE INDEX motion_ended ON motion (ended, at);
