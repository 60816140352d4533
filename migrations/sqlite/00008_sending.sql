-- Sending. What an outbox row needs on its way: how often it was tried, who is
-- at it and until when, when it may be tried again, and the mail that carries it
-- together with others, by the id of the first of them. None of it is a fact.

-- +goose Up

ALTER TABLE outbox ADD COLUMN attempts INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0);
-- unsure counts the attempts of which nobody knows whether the server took it.
ALTER TABLE outbox ADD COLUMN unsure INTEGER NOT NULL DEFAULT 0 CHECK (unsure >= 0);
ALTER TABLE outbox ADD COLUMN claim TEXT NOT NULL DEFAULT '';
ALTER TABLE outbox ADD COLUMN claimed_until INTEGER NOT NULL DEFAULT 0;
ALTER TABLE outbox ADD COLUMN try_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE outbox ADD COLUMN letter TEXT NOT NULL DEFAULT '';
CREATE INDEX outbox_letter ON outbox (letter) WHERE letter <> '';
CREATE INDEX outbox_state ON outbox (state, detail);

-- One process at a time does what a lease is for. fence goes up whenever it
-- changes hands.
CREATE TABLE lease (
    name TEXT NOT NULL PRIMARY KEY CHECK (name <> ''),
    holder TEXT NOT NULL,
    fence INTEGER NOT NULL CHECK (fence > 0),
    until INTEGER NOT NULL CHECK (until >= 0)
) STRICT;

-- Addresses that mails came back from, until another one is given. The address
-- stands here alone, and goes with its owner.
CREATE TABLE bounce (
    recipient TEXT NOT NULL PRIMARY KEY CHECK (recipient <> ''),
    address TEXT NOT NULL,
    at INTEGER NOT NULL CHECK (at > 0),
    reason TEXT NOT NULL,
    noted_by TEXT NOT NULL
) STRICT;

-- What a person or a contact wants: a language, and which optional notices not.
CREATE TABLE notice_wish (
    recipient TEXT NOT NULL PRIMARY KEY CHECK (recipient <> ''),
    language TEXT NOT NULL,
    declined TEXT NOT NULL
) STRICT;
