package store_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/internal/instant"
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

// Who comes through a merge is delegate of the other member since then, however long
// it was one of the member that was merged.
func TestSinceWhenAMergedDelegateIsOne(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		db := open()
		members(t, db, "mb_1", "mb_2", "mb_3")
		step := func(day int, f func(ctx context.Context, tx *store.Tx) error) {
			write(t, db, store.Entries, days(day), f)
		}
		added := func(id string, of member.ID, who member.PersonID, e store.DelegateEvent) func(context.Context, *store.Tx) error {
			return func(ctx context.Context, tx *store.Tx) error {
				return tx.AddDelegates(ctx, store.DelegateRow{ID: id, Member: of, Person: who, Event: e})
			}
		}
		merge := func(loser, winner member.ID) func(context.Context, *store.Tx) error {
			return func(ctx context.Context, tx *store.Tx) error {
				return tx.AddMerge(ctx, store.MergeRow{Loser: loser, Winner: winner, By: store.By{Actor: "pe_9"}})
			}
		}
		step(1, added("de_1", "mb_1", "ada", store.DelegateAdded))
		step(2, added("de_2", "mb_1", "ada", store.DelegateConfirmed))
		step(3, added("de_3", "mb_2", "bo", store.DelegateAdded))
		step(4, added("de_4", "mb_1", "bo", store.DelegateAdded))
		step(5, merge("mb_1", "mb_2"))
		is := func(want ...store.Delegation) {
			t.Helper()
			same(t, "the delegates", seen(t, db, func(tx *store.Tx) ([]store.Delegation, error) { return tx.Delegations(t.Context()) }), want)
		}
		is(store.Delegation{ID: "de_1", Member: "mb_2", Person: "ada", Since: days(5)}, store.Delegation{ID: "de_3", Member: "mb_2", Person: "bo", Since: days(3)})
		step(6, added("de_5", "mb_2", "ada", store.DelegateConfirmed))
		is(store.Delegation{ID: "de_1", Member: "mb_2", Person: "ada", Since: days(5), Confirmed: true}, store.Delegation{ID: "de_3", Member: "mb_2", Person: "bo", Since: days(3)})
		step(7, merge("mb_2", "mb_3"))
		is(store.Delegation{ID: "de_1", Member: "mb_3", Person: "ada", Since: days(7)}, store.Delegation{ID: "de_3", Member: "mb_3", Person: "bo", Since: days(7)})
		for _, c := range []struct {
			from, into member.ID
			want       instant.Instant
		}{{"mb_1", "mb_2", days(5)}, {"mb_1", "mb_3", days(7)}, {"mb_2", "mb_3", days(7)}, {"mb_3", "mb_1", 0}, {"mb_2", "mb_1", 0}, {"mb_2", "mb_2", 0}} {
			m := seen(t, db, func(tx *store.Tx) (store.MergeRow, error) {
				m, ok, err := tx.MergeInto(t.Context(), c.from, c.into)
				if ok != (c.want != 0) || ok && m.Actor != "pe_9" {
					t.Errorf("%s into %s: %v %+v", c.from, c.into, ok, m)
				}
				return m, err
			})
			if m.Known != c.want {
				t.Errorf("%s became %s at %s, want %s", c.from, c.into, m.Known, c.want)
			}
		}
	})
}
