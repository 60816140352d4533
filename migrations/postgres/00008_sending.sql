-- Sending. What an outbox row needs on its way: how often it was tried, who is
-- at it and until when, when it may be tried again, and the mail that carries it
-- together with others, by the id of the first of them. None of it is a fact.

-- +goose Up

ALTER TABLE outbox ADD COLUMN attempts BIGINT NOT NULL DEFAULT 0 CHECK (attempts >= 0);
-- unsure counts the attempts of which nobody knows whether the server took it.
ALTER TABLE outbox ADD COLUMN unsure BIGINT NOT NULL DEFAULT 0 CHECK (unsure >= 0);
ALTER TABLE outbox ADD COLUMN claim TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE outbox ADD COLUMN claimed_until BIGINT NOT NULL DEFAULT 0;
ALTER TABLE outbox ADD COLUMN try_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE outbox ADD COLUMN letter TEXT COLLATE "C" NOT NULL DEFAULT '';
CREATE INDEX outbox_letter ON outbox (letter) WHERE letter <> '';
CREATE INDEX outbox_state ON outbox (state, detail);

-- One process at a time does what a lease is for. fence goes up whenever it
-- changes hands.
CREATE TABLE lease (
    name TEXT COLLATE "C" NOT NULL PRIMARY KEY CHECK (name <> ''),
    holder TEXT COLLATE "C" NOT NULL,
    fence BIGINT NOT NULL CHECK (fence > 0),
    until BIGINT NOT NULL CHECK (until >= 0)
);

-- Addresses that mails came back from, until another one is given. The address
-- stands here alone, and goes with its owner.
CREATE TABLE bounce (
    recipient TEXT COLLATE "C" NOT NULL PRIMARY KEY CHECK (recipient <> ''),
    address TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL CHECK (at > 0),
    reason TEXT COLLATE "C" NOT NULL,
    noted_by TEXT COLLATE "C" NOT NULL
);

-- What a person or a contact wants: a language, and which optional notices not.
CREATE TABLE notice_wish (
    recipient TEXT COLLATE "C" NOT NULL PRIMARY KEY CHECK (recipient <> ''),
    language TEXT COLLATE "C" NOT NULL,
    declined TEXT COLLATE "C" NOT NULL
);
