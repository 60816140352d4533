-- A token may stand for a person: it acts as that person then. '' for a token
-- that stands for a program.

-- +goose Up

ALTER TABLE api_token ADD COLUMN person TEXT NOT NULL DEFAULT '';
