package syncer

import (
	"encoding/binary"
	"iter"
	"maps"
)

// packing says how the rows of one kind are packed: by visiting each of their columns.
type packing[R any] interface{ columns(p *packer, row *R) }

// table holds stored rows by their id, each packed into one text. What is stored is kept
// from one pull to the next, of a large collective half a million rows, and as they are
// they take twice as much. What is read is a copy. Not for concurrent use, not even for
// reading: it belongs to the pull that took it.
type table[K ~string, R any, P packing[R]] struct {
	rows map[K]string
	// words are texts that many rows have in common; copies of a table share them, too.
	words *lexicon
	// p and row are where a row is packed and unpacked, so that no memory is taken for each.
	p   packer
	row R
	// looked is the place of the row that was looked at last.
	looked int
}

// get is the row of that id, if there is one.
func (t *table[K, R, P]) get(id K) (row R, known bool) {
	if r := t.look(id); r != nil {
		return *r, true
	}
	return row, false
}

// look is the row of that id, nil if there is none, up to the next look at the table:
// half a million rows are looked at in a pull, and copied they take as long again.
func (t *table[K, R, P]) look(id K) *R {
	packed, known := t.rows[id]
	if !known {
		return nil
	}
	t.looked = placeIn(packed)
	return t.unpacked(id, packed)
}

// at is the row of that id, without anything in it if there is none.
func (t *table[K, R, P]) at(id K) R {
	row, _ := t.get(id)
	return row
}

// has says whether there is a row of that id.
func (t *table[K, R, P]) has(id K) bool {
	_, known := t.rows[id]
	return known
}

// len is how many rows there are.
func (t *table[K, R, P]) len() int { return len(t.rows) }

// placeBytes is what a row's place takes, before its columns.
const placeBytes = 4

// place is a number of its own that a row keeps, from 0 on.
func (t *table[K, R, P]) place(id K) (place int, known bool) {
	packed, known := t.rows[id]
	if !known {
		return 0, false
	}
	return placeIn(packed), true
}

// placeIn is the place of a packed row.
func placeIn(s string) int {
	return int(uint32(s[0]) | uint32(s[1])<<8 | uint32(s[2])<<16 | uint32(s[3])<<24)
}

// set puts a row in the place of the one of that id, if any.
func (t *table[K, R, P]) set(id K, row R) {
	if t.rows == nil {
		t.rows = map[K]string{}
	}
	if t.words == nil {
		t.words = &lexicon{}
	}
	var how P
	place, known := t.place(id)
	if !known {
		place = len(t.rows)
	}
	t.row = row
	t.p = packer{id: string(id), words: t.words, to: binary.LittleEndian.AppendUint32(t.p.to[:0], uint32(place)), packs: true}
	how.columns(&t.p, &t.row)
	t.rows[id] = string(t.p.to)
}

// all are all rows, in no order.
func (t *table[K, R, P]) all() iter.Seq2[K, R] {
	return func(yield func(K, R) bool) {
		for id, packed := range t.rows {
			if !yield(id, *t.unpacked(id, packed)) {
				return
			}
		}
	}
}

// ids are the ids of all rows, in no order.
func (t *table[K, R, P]) ids() iter.Seq[K] { return maps.Keys(t.rows) }

func (t *table[K, R, P]) unpacked(id K, packed string) *R {
	var how P
	var none R
	t.row = none
	t.p = packer{id: string(id), words: t.words, to: t.p.to, from: packed[placeBytes:]}
	how.columns(&t.p, &t.row)
	return &t.row
}

// fill takes rows into an empty table. They name each other, and whoever reads them makes
// a copy of each name: the tables share one.
func (t *table[K, R, P]) fill(rows map[K]R, names map[string]string) {
	t.rows = make(map[K]string, len(rows))
	for id, row := range rows {
		name, shared := names[string(id)]
		if !shared {
			name = string(id)
			names[name] = name
		}
		t.set(K(name), row)
	}
}
