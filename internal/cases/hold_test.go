package cases

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"coopcloud.tech/goodstanding/roll"
)

// holds are what can be said of the roll beside its members, by the first word;
// the second is what follows it.
var holds = map[string]func(*federation, string) error{
	"members":    (*federation).members,    // members N
	"unmatched":  (*federation).unmatched,  // unmatched SLUG…, or: unmatched nobody
	"would-be":   (*federation).wouldBe,    // would-be SLUG STATE: an unmatched payer, as a member
	"suggested":  (*federation).suggested,  // suggested SLUG into MEMBER, or: suggested nothing
	"holds":      (*federation).standing,   // holds N [cause CAUSE]
	"notices":    (*federation).notices,    // notices N: written to members, of any kind
	"told":       (*federation).told,       // told MEMBER KIND N
	"treasurers": (*federation).treasurers, // treasurers KIND N: what they were told, or: treasurers nothing
	"desk":       (*federation).desk,       // desk KIND…, in the desk's order, or: desk nothing
	"error":      func(f *federation, s string) error { return within(s, []string{fmt.Sprint(f.err)}) },
	"warning":    func(f *federation, s string) error { return within(s, f.last.Warnings) },
	"news":       func(f *federation, s string) error { return within(s, f.last.Difference()) },
	"drift":      (*federation).drift,     // drift WORDS of the treasurer's sentence about an unknown word
	"changed":    (*federation).changed,   // changed N: rows that the last reading added
	"requests":   (*federation).asked,     // requests N: of the last reading
	"public":     (*federation).public,    // public shows NAME, or: public hides NAME
	"listed":     (*federation).listed,    // listed MEMBER…, or: listed nobody
	"stale":      (*federation).stale,     // stale yes|no: the answers say how old they are
	"readings":   (*federation).readings,  // readings N: complete ones
	"addresses":  (*federation).mails,     // addresses seen|unseen: whether the reader sees payers' mail addresses
	"recipient":  (*federation).recipient, // recipient MEMBER KIND contact|account
	"to-do":      (*federation).toDo,      // to-do says WORDS, or: to-do never says WORDS: what the treasurer reads to be done
	"payers":     (*federation).payers,    // payers N: new ones in the last reading
}

func (f *federation) hold(text string) error {
	first, rest, _ := strings.Cut(text, " ")
	if say, ok := holds[first]; ok {
		return say(f, strings.TrimSpace(rest))
	}
	return f.ofMember(first, strings.Fields(rest))
}

// is compares what is with what a line says.
func is[T comparable](what string, got, want T) error {
	if got != want {
		return fmt.Errorf("%s: %v, not %v", what, got, want)
	}
	return nil
}

// word says which of two words holds, so that a third one on a line is no match.
func word(holds bool, yes, no string) string {
	if holds {
		return yes
	}
	return no
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
		if words != "" && strings.Contains(one, words) {
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

func (f *federation) toDo(rest string) error {
	st, err := f.roll.Status(context.Background())
	if err != nil {
		return err
	}
	if words, is := strings.CutPrefix(rest, "says "); is {
		return within(words, st.ToDo)
	}
	words, is := strings.CutPrefix(rest, "never says ")
	if !is {
		return fmt.Errorf("write to-do says WORDS, or to-do never says WORDS")
	}
	if within(words, st.ToDo) == nil {
		return fmt.Errorf("it says %q: %q", words, st.ToDo)
	}
	return nil
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

// desk says what is to be sorted out. That a member has no delegate is so for
// nearly everybody here, and left out.
func (f *federation) desk(rest string) error {
	entries, err := f.roll.Desk(context.Background(), false)
	if err != nil {
		return err
	}
	var kinds []string
	for _, e := range entries {
		if e.Kind != roll.DeskNoDelegate {
			kinds = append(kinds, string(e.Kind))
		}
	}
	if len(kinds) == 0 {
		kinds = []string{"nothing"}
	}
	return is("to be sorted out", strings.Join(kinds, " "), rest)
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
	return is("addresses", word(f.last.Anonymous || f.last.NotAdmin, "unseen", "seen"), rest)
}

func (f *federation) public(rest string) error {
	how, name, _ := strings.Cut(rest, " ")
	b, err := f.roll.Book(context.Background())
	if err != nil {
		return err
	}
	shown := slices.ContainsFunc(b.PublicMembers(f.w.Now(), true), func(m roll.PublicMember) bool { return strings.Contains(m.Name, name) })
	return is("the public list, of "+name, word(shown, "shows", "hides"), how)
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
	return is("stale", word(v.Stale, "yes", "no"), rest)
}

func (f *federation) readings(rest string) error {
	return number("complete readings", int(f.last.Snapshot), rest)
}
