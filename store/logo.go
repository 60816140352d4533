package store

import (
	"context"
	"encoding/base64"
	"fmt"

	"coopcloud.tech/goodstanding/member"
)

// logo is a member's picture. A column is a text, so the file stands in base64.
type logo struct {
	Member member.ID `db:"member"`
	Hash   string    `db:"hash"`
	PNG    string    `db:"png"`
}

// logoHash is whose picture has which name.
type logoHash struct {
	Member member.ID `db:"member"`
	Hash   string    `db:"hash"`
}

// SetLogo stores the picture of a member, a PNG file, under the name that is made
// of its content.
func (tx *Tx) SetLogo(ctx context.Context, id member.ID, hash string, png []byte) error {
	return put(ctx, tx, "logo", upsert("member", "hash", "png"), logo{id, hash, base64.StdEncoding.EncodeToString(png)})
}

// RemoveLogo erases the picture of a member, if it has one.
func (tx *Tx) RemoveLogo(ctx context.Context, id member.ID) error {
	return tx.erase(ctx, `DELETE FROM logo WHERE member = $1`, string(id))
}

// LogoHashes are the names of all members' pictures.
func (tx *Tx) LogoHashes(ctx context.Context) (map[member.ID]string, error) {
	rows, err := selectRows[logoHash](ctx, tx, `SELECT `+names[logoHash]("")+` FROM logo`)
	out := make(map[member.ID]string, len(rows))
	for _, r := range rows {
		out[r.Member] = r.Hash
	}
	return out, wrap("read the logos", err)
}

// Logo is the file of that name; ok is false when no member has it now.
func (tx *Tx) Logo(ctx context.Context, hash string) (png []byte, ok bool, err error) {
	row, ok, err := selectOne[logo](ctx, tx, `SELECT `+names[logo]("")+` FROM logo WHERE hash = $1 ORDER BY member LIMIT 1`, hash)
	if err != nil || !ok {
		return nil, false, wrap("read a logo", err)
	}
	if png, err = base64.StdEncoding.DecodeString(row.PNG); err != nil {
		return nil, false, fmt.Errorf("read the logo of %s: %w", row.Member, err)
	}
	return png, true, nil
}
