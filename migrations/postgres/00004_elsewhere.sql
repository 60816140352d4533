-- Recurring contributions to the projects and events of the collective. They
-- are no dues and stand apart from those that are; the desk tells of them, since
-- members pay there by mistake. A row is one version; listed is 0 in the one that
-- says it is gone.

-- +goose Up

CREATE TABLE elsewhere_obs (
    id TEXT COLLATE "C" NOT NULL CHECK (id <> ''),
    account TEXT COLLATE "C" NOT NULL,
    to_account TEXT COLLATE "C" NOT NULL CHECK (to_account <> ''),
    status TEXT COLLATE "C" NOT NULL,
    every TEXT COLLATE "C" NOT NULL CHECK (every IN ('monthly', 'yearly')),
    amount_minor BIGINT NOT NULL,
    currency TEXT COLLATE "C" NOT NULL CHECK (length(currency) = 3),
    created BIGINT NOT NULL,
    processed BIGINT NOT NULL,
    listed BIGINT NOT NULL CHECK (listed IN (0, 1)),
    effective BIGINT NOT NULL CHECK (effective > 0),
    snapshot BIGINT NOT NULL REFERENCES snapshot (number),
    known BIGINT NOT NULL CHECK (known > 0),
    PRIMARY KEY (id, snapshot)
);

CREATE TRIGGER elsewhere_obs_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON elsewhere_obs FOR EACH STATEMENT EXECUTE FUNCTION append_only();
