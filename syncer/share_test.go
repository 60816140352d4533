package syncer

import (
	"maps"
	"strings"
	"testing"
	"unsafe"

	"github.com/google/go-cmp/cmp"

	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/store"
)

// A driver makes a copy of each text: what is stored comes to share one, and says the
// same as before.
func TestTextsAreShared(t *testing.T) {
	u, m := knot(), newMemory(t)
	m.see(u)
	st, clone := *m.st, strings.Clone
	st.contributions, st.charges, st.coverages = map[string]store.ContributionRow{}, map[string]store.ChargeRow{}, map[string]store.CoverageRow{}
	for id, c := range m.st.contributions {
		c.ID, c.Status, c.Account = clone(c.ID), clone(c.Status), member.AccountID(clone(string(c.Account)))
		st.contributions[clone(id)] = c
	}
	for id, c := range m.st.charges {
		c.ID = clone(id)
		c.Contribution, c.Account = clone(c.Contribution), member.AccountID(clone(string(c.Account)))
		st.charges[c.ID] = c
	}
	for id, v := range m.st.coverages {
		v.Charge = clone(id)
		st.coverages[v.Charge] = v
	}
	want := st
	want.contributions, want.charges, want.coverages = maps.Clone(st.contributions), maps.Clone(st.charges), maps.Clone(st.coverages)
	if diff := cmp.Diff(&want, st.share(), cmp.AllowUnexported(stored{}, derived{})); diff != "" {
		t.Errorf("it says something else now: %s", diff)
	}
	one := func(texts ...string) {
		t.Helper()
		for _, s := range texts {
			if unsafe.StringData(s) != unsafe.StringData(texts[0]) {
				t.Errorf("%q is there twice", s)
			}
		}
	}
	one(st.contributions["or-birch"].Status, st.contributions["or-cedar"].Status)
	for id, v := range st.coverages {
		c := st.charges[v.Charge]
		of := st.contributions[c.Contribution]
		one(id, c.ID, v.Charge)
		one(of.ID, c.Contribution)
		one(string(st.accounts[of.Account].ID), string(of.Account), string(c.Account))
	}
}
