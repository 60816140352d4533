package dispatch

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/notify/letter"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/store"
)

// Verdict is what looking again at a notice comes to. The zero value lets it go.
type Verdict struct {
	state  notify.State
	detail string
	until  instant.Instant
}

// Goes lets a notice go.
func Goes() Verdict { return Verdict{} }

// Holds holds it until what the detail names is over by itself.
func Holds(detail string) Verdict { return Verdict{state: notify.HeldState, detail: detail} }

// Ends lets it not go, for good.
func Ends(s notify.State, detail string) Verdict { return Verdict{state: s, detail: detail} }

// Waits looks at it again at an instant.
func Waits(until instant.Instant) Verdict { return Verdict{state: notify.Waiting, until: until} }

func (v Verdict) goes() bool { return v.state == "" }

// Gather looks again at a notice in the transaction that sends it, and fills in
// what its letter says. What every letter says, and to whom it goes, is there. It may
// write what belongs to the letter, as a link in it, but nothing that other notices are
// looked at by: no address, wish, bounce or notice.
type Gather func(ctx context.Context, tx *store.Tx, n store.OutboxRow, to Recipient, base letter.Data) (letter.Data, Verdict, error)

// look is one transaction's.
type look struct {
	d    *Dispatcher
	tx   *store.Tx
	now  instant.Instant
	kept *kept // with what this transaction has read
	book *roll.Book
	dir  *directory
	due  *dueList // what may go; nil where that is not what is looked at

	ended map[notify.State]int // notices that were moved, by state
	moved int                  // notices that are not due any more
	next  instant.Instant      // when one may go that was passed over; 0 for none was
}

// newLook reads who can be told what. What no fact has changed since is taken over
// from the last one, and what else is kept from k, which keeps what is read.
func (d *Dispatcher) newLook(ctx context.Context, tx *store.Tx, k *kept) (*look, error) {
	counters, err := tx.Counters(ctx)
	if err != nil {
		return nil, err
	}
	l := &look{d: d, tx: tx, now: tx.Now(), kept: k, book: d.book, ended: map[notify.State]int{}}
	if l.book == nil || l.book.Counters != counters {
		if l.book, err = d.o.Roll.BookIn(ctx, tx); err != nil {
			return nil, err
		}
		d.book = l.book
	}
	if k.dir == nil {
		k.dir, err = readDirectory(ctx, tx, d.o.Roll)
	}
	l.dir = k.dir
	return l, err
}

// again looks at a notice: to whom it goes, what its letter says, and whether it
// goes at all.
func (l *look) again(ctx context.Context, n store.OutboxRow) (to Recipient, data letter.Data, v Verdict, err error) {
	if n.Channel == notify.Matrix {
		if to.ID = n.Recipient; l.d.o.Room == nil || l.d.o.Announcement == nil {
			return to, data, Ends(notify.Suppressed, notify.NoRoom), nil
		}
	} else {
		if n.Recipient == notify.Treasurers {
			v, err = l.eachTreasurer(ctx, n)
			return to, data, v, err
		}
		var known bool
		to, known = l.dir.find(n.Recipient, l.book)
		if v, is := l.dir.unwanted(n, &to, known); is {
			return to, data, v, nil
		}
	}
	gather, extra := l.d.o.Extra[n.Kind]
	if !extra {
		gather = l.known(n.Kind)
	}
	if data, v, err = gather(ctx, l.tx, n, to, l.base(n, &to)); err != nil {
		err = &puzzling{n, err}
	}
	return to, data, v, err
}

// base is what every letter says.
func (l *look) base(n store.OutboxRow, to *Recipient) letter.Data {
	data := l.d.o.Federation.Letter(n.Kind, to.Language, l.book.Minimum(l.now), l.now)
	data.To = to.Name
	return data
}

// Letter is what every letter of a kind says of the federation, in a language, "" for
// the federation's; minimum are the dues that the policy asks for.
func (f *Federation) Letter(k notify.Kind, language, minimum string, now instant.Instant) letter.Data {
	data := letter.Data{Kind: k, Language: cmp.Or(language, f.Language), Zone: f.Zone, Now: now, Federation: f.Name, FederationURL: f.URL, RollURL: f.RollURL,
		PayURL: f.PayURL, Treasurers: f.Treasurers, Minimum: minimum}
	if k.Optional() {
		data.Unsubscribe = f.Unsubscribe
	}
	return data
}

