-- A standing that a repair found wrong, as the facts known when it was written give
-- it. mends is the known of the wrong one, which stays where it is and counts no more.

-- +goose Up

CREATE TABLE standing_mended (
    member TEXT COLLATE "C" NOT NULL REFERENCES member (id),
    at BIGINT NOT NULL CHECK (at > 0),
    state TEXT COLLATE "C" NOT NULL CHECK (state <> ''),
    vote BIGINT NOT NULL CHECK (vote IN (0, 1)),
    listing BIGINT NOT NULL CHECK (listing IN (0, 1)),
    services BIGINT NOT NULL CHECK (services IN (0, 1)),
    codes TEXT COLLATE "C" NOT NULL,
    policy TEXT COLLATE "C" NOT NULL,
    worse BIGINT NOT NULL CHECK (worse IN (0, 1)),
    as_of BIGINT NOT NULL,
    known BIGINT NOT NULL CHECK (known > 0),
    mends BIGINT NOT NULL CHECK (mends > 0),
    PRIMARY KEY (member, at, mends, known)
);

CREATE TRIGGER standing_mended_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON standing_mended FOR EACH STATEMENT EXECUTE FUNCTION append_only();
