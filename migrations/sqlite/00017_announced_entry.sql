-- Which entry of its decision's chain an announcement tells of; 0 for one that was
-- noted before this was. What came after that entry it does not tell of, whenever it
-- was that the room was known to have it.

-- +goose Up

ALTER TABLE announced ADD COLUMN entry INTEGER NOT NULL DEFAULT 0 CHECK (entry >= 0);
