package opencollective

import (
	"context"
	"fmt"
	"maps"

	"coopcloud.tech/goodstanding/internal/instant"
)

// moved says that what was read does not fit together: rows changed while they
// were being read, or some did not come. The whole snapshot is read again.
type moved struct{ op, what string }

func (e *moved) Error() string { return e.op + ": " + e.what }

// maxRows bounds a list; far above any collective that exists.
const maxRows = 1_000_000

// list is how one kind of row is read in whole.
type list[T any] struct {
	first, next document
	vars        map[string]any // of both documents, without the paging
	limit       int
	row         func(*node) T
	key         func(*T) (id string, created instant.Instant)
	// known says of a row that it is shown as it is known, so that it is only counted;
	// nil where nothing is known.
	known func(*T) bool
}

// read returns all rows, or *moved, or why it cannot. One request suffices up
// to limit rows. Above that it goes on from the last row's createdAt and not
// with an offset, which loses rows where createdAt ties (open-collective.md,
// section 13.1). Checked at each request: the rows are as many as they have to
// be, ascending and different; those before the starting point and those from
// it on add up to the total of the first request; and that total still holds.
// It returns those that are not known, and how many are.
func (l list[T]) read(ctx context.Context, s *session) (rows []T, known int, err error) {
	p, err := l.ask(ctx, s, 0, nil)
	if err != nil {
		return nil, 0, err
	}
	grand := p.total
	if grand > maxRows {
		return nil, 0, &Incomplete{Op: l.first.op, Tries: 1, What: "more rows than any collective has"}
	}
	b := batch[T]{list: l, seen: make(map[string]struct{}, grand), created: make([]instant.Instant, 0, grand), here: map[string]bool{}}
	for {
		if err := b.add(p, grand); err != nil {
			return nil, 0, err
		}
		if p.total <= l.limit {
			break
		}
		from, err := b.restart(p)
		if err != nil {
			return nil, 0, err
		}
		if p, err = l.ask(ctx, s, from, p.rows); err != nil {
			return nil, 0, err
		}
		if before := b.before(from); p.grand != grand || before+p.total != grand {
			return nil, 0, &moved{l.first.op, "the number of rows changed"}
		}
	}
	if len(b.created) != grand {
		return nil, 0, &moved{l.first.op, "rows are missing"}
	}
	return b.rows, grand - len(b.rows), nil
}

// ask reads one page: the first one, or the one from an instant on. Its rows lie where
// those of a page did that is no longer needed.
func (l list[T]) ask(ctx context.Context, s *session, from instant.Instant, over []T) (page[T], error) {
	vars := maps.Clone(l.vars)
	vars["limit"] = l.limit
	doc := l.first
	if from.IsZero() {
		vars["offset"] = 0
		delete(vars, "since") // only a continuation declares it
	} else {
		doc = l.next
		vars["from"] = stamp(from)
	}
	var r reply
	if err := s.ask(ctx, doc, vars, &r); err != nil {
		return page[T]{}, err
	}
	return decodePage(&r, doc.root, !from.IsZero(), l.row, over, l.limit)
}

// stamp writes an instant as upstream keeps them, in milliseconds; what lies
// between two of them is asked from the earlier one on.
func stamp(i instant.Instant) string {
	return i.Time().Format("2006-01-02T15:04:05.000Z")
}

// batch collects the rows of several pages, each row once.
type batch[T any] struct {
	list[T]
	rows    []T               // those that are not known
	created []instant.Instant // of each row, known or not
	seen    map[string]struct{}
	here    map[string]bool // the rows of one page
}

// add checks a page and takes the rows that are new, of a list of so many.
func (b *batch[T]) add(p page[T], grand int) error {
	if want := min(p.total, b.limit); len(p.rows) != want {
		return &moved{b.first.op, fmt.Sprintf("%d rows came instead of %d", len(p.rows), want)}
	}
	b.grow(len(p.rows), grand)
	clear(b.here)
	var last instant.Instant
	for i := range p.rows {
		row := &p.rows[i]
		id, created := b.key(row)
		if b.here[id] {
			return &moved{b.first.op, "a row came twice"}
		}
		if created < last {
			return &moved{b.first.op, "rows came out of order"}
		}
		b.here[id], last = true, created
		if _, again := b.seen[id]; again {
			continue
		}
		b.seen[id] = struct{}{}
		b.created = append(b.created, created)
		if b.known == nil || !b.known(row) {
			b.rows = append(b.rows, *row)
		}
	}
	return nil
}

// atOnce is for how many rows place is made because upstream says that there are so many.
const atOnce = 100_000

// grow makes place for so many more rows, some of which may be there already, of a list
// of so many: for all of them, or, where they are many, for twice as many as there are.
// Where rows are known few are left.
func (b *batch[T]) grow(more, grand int) {
	if b.known != nil {
		return
	}
	if need := min(len(b.rows)+more, grand); need > cap(b.rows) {
		rows := make([]T, len(b.rows), max(need, min(grand, max(2*need, atOnce))))
		copy(rows, b.rows)
		b.rows = rows
	}
}

// restart is where the next page begins: the creation of the last row. Where
// the whole page was created in that instant, there is no way on.
func (b *batch[T]) restart(p page[T]) (instant.Instant, error) {
	_, first := b.key(&p.rows[0])
	_, last := b.key(&p.rows[len(p.rows)-1])
	if first == last {
		return 0, &Incomplete{Op: b.first.op, Ties: true, What: fmt.Sprintf(
			"more than %d rows have the same createdAt (%s), and upstream returns no more at once", b.limit, last)}
	}
	return last, nil
}

// before counts the rows created before an instant.
func (b *batch[T]) before(at instant.Instant) int {
	for i := len(b.created) - 1; i >= 0; i-- {
		if b.created[i] < at {
			return i + 1 // rows ascend
		}
	}
	return 0
}
