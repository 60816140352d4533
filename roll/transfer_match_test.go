package roll

import (
	"strings"
	"testing"

	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/policy"
	"coopcloud.tech/goodstanding/store"
)

// TestImportMatches: by handle first, then by exact name among those that no
// handle names, so that two members may have one name.
func TestImportMatches(t *testing.T) {
	l := newList(t, dbtest.SQLite(t)())
	l.takes(CSV, "handle,name,kind,since\nsam,Sam,individual,2024-01-01\nsam-2,Sam,individual,2024-01-01\nkim,Kim,individual,2024-01-01\n")
	same(t, l.refuses(CSV, "name,summary\nSam,which?\n"), []string{
		"line 2, name: 2 members are called so: write the handle of the one that is meant"})
	im, _ := l.takes(CSV, "handle,name,summary\nsam,,First.\n,Sam,Second.\nkimmy,Kim,Renamed.\n")
	for i, name := range []string{"Sam", "Sam", "Kim"} {
		if im.Rows[i].Action != ActionChanged || im.Rows[i].Name != name {
			t.Errorf("row %d is %+v", i+1, im.Rows[i])
		}
	}
	got := l.export(CSV)
	for _, want := range []string{"\nkimmy,Kim,,individual,,Renamed.,", "\nsam,Sam,,individual,,First.,", "\nsam-2,Sam,,individual,,Second.,"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in\n%s", want, got)
		}
	}
}

func TestImportMakesFreeHandles(t *testing.T) {
	l := newList(t, dbtest.SQLite(t)())
	l.takes(CSV, "name,kind\nAcme,organisation\n")
	l.takes(CSV, "handle,name,kind\n,Ac.me,organisation\n,acme!,organisation\nacme-2,Other,organisation\n,東京,individual\n")
	got := l.export(CSV)
	for _, want := range []string{"\nac-me,Ac.me,", "\nacme,Acme,", "\nacme-2,Other,", "\nacme-3,acme!,", "\nindividual,東京,"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in\n%s", want, got)
		}
	}
}

func TestImportKnowsMergedMembers(t *testing.T) {
	l := newList(t, dbtest.SQLite(t)())
	l.takes(CSV, "handle,name,kind,since\nold,Old,organisation,2024-01-01\nnew,New,organisation,2024-01-01\n")
	l.must(l.Merge(t.Context(), byOperator, l.id("old"), l.id("new")))
	same(t, l.refuses(CSV, "handle,summary\nold,x\n"), []string{"line 2, handle: old was merged into new: write that one"})
	if got := l.export(CSV); strings.Contains(got, "\nold,") || !strings.Contains(got, "\nnew,New,") {
		t.Errorf("a merged member is exported:\n%s", got)
	}
}

func TestImportLinksOnce(t *testing.T) {
	l := newList(t, dbtest.SQLite(t)())
	l.seen(store.AccountRow{ID: "id-alpha"}, store.AccountRow{ID: "id-giver"})
	if err := l.Supporter(t.Context(), byOperator, "id-giver", true); err != nil {
		t.Fatal(err)
	}
	l.takes(CSV, "handle,name,kind,accounts\na,A,organisation,alpha@2024-01-01/2025-01-01\n")
	same(t, l.refuses(CSV, "handle,name,kind,accounts\n"+
		"a,,,alpha@2024-06-01/ giver\n"+
		"b,B,organisation,alpha@2025-01-01/\n"+
		"c,C,organisation,alpha@2026-01-01/\n"), []string{
		"line 2, accounts: alpha: is linked to this member from 2024-01-01 until 2025-01-01 already: end that link first (unlink)",
		"line 2, accounts: giver: is marked as supporter: take the mark back first",
		"line 4, accounts: alpha: is linked to the member of line 3 from 2025-01-01, and an account belongs to one member at a time"})
	l.takes(CSV, "handle,accounts\na,(none)\n")
	l.takes(CSV, "handle,accounts\na,alpha@2025-01-01/\n")
	if got := l.export(CSV); !strings.Contains(got, ",alpha@2024-01-01/2025-01-01 alpha@2025-01-01/,") {
		t.Errorf("the links, or that there is an account now, are not in\n%s", got)
	}
}

// TestImportAdmitsByThePolicy: where members are admitted by decision, a list
// cannot do without, but for those who came before that policy.
func TestImportAdmitsByThePolicy(t *testing.T) {
	l := newList(t, dbtest.SQLite(t)())
	text, err := policy.PresetText(policy.DefaultPreset)
	if err != nil {
		t.Fatal(err)
	}
	strict := strings.NewReplacer("id: seed-2022", "id: strict", "from: 2022-05-15", "from: 2025-01-01", "admission: treasurer", "admission: decision").Replace(string(text))
	f, err := policy.Parse("strict.yaml", []byte(strict))
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := l.EnsurePolicy(t.Context(), byOperator, f, true); err != nil {
		t.Fatal(err)
	}
	same(t, l.refuses(CSV, "name,kind,since\nA,organisation,2025-02-01\nB,organisation,2024-02-01\nC,organisation,\n"), []string{
		"line 2, decision: by policy strict members are admitted by decision: write its number",
		"line 4, decision: by policy strict members are admitted by decision: write its number"})
	l.takes(CSV, "name,kind,since,decision\nA,organisation,2025-02-01,4\nB,organisation,2024-02-01,\n")
}

func TestImportKeepsWhatWasTakenBack(t *testing.T) {
	l := newList(t, dbtest.SQLite(t)())
	l.takes(CSV, "handle,name,kind,since,left,profile_summary,approved\na,A,organisation,2024-01-01,,Hosting.,2024-01-02\nb,B,organisation,2024-01-01,2025-01-01,,\n")
	l.must(l.Withdraw(t.Context(), byOperator, l.id("a")))
	same(t, l.refuses(CSV, "handle,approved,since,applied\na,2024-01-02,,2024-05-01\nb,,2025-06-01,\nb,,,\n"), []string{
		"line 2, applied: the application (2024-05-01) would be after the admission (2024-01-01)",
		"line 2, approved: the yes was taken back on 2026-06-01: only a newer one counts",
		"line 4, handle: line 3 is about the same member, b"})
	l.now += instant.Day
	l.takes(CSV, "handle,approved\na,2026-06-02\n")
	if got := l.export(CSV); !strings.Contains(got, ",2026-06-02\n") {
		t.Errorf("a newer yes was not taken:\n%s", got)
	}
}

// TestErasedMembersAreNotExported, and erasing one leaves the reason of the
// others' entries, which came by the same import.
func TestErasedMembersAreNotExported(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		l := newList(t, open())
		l.takes(CSV, small)
		acme, ben := l.id("acme"), l.id("ben")
		err := l.db.InTx(t.Context(), store.NoStream, l.now, func(tx *store.Tx) error { return tx.EraseMember(t.Context(), ben) })
		if err != nil {
			t.Fatal(err)
		}
		if got := l.export(CSV); strings.Contains(got, "Ben") || !strings.Contains(got, "Acme") {
			t.Errorf("the list is\n%s", got)
		}
		err = l.db.View(t.Context(), func(tx *store.Tx) error {
			members, err := tx.Members(t.Context())
			if err != nil {
				return err
			}
			reasons := map[member.ID]store.TextID{}
			for _, m := range members {
				reasons[m.ID] = m.Reason
			}
			texts, err := tx.Texts(t.Context(), reasons[acme], reasons[ben])
			if texts[reasons[acme]] != byOperator.Reason || texts[reasons[ben]] != "" {
				t.Errorf("the reasons are now %q", texts)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		l.audited(actionImportMembers)
	})
}
