-- The pictures of members in the provider list, as the program drew them anew from
-- what was uploaded. No fact: each can be replaced and erased.

-- +goose Up

-- png is the file in base64; hash names it in its address.
CREATE TABLE logo (
    member TEXT NOT NULL PRIMARY KEY REFERENCES member (id),
    hash TEXT NOT NULL CHECK (length(hash) = 32),
    png TEXT NOT NULL CHECK (length(png) BETWEEN 1 AND 140000)
) STRICT;
CREATE INDEX logo_hash ON logo (hash);
