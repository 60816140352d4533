package syncer

import (
	"context"
	"errors"
	"fmt"
	"time"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/store"
	"coopcloud.tech/goodstanding/syncer/opencollective"
)

// The outcomes of a pull beside the classes of opencollective's errors: a
// closed set, for the list of pulls and for metrics. None is ever renamed.
const (
	OutcomeComplete   = "complete"
	OutcomeSuperseded = "superseded" // a newer snapshot was stored meanwhile
	OutcomeDatabase   = "database"   // the database did not take it
	OutcomeAssessment = "assessment" // the standings could not be worked out
)

// Superseded says that a snapshot which began later is stored already, so that
// this one was thrown away.
type Superseded struct {
	// Start is when this reading began, Stored when the stored one did.
	Start, Stored instant.Instant
	Number        int64 // the stored one's
}

func (e *Superseded) Error() string {
	return fmt.Sprintf("snapshot %d, begun at %s, is stored already and newer than this one, begun at %s: nothing was changed; "+
		"if no other pull ran just now, check this machine's clock", e.Number, e.Stored, e.Start)
}

// Class is OutcomeSuperseded.
func (e *Superseded) Class() string { return OutcomeSuperseded }

// assessmentError says that not the storing but the assessment failed; the
// snapshot was thrown away with it.
type assessmentError struct{ err error }

func (e *assessmentError) Error() string {
	return "work out the standings after the snapshot: " + e.err.Error()
}

func (e *assessmentError) Unwrap() error { return e.err }

// Class is OutcomeAssessment.
func (e *assessmentError) Class() string { return OutcomeAssessment }

// OutcomeOf is the closed word for how a pull ended.
func OutcomeOf(err error) string {
	switch class := opencollective.ClassOf(err); class {
	case opencollective.ClassOK:
		return OutcomeComplete
	case opencollective.ClassOther:
		return OutcomeDatabase
	case OutcomeAssessment:
		if _, away := errors.AsType[*store.Fault](err); away { // in the middle of it
			return OutcomeDatabase
		}
		return class
	default:
		return class
	}
}

// problems are the closed words for what a database can lack.
var problems = map[store.Problem]string{
	store.BadDSN: "bad_dsn", store.NoFolder: "no_folder", store.NotADatabase: "not_a_database", store.NotOurs: "not_ours",
	store.NewerSchema: "newer_schema", store.DiskFull: "disk_full", store.ReadOnlyStore: "read_only",
	store.Unreachable: "unreachable", store.Busy: "busy", store.MigrationFailed: "migration_failed",
}

// detailOf is one more closed word: the query that failed, why a token was
// refused, that a snapshot contradicts itself (and in which ways, closed words
// again), or what the database lacks; "" where there is none.
func detailOf(err error) string {
	var fault *store.Fault
	if errors.As(err, &fault) {
		return problems[fault.Problem]
	}
	var unauthorised *opencollective.Unauthorised
	if errors.As(err, &unauthorised) {
		return unauthorised.Reason
	}
	if e, ok := errors.AsType[*Contradiction](err); ok {
		return e.detail()
	}
	return queryOf(err)
}

// queryOf is the query that an error of the client is about.
func queryOf(err error) string {
	var (
		limited    *opencollective.RateLimited
		forbidden  *opencollective.Forbidden
		drift      *opencollective.SchemaDrift
		down       *opencollective.UpstreamDown
		partial    *opencollective.Partial
		missing    *opencollective.NotFound
		incomplete *opencollective.Incomplete
	)
	switch {
	case errors.As(err, &limited):
		return limited.Op
	case errors.As(err, &forbidden):
		return forbidden.Op
	case errors.As(err, &drift):
		return drift.Op
	case errors.As(err, &down):
		return down.Op
	case errors.As(err, &partial):
		return partial.Op
	case errors.As(err, &missing):
		return missing.Op
	case errors.As(err, &incomplete):
		return incomplete.Op
	}
	return ""
}

// noteWithin bounds how long a failed pull tries to leave its row.
const noteWithin = 5 * time.Second

// troubles are the outcomes of which the treasurers are told at once, because
// somebody has to act (domain.md, section 6).
var troubles = map[string]roll.Trouble{
	opencollective.ClassUnauthorised: roll.AuthenticationFailure,
	opencollective.ClassForbidden:    roll.AuthenticationFailure,
	opencollective.ClassTokenIgnored: roll.AuthenticationFailure,
	opencollective.ClassSchemaDrift:  roll.SchemaDrift,
}

// failed leaves the attempt's own row and, where somebody has to act, what the
// treasurers are told, also when the caller gave up; nothing else. It returns
// what went wrong. A dry run leaves nothing, nor does who has lost the lease. What this
// attempt has read of what is stored is kept for the next one, which may come within a
// minute.
func (a *attempt) failed(ctx context.Context, err error) error {
	if _, lost := errors.AsType[*store.LeaseLost](err); lost || a.dry {
		return err
	}
	outcome := OutcomeOf(err)
	if (outcome == OutcomeDatabase || outcome == OutcomeAssessment) && ctx.Err() != nil {
		outcome = opencollective.ClassCancelled
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), noteWithin)
	defer cancel()
	now := a.now()
	noted := a.db.InTx(ctx, store.Pulls, now, func(tx *store.Tx) error {
		err := tx.AddPull(ctx, store.Pull{
			ID: a.id, Started: a.started, Finished: max(a.started, now), Outcome: outcome, Detail: detailOf(err),
		})
		if err != nil {
			return err
		}
		if err := a.keep(ctx, tx); err != nil {
			return err
		}
		return a.tell(ctx, tx, roll.Failure{Trouble: troubles[outcome], Class: outcome})
	})
	if noted != nil && outcome != OutcomeDatabase {
		return fmt.Errorf("%w (and the attempt could not be noted: %w)", err, noted)
	}
	return err
}

// keep keeps what was stored when this attempt began, as what is stored once its row is:
// that adds nothing to it.
func (a *attempt) keep(ctx context.Context, tx *store.Tx) error {
	if a.st == nil || tx.Before().Pulls != a.before {
		return nil
	}
	counters, err := tx.Counters(ctx)
	if err != nil {
		return err
	}
	tx.OnCommit(func() { a.kept.put(a.st, counters.Pulls) })
	return nil
}
