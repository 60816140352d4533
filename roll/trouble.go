package roll

import (
	"context"

	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/store"
)

// Trouble is what keeps upstream from being read until somebody acts, as far as
// the treasurers are told of it at once (domain.md, section 6).
type Trouble string

// The troubles. All other failures mend themselves, or are told as stale.
const (
	NoTrouble             Trouble = ""
	AuthenticationFailure         = Trouble(notify.AuthenticationFailure)
	SchemaDrift                   = Trouble(notify.SchemaDrift)
)

// Failure is what the syncer tells about a pull that failed.
type Failure struct {
	Trouble Trouble
	Class   string // the closed word for how the pull ended
}

// AfterFailure tells the treasurers what a failed pull finds, inside the
// transaction that notes the pull: its trouble, once until the next complete
// snapshot, and that the last one is stale. No standing is looked at.
func (r *Roll) AfterFailure(ctx context.Context, tx *store.Tx, f Failure) error {
	ru, err := r.rulesOf(ctx, tx)
	if err != nil {
		return err
	}
	a, err := newAlarm(ctx, tx, ru)
	if err != nil {
		return err
	}
	a.trouble(f)
	if err := a.stale(ctx); err != nil {
		return err
	}
	if err := a.tell(ctx); err != nil {
		return err
	}
	_, err = a.out.send(ctx)
	return err
}

// trouble tells that upstream cannot be read until somebody acts, once until it
// was read again.
func (a *alarm) trouble(f Failure) {
	if f.Trouble != NoTrouble {
		a.add(notify.Kind(f.Trouble), a.reading()+"/"+f.Class, a.snapshot.Start)
	}
}
