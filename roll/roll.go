package roll

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/store"
)

// Options are what a Roll needs beside its database.
type Options struct {
	// Now reads the clock, once per step.
	Now func() instant.Instant
	// NewID makes a fresh identifier with the prefix; nil takes store.NewID.
	NewID func(prefix string) string
	// Zone is the federation's time zone, for texts; nil is UTC.
	Zone *time.Location
	// Unanswered tells the desk who has answered none of the last large
	// decisions; nil leaves that out.
	Unanswered func(ctx context.Context, tx *store.Tx) (map[member.ID]Quiet, error)
	// Languages are those that mails come in, the first one for whoever has not
	// chosen; nil for English alone.
	Languages func() []string
}

// Quiet are decisions in which a member had a place and gave no answer.
type Quiet struct {
	Numbers []int           // ascending
	Since   instant.Instant // when the first of them ended
}

// Roll is the register on one database. It is safe for concurrent use.
type Roll struct {
	db    *store.DB
	now   func() instant.Instant
	newID func(string) string
	zone  *time.Location
	rules rulesCache
	shelf shelf
	calm  calmed
	quiet func(ctx context.Context, tx *store.Tx) (map[member.ID]Quiet, error)

	languages func() []string

	drawing sync.Mutex // one logo is drawn at a time
}

// New gives the register that the database holds.
func New(db *store.DB, o Options) *Roll {
	r := &Roll{db: db, now: o.Now, newID: o.NewID, zone: o.Zone, quiet: o.Unanswered, languages: o.Languages, shelf: shelf{reading: make(chan struct{}, 1)}}
	if r.newID == nil {
		r.newID = store.NewID
	}
	if r.zone == nil {
		r.zone = time.UTC
	}
	if r.languages == nil {
		r.languages = func() []string { return []string{"en"} }
	}
	return r
}

// By says who changes something, and why.
type By struct {
	Actor member.Actor
	// Second is another person, where the rules want two (domain.md, section 8).
	Second *member.Actor
	// Token is the id of the token with which a program asks; "" for a person and
	// for the operator. See ByToken.
	Token string
	// Reason is for people; it can be erased, its salted hash stays in the audit chain.
	Reason string
}

// longestReason bounds a reason, in characters.
const longestReason = 2000

// ByToken is a program that changes something with its token. The audit chain
// names the token; whether it has the scope is looked up when the change is made.
func ByToken(t Token, reason string) By {
	return By{Actor: member.Actor{ID: t.ID, Label: "token:" + t.Name}, Token: t.ID, Reason: reason}
}

// reason is the reason as it is kept.
func (b By) reason() string { return strings.TrimSpace(unixLines(b.Reason)) }

// check refuses a change that nobody answers for.
func (b By) check() []string {
	var why []string
	if b.Actor.ID == "" {
		why = append(why, "nobody is named who does it")
	}
	if b.reason() == "" {
		why = append(why, "a reason is needed: say why with --reason")
	}
	return append(why, textFaults("the reason", b.reason(), longestReason, true)...)
}

// entry is what one change adds to the audit chain.
type entry struct {
	by      By
	action  string // a word of a closed set
	subject string // id of what it is done to; "" for the federation
	// payload holds ids, instants, numbers and flags only.
	payload map[string]any
}

// change runs one change: f writes its rows as entries by the given author;
// then the audit row is written and the standings are assessed. f may run
// several times, see store.DB.InTx.
func (r *Roll) change(ctx context.Context, e entry, f func(tx *store.Tx, by store.By) error) (Report, error) {
	if why := e.by.check(); len(why) > 0 {
		return Report{}, &Refused{What: e.action, Reasons: why}
	}
	var report Report
	err := r.db.InTx(ctx, store.Entries, r.now(), func(tx *store.Tx) error {
		by, err := author(ctx, tx, e.by)
		if err != nil {
			return err
		}
		why, err := r.beforeChange(ctx, tx, batches[e.action])
		if err != nil {
			return err
		}
		if err := f(tx, by); err != nil {
			return err
		}
		if err := audit(ctx, tx, e, by); err != nil {
			return err
		}
		report, err = r.afterEntry(ctx, tx, why)
		return err
	})
	var refused *Refused
	if err != nil && !errors.As(err, &refused) {
		err = fmt.Errorf("%s: %w", e.action, err)
	}
	if err != nil {
		return Report{}, err
	}
	return report, nil
}

// author stores the reason and what people read for the actor.
func author(ctx context.Context, tx *store.Tx, by By) (store.By, error) {
	id, err := tx.AddText(ctx, by.reason())
	if err != nil {
		return store.By{}, err
	}
	for _, a := range []*member.Actor{&by.Actor, by.Second} {
		if a == nil || a.Label == "" {
			continue
		}
		if err := tx.SetActorLabel(ctx, a.ID, a.Label); err != nil {
			return store.By{}, err
		}
	}
	return store.By{Actor: by.Actor.ID, Reason: id}, nil
}

func audit(ctx context.Context, tx *store.Tx, e entry, by store.By) error {
	payload := map[string]any{}
	for k, v := range e.payload {
		payload[k] = v
	}
	if e.by.Second != nil {
		payload["second"] = e.by.Second.ID
	}
	// A treasurer's own waiver, payment or link is marked (domain.md, section 8).
	if e.by.Actor.Has(member.Treasurer) && e.by.Actor.DelegateOf(member.ID(e.subject)) {
		payload["own"] = true
	}
	seq, _, err := tx.Audit(ctx, store.Entry{
		Actor: by.Actor, Action: e.action, Subject: e.subject, Payload: payload, Reason: by.Reason,
	})
	if err != nil || payload["own"] != true {
		return err
	}
	return tellOwn(ctx, tx, e.action, by.Actor, seq)
}
