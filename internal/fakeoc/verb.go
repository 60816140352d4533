package fakeoc

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"coopcloud.tech/goodstanding/internal/instant"
)

// verb is something that people or hosts do on Open Collective, or that happens
// to them.
type verb struct {
	usage string // after the verb's name
	words string // what it does
	least int    // words that have to follow
	do    func(*World, *said) error
}

// said is what follows a verb.
type said struct{ all []string }

func (w *said) at(i int) string {
	if i >= len(w.all) {
		return ""
	}
	return w.all[i]
}

// option is the value of name=value; "" when it is not given.
func (w *said) option(name string) string {
	for _, word := range w.all {
		if value, ok := strings.CutPrefix(word, name+"="); ok {
			return value
		}
	}
	return ""
}

// has says whether the bare word is given.
func (w *said) has(word string) bool { return slices.Contains(w.all, word) }

// beyond is the first bare word after n that have to be there; "" for none.
func (w *said) beyond(n int) string {
	for _, word := range w.all[n:] {
		if !strings.Contains(word, "=") {
			return word
		}
	}
	return ""
}

// strange are the words that the verb's usage has no place for: an option that
// it does not name, a word that it does not give in small letters, and more
// words than it gives in capitals.
func (v verb) strange(given []string) (words []string) {
	known, free := map[string]bool{}, 0
	for _, place := range strings.Fields(v.usage)[v.least:] {
		name, _, option := strings.Cut(strings.Trim(place, "[]"), "=")
		switch {
		case option:
			known[name+"="] = true
		case name == strings.ToLower(name):
			known[name] = true
		default:
			free++
		}
	}
	for _, word := range given[v.least:] {
		name, _, option := strings.Cut(word, "=")
		switch {
		case option && known[name+"="] || !option && known[word]:
		case !option && free > 0:
			free--
		default:
			words = append(words, word)
		}
	}
	return words
}

var verbs map[string]verb

func init() { // the verbs that list the verbs would make a cycle of a plain variable
	verbs = map[string]verb{}
	for _, some := range []map[string]verb{payVerbs, accountVerbs, collectiveVerbs} {
		maps.Copy(verbs, some)
	}
}

// Verbs lists every verb with its usage and what it does, by name.
func Verbs() [][2]string {
	var out [][2]string
	for _, name := range slices.Sorted(maps.Keys(verbs)) {
		out = append(out, [2]string{strings.TrimSpace(name + " " + verbs[name].usage), verbs[name].words})
	}
	return out
}

// Do carries out one line: a verb and its words, "join alfa GBP 10.00 monthly".
// The error says what was wrong and what would be right; then nothing was done.
func (w *World) Do(line string) error {
	defer w.changing()()
	return w.do(line)
}

func (w *World) do(line string) error {
	part := strings.Fields(line)
	if len(part) == 0 {
		return fmt.Errorf("nothing is said: write a verb, one of %s", strings.Join(slices.Sorted(maps.Keys(verbs)), ", "))
	}
	v, err := verbNamed(part[0])
	if err != nil {
		return err
	}
	given := part[1:]
	if len(given) < v.least {
		return fmt.Errorf("%s: something is missing: write %s %s", part[0], part[0], v.usage)
	}
	if strange := v.strange(given); len(strange) > 0 {
		return fmt.Errorf("%s: %s is too much: write %s", strings.Join(part, " "), strings.Join(strange, " "), strings.TrimSpace(part[0]+" "+v.usage))
	}
	if err := v.do(w, &said{given}); err != nil {
		return fmt.Errorf("%s: %w", strings.Join(part, " "), err)
	}
	return nil
}

// verbNamed is the verb with the name; the error lists all.
func verbNamed(name string) (verb, error) {
	v, ok := verbs[name]
	if !ok {
		return v, fmt.Errorf("%q is no verb: write one of %s", name, strings.Join(slices.Sorted(maps.Keys(verbs)), ", "))
	}
	return v, nil
}

// account is the account with the slug.
func (w *World) account(slug string) (*Account, error) {
	if a := w.find(slug); a != nil {
		return a, nil
	}
	return nil, fmt.Errorf("there is no account %q", slug)
}

// Collective is the slug of the world's first collective; "" before there is one.
func (w *World) Collective() string {
	w.mu.RLock()
	defer w.mu.RUnlock()
	if c := w.collective(); c != nil {
		return c.Slug
	}
	return ""
}

// collective is the first one made: the one that most verbs are about.
func (w *World) collective() *Account {
	for _, a := range w.accounts {
		if a.Type == "COLLECTIVE" && !a.Spends {
			return a
		}
	}
	return nil
}

// order finds a contribution: by its id, or as the payer's slug, which means
// the newest one that has not ended, else the newest; slug#2 is its second.
func (w *World) order(word string) (*Order, error) {
	slug, nth, numbered := strings.Cut(word, "#")
	var of []*Order
	for _, o := range w.orders {
		if o.ID == word || o.PublicID == word {
			return o, nil
		}
		if !o.From.Deleted && strings.EqualFold(o.From.Slug, slug) {
			of = append(of, o)
		}
	}
	if numbered {
		n, err := strconv.Atoi(nth)
		if err != nil || n < 1 || n > len(of) {
			return nil, fmt.Errorf("%s has %d contributions, not one that is called %s", slug, len(of), word)
		}
		return of[n-1], nil
	}
	for _, o := range slices.Backward(of) {
		if !o.ended() {
			return o, nil
		}
	}
	if len(of) > 0 {
		return of[len(of)-1], nil
	}
	return nil, fmt.Errorf("%q pays nothing: name a payer's slug, slug#2, or an order's id", word)
}

func (o *Order) ended() bool {
	switch o.Status {
	case "CANCELLED", "EXPIRED", "REJECTED", "REFUNDED", "PAID":
		return true
	}
	return false
}

// lastPayment is the newest CREDIT of the order that was not given back.
func (w *World) lastPayment(o *Order) *Transaction {
	for _, t := range slices.Backward(w.transactions) {
		if t.Order == o && t.Type == "CREDIT" && !t.IsRefund && t.Refund == nil {
			return t
		}
	}
	return nil
}

// minor reads an amount, "10.00" or "10".
func minor(text string) (int64, error) {
	whole, part, _ := strings.Cut(text, ".")
	for len(part) < 2 {
		part += "0"
	}
	n, err := strconv.ParseInt(whole+part, 10, 64)
	if err != nil || len(part) != 2 || n < 0 {
		return 0, fmt.Errorf("%q is no amount: write 10 or 10.00", text)
	}
	return n, nil
}

// span reads a length of time: 90m, 36h, 3d, 2w.
func span(text string) (time.Duration, error) {
	for unit, long := range map[string]time.Duration{"d": 24 * time.Hour, "w": 7 * 24 * time.Hour} {
		if n, ok := strings.CutSuffix(text, unit); ok {
			if i, err := strconv.Atoi(n); err == nil && i >= 0 {
				return time.Duration(i) * long, nil
			}
		}
	}
	if d, err := time.ParseDuration(text); err == nil && d >= 0 {
		return d, nil
	}
	return 0, fmt.Errorf("%q is no length of time: write 90m, 36h, 3d or 2w", text)
}

// when reads an instant as scenarios write it: 2026-02-01, 2026-02-01T09:30 or
// RFC 3339.
func when(text string) (instant.Instant, error) {
	if i, err := instant.Parse(text); err == nil {
		return i, nil
	}
	if i, err := instant.Parse(text + ":00Z"); err == nil {
		return i, nil
	}
	return 0, fmt.Errorf("%q is no instant: write 2026-02-01 or 2026-02-01T09:30", text)
}
