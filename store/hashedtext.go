package store

import (
	"context"
	"fmt"
)

// HashedText is a text that is to stand beside a chain, by its id, with the salted
// hash that the chain holds of it.
type HashedText struct {
	ID   TextID
	Hash string
	row  textRow
}

// NewHashedText gives a text an id and a salt of its own; AddHashedTexts keeps it.
func NewHashedText(body string) HashedText {
	row := saltedText(body)
	return HashedText{row.ID, row.hash(), row}
}

// AddHashedTexts keeps texts beside the log.
func (tx *Tx) AddHashedTexts(ctx context.Context, texts ...HashedText) error {
	rows := make([]textRow, len(texts))
	for i := range texts {
		rows[i] = texts[i].row
	}
	return insertAll(ctx, tx, "text", rows)
}

// SaltedText is a text with what its hash is made of: the SHA-256 of salt, line
// feed and body.
type SaltedText struct{ Salt, Body, Hash string }

// TextHashes are the salted hashes of the texts with those ids; one that was
// erased is absent.
func (tx *Tx) TextHashes(ctx context.Context, ids ...TextID) (map[TextID]string, error) {
	texts, err := tx.SaltedTexts(ctx, ids...)
	hashes := make(map[TextID]string, len(texts))
	for id, t := range texts {
		hashes[id] = t.Hash
	}
	return hashes, err
}

// SaltedTexts are the texts with those ids, with their salts; one that was erased
// is absent.
func (tx *Tx) SaltedTexts(ctx context.Context, ids ...TextID) (map[TextID]SaltedText, error) {
	texts := make(map[TextID]SaltedText, len(ids))
	for len(ids) > 0 {
		n := min(len(ids), chunkParams)
		rows, err := selectRows[textRow](ctx, tx, `SELECT id, salt, body FROM text WHERE id IN (`+placeholders(n)+`)`, asArgs(ids[:n])...)
		if err != nil {
			return nil, fmt.Errorf("read the texts: %w", err)
		}
		for _, r := range rows {
			texts[r.ID] = SaltedText{r.Salt, r.Body, r.hash()}
		}
		ids = ids[n:]
	}
	return texts, nil
}
