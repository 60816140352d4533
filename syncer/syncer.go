package syncer

import (
	"context"
	"time"

	"github.com/rs/zerolog"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/store"
	"coopcloud.tech/goodstanding/syncer/opencollective"
)

// source is where snapshots come from: opencollective.Client. It is one of the
// three interfaces of the program, so that tests can say what upstream shows.
type source interface {
	// Pull reads one complete snapshot or fails with a typed error.
	Pull(ctx context.Context, r opencollective.PullRequest) (*opencollective.Snapshot, error)
	// Order and Account look one entity up by its id.
	Order(ctx context.Context, id string) (opencollective.Order, error)
	Account(ctx context.Context, id member.AccountID) (opencollective.Account, error)
}

// Options are what a Syncer needs beside its database, the roll and the source.
type Options struct {
	// Slug is the collective's name in its address on Open Collective.
	Slug string
	// Now reads the clock, once per step. Required.
	Now func() instant.Instant
	// Close closes the decisions that are due, right before a snapshot is stored, so that it is
	// assessed by the rules that they enact; nil for nothing. That it fails keeps no snapshot
	// from being stored: what then enacts rules later lets the brake have its say.
	Close func(context.Context) error
	// NewID makes a fresh identifier with the prefix; nil takes store.NewID.
	NewID func(prefix string) string
	// Zone is the federation's time zone, for dates in texts; nil is UTC.
	Zone *time.Location
	// Logger is told of complete pulls: numbers only.
	Logger zerolog.Logger
}

// Syncer reads one collective into one database. It is safe for concurrent
// use, also by several processes.
type Syncer struct {
	db     *store.DB
	source source
	// assess is what the roll does at the end of the transaction.
	assess func(context.Context, *store.Tx, roll.SnapshotInfo) (roll.Report, error)
	// tell is what the roll does in the transaction that notes a failed pull.
	tell  func(context.Context, *store.Tx, roll.Failure) error
	close func(context.Context) error
	slug  string
	now   func() instant.Instant
	newID func(string) string
	zone  *time.Location
	log   zerolog.Logger
	kept  kept
}

// New makes a syncer; it reads nothing yet.
func New(db *store.DB, r *roll.Roll, from source, o Options) *Syncer {
	s := &Syncer{
		db: db, source: from, assess: r.AfterSnapshot, tell: r.AfterFailure,
		close: o.Close, slug: o.Slug, now: o.Now, newID: o.NewID, zone: o.Zone, log: o.Logger,
	}
	if s.newID == nil {
		s.newID = store.NewID
	}
	if s.zone == nil {
		s.zone = time.UTC
	}
	return s
}

// Pull reads Open Collective once and stores what changed, or nothing. Errors
// are opencollective's typed ones, *Superseded, or the database's; each leaves
// a row of its own in the list of pulls.
func (s *Syncer) Pull(ctx context.Context) (Report, error) { return s.pull(ctx, false) }

// DryRun does what Pull does, in a transaction that is rolled back: the report
// is the same, and nothing is stored, not even the attempt.
func (s *Syncer) DryRun(ctx context.Context) (Report, error) { return s.pull(ctx, true) }
