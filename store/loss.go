package store

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"coopcloud.tech/goodstanding/internal/instant"
)

// settingLoss is what a restored database, or a copy, may lack: two instants in
// microseconds (Loss.From and Loss.Until). Whoever makes the place where it is its home
// takes it away.
const settingLoss = "answers_lost"

// Loss is what a database may lack that was put back from a backup, or is a copy, while
// nobody has said that it goes on from here (Tx.AcceptHome): what was done in another one
// since. Decisions whose deadline lies in that time are not closed by what is here alone.
type Loss struct {
	// Open says that there is a loss to reckon with; else all else is zero.
	Open bool
	// From is from when on something may be lacking: when the backup was begun. It is 0
	// for a copy, of which nobody knows.
	From instant.Instant
	// Until is until when: whatever came later came here. It is that of the backup; of a
	// copy when it was first noticed to be one (Tx.NoteLoss), and instant.Max before that.
	// Where something in it has a later instant, by a clock that was ahead, it is that.
	Until instant.Instant
}

// Loss reads what the database may lack. A mark beside it that cannot be read keeps it from
// sending, and nobody from deciding: then the place alone tells. So it does in a read-only
// transaction while nothing is noted: the mark is of now, and what is read may be older by
// a moment, in which a healthy one went on. A write transaction has nobody beside it.
func (tx *Tx) Loss(ctx context.Context) (l Loss, err error) {
	err = tx.Beside(ctx, func(tx *Tx) error {
		set, err := tx.ofHome(ctx)
		if err != nil {
			return err
		}
		if l, err = tx.loss(ctx); err != nil {
			return err
		}
		find := tx.home
		if tx.readOnly && l.Until == instant.Max {
			find = tx.homeByPlace
		}
		at, err := find(ctx, set)
		if _, bad := errors.AsType[*badMark](err); bad {
			at, err = tx.homeByPlace(ctx, set)
		}
		if err != nil || at != AtElsewhere {
			l = Loss{}
			return wrap("find out whether the database is at home", err)
		}
		l.Open = true
		return nil
	})
	return l, err
}

// loss is what was noted of it.
func (tx *Tx) loss(ctx context.Context) (Loss, error) {
	text, noted, err := tx.Setting(ctx, settingLoss)
	if err != nil || !noted {
		return Loss{Until: instant.Max}, err
	}
	from, until, _ := strings.Cut(text, " ")
	l := Loss{}
	for _, part := range []struct {
		text string
		at   *instant.Instant
	}{{from, &l.From}, {until, &l.Until}} {
		n, err := strconv.ParseInt(part.text, 10, 64)
		if err != nil {
			return Loss{}, fmt.Errorf("the setting %s is not two numbers: it was changed by hand; write two instants in microseconds into the database", settingLoss)
		}
		*part.at = instant.Instant(n)
	}
	return l, nil
}

func (tx *Tx) setLoss(ctx context.Context, l Loss) error {
	return tx.SetSetting(ctx, settingLoss, strconv.FormatInt(int64(l.From), 10)+" "+strconv.FormatInt(int64(l.Until), 10))
}

// NoteLoss notes now as the instant at which a copy was noticed to be one, once: what
// comes later comes here. It changes nothing for a database that is at home, was restored
// by Restore, or was noted before.
func (tx *Tx) NoteLoss(ctx context.Context) error {
	l, err := tx.Loss(ctx)
	if err != nil || !l.Open || l.Until != instant.Max {
		return err
	}
	until, err := tx.lastThere(ctx, tx.now)
	if err != nil {
		return err
	}
	return tx.setLoss(ctx, Loss{From: l.From, Until: until})
}

// NoteLoss is Tx.NoteLoss in a transaction of its own. Where marks are kept only that sees
// that older content is in the place of newer (Tx.Loss); else nothing is written to look.
func (db *DB) NoteLoss(ctx context.Context, now instant.Instant) error {
	if !db.engine.marks() {
		var l Loss
		err := db.View(ctx, func(tx *Tx) (err error) {
			l, err = tx.Loss(ctx)
			return err
		})
		if err != nil || !l.Open || l.Until != instant.Max {
			return err
		}
	}
	return db.InTx(ctx, NoStream, now, func(tx *Tx) error { return tx.NoteLoss(ctx) })
}

// lastThere is an instant, or the newest that something in the database has, if that is
// later: a clock that was ahead stamped it, and what comes is stamped no sooner.
func (tx *Tx) lastThere(ctx context.Context, at instant.Instant) (instant.Instant, error) {
	counters, err := tx.Counters(ctx)
	if err != nil {
		return 0, err
	}
	var entry int64
	err = tx.q.GetContext(ctx, &entry, `SELECT coalesce(max(at), 0) FROM decision_entry`)
	return max(at, counters.Newest(), instant.Instant(entry)), wrap("read when something was last done about a decision", err)
}

// loseSince notes what a database lacks that was put back from a backup, beside what the
// database that was backed up lacked itself.
func (tx *Tx) loseSince(ctx context.Context, made instant.Instant) error {
	before, err := tx.loss(ctx)
	if err != nil {
		return err
	}
	until, err := tx.lastThere(ctx, made)
	if err != nil {
		return err
	}
	l := Loss{From: made, Until: until}
	if before.Until != instant.Max {
		l = Loss{From: min(before.From, made), Until: max(before.Until, until)}
	}
	return tx.setLoss(ctx, l)
}
