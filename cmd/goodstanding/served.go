package main

import (
	"context"
	"errors"
	"time"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/store"
)

// served says whether a daemon works with a database whose schema is to be changed
// (store.Options.Served). One on a SQLite file has its lock, which is kept from others
// until the release. On PostgreSQL it keeps a lease, which is watched for as long as
// another daemon would watch it before it takes it.
func (a *app) served(ctx context.Context, db *store.DB) (release func(), served bool, err error) {
	lock, err := lockStore(ctx, db)
	if _, is := errors.AsType[*alreadyServed](err); is {
		return func() {}, true, nil
	}
	if errors.Is(err, errNoLocks) { // nor can a daemon run on a file there
		return func() {}, false, nil
	}
	if err != nil {
		return func() {}, false, err
	}
	if lock.file != nil {
		return lock.release, false, nil
	}
	served, err = leaseIsKept(ctx, db, shared, a.env.Now)
	return lock.release, served, err
}

// leaseIsKept looks at the leases of a database until one is made longer or taken, or
// until the pace's patience is over. One that is given up a daemon that follows takes at
// its next look, so it is looked at once more a little later than that. One that was over
// long ago nobody keeps.
func leaseIsKept(ctx context.Context, db *store.DB, p pace, now func() instant.Instant) (bool, error) {
	before := map[string]store.Lease{}
	for look := 1; ; look++ {
		leases, err := db.LeasesOfOld(ctx)
		if err != nil {
			return false, err
		}
		var pause time.Duration // until the next look; 0 for none
		for _, l := range leases {
			moved := before[l.Name] != l
			before[l.Name] = l
			switch {
			case l.Until == 0 && moved:
				pause = p.every + p.every/4
			case l.Until == 0:
			case moved && look > 1:
				return true, nil
			case look < p.patience && now() <= l.Until.Add(longOver):
				pause = max(pause, p.every)
			}
		}
		if pause == 0 {
			return false, nil
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return false, context.Cause(ctx)
		}
	}
}
