package roll

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"coopcloud.tech/goodstanding/internal/arrange"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/tongue"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/store"
)

// NoticesPlan is what waits for a treasurer's word (domain.md, section 6, "Notices
// start off").
type NoticesPlan struct {
	Started instant.Instant // since when notices are on; 0 while they are off
	// Go are those that a start would let go, each at its moment, the earliest
	// first; none while notices are on. What was on its way when they were stopped
	// is among them.
	Go []Notice
	// Stop are those that a stop would keep from going: what waits or is held by itself
	// while notices are on, the earliest first.
	Stop []Notice
	// Missed counts those that are never sent: their moment was before the start.
	Missed int
	// Batches wait for a yes or no, in the order of notify.Batches.
	Batches []NoticeBatch
}

// NoticeBatch is what waits for a yes or no together.
type NoticeBatch struct {
	Batch   notify.Batch
	Words   string // why it waits
	Notices []Notice
}

// NoticesPlan reads what a start would let go and to whom, and which batches wait.
func (r *Roll) NoticesPlan(ctx context.Context) (NoticesPlan, error) {
	return r.NoticesPlanIn(ctx, tongue.English())
}

// NoticesPlanIn is NoticesPlan, its notices told in a language.
func (r *Roll) NoticesPlanIn(ctx context.Context, t *tongue.Tongue) (p NoticesPlan, err error) {
	err = r.db.View(ctx, func(tx *store.Tx) error {
		p, err = r.noticesPlan(ctx, tx, t)
		return err
	})
	if err != nil {
		return NoticesPlan{}, fmt.Errorf("plan the notices: %w", err)
	}
	return p, nil
}

func (r *Roll) noticesPlan(ctx context.Context, tx *store.Tx, t *tongue.Tongue) (NoticesPlan, error) {
	b, err := r.noticebook(ctx, tx)
	if err != nil {
		return NoticesPlan{}, err
	}
	b.in = t
	p := NoticesPlan{Started: b.started}
	for _, state := range []notify.State{notify.BeforeStart, notify.HeldState, notify.Waiting} {
		rows, err := tx.NoticePage(ctx, store.NoticeQuery{State: state})
		if err != nil {
			return NoticesPlan{}, err
		}
		rows = slices.DeleteFunc(rows, func(row store.OutboxRow) bool {
			if _, batch := notify.BatchOf(row.Detail); batch && state == notify.HeldState {
				return false
			}
			never := state == notify.BeforeStart && (row.DueAt <= b.now || b.started != 0)
			if never {
				p.Missed++
			}
			return never
		})
		list, err := b.read(ctx, tx, rows)
		if err != nil {
			return NoticesPlan{}, err
		}
		p.add(list)
	}
	byMoment(p.Go)
	byMoment(p.Stop)
	return p, nil
}

func (p *NoticesPlan) add(list []Notice) {
	batches := map[notify.Batch][]Notice{}
	for _, n := range list {
		if batch, ok := notify.BatchOf(n.Detail); ok && n.State == notify.HeldState {
			batches[batch] = append(batches[batch], n)
			continue
		}
		if p.Started != 0 {
			p.Stop = append(p.Stop, n)
		} else {
			p.Go = append(p.Go, n)
		}
	}
	for _, batch := range batchesInOrder(batches) {
		byMoment(batches[batch])
		p.Batches = append(p.Batches, NoticeBatch{Batch: batch, Words: BatchWords(batch), Notices: batches[batch]})
	}
}

// batchesInOrder are batches in the order of notify.Batches; those of another version,
// which can be answered all the same, come last.
func batchesInOrder[V any](batches map[notify.Batch]V) []notify.Batch {
	known := notify.Batches()
	place := func(b notify.Batch) int {
		if i := slices.Index(known, b); i >= 0 {
			return i
		}
		return len(known)
	}
	return slices.SortedFunc(maps.Keys(batches), func(x, y notify.Batch) int { return cmp.Or(cmp.Compare(place(x), place(y)), cmp.Compare(x, y)) })
}

// byMoment sorts notices by when they are due, what they are about, and to whom.
func byMoment(list []Notice) {
	arrange.By(list, func(x, y Notice) int {
		return cmp.Or(cmp.Compare(x.DueAt, y.DueAt), cmp.Compare(x.About, y.About), cmp.Compare(x.Kind, y.Kind), cmp.Compare(x.To, y.To), cmp.Compare(x.ID, y.ID))
	})
}

