package roll

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/tongue"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/notify/letter"
	"coopcloud.tech/goodstanding/policy"
	"coopcloud.tech/goodstanding/store"
)

// ErrOver says that what a notice is about is no longer so: it need not go.
var ErrOver = errors.New("what the notice is about is over")

// LetterAbout fills in what the letter about a notice says, as a transaction sees
// it: of the kinds for treasurers and of those about membership and delegates. It
// adds to base, which holds what all letters say. ErrOver where there is nothing
// to tell any more.
func (r *Roll) LetterAbout(ctx context.Context, tx *store.Tx, n store.OutboxRow, base letter.Data) (letter.Data, error) {
	base.Kind, base.Zone, base.Now = n.Kind, r.zone, r.now()
	w := &wording{r: r, tx: tx, n: n, d: &base, now: base.Now}
	fill := map[notify.Kind]func(context.Context) error{
		notify.Brake: w.hold, notify.HoldReminder: w.hold, notify.AuthenticationFailure: w.unread, notify.SchemaDrift: w.unread,
		notify.Stale: w.unread, notify.PolicyFault: w.policyFault, notify.Digest: w.digest, notify.DuesReview: w.review,
		notify.Office: w.office, notify.OwnEntry: w.ownEntry, notify.PolicyAdded: w.policyAdded,
		notify.PauseComing: w.membership, notify.Paused: w.membership, notify.Suspended: w.membership,
		notify.DelegateWelcome: w.delegate, notify.DelegateAdded: w.delegate, notify.DelegateRemoved: w.delegate,
	}[n.Kind]
	if fill == nil {
		return letter.Data{}, fmt.Errorf("write the letter: the register says nothing of notices of the kind %s", n.Kind)
	}
	if err := fill(ctx); err != nil {
		return letter.Data{}, fmt.Errorf("write the letter about a notice of the kind %s: %w", n.Kind, err)
	}
	return base, nil
}

// wording fills in one letter.
type wording struct {
	r  *Roll
	tx *store.Tx
	n  store.OutboxRow
	d  *letter.Data

	now instant.Instant
}

// after is the rest of the cause behind a word; "" where it does not begin so.
func (w *wording) after(word string) string {
	rest, ok := strings.CutPrefix(w.n.Cause, word)
	if !ok {
		return ""
	}
	return rest
}

func (w *wording) snapshot(ctx context.Context) (store.Snapshot, error) {
	s, _, err := w.tx.LastSnapshot(ctx)
	return s, err
}

// hold is a hold that stands and keeps somebody.
func (w *wording) hold(ctx context.Context) error {
	s, err := w.snapshot(ctx)
	if err != nil {
		return err
	}
	holds, err := w.r.holds(ctx, w.tx, false)
	if err != nil {
		return err
	}
	id := w.after("hold:")
	i := slices.IndexFunc(holds, func(h Hold) bool { return h.ID == id })
	if i < 0 {
		return ErrOver
	}
	t := &letter.Trouble{Since: holds[i].SetAt, AsOf: s.Start, Cause: holds[i].Likely, Command: command("holds", "acknowledge", id, "--reason", "REASON")}
	for _, m := range holds[i].Members {
		if !m.Over {
			t.Names = append(t.Names, m.Name)
		}
	}
	if len(t.Names) == 0 {
		return ErrOver
	}
	w.d.Trouble = t
	return nil
}

// unread is what keeps Open Collective from being read, as long as it was not read
// since, and a word that is not known.
func (w *wording) unread(ctx context.Context) error {
	s, err := w.snapshot(ctx)
	if err != nil {
		return err
	}
	t := &letter.Trouble{Since: w.n.Known, AsOf: s.Start, Command: command("status")}
	w.d.Trouble = t
	if word := w.after("word:"); word != "" {
		t.Detail = word
		return nil
	}
	number, class, _ := strings.Cut(w.after("snapshot:"), "/")
	if number != strconv.FormatInt(s.Number, 10) {
		return ErrOver
	}
	t.Detail = class
	pulls, err := w.tx.Pulls(ctx, 1)
	if err != nil {
		return err
	}
	if w.n.Kind == notify.Stale && len(pulls) > 0 && pulls[0].Outcome != pullComplete {
		t.Cause = fmt.Sprintf("the last attempt, of %s, ended as %s", minuteIn(pulls[0].Started, w.r.zone), spaced(pulls[0].Outcome))
	}
	if w.n.Kind == notify.AuthenticationFailure {
		t.Cause, t.Command = "The answer was: "+spaced(class), command("check-config", "--connect")
	}
	return nil
}

