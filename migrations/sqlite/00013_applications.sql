-- Who wants to join, as the form was sent, until a treasurer or a facilitator has
-- said yes or no and some time after that; and the links by which an applicant
-- says that the address is theirs. Neither is a fact: what follows from an
-- application is entered as any other change is.

-- +goose Up

-- try_at is when the mail with the link may be tried; 0 once that is seen to.
-- reason is the text of why it was declined. member is the one that it became.
CREATE TABLE application (
    id TEXT NOT NULL PRIMARY KEY CHECK (id <> ''),
    kind TEXT NOT NULL CHECK (kind IN ('organisation', 'individual')),
    name TEXT NOT NULL CHECK (name <> ''),
    website TEXT NOT NULL,
    summary TEXT NOT NULL,
    involvement TEXT NOT NULL,
    sponsor TEXT NOT NULL,
    representative TEXT NOT NULL CHECK (representative <> ''),
    email TEXT NOT NULL CHECK (email <> ''),
    matrix TEXT NOT NULL,
    language TEXT NOT NULL,
    consent TEXT NOT NULL CHECK (consent <> ''),
    created INTEGER NOT NULL CHECK (created > 0),
    tries INTEGER NOT NULL CHECK (tries >= 0),
    try_at INTEGER NOT NULL CHECK (try_at >= 0),
    confirmed INTEGER NOT NULL CHECK (confirmed >= 0),
    decided INTEGER NOT NULL CHECK (decided >= 0),
    decided_by TEXT NOT NULL,
    outcome TEXT NOT NULL CHECK (outcome IN ('', 'accepted', 'declined')),
    member TEXT NOT NULL,
    reason TEXT NOT NULL,
    CHECK ((decided = 0) = (outcome = '')),
    CHECK ((outcome = 'accepted') = (member <> '')),
    CHECK (decided = 0 OR confirmed > 0)
) STRICT;
CREATE INDEX application_created ON application (created);
CREATE INDEX application_try_at ON application (try_at);

-- The token of a link is kept by its hash alone; each attempt to send makes a link
-- of its own, and all of them lead to the same application.
CREATE TABLE application_link (
    hash TEXT NOT NULL PRIMARY KEY CHECK (length(hash) = 64),
    application TEXT NOT NULL CHECK (application <> ''),
    created INTEGER NOT NULL CHECK (created > 0)
) STRICT;
CREATE INDEX application_link_application ON application_link (application);