// StartNotices turns the notices on, and says how many wait for their moment now.
// What happened up to this instant is written first, as it is while they are off,
// so that nothing but NoticesPlan.Go is let go. A treasurer or the operator may,
// and a program whose token has ScopeNoticesWrite.
func (r *Roll) StartNotices(ctx context.Context, by By) (n int, report Report, err error) {
	report, err = r.enter(ctx, by, actionStartNotices, "start the notices", "", func(a *act) error {
		started, may, err := a.noticesKeeper(ctx)
		if err != nil || !may {
			return err
		}
		if started != 0 {
			a.refuse("they are on since %s", a.date(started))
		}
		if a.refused() {
			return nil
		}
		if _, err := r.afterEntry(ctx, a.tx, because{}); err != nil {
			return err
		}
		n, err = a.tx.StartNotices(ctx)
		a.payload["notices"] = n
		return err
	})
	return n, report, err
}

// StopNotices turns the notices off again, and says how many do not go: all that
// wait or are held by themselves, but for one that a sender is at. They are as if
// they had been written while notices were off: another start lets go those whose
// moment is still to come. A batch goes on waiting for a yes or no. domain.md is
// silent here; a treasurer who started by mistake wants it. Whoever may start them
// may stop them.
func (r *Roll) StopNotices(ctx context.Context, by By) (n int, report Report, err error) {
	report, err = r.enter(ctx, by, actionStopNotices, "stop the notices", "", func(a *act) error {
		started, may, err := a.noticesKeeper(ctx)
		if err != nil || !may {
			return err
		}
		if started == 0 {
			a.refuse("they are off")
		}
		if a.refused() {
			return nil
		}
		n, err = a.tx.StopNotices(ctx)
		a.payload["notices"] = n
		return err
	})
	return n, report, err
}

// ReleaseNotices is the yes to a batch, "" for all that wait: its notices go, if
// they are still true. It says how many there are. Whoever may start notices may.
func (r *Roll) ReleaseNotices(ctx context.Context, by By, batch notify.Batch) (n int, report Report, err error) {
	return r.answerBatch(ctx, by, batch, actionReleaseNotices, "release the notices", (*store.Tx).ReleaseBatch)
}

// DropNotices is the no to a batch, "" for all that wait: its notices never go. It
// says how many there are. Whoever may start notices may.
func (r *Roll) DropNotices(ctx context.Context, by By, batch notify.Batch) (n int, report Report, err error) {
	return r.answerBatch(ctx, by, batch, actionDropNotices, "drop the notices", (*store.Tx).DropBatch)
}

func (r *Roll) answerBatch(ctx context.Context, by By, batch notify.Batch, action, what string,
	answer func(*store.Tx, context.Context, notify.Batch) (int, error)) (n int, report Report, err error) {
	report, err = r.enter(ctx, by, action, what, "", func(a *act) error {
		started, may, err := a.noticesKeeper(ctx)
		if err != nil || !may {
			return err
		}
		waiting, err := a.batches(ctx)
		if err != nil {
			return err
		}
		if started == 0 && action == actionReleaseNotices {
			a.refuse("notices are off: start them first (goodstanding notices start)")
		}
		chosen := a.chosenBatches(batch, waiting)
		if a.refused() {
			return nil
		}
		n = 0
		for _, one := range chosen {
			m, err := answer(a.tx, ctx, one)
			if err != nil {
				return err
			}
			n += m
		}
		a.payload["batches"], a.payload["notices"] = chosen, n
		return nil
	})
	return n, report, err
}

// noticesKeeper lets through who may start and stop notices, and says since when
// they are on.
func (a *act) noticesKeeper(ctx context.Context) (started instant.Instant, may bool, err error) {
	if may, err = a.keeperOrToken(ctx, ScopeNoticesWrite); err != nil || !may {
		return 0, false, err
	}
	started, err = noticesStarted(ctx, a.tx)
	return started, err == nil, err
}

// batches are those in which something waits for a yes or no.
func (a *act) batches(ctx context.Context) ([]notify.Batch, error) {
	counts, err := a.tx.NoticeDetails(ctx)
	if err != nil {
		return nil, err
	}
	var out []notify.Batch
	for _, c := range counts {
		if b, ok := notify.BatchOf(c.Detail); ok && c.State == notify.HeldState {
			out = append(out, b)
		}
	}
	return out, nil
}

// chosenBatches are the batches that a word names, of those in which something waits.
func (a *act) chosenBatches(batch notify.Batch, waiting []notify.Batch) []notify.Batch {
	words := make([]string, len(waiting))
	for i, b := range waiting {
		words[i] = string(b)
	}
	switch {
	case len(waiting) == 0:
		a.refuse("nothing waits for a yes or no")
	case batch == "":
		return waiting
	case !slices.Contains(waiting, batch):
		a.refuse("nothing waits in a batch %q: there is %s", shorten(string(batch)), strings.Join(words, ", "))
	}
	return []notify.Batch{batch}
}
