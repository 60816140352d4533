package roll

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/store"
)

// The words of the audit chain for opportunities; never reused or renamed.
const (
	actionPostOpportunity  = "post_opportunity"
	actionCloseOpportunity = "close_opportunity"
)

// membersFirst is how long an opportunity is for members alone, unless its author
// says otherwise (domain.md, section 6).
const membersFirst = 7 * instant.Day

// NewOpportunity is funded work to tell of.
type NewOpportunity struct {
	Title, Summary string
	// Contact says whom to write to, as everybody may read it later.
	Contact string
	URL     string // where more is to be read; "" for none
	Budget  string // in the author's words; "" for none
	// Member is who tells of it; "" for the only member that the author is delegate
	// of, or for the federation itself where somebody with a role posts it.
	Member member.ID
	// PublicFrom is from when on everybody may read it; 0 is seven days from now.
	PublicFrom instant.Instant
	// Closes is the first instant at which it is over; 0 for no end.
	Closes instant.Instant
	// Key is a word that its author uses for this opportunity alone, such as that of
	// the form in which it was typed: the same once more is told of once. "" where
	// each time is another one.
	Key string
}

// errPosted ends the transaction of what was told of already.
var errPosted = errors.New("posted already")

func (n *NewOpportunity) trim() {
	for _, s := range []*string{&n.Title, &n.Contact, &n.URL, &n.Budget} {
		*s = strings.TrimSpace(*s)
	}
	n.Summary = unixLines(strings.TrimSpace(n.Summary))
}

func (n *NewOpportunity) faults() []string {
	var faults []string
	for _, f := range []struct {
		what, text string
		longest    int
		lines      bool
	}{
		{"the title", n.Title, longestName, false}, {"the summary", n.Summary, longestReason, true}, {"the contact", n.Contact, longestText, false},
		{"the link", n.URL, longestAddress, false}, {"the budget", n.Budget, longestName, false},
	} {
		faults = append(faults, textFaults(f.what, f.text, f.longest, f.lines)...)
	}
	for _, f := range []struct{ text, fault string }{
		{n.Title, "a title is needed"}, {n.Summary, "a summary is needed: what is to be done, for whom"}, {n.Contact, "a contact is needed: whom to write to"},
	} {
		if f.text == "" {
			faults = append(faults, f.fault)
		}
	}
	faults = append(faults, faultOf("the link:", webAddress(n.URL, "https", "http"))...)
	faults = append(faults, dateFaults("the day from which it is public", n.PublicFrom)...)
	return append(faults, dateFaults("the end", n.Closes)...)
}

// OpportunityView is an opportunity as people read it.
type OpportunityView struct {
	store.Opportunity
	By    string // the name of the member that tells of it; "" for the federation
	Stand OpportunityStand
}

// OpportunityStand is where an opportunity stands.
type OpportunityStand string

// The stands.
const (
	ForMembers  OpportunityStand = "members"
	ForEveryone OpportunityStand = "public"
	OverNow     OpportunityStand = "closed"
)

func standOf(o *store.Opportunity, at instant.Instant) OpportunityStand {
	switch {
	case !o.Open(at):
		return OverNow
	case !o.Public(at):
		return ForMembers
	}
	return ForEveryone
}

// PostOpportunity tells the delegates of all members in good standing of funded
// work, and the room and the public once it is public. A delegate of an admitted
// member may, and whoever has a role.
func (r *Roll) PostOpportunity(ctx context.Context, by By, n NewOpportunity) (string, error) {
	n.trim()
	id := r.newID("op")
	if n.Key != "" {
		id = "op_" + digest(by.Actor.ID, n.Key)[:24]
	}
	_, err := r.enter(ctx, by, actionPostOpportunity, "post the opportunity", id, func(a *act) error {
		if ok, err := a.mayPost(ctx, &n); !ok || err != nil {
			return err
		}
		o := store.Opportunity{ID: id, Member: n.Member, Title: n.Title, Summary: n.Summary, Contact: n.Contact, URL: n.URL, Budget: n.Budget,
			Posted: a.now, PublicFrom: n.PublicFrom, Closes: n.Closes}
		if o.PublicFrom == 0 {
			o.PublicFrom = a.now + membersFirst
		}
		if !a.actor.Operator {
			o.Person = member.PersonID(a.actor.ID)
		}
		a.refuseAll(n.faults())
		switch is, err := a.postedBefore(ctx, &o); {
		case err != nil:
			return err
		case is:
			return errPosted
		}
		if o.PublicFrom < a.now {
			a.refuse("the day from which it is public lies in the past: leave it out, or write a day to come")
		}
		if o.Closes != 0 && o.Closes <= a.now {
			a.refuse("the end lies in the past: write a day to come, or leave it out")
		}
		if a.refused() {
			return nil
		}
		if err := a.tx.SetOpportunity(ctx, o); err != nil {
			return err
		}
		a.payload["member"], a.payload["public_from"], a.payload["closes"] = o.Member, o.PublicFrom, o.Closes
		return a.tellOf(ctx, &o)
	})
	if err != nil && !errors.Is(err, errPosted) {
		return "", err
	}
	return id, nil
}

// postedBefore says that an opportunity was told of before, with the same words and
// days. Another one under its key is refused: it would be lost without a word.
func (a *act) postedBefore(ctx context.Context, o *store.Opportunity) (bool, error) {
	was, known, err := a.tx.Opportunity(ctx, o.ID)
	if err != nil || !known {
		return false, err
	}
	same := was.Title == o.Title && was.Summary == o.Summary && was.Contact == o.Contact && was.URL == o.URL && was.Budget == o.Budget &&
		was.Member == o.Member && was.Closes == o.Closes && a.date(was.PublicFrom) == a.date(o.PublicFrom)
	if !same {
		a.refuse("this form has told of an opportunity already, in other words: if this is another one, post it now")
	}
	return same, nil
}

