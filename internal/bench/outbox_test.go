package bench

import (
	"context"
	"testing"
	"time"

	"github.com/rs/zerolog"

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
// each message come to on the same database.
func outbox(tb testing.TB, dsn string) measured {
	a := assemble(tb, dsn, letters)
	a.ok(a.db.InTx(tb.Context(), store.NoStream, a.clock(), func(tx *store.Tx) error {
		return tx.SetSetting(tb.Context(), store.SettingNotices, a.clock().String())
	}))
	box := &postbox{}
	d, err := dispatch.New(dispatch.Options{DB: a.db, Roll: a.roll, Decision: a.chair.LetterAbout, Heard: a.chair.Heard, Email: box, Now: a.clock, Log: zerolog.Nop(),
		Letter: func(letter.Data) (subject, text, html string, err error) { return "A notice", "What it says.", "", nil }})
	a.ok(err)
	ours := func() float64 {
		a.later(time.Minute)
		before := box.taken
		a.opened(1) // which is told to the delegates, one each
		took := wall(func() {
			for box.taken < before+letters {
				if _, err := d.Step(tb.Context()); err != nil {
					tb.Fatal(err)
				}
			}
		})
		return float64(box.taken-before) / took
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
