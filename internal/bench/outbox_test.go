package bench

import (
	"context"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/dispatch"
	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/notify/letter"
	"coopcloud.tech/goodstanding/store"
)

// letters are how many mails each side of a round sends, or stands for.
const letters = 100

// postbox takes every mail at once.
type postbox struct{ taken int }

func (p *postbox) Send(context.Context, notify.Envelope) error { p.taken++; return nil }

// outbox is messages in a second, each looked at again, claimed, handed over to a server
// that takes it at once, and its answer recorded, by what two plain durable commits for
// each message come to on the same database. They are about one decision, to its
// delegates, one each: that it was amended, or with first that it was opened. Of the
// latter each is told on, and what that came to is seen by the next.
func outbox(tb testing.TB, dsn string, first bool) measured {
	a := assemble(tb, dsn, letters)
	a.ok(a.db.InTx(tb.Context(), store.NoStream, a.clock(), func(tx *store.Tx) error {
		return tx.SetSetting(tb.Context(), store.SettingNotices, a.clock().String())
	}))
	box := &postbox{}
	d, err := dispatch.New(dispatch.Options{DB: a.db, Roll: a.roll, Decision: a.chair.LetterAbout, Heard: a.chair.Heard, MayHear: a.chair.MayHear, Email: box, Now: a.clock, Log: zerolog.Nop(),
		Letter: func(letter.Data) (subject, text, html string, err error) { return "A notice", "What it says.", "", nil }})
	a.ok(err)
	send := func() (perSecond float64) {
		before := box.taken
		took := wall(func() {
			for box.taken < before+letters {
				if _, err := d.Step(tb.Context()); err != nil {
					tb.Fatal(err)
				}
			}
		})
		return float64(box.taken-before) / took
	}
	ours := func() float64 {
		a.later(time.Minute)
		id := a.opened(1)[0]
		rate := send()
		if first {
			return rate
		}
		a.later(time.Minute)
		_, err := a.chair.Amend(tb.Context(), id, a.by(0), func(t *decisions.Text) { t.Changes = "We use two." }, true)
		a.ok(err)
		return send()
	}
	commit := dbtest.Commits(tb, dsn)
	plain := func() float64 {
		return letters / wall(func() {
			for range 2 * letters {
				commit()
			}
		})
	}
	return ratio(3, ours, plain).atLeast(0.5, "x")
}
