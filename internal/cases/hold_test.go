package cases

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/store"
)

// holds are what can be said of the roll beside its members, by the first word;
// the second is what follows it.
var holds = map[string]func(*federation, string) error{
	"members":   (*federation).members,   // members N
	"unmatched": (*federation).unmatched, // unmatched SLUG…, or: unmatched nobody
	"would-be":  (*federation).wouldBe,   // would-be SLUG STATE: an unmatched payer, as a member
	"suggested": (*federation).suggested, // suggested SLUG into MEMBER, or: suggested nothing
	"holds":     (*federation).standing,  // holds N [cause CAUSE]
	"notices":   (*federation).notices,   // notices N: written to members, of any kind
	"told":      (*federation).told,      // told MEMBER KIND N
	"brake":     (*federation).brake,     // brake N: messages to the treasurers about a hold
	"error":     func(f *federation, s string) error { return within(s, []string{fmt.Sprint(f.err)}) },
	"warning":   func(f *federation, s string) error { return within(s, f.last.Warnings) },
	"news":      func(f *federation, s string) error { return within(s, f.last.Difference()) },
	"drift":     (*federation).drift,     // drift WORDS of the treasurer's sentence about an unknown word
	"changed":   (*federation).changed,   // changed N: rows that the last reading added
	"requests":  (*federation).asked,     // requests N: of the last reading
	"public":    (*federation).public,    // public shows NAME, or: public hides NAME
	"listed":    (*federation).listed,    // listed MEMBER…, or: listed nobody
	"stale":     (*federation).stale,     // stale yes|no: the answers say how old they are
	"readings":  (*federation).readings,  // readings N: complete ones
	"addresses": (*federation).mails,     // addresses seen|unseen: whether the reader sees payers' mail addresses
	"recipient": (*federation).recipient, // recipient MEMBER KIND contact|account
	"payers":    (*federation).payers,    // payers N: new ones in the last reading
}

func (f *federation) hold(text string) error {
	word, rest, _ := strings.Cut(text, " ")
	if say, ok := holds[word]; ok {
		return say(f, strings.TrimSpace(rest))
	}
	return f.ofMember(word, strings.Fields(rest))
}

// is compares what is with what a line says.
func is[T comparable](what string, got, want T) error {
	if got != want {
		return fmt.Errorf("%s: %v, not %v", what, got, want)
	}
	return nil
}

// number compares a number with what a line says.
func number(what string, got int, rest string) error {
	return is(what, strconv.Itoa(got), rest)
}

func within(words string, all []string) error {
	if words == "none" {
		return number(strings.Join(all, "; "), len(all), "0")
	}
	for _, one := range all {
		if strings.Contains(one, words) {
			return nil
		}
	}
	return fmt.Errorf("nothing says %q: %q", words, all)
}

func (f *federation) members(rest string) error {
	all, err := f.standings()
	if err != nil {
		return err
	}
	return number("members", len(all), rest)
}

// list of words in order; "nobody" or "nothing" for none.
func names(all []string) string {
	if len(all) == 0 {
		return "nobody"
	}
	slices.Sort(all)
	return strings.Join(all, " ")
}

func (f *federation) unmatched(rest string) error {
	payers, err := f.roll.Unmatched(context.Background())
	var slugs []string
	for _, p := range payers {
		slugs = append(slugs, p.Account.Slug)
	}
	if err != nil {
		return err
	}
	return is("matched to nobody", names(slugs), rest)
}

func (f *federation) wouldBe(rest string) error {
	slug, state, _ := strings.Cut(rest, " ")
	payers, err := f.roll.Unmatched(context.Background())
	for _, p := range payers {
		if p.Account.Slug == slug {
			return is(slug+" would be", p.WouldBe.String(), state)
		}
	}
	return fmt.Errorf("%s is no unmatched payer (%v)", slug, err)
}

func (f *federation) suggested(rest string) error {
	pairs, err := f.roll.SuggestLinks(context.Background())
	if err != nil {
		return err
	}
	var all []string
	for _, p := range pairs {
		all = append(all, p.Account.Slug+" into "+p.Handle)
	}
	if rest == "nothing" {
		rest = "nobody"
	}
	return is("suggested", names(all), rest)
}

func (f *federation) standing(rest string) error {
	n, cause, caused := strings.Cut(rest, " cause ")
	all, err := f.roll.Holds(context.Background(), false)
	if err != nil {
		return err
	}
	if err := number("holds", len(all), n); err != nil || !caused {
		return err
	}
	for _, h := range all {
		if err := is("cause", h.Cause, cause); err != nil {
			return err
		}
	}
	return nil
}

// outbox are the notices written so far.
func (f *federation) outbox(wanted func(store.OutboxRow) bool) (n int, err error) {
	err = f.db.View(context.Background(), func(tx *store.Tx) error {
		rows, err := tx.Notices(context.Background(), store.OutboxQuery{})
		n = 0
		for _, r := range rows {
			if wanted(r) {
				n++
			}
		}
		return err
	})
	return n, err
}

