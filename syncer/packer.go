package syncer

import (
	"encoding/binary"

	"coopcloud.tech/goodstanding/internal/instant"
)

// packer packs the columns of one row, or unpacks them: each method does one or the other
// with one column, so that the columns of each kind of row are named once, in one order.
// What was packed by one program is never read by another.
type packer struct {
	id    string // the row's own
	words *lexicon
	packs bool
	to    []byte // what is packed so far
	from  string // what is left to be unpacked
}

// lexicon are the texts that come again and again: statuses, tiers, the collective. They are
// kept for as long as the table is.
type lexicon struct {
	all []string
	at  map[string]uint64
}

// number is the place of a word.
func (w *lexicon) number(word string) uint64 {
	n, known := w.at[word]
	if !known {
		if w.at == nil {
			w.at = map[string]uint64{}
		}
		n = uint64(len(w.all))
		w.all, w.at[word] = append(w.all, word), n
	}
	return n
}

// key is the row's own id.
func (p *packer) key(id *string) {
	if !p.packs {
		*id = p.id
	}
}

// count is a number from 0 on.
func (p *packer) count(n *uint64) {
	if p.packs {
		p.to = binary.AppendUvarint(p.to, *n)
		return
	}
	if b := p.from[0]; b < 0x80 { // nearly always
		*n, p.from = uint64(b), p.from[1:]
		return
	}
	var size int
	*n, size = uvarint(p.from)
	p.from = p.from[size:]
}

// uvarint is binary.Uvarint of a text.
func uvarint(text string) (n uint64, size int) {
	for i := 0; ; i++ {
		b := text[i]
		n |= uint64(b&0x7f) << (7 * i)
		if b < 0x80 {
			return n, i + 1
		}
	}
}

// whole is any whole number.
func (p *packer) whole(n *int64) {
	u := uint64(*n)<<1 ^ uint64(*n>>63)
	p.count(&u)
	*n = int64(u>>1) ^ -int64(u&1)
}

// small is a number of one byte.
func small[T ~uint8](p *packer, n *T) {
	if p.packs {
		p.to = append(p.to, byte(*n))
		return
	}
	*n, p.from = T(p.from[0]), p.from[1:]
}

// flag is a yes or no.
func (p *packer) flag(yes *bool) {
	var n uint8
	if *yes {
		n = 1
	}
	small(p, &n)
	*yes = n == 1
}

// at is an instant. It takes as much as it would unpacked: that is read at once.
func (p *packer) at(i *instant.Instant) {
	if p.packs {
		p.to = binary.LittleEndian.AppendUint64(p.to, uint64(*i))
		return
	}
	s := p.from[:8]
	*i = instant.Instant(uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56)
	p.from = p.from[8:]
}

// text is any text. The row's own id, which many a name is, takes a byte.
func (p *packer) text(s *string) {
	const own = 0
	size := uint64(len(*s)) + 1
	if p.packs && *s == p.id {
		size = own
	}
	if p.count(&size); size == own {
		*s = p.id
		return
	}
	if p.packs {
		p.to = append(p.to, *s...)
		return
	}
	*s, p.from = p.from[:size-1], p.from[size-1:]
}

// word is a text that many rows have.
func (p *packer) word(s *string) {
	var n uint64
	if p.packs {
		n = p.words.number(*s)
	}
	if p.count(&n); !p.packs {
		*s = p.words.all[n]
	}
}
