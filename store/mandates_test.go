package store_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/store"
)

// mandates are who is delegate of whom after what happens to members a, b and c of
// the test's case n: "+ada@a" adds ada to a, "-ada@a" removes, "!ada@a" confirms,
// "a>b" merges a into b.
func mandates(t *testing.T, db *store.DB, n int, happens ...string) string {
	t.Helper()
	of := func(word string) member.ID { return member.ID(fmt.Sprintf("%s_%d", word, n)) }
	members(t, db, of("a"), of("b"), of("c"))
	events := map[byte]store.DelegateEvent{'+': store.DelegateAdded, '-': store.DelegateRemoved, '!': store.DelegateConfirmed}
	for i, what := range happens {
		write(t, db, store.Entries, noon, func(ctx context.Context, tx *store.Tx) error {
			if loser, winner, merge := strings.Cut(what, ">"); merge {
				return tx.AddMerge(ctx, store.MergeRow{Loser: of(loser), Winner: of(winner)})
			}
			person, m, _ := strings.Cut(what[1:], "@")
			return tx.AddDelegates(ctx, store.DelegateRow{ID: fmt.Sprintf("de%d_%d", i+1, n), Member: of(m), Person: member.PersonID(person), Event: events[what[0]]})
		})
	}
	var out []string
	for _, d := range seen(t, db, func(tx *store.Tx) ([]store.Delegation, error) { return tx.Delegations(t.Context()) }) {
		if m, is := strings.CutSuffix(string(d.Member), fmt.Sprintf("_%d", n)); is {
			confirmed := strings.Repeat("!", map[bool]int{true: 1}[d.Confirmed])
			out = append(out, fmt.Sprintf("%s@%s by %s%s", d.Person, m, strings.Split(d.ID, "_")[0], confirmed))
		}
	}
	return strings.Join(out, ", ")
}

// A merge hands on the delegates that the member has at that instant. What happened
// to it before it was merged says nothing of the member it was merged into.
func TestWhoIsDelegateAfterAMerge(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		db := open()
		for n, c := range []struct{ happens, want string }{
			{"+ada@a +bo@b", "ada@a by de1, bo@b by de2"},
			{"+ada@a +bo@b a>b", "ada@b by de1, bo@b by de2"},
			{"+ada@b +ada@a -ada@a a>b", "ada@b by de1"}, // being removed from a takes nothing at b
			{"+ada@a +ada@b -ada@b a>b", "ada@b by de1"}, // it stayed at a, and comes with it
			{"+ada@a -ada@a a>b", ""},
			{"+ada@b +ada@a !ada@a a>b", "ada@b by de1"}, // who was confirmed at a is not so at b
			{"+ada@a +ada@b a>b", "ada@b by de2"},        // b's own is b's
			{"+ada@a a>b -ada@b", ""},
			{"+ada@b +ada@a a>b -ada@b", ""},
			{"+ada@a a>b !ada@b", "ada@b by de1!"},
			{"+ada@a a>b -ada@b +ada@b", "ada@b by de4"},
			{"+ada@a a>b -ada@a", ""}, // what is entered of a when it is merged is b's
			{"+ada@a a>b +bo@b b>c +cy@c -bo@c", "ada@c by de1, cy@c by de5"},
			{"+ada@b b>c +ada@a -ada@a a>c", "ada@c by de1"},
		} {
			if got := mandates(t, db, n, strings.Fields(c.happens)...); got != c.want {
				t.Errorf("%s: %q, want %q", c.happens, got, c.want)
			}
		}
	})
}
