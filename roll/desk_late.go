package roll

import "context"

// lateDesk is what is to be sorted out, found when somebody asks for it: it takes as
// many statements and as much time as all the rest of a book, which every daemon reads
// before it answers, and anew whenever something is written.
type lateDesk struct {
	r       *Roll
	turn    chan struct{} // holds something while somebody looks at the rest
	found   bool
	entries []DeskEntry
}

// Desk is what was to be sorted out when somebody first asked the book for it; with all
// also what was dismissed. It is read from the database once, and who asks at the same
// time waits for that. See Roll.Desk.
func (b *Book) Desk(ctx context.Context, all bool) ([]DeskEntry, error) {
	d := b.desk
	select {
	case d.turn <- struct{}{}:
		defer func() { <-d.turn }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if !d.found {
		entries, err := d.r.Desk(ctx, true)
		if err != nil {
			return nil, err
		}
		d.found, d.entries = true, entries
	}
	return undismissed(d.entries, all), nil
}