// About fills in what a letter says of a decision, with the address of its page.
func (f *Federation) About(data, about letter.Data) letter.Data {
	data.Decision, data.Members, data.By, data.Person, data.Answer = about.Decision, about.Members, about.By, about.Person, about.Answer
	if f.DecisionURL != nil && data.Decision != nil {
		data.Decision.URL = f.DecisionURL(data.Decision.Number)
	}
	return data
}

// known are the kinds that this package looks at itself.
func (l *look) known(k notify.Kind) Gather {
	if k == notify.DelegateConfirm { // without its link it says nothing
		return l.unknown
	}
	switch k.Group() {
	case notify.AboutDues, notify.AboutMembership:
		return l.dues
	case notify.AboutDelegates:
		return l.delegates
	case notify.AboutDecisions:
		return l.decision
	case notify.ForTreasurers:
		return l.treasurers
	}
	return l.unknown
}

// filled is a letter that goes, as the register fills it in.
func (l *look) filled(ctx context.Context, tx *store.Tx, n store.OutboxRow, data letter.Data) (letter.Data, Verdict, error) {
	if l.d.o.Fill == nil {
		return data, Goes(), nil
	}
	data.Members = nil
	data, ok, err := l.d.o.Fill(ctx, tx, n, data)
	if err == nil && !ok {
		return data, Ends(notify.Suppressed, notify.Superseded), nil
	}
	return data, Goes(), err
}

// treasurers looks at what is for treasurers: who is none any more is told nothing,
// but for that.
func (l *look) treasurers(ctx context.Context, tx *store.Tx, n store.OutboxRow, to Recipient, data letter.Data) (letter.Data, Verdict, error) {
	switch {
	case l.d.o.Fill == nil:
		return l.unknown(ctx, tx, n, to, data)
	case n.Kind != notify.Office && (to.Person == nil || !slices.Contains(to.Person.Roles, member.Treasurer)):
		return data, Ends(notify.Suppressed, notify.Superseded), nil
	}
	return l.filled(ctx, tx, n, data)
}

// unfilled is how long a notice waits whose letter nobody can fill: nothing is
// lost where a part of the program is not there.
const unfilled = instant.Day / 24

func (l *look) unknown(_ context.Context, _ *store.Tx, n store.OutboxRow, _ Recipient, data letter.Data) (letter.Data, Verdict, error) {
	l.d.o.Log.Warn().Str("kind", string(n.Kind)).Msg("nothing fills the letters of this kind: they wait")
	return data, Waits(l.now + unfilled), nil
}

// dues looks at what is said about dues and membership.
func (l *look) dues(ctx context.Context, tx *store.Tx, n store.OutboxRow, to Recipient, data letter.Data) (letter.Data, Verdict, error) {
	if to.Person != nil && !to.DelegateOf(n.Member) || to.Of != "" && to.Of != n.Member {
		return data, Ends(notify.NoAddress, notify.AddressGone), nil
	}
	at, err := l.book.Look(ctx, tx, n, l.now)
	if err != nil {
		return data, Verdict{}, err
	}
	data.Members = []letter.Member{l.member(n, &at.Row)}
	switch at.Again {
	case roll.NotReadYet:
		return data, Holds(notify.HeldStale), nil
	case roll.OnHold:
		return data, Holds(notify.HeldBrake), nil
	case roll.Recovered:
		return data, Ends(notify.Recovered, ""), nil
	case roll.Past:
		return data, Ends(notify.Suppressed, notify.TooLate), nil
	case roll.Overtaken:
		return data, Ends(notify.Suppressed, notify.Superseded), nil
	case roll.TooEarly:
		return data, Waits(at.Until), nil
	}
	if n.Kind == notify.BackInStanding {
		told, err := l.toldOfTrouble(ctx, n)
		if err != nil || !told {
			return data, Ends(notify.Suppressed, notify.NothingTold), err
		}
	}
	if n.Kind.Group() == notify.AboutMembership {
		return l.filled(ctx, tx, n, data)
	}
	return data, Goes(), nil
}

// toldOfTrouble says that something bad was sent to the recipient, and nothing good
// since.
func (l *look) toldOfTrouble(ctx context.Context, n store.OutboxRow) (bool, error) {
	bad, err := l.tx.LastSent(ctx, n.Member, n.Recipient, notify.PaymentLate, notify.BeforeGraceEnds, notify.Lapsed, notify.PayingTooLittle)
	if err != nil {
		return false, err
	}
	good, err := l.tx.LastSent(ctx, n.Member, n.Recipient, notify.BackInStanding)
	return bad > good, err
}

