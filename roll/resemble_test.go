package roll

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"

	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/store"
)

// Nobody is overlooked because not every payer is weighed against every member: what is
// left out would have weighed nothing.
func TestNoMemberThatAPayerResemblesIsOverlooked(t *testing.T) {
	found := map[string]bool{}
	rapid.Check(t, func(t *rapid.T) {
		m := drawMatcher(t)
		near := newResemblance(m)
		for _, p := range m.payers {
			name := plainName(p.Name)
			likely := near.of(m, &p, name)
			for i := range m.members {
				var s Suggestion
				m.weigh(&s, &p, &m.members[i], name)
				for _, reason := range s.Reasons {
					found[reason] = true
				}
				if s.Score > 0 && !slices.Contains(likely, i) {
					t.Fatalf("payer %+v and member %+v (%v) were not weighed", p, m.members[i], s.Reasons)
				}
			}
		}
	})
	for _, reason := range []string{"its contribution was paid by an account of this member before", reasonAddress, reasonDelegate,
		"its slug is the member's handle", "the names are the same", "the names are similar"} {
		if !found[reason] {
			t.Errorf("no pair was drawn of which %s", reason)
		}
	}
}

// drawMatcher draws some members and payers who have names, addresses, handles,
// contributions and delegates in common, or nearly.
func drawMatcher(t *rapid.T) *matcher {
	name := rapid.Custom(func(t *rapid.T) string {
		words := rapid.SliceOfN(rapid.SampledFrom([]string{"Rowan", "rowam", "Harbour", "House", "houses", "Ltd", "Ko", "Ünder", strings.Repeat("long", 12)}), 0, 5).Draw(t, "words")
		return strings.Join(words, " ")
	})
	word := func(all ...string) *rapid.Generator[string] { return rapid.SampledFrom(all) }
	address := word("a@rowan.example.org", "A@rowan.example.org", "b@other.example.org")
	m := &matcher{known: map[member.ID][]string{}, delegates: map[member.ID][]string{}, plain: map[member.ID]string{}, payerBefore: map[string]paidBefore{}}
	for i := range 4 {
		var one store.MemberInfo
		one.ID = member.ID(fmt.Sprint("m", i))
		one.Detail.Name = name.Draw(t, "member")
		one.Detail.Handle = word("", "rowan", "kite").Draw(t, "handle")
		one.Detail.Website = word("", "https://www.rowan.example.org/", ":").Draw(t, "website")
		m.members, m.plain[one.ID] = append(m.members, one), plainName(one.Detail.Name)
		m.know(one.ID, address.Draw(t, "contact"))
		m.delegates[one.ID] = []string{plainName(name.Draw(t, "delegate"))}
	}
	for i := range 3 {
		contribution := store.ContributionRow{ID: fmt.Sprint("c", i)}
		if rapid.Bool().Draw(t, "paid before") {
			m.payerBefore[contribution.ID] = paidBefore{member: m.members[i].ID}
		}
		m.payers = append(m.payers, store.UnmatchedPayer{Account: store.AccountRow{ID: member.AccountID(fmt.Sprint("acc", i))},
			Slug: word("", "Rowan", "\u212aite").Draw(t, "slug"), Name: name.Draw(t, "payer"),
			Emails: []string{address.Draw(t, "address")}, Contributions: []store.ContributionRow{contribution}})
	}
	return m
}

// Two words are folded to the same exactly where the library says that they differ in
// nothing but the case of letters.
func TestFoldedIsAsEqualFold(t *testing.T) {
	for _, pair := range [][2]string{{"Kite", "\u212aite"}, {"stra\u00dfe", "STRASSE"}, {"\u017fee", "SEE"}, {"\xff", "\ufffd"}, {"\u00df", "\u1e9e"}, {"a", "b"}} {
		a, b := pair[0], pair[1]
		if same := folded(a) == folded(b); same != strings.EqualFold(a, b) {
			t.Errorf("%q and %q: folded %q and %q", a, b, folded(a), folded(b))
		}
	}
	for r := range rune(0x20000) { // no letter beyond has another case
		for _, other := range []rune{unicode.ToUpper(r), unicode.ToLower(r), unicode.ToTitle(r), r ^ 0x20} {
			a, b := string(r), string(other)
			if same := folded(a) == folded(b); same != strings.EqualFold(a, b) {
				t.Errorf("%q and %q: folded %q and %q", a, b, folded(a), folded(b))
			}
		}
	}
}
