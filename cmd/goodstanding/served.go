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
// until the release. On PostgreSQL it keeps a lease: one that is not given up is watched
// for as long as another daemon would watch it before it takes it.
func (a *app) served(ctx context.Context, db *store.DB) (release func(), served bool, err error) {
	lock, err := lockStore(db)
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

// leaseIsKept looks at the leases of a database until one is made longer, or until the
// pace's patience is over. Those that are given up, or were over long ago, nobody keeps.
func leaseIsKept(ctx context.Context, db *store.DB, p pace, now func() instant.Instant) (bool, error) {
	before := map[string]store.Lease{}
	for look := 1; ; look++ {
		leases, err := db.LeasesOfOld(ctx)
		if err != nil {
			return false, err
		}
		waiting := false
		for _, l := range leases {
			was, seen := before[l.Name]
			if seen && was != l && l.Until != 0 {
				return true, nil
			}
			before[l.Name] = l
			waiting = waiting || l.Until != 0 && now() <= l.Until.Add(longOver)
		}
		if !waiting || look == p.patience {
			return false, nil
		}
		select {
		case <-time.After(p.every):
		case <-ctx.Done():
			return false, context.Cause(ctx)
		}
	}
}
