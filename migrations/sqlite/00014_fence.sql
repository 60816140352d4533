-- +goose Up

-- How often a lease has changed hands. It stands apart from the lease, which is
-- renewed every few seconds: a transaction locks this row against the next one to
-- take the lease, and no renewal is in its way.
CREATE TABLE fence (
    lease TEXT NOT NULL PRIMARY KEY CHECK (lease <> ''),
    fence INTEGER NOT NULL CHECK (fence > 0)
) STRICT;

-- Who sent had a lease of its own.
DELETE FROM lease;
