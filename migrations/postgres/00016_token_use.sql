-- When a token was last used; 0 for never. It is written by the daemon some time
-- afterwards, at most once an hour for each token, and no counter goes up for it.

-- +goose Up

ALTER TABLE api_token ADD COLUMN used BIGINT NOT NULL DEFAULT 0 CHECK (used >= 0);