// version is the one that a cause names, if it is in force.
func (w *wording) version(ctx context.Context) (policy.Version, error) {
	id, _, _ := strings.Cut(w.after("policy:"), "/")
	ru, err := w.r.rulesOf(ctx, w.tx)
	if err != nil {
		return policy.Version{}, err
	}
	v, ok := ru.inForce(w.now, w.tx.Known())
	if !ok || v.ID() != id {
		return policy.Version{}, ErrOver
	}
	return v, nil
}

func (w *wording) policyFault(ctx context.Context) error {
	v, err := w.version(ctx)
	if err != nil {
		return err
	}
	s, err := w.snapshot(ctx)
	if err != nil {
		return err
	}
	fault := policy.CheckCurrency(v, s.Currency)
	if fault == nil {
		return ErrOver
	}
	w.d.Trouble = &letter.Trouble{Since: v.From(), AsOf: s.Start, Cause: fault.Error(), Command: command("policy", "check", "--store")}
	return nil
}

func (w *wording) review(ctx context.Context) error {
	v, err := w.version(ctx)
	if err == nil {
		w.d.ReviewBy, w.d.Minimum = v.ReviewBy, minimumWords(&v.Eligibility)
	}
	return err
}

// digest is what the digest was written about.
func (w *wording) digest(ctx context.Context) error {
	log, err := readDigestLog(ctx, w.tx)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(log.Written, func(s digestSpan) bool { return s.Cause == w.n.Cause })
	if i < 0 {
		return ErrOver
	}
	span := log.Written[i]
	m, err := w.r.newDigest(ctx, w.tx, span.After, span.Audit, span.Until, w.now)
	if err != nil {
		return err
	}
	for _, e := range m.desk {
		if slices.Contains(span.ToSortOut, e.ID) {
			m.ToSortOut = append(m.ToSortOut, e.Sentence)
		}
	}
	w.d.Digest = &m.Digest
	return nil
}

// cause is the entry that the notice is about, and by whom it was made.
func (w *wording) cause(ctx context.Context) (store.Cause, error) {
	cause := w.n.Cause
	if w.n.Kind.Group() == notify.AboutDelegates {
		cause = "delegate:" + cause
	}
	c, ok, err := w.tx.CauseOf(ctx, cause)
	if err == nil && !ok {
		err = ErrOver
	}
	if err == nil && w.n.Kind.Group() == notify.AboutDelegates && c.Member != w.n.Member {
		err = w.merged(ctx, &c)
	}
	if err == nil {
		err = w.by(ctx, c.Actor)
	}
	return c, err
}

// merged says of a delegate of a member that was merged into the notice's who did
// that, and when: by that it became delegate of this one.
func (w *wording) merged(ctx context.Context, c *store.Cause) error {
	m, ok, err := w.tx.MergeInto(ctx, c.Member, w.n.Member)
	if ok {
		c.At, c.By = m.Known, m.By
	}
	return err
}

// by names who did it: by the person's name, else by what the actor was called.
func (w *wording) by(ctx context.Context, actor string) error {
	p, ok, err := Visitor(ctx, w.tx, member.PersonID(actor))
	if err != nil {
		return err
	}
	if w.d.By = p.Name; ok && p.Name != "" {
		return nil
	}
	if w.n.Kind.Group() != notify.ForTreasurers { // who runs the program is nobody whom members know
		return nil
	}
	labels, err := w.tx.ActorLabels(ctx)
	w.d.By = labels[actor]
	return err
}

func (w *wording) person(ctx context.Context, id member.PersonID) (store.PersonInfo, error) {
	p, _, err := Visitor(ctx, w.tx, id)
	if w.d.Person = p.Name; p.Name == "" {
		w.d.Person = string(id) // was erased
	}
	return p, err
}

