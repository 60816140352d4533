package opencollective

import (
	"strconv"
	"strings"
	"time"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/money"
)

// text is a string or null (""). NUL, which no database text holds, becomes the
// replacement character.
func (n *node) text(key string) string {
	b := n.get(key)
	if !b.is(isText) {
		if !b.null() {
			n.fail(key, "want a string")
		}
		return ""
	}
	if b.value().escaped {
		return strings.ReplaceAll(b.text(), "\x00", "\uFFFD")
	}
	return b.text()
}

// mayBeText wants a string or null, and keeps none of it.
func (n *node) mayBeText(key string) {
	if b := n.get(key); !b.is(isText) && !b.null() {
		n.fail(key, "want a string")
	}
}

// longestWord and mostWords bound what is kept of words that come again.
const longestWord, mostWords = 200, 10000

// word is a text that many rows have in common, such as a status: all share one copy.
func (n *node) word(key string) string {
	b := n.find(key)
	if !b.is(isText) || b.value().escaped {
		return n.text(key)
	}
	return n.r.word(b)
}

// word is what a text says, which is not escaped.
func (r *reader) word(b branch) string {
	v := b.value()
	if v.end-v.start > longestWord {
		return b.text()
	}
	inner := b.t.text[v.start:v.end]
	if w, ok := r.words[string(inner)]; ok {
		return w
	}
	w := string(inner)
	if r.words == nil {
		r.words = make(map[string]string)
	}
	if len(r.words) < mostWords {
		r.words[w] = w
	}
	return w
}

// slug is a string that is there; what it may hold is upstream's affair.
func (n *node) slug(key string) string {
	s := n.text(key)
	if s == "" {
		n.fail(key, "want a slug")
	}
	return s
}

// id is a string that can be an identifier: printable ASCII without spaces.
func (n *node) id(key string) string { return n.idAs(key, branch.text) }

// commonID is an id that many rows have in common, such as a tier's.
func (n *node) commonID(key string) string {
	return n.idAs(key, func(b branch) string {
		if b.value().escaped {
			return b.text()
		}
		return n.r.word(b)
	})
}

func (n *node) idAs(key string, text func(branch) string) string {
	b := n.get(key)
	if !b.is(isText) {
		n.fail(key, "want an id")
		return ""
	}
	s := text(b)
	bad := s == "" || len(s) > 200
	for i := 0; i < len(s) && !bad; i++ {
		bad = s[i] <= ' ' || s[i] > '~'
	}
	if bad {
		n.fail(key, "want an id")
		return ""
	}
	return s
}

// flag is true, false, or null where upstream's schema allows it (false).
func (n *node) flag(key string) bool {
	b := n.get(key)
	if !b.null() && !b.is(isTrue) && !b.is(isFalse) {
		n.fail(key, "want true or false")
	}
	return b.is(isTrue)
}

// sure is a flag that may not be null.
func (n *node) sure(key string) bool {
	b := n.get(key)
	if !b.is(isTrue) && !b.is(isFalse) {
		n.fail(key, "want true or false")
	}
	return b.is(isTrue)
}

// whole is a number without a fraction.
func (n *node) whole(key string) int64 {
	v, ok := integral(n.get(key))
	if !ok {
		n.fail(key, "want a whole number")
	}
	return v
}

// count is a whole number that is not negative.
func (n *node) count(key string) int {
	v := n.whole(key)
	if v < 0 || v > 1<<31 {
		n.fail(key, "want a count")
		return 0
	}
	return int(v)
}

// integral reads 1000 and 1000.0. Exponents are refused: upstream writes them
// only above what money.MaxMinor allows, and expanding them costs what the
// sender pleases.
func integral(b branch) (int64, bool) {
	if !b.is(isNumber) {
		return 0, false
	}
	whole, frac, _ := strings.Cut(string(b.raw()), ".")
	if strings.Trim(frac, "0") != "" {
		return 0, false
	}
	i, err := strconv.ParseInt(whole, 10, 64)
	return i, err == nil
}

// at is an instant that has to be there.
func (n *node) at(key string) instant.Instant {
	i := n.atOrNever(key)
	if i.IsZero() {
		n.fail(key, "want an instant")
	}
	return i
}

// atOrNever is an instant or null (the zero Instant).
func (n *node) atOrNever(key string) instant.Instant {
	b := n.get(key)
	if b.null() {
		return 0
	}
	s := ""
	if b.is(isText) {
		s = b.text()
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil || t.Year() < 1971 {
		n.fail(key, "want an instant such as 2026-06-01T09:00:00.000Z")
		return 0
	}
	return instant.Of(t)
}

// currency is a code of three capital letters. One that ISO 4217 does not list
// passes: it will not be counted, which is better than no snapshot.
func (n *node) currency(key string) money.Currency {
	s := ""
	if b := n.get(key); b.is(isText) {
		s = b.text()
	}
	capital := func(c byte) bool { return c >= 'A' && c <= 'Z' }
	if len(s) != 3 || !capital(s[0]) || !capital(s[1]) || !capital(s[2]) {
		n.fail(key, "want a currency")
		return money.Currency{}
	}
	return money.Currency{s[0], s[1], s[2]}
}

// amount is money that has to be given.
func (n *node) amount(key string) money.Money {
	a := n.object(key)
	if a.get("valueInCents").null() {
		a.fail("valueInCents", "is null")
	}
	return a.cents()
}

// amountOrNull is an amount that is null, or whose value is null, or given. A
// currency says nothing without a value and may then be null too.
func (n *node) amountOrNull(key string) Amount {
	a := n.maybe(key)
	if a == nil || a.get("valueInCents").null() {
		return Amount{}
	}
	return Amount{Money: a.cents(), Given: true}
}

func (n *node) cents() money.Money {
	v, ok := integral(n.get("valueInCents"))
	if !ok {
		n.fail("valueInCents", "want a whole number")
	}
	if v > money.MaxMinor || v < -money.MaxMinor {
		n.fail("valueInCents", "is out of bounds")
	}
	return money.Money{Minor: v, Currency: n.currency("currency")}
}

// strings is a list of strings, or nil for null.
func (n *node) strings(key string) []string {
	list := n.get(key)
	if list.null() {
		return nil
	}
	out, ok := []string{}, list.is(isList)
	if ok {
		list.each(func(b branch) bool {
			if ok = b.is(isText); ok {
				out = append(out, b.text())
			}
			return ok
		})
	}
	if !ok {
		n.fail(key, "want a list of strings")
	}
	return out
}
