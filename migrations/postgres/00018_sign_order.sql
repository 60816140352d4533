-- By what a sign is known to be older than an answer that was given elsewhere: sent is
-- when it was set, as its own homeserver says, newest the newest entry of the decision's
-- chain when it was received. 0 is not known, as of what was received before.

-- +goose Up

ALTER TABLE room_sign ADD COLUMN sent BIGINT NOT NULL DEFAULT 0 CHECK (sent >= 0);
ALTER TABLE room_sign ADD COLUMN newest BIGINT NOT NULL DEFAULT 0 CHECK (newest >= 0);