// mayPost says for whom the author speaks, and whether that may be.
func (a *act) mayPost(ctx context.Context, n *NewOpportunity) (bool, error) {
	if ok, err := a.personsToken(ctx, ScopeOpportunitiesWrite); !ok || err != nil {
		return false, err
	}
	hasRole := a.actor.Operator || len(a.actor.Roles) > 0
	switch {
	case n.Member != "":
		if _, ok := a.member(n.Member); ok && !a.actor.DelegateOf(n.Member) && !hasRole {
			a.refuse("you are no delegate of %s", a.handle(n.Member))
		}
	case len(a.actor.Delegates) == 1 && !hasRole:
		n.Member = a.actor.Delegates[0]
	case len(a.actor.Delegates) > 1 && !hasRole:
		a.refuse("you are delegate of %d members: say for which one", len(a.actor.Delegates))
	case !hasRole:
		a.refuse("only a delegate of a member, somebody with a role or the operator may")
	}
	if n.Member != "" && !a.refused() {
		a.admittedAt(n.Member, a.now)
	}
	return !a.refused(), nil
}

// tellOf writes the notices of an opportunity: to each delegate of a member in
// good standing now, once, and to the room when it is public.
func (a *act) tellOf(ctx context.Context, o *store.Opportunity) error {
	state, err := noticeState(ctx, a.tx)
	if err != nil {
		return err
	}
	book, err := a.r.book(ctx, a.tx)
	if err != nil {
		return err
	}
	view := book.View(Query{At: a.now, Known: a.tx.Known()}, a.now)
	occasion := notify.Occasion{Kind: notify.Opportunity, Cause: o.ID}
	ms := []notify.Message{{Occasion: occasion, Recipient: notify.Room, Channel: notify.Matrix, About: a.now, DueAt: o.PublicFrom, State: state}}
	var told []member.PersonID
	for i := range view.Rows {
		if !view.Rows[i].Standing.State.GoodStanding() {
			continue
		}
		for _, p := range book.delegates[view.Rows[i].ID] {
			if slices.Contains(told, p.ID) || p.Email == "" {
				continue
			}
			told = append(told, p.ID)
			ms = append(ms, notify.Message{Occasion: occasion, Recipient: string(p.ID), Channel: notify.Email, About: a.now, DueAt: a.now, State: state})
		}
	}
	return a.tx.Enqueue(ctx, ms...)
}

// MayClose says whether somebody may end an opportunity: who posted it, a delegate
// of the member that tells of it, whoever has a role, and the operator.
func MayClose(o *store.Opportunity, who member.Actor) bool {
	return who.Operator || len(who.Roles) > 0 || string(o.Person) == who.ID || o.Member != "" && who.DelegateOf(o.Member)
}

// CloseOpportunity ends an opportunity now; MayClose says who may.
func (r *Roll) CloseOpportunity(ctx context.Context, by By, id string) error {
	_, err := r.enter(ctx, by, actionCloseOpportunity, "close the opportunity", id, func(a *act) error {
		o, known, err := a.tx.Opportunity(ctx, id)
		if err != nil {
			return err
		}
		if ok, err := a.personsToken(ctx, ScopeOpportunitiesWrite); !ok || err != nil {
			return err
		}
		switch {
		case !known:
			a.refuse("there is no opportunity %q: see goodstanding opportunities list", shorten(id))
		case !MayClose(&o, a.actor):
			a.refuse("only who posted it, a delegate of its member, somebody with a role or the operator may")
		case !o.Open(a.now):
			a.refuse("it is over already")
		}
		if a.refused() {
			return nil
		}
		o.Closed = a.now
		return a.tx.SetOpportunity(ctx, o)
	})
	return err
}

// Opportunities are those that stand, the newest first; with all also those that
// are over.
func (r *Roll) Opportunities(ctx context.Context, all bool) ([]OpportunityView, error) {
	var b *Book
	err := r.db.View(ctx, func(tx *store.Tx) error {
		var err error
		b, err = r.book(ctx, tx)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list the opportunities: %w", err)
	}
	return b.Opportunities(r.now(), true, all), nil
}

// Opportunities are those that stand at an instant, the newest first: to members
// all, to others those that are public; with all also those that are over. Of
// those, others see what had been public.
func (b *Book) Opportunities(at instant.Instant, inside, all bool) []OpportunityView {
	out := []OpportunityView{}
	for _, o := range b.opportunities {
		stand := standOf(&o, at)
		if stand == ForMembers && !inside || stand == OverNow && (!all || !inside && (o.PublicFrom > at || o.Closed != 0 && o.Closed < o.PublicFrom)) {
			continue
		}
		v := OpportunityView{Opportunity: o, Stand: stand}
		if o.Member != "" {
			v.By = publicName(b.info[o.Member])
		}
		out = append(out, v)
	}
	return out
}

// OpportunityLetter is an opportunity for its letter; ok is false when there is
// nothing to tell any more.
func OpportunityLetter(ctx context.Context, tx *store.Tx, id string, at instant.Instant) (o OpportunityView, ok bool, err error) {
	o.Opportunity, ok, err = tx.Opportunity(ctx, id)
	if err != nil || !ok || !o.Open(at) {
		return OpportunityView{}, false, err
	}
	o.Stand = standOf(&o.Opportunity, at)
	members, err := tx.Members(ctx)
	if err != nil {
		return OpportunityView{}, false, err
	}
	for _, m := range members {
		if m.ID == o.Member {
			o.By = publicName(m)
		}
	}
	return o, true, nil
}
