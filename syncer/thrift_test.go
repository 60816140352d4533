package syncer

import (
	"context"
	"fmt"
	"runtime/debug"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/store"
)

// Who stores much lets the heap grow by less until the end; who stores little does not.
func TestAPullThatBringsMuchIsThrifty(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(100))
	percent := func() int {
		now := debug.SetGCPercent(-1)
		debug.SetGCPercent(now)
		return now
	}
	w := onOne(t)
	u := loose(w)
	for i := range muchNew + 1 {
		o := monthly(fmt.Sprint("tree", i), at("2026-05-02").Add(time.Duration(i)*time.Second))
		u.orders, u.charges = append(u.orders, o), append(u.charges, paidBy(o, o.Created))
	}
	s := w.syncer(u)
	during := 0
	s.assess = func(context.Context, *store.Tx, roll.SnapshotInfo) (roll.Report, error) {
		during = percent()
		return roll.Report{}, nil
	}
	if w.pull(s); during >= 100 || percent() != 100 {
		t.Errorf("%d while much is stored, %d afterwards", during, percent())
	}
	w.later(time.Hour)
	if w.pull(s); during != 100 {
		t.Errorf("%d while nothing is stored", during)
	}
}
