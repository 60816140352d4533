-- What is said in the federation's room about decisions, and who says it there.
-- None of it is a fact: a ballot that a sign leads to stands in the decision's own
-- chain.

-- +goose Up

-- Under which Matrix id a person sets signs.
CREATE TABLE person_matrix (
    person TEXT COLLATE "C" NOT NULL PRIMARY KEY CHECK (person <> ''),
    matrix TEXT COLLATE "C" NOT NULL UNIQUE CHECK (matrix <> '')
);

-- The events of the room that announce a decision.
CREATE TABLE announced (
    event TEXT COLLATE "C" NOT NULL PRIMARY KEY CHECK (event <> ''),
    room TEXT COLLATE "C" NOT NULL CHECK (room <> ''),
    decision TEXT COLLATE "C" NOT NULL CHECK (decision <> ''),
    at BIGINT NOT NULL CHECK (at > 0)
);
CREATE INDEX announced_decision ON announced (decision);

-- What somebody did about an announced decision, in the order of receipt. The
-- account stands in sender until it was answered, and then as a hash alone, which
-- tells the same account from others; words are what was written, until they are
-- in the chain; answer is what the program has to say, until it has said it.
CREATE TABLE room_sign (
    event TEXT COLLATE "C" NOT NULL PRIMARY KEY CHECK (event <> ''),
    seq BIGINT NOT NULL UNIQUE CHECK (seq > 0),
    kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('sign', 'removal', 'reply')),
    announcement TEXT COLLATE "C" NOT NULL CHECK (announcement <> ''),
    decision TEXT COLLATE "C" NOT NULL,
    about TEXT COLLATE "C" NOT NULL,
    sender TEXT COLLATE "C" NOT NULL,
    account TEXT COLLATE "C" NOT NULL CHECK (length(account) = 64),
    person TEXT COLLATE "C" NOT NULL,
    member TEXT COLLATE "C" NOT NULL,
    choice TEXT COLLATE "C" NOT NULL CHECK (choice IN ('', 'favour', 'against', 'abstain', 'block')),
    words TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL CHECK (at > 0),
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('early', 'received', 'acting', 'told', 'answered')),
    outcome TEXT COLLATE "C" NOT NULL,
    before BIGINT NOT NULL CHECK (before >= 0),
    entry BIGINT NOT NULL CHECK (entry >= 0),
    awaits BIGINT NOT NULL CHECK (awaits IN (0, 1)),
    answer TEXT COLLATE "C" NOT NULL
);
CREATE INDEX room_sign_state ON room_sign (state, seq);
CREATE INDEX room_sign_decision ON room_sign (decision, account);