func (w *wording) office(ctx context.Context) error {
	c, err := w.cause(ctx)
	if err != nil {
		return err
	}
	w.d.Role, w.d.Given = string(c.Role), c.On
	_, err = w.person(ctx, c.Person)
	return err
}

// ownEntry is what a row of the audit chain says that is marked as own.
func (w *wording) ownEntry(ctx context.Context) error {
	seq, err := strconv.ParseInt(w.after("audit:"), 10, 64)
	if err != nil {
		return err
	}
	rows, err := w.tx.AuditRows(ctx, store.AuditQuery{After: seq - 1, Limit: 1})
	if err != nil || len(rows) != 1 || rows[0].Seq != seq {
		return errors.Join(err, ErrOver)
	}
	row := rows[0]
	var payload struct {
		Member member.ID `json:"member"`
	}
	if err := json.Unmarshal([]byte(row.Payload), &payload); err != nil {
		return err
	}
	texts, err := w.tx.Texts(ctx, row.Reason)
	if err != nil {
		return err
	}
	w.d.Entry = tongue.Capital(ownWords[row.Action])
	if why := texts[row.Reason]; why != "" {
		w.d.Entry += ": " + why
	}
	names, err := namesOf(ctx, w.tx)
	if err != nil {
		return err
	}
	for _, id := range []member.ID{member.ID(row.Subject), payload.Member} {
		if name := names[id]; name != "" {
			w.d.Members = []letter.Member{{Name: name, Happened: row.At}}
		}
	}
	return w.by(ctx, row.Actor)
}

func (w *wording) policyAdded(ctx context.Context) error {
	w.d.Entry = w.after("policy:")
	rows, err := w.tx.Policies(ctx)
	if err != nil {
		return err
	}
	for _, row := range rows {
		if row.ID == w.d.Entry {
			return w.by(ctx, row.Actor)
		}
	}
	return ErrOver
}

// membership is a pause or a suspension that still holds, or is still to come. The
// reason of a suspension is read by contact people alone (domain.md, section 8).
func (w *wording) membership(ctx context.Context) error {
	c, err := w.cause(ctx)
	if err != nil {
		return err
	}
	m, s, err := w.member(ctx, c.Member)
	if err != nil {
		return err
	}
	now := map[notify.Kind]eligibility.State{notify.Paused: eligibility.StatePaused, notify.Suspended: eligibility.StateSuspended}[w.n.Kind]
	if c.Void || w.n.Kind == notify.PauseComing && c.At <= w.now || now != eligibility.StateNone && s.State != now {
		return ErrOver
	}
	m.Happened, m.ChangesAt = c.At, c.Until
	if w.n.Kind == notify.PauseComing {
		m.ChangesAt = c.At
	}
	if w.n.Kind == notify.Suspended {
		w.d.By = ""
	} else {
		texts, err := w.tx.Texts(ctx, c.Reason)
		if err != nil {
			return err
		}
		m.Reason = texts[c.Reason]
	}
	w.d.Members = []letter.Member{m}
	return nil
}

// delegate is one who became delegate and is one still, or was removed and is none.
func (w *wording) delegate(ctx context.Context) error {
	c, err := w.cause(ctx)
	if err != nil {
		return err
	}
	p, err := w.person(ctx, c.Person)
	if err != nil {
		return err
	}
	if is := slices.ContainsFunc(p.Delegates, func(d store.Delegation) bool { return d.Member == w.n.Member }); is != c.On {
		return ErrOver
	}
	m, _, err := w.member(ctx, w.n.Member)
	if err != nil {
		return err
	}
	m.Happened = c.At
	w.d.Members = []letter.Member{m}
	return nil
}

// member is a member as it stands now.
func (w *wording) member(ctx context.Context, id member.ID) (letter.Member, *eligibility.Standing, error) {
	b, err := w.r.book(ctx, w.tx, id)
	if err != nil {
		return letter.Member{}, nil, err
	}
	v := b.View(Query{Members: []member.ID{id}}, w.now)
	if len(v.Rows) != 1 {
		return letter.Member{}, nil, ErrOver
	}
	row := &v.Rows[0]
	return b.LetterMember(row, w.now), &row.Standing, nil
}

// pullComplete is how the store notes a pull that went well.
const pullComplete = "complete"