// delegates looks at what is said about who acts for a member.
func (l *look) delegates(ctx context.Context, tx *store.Tx, n store.OutboxRow, to Recipient, data letter.Data) (letter.Data, Verdict, error) {
	who, err := l.delegate(ctx, n)
	if err != nil {
		return data, Verdict{}, err
	}
	here := to.DelegateOf(n.Member) || to.Of == n.Member && n.Member != "" || n.Kind == notify.DelegateAdded && l.paysFor(to.ID, n.Member)
	still := l.actsFor(who.ID, n.Member)
	switch {
	case n.Kind == notify.DelegateRemoved && still, n.Kind == notify.DelegateAdded && who.ID != "" && !still:
		return data, Ends(notify.Suppressed, notify.Superseded), nil
	case n.Kind == notify.DelegateRemoved && to.ID == string(who.ID): // is told that it is none any more
	case !here:
		return data, Ends(notify.Suppressed, notify.Superseded), nil
	}
	if n.Kind == notify.BallotCast {
		return l.decision(ctx, tx, n, to, data)
	}
	data.Members = []letter.Member{l.member(n, l.row(n.Member))}
	data.Person = who.Name
	if n.Kind == notify.DelegateWelcome {
		data.SignInURL = l.d.o.Federation.SignInURL
	}
	return l.filled(ctx, tx, n, data)
}

// decision looks at what is said about a decision. Who is not waited for any more
// has answered, and a reminder of it is as good as done.
func (l *look) decision(ctx context.Context, tx *store.Tx, n store.OutboxRow, to Recipient, data letter.Data) (letter.Data, Verdict, error) {
	if l.d.o.Decision == nil {
		return l.unknown(ctx, tx, n, to, data)
	}
	about, ok, err := l.d.o.Decision(ctx, tx, n)
	switch {
	case err != nil:
		return data, Verdict{}, err
	case !ok && (n.Kind == notify.NotVoted || n.Kind == notify.StillMissing):
		return data, Ends(notify.Recovered, ""), nil
	case !ok:
		return data, Ends(notify.Suppressed, notify.Superseded), nil
	}
	return l.d.o.Federation.About(data, about), Goes(), nil
}

// delegate is the person whose delegation a notice is about; the zero value for
// none, as of one about a ballot.
func (l *look) delegate(ctx context.Context, n store.OutboxRow) (store.Person, error) {
	c, ok, err := l.tx.CauseOf(ctx, "delegate:"+n.Cause)
	if err != nil || !ok {
		return store.Person{}, err
	}
	return store.Person{ID: c.Person, Name: l.dir.people[string(c.Person)].Name}, nil
}

func (l *look) actsFor(id member.PersonID, m member.ID) bool {
	p := l.dir.people[string(id)]
	return slices.ContainsFunc(p.Delegates, func(d store.Delegation) bool { return d.Member == m })
}

// paysFor says that a recipient is an account from which the member pays now.
func (l *look) paysFor(recipient string, m member.ID) bool {
	account, is := strings.CutPrefix(recipient, notify.AccountPrefix)
	return is && slices.ContainsFunc(l.row(m).Accounts, func(a roll.AccountRef) bool { return a.ID == member.AccountID(account) })
}

// row is a member as it stands now.
func (l *look) row(id member.ID) *roll.Row {
	if rows := l.book.View(roll.Query{Members: []member.ID{id}}, l.now).Rows; len(rows) == 1 {
		return &rows[0]
	}
	return &roll.Row{ID: id}
}

// eachTreasurer puts one notice for each treasurer who has an address in the place
// of one that was written when there was none.
func (l *look) eachTreasurer(ctx context.Context, n store.OutboxRow) (Verdict, error) {
	told := false
	for id, p := range l.dir.people {
		if p.Email == "" || !slices.Contains(p.Roles, member.Treasurer) {
			continue
		}
		told = true
		err := l.tx.Enqueue(ctx, notify.Message{Occasion: notify.Occasion{Kind: n.Kind, Member: n.Member, Cause: n.Cause}, Recipient: id,
			Channel: n.Channel, About: n.About, DueAt: n.DueAt, State: notify.Waiting})
		if err != nil {
			return Verdict{}, err
		}
	}
	if !told {
		return Ends(notify.NoAddress, ""), nil
	}
	return Ends(notify.Suppressed, notify.Superseded), nil
}
