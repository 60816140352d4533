-- What is said in the federation's room about decisions, and who says it there.
-- None of it is a fact: a ballot that a sign leads to stands in the decision's own
-- chain.

-- +goose Up

-- Under which Matrix id a person sets signs.
CREATE TABLE person_matrix (
    person TEXT NOT NULL PRIMARY KEY CHECK (person <> ''),
    matrix TEXT NOT NULL UNIQUE CHECK (matrix <> '')
) STRICT;

-- The events of the room that announce a decision.
CREATE TABLE announced (
    event TEXT NOT NULL PRIMARY KEY CHECK (event <> ''),
    room TEXT NOT NULL CHECK (room <> ''),
    decision TEXT NOT NULL CHECK (decision <> ''),
    at INTEGER NOT NULL CHECK (at > 0)
) STRICT;
CREATE INDEX announced_decision ON announced (decision);

-- What somebody did about an announced decision, in the order of receipt. The
-- account stands in sender until it was answered, and then as a hash alone, which
-- tells the same account from others; words are what was written, until they are
-- in the chain; answer is what the program has to say, until it has said it.
CREATE TABLE room_sign (
    event TEXT NOT NULL PRIMARY KEY CHECK (event <> ''),
    seq INTEGER NOT NULL UNIQUE CHECK (seq > 0),
    kind TEXT NOT NULL CHECK (kind IN ('sign', 'removal', 'reply')),
    announcement TEXT NOT NULL CHECK (announcement <> ''),
    decision TEXT NOT NULL,
    about TEXT NOT NULL,
    sender TEXT NOT NULL,
    account TEXT NOT NULL CHECK (length(account) = 64),
    person TEXT NOT NULL,
    member TEXT NOT NULL,
    choice TEXT NOT NULL CHECK (choice IN ('', 'favour', 'against', 'abstain', 'block')),
    words TEXT NOT NULL,
    at INTEGER NOT NULL CHECK (at > 0),
    state TEXT NOT NULL CHECK (state IN ('early', 'received', 'acting', 'told', 'answered')),
    outcome TEXT NOT NULL,
    before INTEGER NOT NULL CHECK (before >= 0),
    entry INTEGER NOT NULL CHECK (entry >= 0),
    awaits INTEGER NOT NULL CHECK (awaits IN (0, 1)),
    answer TEXT NOT NULL
) STRICT;
CREATE INDEX room_sign_state ON room_sign (state, seq);
CREATE INDEX room_sign_decision ON room_sign (decision, account);
