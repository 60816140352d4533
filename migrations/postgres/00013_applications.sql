-- Who wants to join, as the form was sent, until a treasurer or a facilitator has
-- said yes or no and some time after that; and the links by which an applicant
-- says that the address is theirs. Neither is a fact: what follows from an
-- application is entered as any other change is.

-- +goose Up

-- try_at is when the mail with the link may be tried; 0 once that is seen to.
-- reason is the text of why it was declined. member is the one that it became.
CREATE TABLE application (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY CHECK (id <> ''),
    kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('organisation', 'individual')),
    name TEXT COLLATE "C" NOT NULL CHECK (name <> ''),
    website TEXT COLLATE "C" NOT NULL,
    summary TEXT COLLATE "C" NOT NULL,
    involvement TEXT COLLATE "C" NOT NULL,
    sponsor TEXT COLLATE "C" NOT NULL,
    representative TEXT COLLATE "C" NOT NULL CHECK (representative <> ''),
    email TEXT COLLATE "C" NOT NULL CHECK (email <> ''),
    matrix TEXT COLLATE "C" NOT NULL,
    language TEXT COLLATE "C" NOT NULL,
    consent TEXT COLLATE "C" NOT NULL CHECK (consent <> ''),
    created BIGINT NOT NULL CHECK (created > 0),
    tries BIGINT NOT NULL CHECK (tries >= 0),
    try_at BIGINT NOT NULL CHECK (try_at >= 0),
    confirmed BIGINT NOT NULL CHECK (confirmed >= 0),
    decided BIGINT NOT NULL CHECK (decided >= 0),
    decided_by TEXT COLLATE "C" NOT NULL,
    outcome TEXT COLLATE "C" NOT NULL CHECK (outcome IN ('', 'accepted', 'declined')),
    member TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    CHECK ((decided = 0) = (outcome = '')),
    CHECK ((outcome = 'accepted') = (member <> '')),
    CHECK (decided = 0 OR confirmed > 0)
);
CREATE INDEX application_created ON application (created);
CREATE INDEX application_try_at ON application (try_at);

-- The token of a link is kept by its hash alone; each attempt to send makes a link
-- of its own, and all of them lead to the same application.
CREATE TABLE application_link (
    hash TEXT COLLATE "C" NOT NULL PRIMARY KEY CHECK (length(hash) = 64),
    application TEXT COLLATE "C" NOT NULL CHECK (application <> ''),
    created BIGINT NOT NULL CHECK (created > 0)
);
CREATE INDEX application_link_application ON application_link (application);
