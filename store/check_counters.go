package store

import (
	"context"
	"fmt"
	"slices"

	"coopcloud.tech/goodstanding/internal/instant"
)

// CheckCounters looks whether each stream's counter is at least as far as what the
// stream wrote: else known times would go back.
func (tx *Tx) CheckCounters(ctx context.Context) (c Check, err error) {
	counters, err := tx.Counters(ctx)
	if err != nil {
		return c, err
	}
	newest, err := tx.newestKnown(ctx)
	if err != nil {
		return c, fmt.Errorf("check the counters: %w", err)
	}
	for _, s := range []Stream{Pulls, Entries} {
		have := counters.Pulls
		if s == Entries {
			have = counters.Entries
		}
		c.Checked++
		if newest[s] > have.Known {
			c.fault("the counter of %s stands at %s, and something is known since %s", s, have.Known, newest[s])
		}
	}
	if c.Checked++; newest[NoStream] > counters.Newest() {
		c.fault("the counters stand at %s, and something is known since %s", counters.Newest(), newest[NoStream])
	}
	return c, nil
}

// newestKnown is the newest known instant that stands in the tables of each stream;
// under NoStream of those that both write.
func (tx *Tx) newestKnown(ctx context.Context) (map[Stream]instant.Instant, error) {
	out := make(map[Stream]instant.Instant)
	tables, err := tx.tablesInOrder(ctx)
	if err != nil {
		return nil, err
	}
	for _, t := range tables {
		i := slices.IndexFunc(logTables, func(l logTable) bool { return l.name == t.name })
		if i < 0 || !slices.Contains(t.columns, "known") {
			continue
		}
		stream := NoStream
		if writers := logTables[i].streams; len(writers) == 1 {
			stream = writers[0]
		}
		var known int64
		if err := tx.q.GetContext(ctx, &known, `SELECT coalesce(max(known), 0) FROM `+t.name); err != nil {
			return nil, err
		}
		out[stream] = max(out[stream], instant.Instant(known))
	}
	return out, nil
}

// RaiseCounters brings the counters to where what is stored says they were, and this
// transaction behind that. It tells how many there are.
func (tx *Tx) RaiseCounters(ctx context.Context) (set int, err error) {
	if tx.readOnly || tx.stream != Entries {
		return 0, fmt.Errorf("raise the counters: %w", ErrWrongStream)
	}
	newest, err := tx.newestKnown(ctx)
	if err != nil {
		return 0, fmt.Errorf("raise the counters: %w", err)
	}
	counters, err := tx.Counters(ctx)
	if err != nil {
		return 0, err
	}
	tx.known = max(tx.known, newest[Pulls]+1, newest[Entries]+1, newest[NoStream]+1)
	for s, known := range map[Stream]instant.Instant{Pulls: max(counters.Pulls.Known, newest[Pulls]), Entries: tx.known} {
		_, err := tx.q.ExecContext(ctx, `INSERT INTO counter (stream, seq, known, late_clocks) VALUES ($1, 1, $2, 0) `+upsert("stream", "known"), s.String(), int64(known))
		if err != nil {
			return 0, fmt.Errorf("raise the counters: %w", err)
		}
		set++
	}
	return set, nil
}
