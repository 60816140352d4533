package roll

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/tongue"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/store"
)

// Notice is one notice to one recipient as people read it: what became of it, and
// why. It never holds an address.
type Notice struct {
	ID           string
	Kind         notify.Kind
	Words        string    // the kind in words
	Member       member.ID // "" for one about the federation
	Handle, Name string    // of the member; its id, and what stands for its name, once it was erased
	About        string    // what it is about, in words: a member's name, a decision; "" for the federation
	Cause        string    // the id of what caused it
	Recipient    string    // as in notify.Message
	To           string    // the recipient in words: a name, "contact of Alfa", "the room"
	Channel      notify.Channel
	Written      instant.Instant
	DueAt        instant.Instant // not before
	State        notify.State
	Detail       string
	StateWords   string // state and detail in a few words
	Why          string // one sentence: why it was got, or was not
	Attempts     int
	TryAt        instant.Instant // not tried again before; 0 for when it is due
	Letter       string          // id of the first of those that one mail carried; "" before it was tried
	Steps        []NoticeStep    // the first one first

	subject string          // the recipient at the beginning of a sentence
	sending instant.Instant // until when a sender is at it
}

// NoticeStep is one row of the ledger.
type NoticeStep struct {
	At     instant.Instant
	State  notify.State
	Detail string
	Words  string
}

// LastStep is when the notice came to its state.
func (n *Notice) LastStep() instant.Instant {
	if len(n.Steps) == 0 {
		return n.Written
	}
	return n.Steps[len(n.Steps)-1].At
}

// Open says that the notice may still go; with notices off it may once they are
// started, while its moment is to come.
func (n *Notice) Open(now instant.Instant, on bool) bool {
	return !n.State.Final() || n.State == notify.BeforeStart && !on && n.DueAt > now
}

// NoticesQuery narrows the list of notices; its zero value is all of them.
type NoticesQuery struct {
	Member member.ID
	Person member.PersonID
	Kind   notify.Kind
	State  notify.State
	Since  instant.Instant // something happened to it then or later
	After  string          // what stands behind this one
	Limit  int             // 0 for no limit
	In     *tongue.Tongue  // in which they are told; nil is English
}

// Notices lists notices with all their steps, those written last first. About a
// member are also those about the members that were merged into it. The error is
// a *NotFound where After names none.
func (r *Roll) Notices(ctx context.Context, q NoticesQuery) (list []Notice, err error) {
	err = r.db.View(ctx, func(tx *store.Tx) error {
		if _, ok, err := tx.Notice(ctx, q.After); err != nil || !ok && q.After != "" {
			return orNotFound(err, "notice", q.After)
		}
		b, err := r.noticebook(ctx, tx)
		if err != nil {
			return err
		}
		if q.In != nil {
			b.in = q.In
		}
		rows, err := tx.NoticePage(ctx, store.NoticeQuery{Members: b.mergedInto(q.Member), Recipient: string(q.Person),
			Kind: q.Kind, State: q.State, Since: q.Since, After: q.After, Limit: q.Limit})
		if err != nil {
			return err
		}
		list, err = b.read(ctx, tx, rows)
		return err
	})
	return list, findError("list the notices", err)
}

// Notice reads one notice; the error is a *NotFound where there is none.
func (r *Roll) Notice(ctx context.Context, id string) (n Notice, err error) {
	err = r.db.View(ctx, func(tx *store.Tx) error {
		row, ok, err := tx.Notice(ctx, id)
		if err != nil || !ok {
			return orNotFound(err, "notice", id)
		}
		b, err := r.noticebook(ctx, tx)
		if err != nil {
			return err
		}
		list, err := b.read(ctx, tx, []store.OutboxRow{row})
		if err == nil {
			n = list[0]
		}
		return err
	})
	return n, findError("read the notice", err)
}

func orNotFound(err error, what, word string) error {
	if err != nil {
		return err
	}
	return &NotFound{What: what, Word: veil(shorten(word))}
}

// noticebook knows the names that notices are told with.
type noticebook struct {
	in        *tongue.Tongue
	now       instant.Instant
	zone      *time.Location
	started   instant.Instant // since when notices are on; 0 while they are off
	members   map[member.ID]store.MemberInfo
	people    map[string]string    // a person's id to the name
	contacts  map[string]member.ID // a contact's id to the member
	decisions map[string]int       // a decision's id to its number; 0 for none
}

