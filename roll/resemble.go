package roll

import (
	"slices"
	"strings"
	"unicode"

	"coopcloud.tech/goodstanding/store"
)

// resemblance finds the members that a payer may belong to, without weighing it against
// each of them: some thousands of members and as many payers are millions of pairs, whose
// names alone take ten seconds to compare letter by letter. It may find too many.
type resemblance struct {
	// with are the places of the members that have something, by a word for it; see sign.
	with map[string][]int
	// names are what the members' names are made of, by place. Names as they are compared
	// are of letters that take a byte each.
	names []lettering
}

// The kinds of what a payer and a member may have in common.
const (
	signPaid   = "paid "   // the member for whom a contribution counted
	signMail   = "mail "   // an address of a contact or delegate
	signSite   = "site "   // the host of the website
	signHandle = "handle " // the handle, folded
	signPerson = "person " // a delegate's name
	signName   = "name "   // the name, as it is compared
	signBegins = "begins " // the whole words that the name begins with
)

// newResemblance notes what the members of a matcher have.
func newResemblance(m *matcher) *resemblance {
	l := &resemblance{with: map[string][]int{}, names: make([]lettering, len(m.members))}
	for i := range m.members {
		one := &m.members[i]
		sign := func(kind, word string) {
			if word != "" {
				l.with[kind+word] = append(l.with[kind+word], i)
			}
		}
		sign(signPaid, string(one.ID))
		sign(signHandle, folded(one.Detail.Handle))
		sign(signSite, hostOf(one.Detail.Website))
		for _, address := range m.known[one.ID] {
			sign(signMail, address)
		}
		for _, name := range m.delegates[one.ID] {
			sign(signPerson, name)
		}
		name := m.plain[one.ID]
		sign(signName, name)
		for _, words := range beginnings(name) {
			sign(signBegins, words)
		}
		l.names[i] = letteringOf(name)
	}
	return l
}

// of are the places of the members that a payer may belong to, each once, in order;
// name is the payer's as it is compared.
func (l *resemblance) of(m *matcher, p *store.UnmatchedPayer, name string) []int {
	var out []int
	look := func(kind, word string) { out = append(out, l.with[kind+word]...) }
	for _, c := range p.Contributions {
		look(signPaid, string(m.payerBefore[c.ID].member))
	}
	for _, address := range p.Emails {
		look(signMail, strings.ToLower(address))
		look(signSite, domainOf(address))
	}
	look(signHandle, folded(p.Slug))
	look(signPerson, name)
	look(signName, name)
	look(signBegins, name)
	for _, words := range beginnings(name) {
		look(signName, words)
	}
	mine := letteringOf(shorten(name))
	for i := range l.names {
		if mine.within(&l.names[i], slips(len(name), int(l.names[i].all))) {
			out = append(out, i)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// beginnings are the whole words that a name begins with, for each number of them but
// all.
func beginnings(name string) (out []string) {
	for i, r := range name {
		if r == ' ' {
			out = append(out, name[:i])
		}
	}
	return out
}

// lettering is how often each letter is in a name; letters that come to the same
// number modulo its length are counted as one.
type lettering struct {
	of  [32]int32
	all int32
}

func letteringOf(name string) (l lettering) {
	for _, r := range name {
		l.of[r%32]++
		l.all++
	}
	return l
}

// within says whether so few slips may turn one name into the other: each letter that
// is inserted, dropped or replaced makes up for one that a name has more of.
func (l *lettering) within(other *lettering, slips int) bool {
	most := int32(slips)
	if l.all-other.all > most || other.all-l.all > most {
		return false
	}
	more, less := int32(0), int32(0)
	for i := range l.of {
		if d := l.of[i] - other.of[i]; d > 0 {
			more += d
		} else {
			less -= d
		}
	}
	return more <= most && less <= most
}

// folded is a word as strings.EqualFold compares it: two words are the same under it
// exactly where theirs are.
func folded(word string) string {
	return strings.Map(func(r rune) rune {
		least := r
		for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
			least = min(least, next)
		}
		return least
	}, word)
}
