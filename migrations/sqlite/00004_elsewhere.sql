-- Recurring contributions to the projects and events of the collective. They
-- are no dues and stand apart from those that are; the desk tells of them, since
-- members pay there by mistake. A row is one version; listed is 0 in the one that
-- says it is gone.

-- +goose Up

CREATE TABLE elsewhere_obs (
    id TEXT NOT NULL CHECK (id <> ''),
    account TEXT NOT NULL,
    to_account TEXT NOT NULL CHECK (to_account <> ''),
    status TEXT NOT NULL,
    every TEXT NOT NULL CHECK (every IN ('monthly', 'yearly')),
    amount_minor INTEGER NOT NULL,
    currency TEXT NOT NULL CHECK (length(currency) = 3),
    created INTEGER NOT NULL,
    processed INTEGER NOT NULL,
    listed INTEGER NOT NULL CHECK (listed IN (0, 1)),
    effective INTEGER NOT NULL CHECK (effective > 0),
    snapshot INTEGER NOT NULL REFERENCES snapshot (number),
    known INTEGER NOT NULL CHECK (known > 0),
    PRIMARY KEY (id, snapshot)
) STRICT;

-- +goose StatementBegin
CREATE TRIGGER elsewhere_obs_append_only_update BEFORE UPDATE ON elsewhere_obs BEGIN SELECT RAISE(ABORT, 'append-only: elsewhere_obs'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER elsewhere_obs_append_only_delete BEFORE DELETE ON elsewhere_obs BEGIN SELECT RAISE(ABORT, 'append-only: elsewhere_obs'); END;
-- +goose StatementEnd