func (r *Roll) noticebook(ctx context.Context, tx *store.Tx) (*noticebook, error) {
	b := &noticebook{in: tongue.English(), now: r.now(), zone: r.zone, members: map[member.ID]store.MemberInfo{}, people: map[string]string{},
		contacts: map[string]member.ID{}, decisions: map[string]int{}}
	var err error
	if b.started, err = noticesStarted(ctx, tx); err != nil {
		return nil, err
	}
	members, err := tx.Members(ctx)
	if err != nil {
		return nil, err
	}
	for _, m := range members {
		b.members[m.ID] = m
	}
	people, err := tx.People(ctx)
	if err != nil {
		return nil, err
	}
	for _, p := range people {
		b.people[string(p.ID)] = p.Name
	}
	contacts, err := tx.Contacts(ctx)
	if err != nil {
		return nil, err
	}
	for _, c := range contacts {
		b.contacts[c.ID] = c.Member
	}
	heads, err := tx.DecisionHeads(ctx)
	for _, h := range heads {
		b.decisions[h.Decision] = int(h.Number)
	}
	return b, err
}

// mergedInto are the member and those that were merged into it; nil for "".
func (b *noticebook) mergedInto(id member.ID) []member.ID {
	if id == "" {
		return nil
	}
	ids := []member.ID{id}
	for _, m := range b.members {
		if m.MergedInto == id {
			ids = append(ids, m.ID)
		}
	}
	slices.Sort(ids)
	return ids
}

// read tells rows of the outbox with their steps.
func (b *noticebook) read(ctx context.Context, tx *store.Tx, rows []store.OutboxRow) ([]Notice, error) {
	ids := make([]string, len(rows))
	for i, row := range rows {
		ids[i] = row.ID
	}
	ledgers, err := tx.Ledgers(ctx, ids...)
	if err != nil {
		return nil, err
	}
	out := make([]Notice, len(rows))
	for i, row := range rows {
		out[i] = b.notice(row, ledgers[row.ID])
	}
	return out, nil
}

func (b *noticebook) notice(row store.OutboxRow, steps []store.LedgerRow) Notice {
	n := Notice{ID: row.ID, Kind: row.Kind, Words: b.in.Say(NoticeWords(row.Kind)), Member: row.Member, Cause: row.Cause, Recipient: row.Recipient,
		Channel: row.Channel, Written: row.Known, DueAt: row.DueAt, State: row.State, Detail: row.Detail, StateWords: stepWords(b.in, row.State, row.Detail),
		Attempts: int(row.Attempts), TryAt: row.TryAt, Letter: row.Letter, sending: row.ClaimedUntil}
	about := b.members[row.Member]
	n.Handle, n.Name, n.About = cmp.Or(about.Detail.Handle, string(row.Member)), nameOf(about), b.about(&row)
	n.To, n.subject = b.to(&row)
	for _, s := range steps {
		n.Steps = append(n.Steps, NoticeStep{At: s.At, State: s.State, Detail: s.Detail, Words: stepWords(b.in, s.State, s.Detail)})
	}
	if n.State == notify.BeforeStart && n.Open(b.now, b.started != 0) {
		n.StateWords = b.in.Say("notices are off")
	}
	n.Why = b.why(&n)
	return n
}

// name is a member's name, or its id once that is erased.
func (b *noticebook) name(id member.ID) string {
	if name := b.members[id].Detail.Name; name != "" && !looksLikeAddress(name) {
		return name
	}
	return string(id)
}

// about is what a notice is about: a member, a decision, or both.
func (b *noticebook) about(row *store.OutboxRow) string {
	var parts []string
	if row.Member != "" {
		parts = append(parts, b.name(row.Member))
	}
	for _, word := range strings.FieldsFunc(row.Cause, func(r rune) bool { return strings.ContainsRune(":/., ", r) }) {
		if number, ok := b.decisions[word]; ok {
			parts = append(parts, b.decision(number))
			break
		}
	}
	return strings.Join(parts, ", ")
}

func (b *noticebook) decision(number int) string {
	if number == 0 {
		return b.in.Say("a decision")
	}
	return b.in.Sayf("decision %d", number)
}

// to names a recipient, in a list and at the beginning of a sentence.
func (b *noticebook) to(row *store.OutboxRow) (inList, subject string) {
	switch id := row.Recipient; {
	case id == "":
		return both(b.in.Say("nobody"))
	case id == notify.Treasurers:
		return both(b.in.Say("the treasurers"))
	case id == notify.Room:
		return both(b.in.Say("the room"))
	case strings.HasPrefix(id, notify.AccountPrefix):
		name := b.name(row.Member)
		return b.in.Sayf("account of %s", name), b.in.Sayf("The account of %s", name)
	case b.contacts[id] != "":
		name := b.name(b.contacts[id])
		return b.in.Sayf("contact of %s", name), b.in.Sayf("The contact of %s", name)
	case b.people[id] != "" && !looksLikeAddress(b.people[id]):
		return b.people[id], b.people[id]
	case b.people[id] != "":
		return id, id
	}
	return both(b.in.Sayf("somebody who was removed (%s)", row.Recipient))
}

// both are words in a list and at the beginning of a sentence.
func both(words string) (inList, subject string) { return words, tongue.Capital(words) }