func (f *federation) notices(rest string) error {
	n, err := f.outbox(func(r store.OutboxRow) bool { return r.Member != "" })
	if err != nil {
		return err
	}
	return number("notices to members", n, rest)
}

func (f *federation) brake(rest string) error {
	n, err := f.outbox(func(r store.OutboxRow) bool { return r.Kind == notify.Brake })
	if err != nil {
		return err
	}
	return number("messages about a hold", n, rest)
}

func (f *federation) told(rest string) error {
	word := strings.Fields(rest)
	if len(word) != 3 {
		return fmt.Errorf("write told MEMBER KIND N")
	}
	return f.about(word[0], func(_ context.Context, id member.ID) error {
		n, err := f.outbox(func(r store.OutboxRow) bool { return r.Member == id && string(r.Kind) == word[1] })
		if err != nil {
			return err
		}
		return number(word[0]+" "+word[1], n, word[2])
	})
}

// recipient says where a member's notices go: to the contact that the register
// has, or to the address of its account.
func (f *federation) recipient(rest string) error {
	word := strings.Fields(rest)
	if len(word) != 3 {
		return fmt.Errorf("write recipient MEMBER KIND contact|account")
	}
	return f.about(word[0], func(_ context.Context, id member.ID) error {
		to := func(r store.OutboxRow) bool {
			return r.Member == id && string(r.Kind) == word[1] && r.Recipient != "" && strings.HasPrefix(r.Recipient, "account:") == (word[2] == "account")
		}
		n, err := f.outbox(to)
		if err != nil {
			return err
		}
		return is("told there", n > 0, true)
	})
}

func (f *federation) drift(rest string) error {
	var all []string
	for _, d := range f.last.Drift {
		all = append(all, d.String())
	}
	return within(rest, all)
}

func (f *federation) changed(rest string) error { return number("rows", f.last.Changed, rest) }

func (f *federation) asked(rest string) error { return number("requests", f.requests, rest) }

func (f *federation) payers(rest string) error {
	return number("new payers", len(f.last.NewPayers), rest)
}

func (f *federation) mails(rest string) error {
	return is("addresses are unseen", f.last.Anonymous || f.last.NotAdmin, rest == "unseen")
}

func (f *federation) public(rest string) error {
	how, name, _ := strings.Cut(rest, " ")
	b, err := f.roll.Book(context.Background())
	if err != nil {
		return err
	}
	shown := slices.ContainsFunc(b.PublicMembers(f.w.Now(), true), func(m roll.PublicMember) bool { return strings.Contains(m.Name, name) })
	return is(name+" is shown", shown, how == "shows")
}

func (f *federation) listed(rest string) error {
	all, err := f.roll.Providers(context.Background())
	if err != nil {
		return err
	}
	var on []string
	for _, p := range all {
		on = append(on, p.Name)
	}
	return is("on the provider list", names(on), rest)
}

func (f *federation) stale(rest string) error {
	v, err := f.roll.View(context.Background(), roll.Query{})
	if err != nil {
		return err
	}
	return is("stale", v.Stale, rest == "yes")
}

func (f *federation) readings(rest string) error {
	return number("complete readings", int(f.last.Snapshot), rest)
}

// ofMember holds a member's standing against the words of a line: a state, "vote
// yes", "reason CODE", "without CODE", "until DAY" (the vote), "paid DAY".
func (f *federation) ofMember(who string, words []string) error {
	return f.about(who, func(ctx context.Context, id member.ID) error {
		x, err := f.roll.Explain(ctx, id, 0, 0)
		if err != nil {
			return err
		}
		for len(words) > 0 && err == nil {
			words, err = said(&x.Standing, words)
		}
		if err != nil {
			err = fmt.Errorf("%s is %s (%s): %w", who, x.Standing.State, codes(&x.Standing), err)
		}
		return err
	})
}

// said compares one word, or a word and its value, and leaves the rest.
func said(s *eligibility.Standing, words []string) ([]string, error) {
	if state, ok := eligibility.ParseState(words[0]); ok {
		return words[1:], is("state", s.State.String(), state.String())
	}
	if len(words) < 2 {
		return nil, fmt.Errorf("%q is no state", words[0])
	}
	value := words[1]
	switch words[0] {
	case "vote":
		return words[2:], is("vote", s.Has(eligibility.Vote), value == "yes")
	case "listing":
		return words[2:], is("listing", s.Has(eligibility.Listing), value == "yes")
	case "reason":
		return words[2:], is("reason "+value, strings.Contains(codes(s), " "+value+" "), true)
	case "without":
		return words[2:], is("reason "+value, strings.Contains(codes(s), " "+value+" "), false)
	case "until":
		return words[2:], is("the vote is until", day(s.Verdict(eligibility.Vote).Until), value)
	case "paid":
		return words[2:], is("paid until", day(s.PaidThrough), value)
	}
	return nil, fmt.Errorf("%q is no state, and nothing else that can be said of a member", words[0])
}

func codes(s *eligibility.Standing) string {
	all := " "
	for _, r := range s.Reasons {
		all += r.Code.String() + " "
	}
	return all
}

func day(i instant.Instant) string {
	if i == 0 {
		return "never"
	}
	return i.Day()
}
