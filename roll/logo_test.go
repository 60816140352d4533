package roll

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"slices"
	"strings"
	"testing"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/logo"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/store"
)

// picture is a PNG of one colour.
func picture(c uint8) []byte {
	m := image.NewNRGBA(image.Rect(0, 0, 300, 200))
	for i := range m.Pix {
		m.Pix[i] = c
	}
	m.Set(1, 1, color.NRGBA{R: 255, A: 255})
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// A logo is drawn anew, shows with the entry, is not read twice, and goes with it.
func TestALogoComesAndGoes(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		l := newList(t, open())
		l.seen()
		l.takes(CSV, small)
		id, ben, ctx := l.id("acme"), l.id("ben"), t.Context()
		dora, olaf, fred := l.person("Dora", nil, id), l.person("Olaf", nil, ben), l.person("Fred", []member.Role{member.Facilitator})
		l.waived(id)
		l.must(l.SetProfile(ctx, dora, id, acmeProfile))
		l.must(l.Consent(ctx, dora, id, true, 0, "yes"))
		l.must(l.Approve(ctx, byOperator, id))
		l.must(l.SetLogo(ctx, dora, id, picture(90)))
		file, why := logo.Draw(picture(90))
		name := logo.Name(file)
		b, err := l.Book(ctx)
		if err != nil || why != "" {
			t.Fatal(err, why)
		}
		if p := b.Providers(l.now)[0]; p.Uploaded != name || p.LogoAddress("https://roll.example.org") != "https://roll.example.org/logos/"+name+".png" ||
			p.LogoAddress("") != acmeProfile.Logo || p.LogoAddress("http://127.0.0.1:8080") != acmeProfile.Logo {
			t.Errorf("%+v leads to %s", p, p.LogoAddress("https://roll.example.org"))
		}
		files, err := l.Logos(ctx, b, nil)
		if err != nil || len(files) != 1 || !bytes.Equal(files[name], file) {
			t.Errorf("%d files, %v", len(files), err)
		}
		kept := []byte("as it was read")
		if files, err = l.Logos(ctx, b, map[string][]byte{name: kept, "gone": kept}); err != nil || len(files) != 1 || string(files[name]) != string(kept) {
			t.Errorf("read again: %q, %v", files, err)
		}
		for who, want := range map[string]bool{dora.Actor.ID: true, olaf.Actor.ID: false, fred.Actor.ID: true} {
			p, _ := b.Person(member.PersonID(who))
			if got, ok, err := l.LogoFor(ctx, ActorOf(p), name); err != nil || ok != want || ok && !bytes.Equal(got, file) {
				t.Errorf("%s sees it: %v, %v", p.Name, ok, err)
			}
		}
		_, err = l.SetLogo(ctx, dora, id, picture(90))
		wantReasons(t, err, "this picture is its logo already")
		_, err = l.SetLogo(ctx, olaf, id, picture(9))
		wantReasons(t, err, "only a delegate of the member, a treasurer or the operator may")
		_, err = l.SetLogo(ctx, olaf, id, []byte("<svg/>")) // who may not is told that alone
		wantReasons(t, err, "only a delegate of the member, a treasurer or the operator may")
		_, err = l.SetLogo(ctx, dora, id, []byte("GIF8"))
		wantReasons(t, err, "the file is no picture that can be read, or it was cut off: save it again as PNG or JPEG")
		l.must(l.SetLogo(ctx, dora, id, picture(9)))
		l.must(l.RemoveLogo(ctx, dora, id))
		_, err = l.RemoveLogo(ctx, dora, id)
		wantReasons(t, err, "acme has no logo")
		_, err = l.RemoveLogo(ctx, olaf, id)
		wantReasons(t, err, "only a delegate of the member, a treasurer or the operator may")
		l.must(l.SetLogo(ctx, dora, id, picture(9)))
		l.must(l.SetProfile(ctx, dora, id, Profile{}))
		if b, err = l.Book(ctx); err != nil || len(b.logos) != 0 {
			t.Errorf("an entry that was taken away leaves its logo: %v, %v", b.logos, err)
		}
		for _, row := range append(l.audited(actionLogo), l.audited(actionRemoveLogo)...) {
			if row.Payload != "{}" || row.Subject != string(id) {
				t.Errorf("an audit row is %+v", row)
			}
		}
	})
}

// What is missing until a member is listed is told all at once, and each condition
// by itself: what the dues say does not rest on the entry.
func TestWhatAListingNeeds(t *testing.T) {
	l := newList(t, dbtest.SQLite(t)())
	l.takes(CSV, small)
	id, ctx := l.id("acme"), t.Context()
	dora, olaf, tess := l.person("Dora", nil, id), l.person("Olaf", nil, l.id("ben")), l.person("Tess", []member.Role{member.Treasurer})
	dora.Actor.Delegates, olaf.Actor.Delegates, tess.Actor.Roles = []member.ID{id}, []member.ID{l.id("ben")}, []member.Role{member.Treasurer}
	missing := func(want ...string) Listing {
		t.Helper()
		x, err := l.Listing(ctx, dora.Actor, id)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, c := range x.Conditions {
			if !c.OK {
				got = append(got, c.Code)
			}
		}
		same(t, got, want)
		if len(x.Conditions) != 6 || x.Listed != (len(want) == 0) {
			t.Errorf("%+v", x)
		}
		return x
	}
	x := missing(NeedsProfile, NeedsConsent, NeedsApproval, NeedsDues, NeedsList)
	if w := x.Conditions[4].Words; w != "As the dues stand it is not shown: We cannot say yet" || x.Ready {
		t.Errorf("the dues: %s", w)
	}
	l.seen()
	l.waived(id)
	missing(NeedsProfile, NeedsConsent, NeedsApproval, NeedsList)
	if all, err := l.Listings(ctx, tess.Actor); err != nil || len(all) != 0 {
		t.Errorf("entries that nobody wrote: %+v, %v", all, err)
	}
	l.must(l.SetProfile(ctx, dora, id, acmeProfile))
	l.must(l.Consent(ctx, dora, id, true, 0, "Yes, <b>list</b> us."))
	if x = missing(NeedsApproval, NeedsList); x.Ready || x.Consent.Words != "Yes, <b>list</b> us." || x.Consent.GivenBy != "Dora" || x.Entry.Place != "Leeds" {
		t.Errorf("%+v", x)
	}
	l.must(l.Approve(ctx, tess, id))
	if x = missing(NeedsList); !x.Ready {
		t.Error("it is not ready")
	}
	if err := l.PublishProviders(ctx, tess, true); err != nil {
		t.Fatal(err)
	}
	if x = missing(); x.Approved != l.now || x.Conditions[4].Words != "The dues allow it: Dues waived until 1 June 2027" {
		t.Errorf("%+v", x)
	}
	l.must(l.Consent(ctx, dora, id, false, 0, ""))
	if x = missing(NeedsConsent); x.Consent != (store.Consent{}) {
		t.Errorf("what was withdrawn: %+v", x.Consent)
	}
	l.must(l.Pause(ctx, dora, id, 0, false))
	missing(NeedsConsent, NeedsDues)
	all, err := l.Listings(ctx, tess.Actor)
	if err != nil || len(all) != 1 || all[0].ID != id || !all[0].HasProfile {
		t.Errorf("all entries: %+v, %v", all, err)
	}
	_, err = l.Listing(ctx, olaf.Actor, id)
	wantReasons(t, err, "only a delegate of the member, a treasurer, a facilitator or the operator may")
	_, err = l.Listings(ctx, dora.Actor)
	wantReasons(t, err, "only a treasurer, a facilitator or the operator may")
	if _, err = l.Listing(ctx, tess.Actor, "m_none"); err == nil || err.Error() != `there is no member "m_none"` {
		t.Error(err)
	}
}

// A delegate chooses under which name, and with what beside it, everybody reads of
// the member; nobody takes the name of another.
func TestSetFace(t *testing.T) {
	l := newList(t, dbtest.SQLite(t)())
	l.takes(CSV, small)
	acme, ben, ctx := l.id("acme"), l.id("ben"), t.Context()
	olaf, dora := l.person("Olaf", nil, ben), l.person("Dora", nil, acme)
	shown := func() string {
		t.Helper()
		b, err := l.Book(ctx)
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, m := range b.PublicMembers(l.now, false) {
			out = append(out, fmt.Sprint(m.Name, "|", m.Website, "|", m.Summary))
		}
		return strings.Join(out, "; ")
	}
	l.must(l.SetFace(ctx, olaf, ben, Face{Website: "https://ben.example", Summary: "Trees."}))
	if got := shown(); got != "Acme Co-op|https://acme.example|; an individual member||" {
		t.Errorf("before a name is chosen: %s", got)
	}
	l.must(l.SetFace(ctx, olaf, ben, Face{PublicName: " Ben of the Trees ", Website: "https://ben.example", Summary: "Trees.\r\nAnd <b>"}))
	if got := shown(); got != "Acme Co-op|https://acme.example|; Ben of the Trees|https://ben.example|Trees.\nAnd <b>" {
		t.Errorf("after: %s", got)
	}
	_, err := l.SetFace(ctx, olaf, ben, Face{PublicName: "acme co-op", Website: "javascript:alert(1)", Summary: "a\x00"})
	wantReasons(t, err, "the public name is that of another member: choose another one", "the website: an address that begins with javascript: is not taken here: write https://example.org/",
		"the summary holds a control character (U+0000): write it on one line, as plain text")
	_, err = l.SetFace(ctx, olaf, ben, Face{PublicName: "ben@mail.example"})
	wantReasons(t, err, "the public name looks like an e-mail address, which must not be shown")
	_, err = l.SetFace(ctx, olaf, ben, Face{PublicName: "An individual member"})
	wantReasons(t, err, "the public name “an individual member” stands for those who chose none")
	l.must(l.SetFace(ctx, dora, acme, Face{PublicName: "Ben Bold"})) // a name that is not shown is no reason: that would tell it
	_, err = l.SetFace(ctx, dora, ben, Face{PublicName: "X"})
	wantReasons(t, err, "only a delegate of the member, a treasurer or the operator may")
	if rows := l.audited(actionFace); len(rows) != 3 || slices.ContainsFunc(rows, func(r store.AuditRow) bool { return r.Payload != "{}" }) {
		t.Errorf("the audit chain has %+v", rows)
	}
}

// Edits of an entry that everybody sees go live and stand in the digest, each member
// once; those of one that nobody sees do not.
func TestTheDigestTellsOfEditedEntries(t *testing.T) {
	l := newList(t, dbtest.SQLite(t)())
	l.seen()
	l.takes(CSV, small)
	id, ben, ctx := l.id("acme"), l.id("ben"), t.Context()
	l.waived(id)
	l.must(l.SetProfile(ctx, byOperator, id, acmeProfile))
	l.must(l.Consent(ctx, byOperator, id, true, 0, "yes"))
	l.must(l.Approve(ctx, byOperator, id))
	told := func(edit func()) (changed []string) {
		t.Helper()
		var after int64
		l.read(func(ctx context.Context, tx *store.Tx) (err error) {
			after, _, err = tx.AuditHead(ctx)
			return err
		})
		edit()
		l.read(func(ctx context.Context, tx *store.Tx) error {
			d, err := l.newDigest(ctx, tx, tx.Known(), after, tx.Known(), l.now)
			if err == nil && len(d.Changed) > 0 && !d.movement {
				t.Error("an edit alone makes no digest")
			}
			changed = d.Changed
			return err
		})
		return changed
	}
	logos := func() { l.must(l.SetLogo(ctx, byOperator, id, picture(1))) }
	same(t, told(logos), nil) // the list is not public yet
	if err := l.PublishProviders(ctx, byOperator, true); err != nil {
		t.Fatal(err)
	}
	want := []string{"Acme Co-op: its entry in the list of providers was changed"}
	same(t, told(func() { l.must(l.RemoveLogo(ctx, byOperator, id)) }), want)
	same(t, told(logos), want)
	same(t, told(func() { l.must(l.SetFace(ctx, byOperator, id, Face{Summary: "x"})) }), want)
	same(t, told(func() {
		l.must(l.SetProfile(ctx, byOperator, id, Profile{URL: "https://new.example"}))
		l.must(l.SetProfile(ctx, byOperator, ben, Profile{URL: "https://ben.example"}))
	}), want)
}

// Who is removed leaves a name nowhere, also not where it gave a consent, nor as the
// one who asked for that; the chain keeps every byte it had.
func TestRemovingOneselfLeavesNoName(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		l := newList(t, open())
		l.seen()
		l.takes(CSV, small)
		id, ctx := l.id("acme"), t.Context()
		hilde := l.person("Hildegard", nil, id)
		l.must(l.SetProfile(ctx, hilde, id, acmeProfile))
		l.must(l.Consent(ctx, hilde, id, true, instant.Date(2026, 5, 3), "yes"))
		for _, contact := range []string{"write to HILDEGARD@people.example", "the room"} {
			if _, err := l.PostOpportunity(ctx, hilde, NewOpportunity{Title: "Hedges", Summary: "One.", Contact: contact, Member: id}); err != nil {
				t.Fatal(err)
			}
		}
		chain := func() (rows []store.AuditRow) {
			l.read(func(ctx context.Context, tx *store.Tx) (err error) {
				rows, err = tx.AuditRows(ctx, store.AuditQuery{})
				return err
			})
			return rows
		}
		before := chain()
		if err := l.RemovePerson(ctx, hilde, member.PersonID(hilde.Actor.ID)); err != nil {
			t.Fatal(err)
		}
		after := chain()
		if n := len(before); len(after) != n+1 || fmt.Sprint(after[:n]) != fmt.Sprint(before) {
			t.Errorf("the chain had %d rows and has %d", len(before), len(after))
		}
		if rows := l.audited(actionRemovePerson); len(rows) != 1 { // which verifies the whole chain
			t.Errorf("%+v", rows)
		}
		l.read(func(ctx context.Context, tx *store.Tx) error {
			labels, err1 := tx.ActorLabels(ctx)
			people, err2 := tx.People(ctx)
			if left := fmt.Sprint(labels, people, after); strings.Contains(strings.ToLower(left), "hildegard") || !strings.Contains(left, hilde.Actor.ID) {
				t.Errorf("the name is left in %s", left)
			}
			return errors.Join(err1, err2)
		})
		l.read(func(ctx context.Context, tx *store.Tx) error {
			posted, err := tx.Opportunities(ctx)
			if left := fmt.Sprint(posted); strings.Contains(strings.ToLower(left), "hildegard") || !strings.Contains(left, erasedPerson) || !strings.Contains(left, "the room") {
				t.Errorf("the opportunities are %s", left)
			}
			return err
		})
		l.read(func(ctx context.Context, tx *store.Tx) error {
			consents, err := tx.Consents(ctx)
			if c := consents[id]; c.GivenBy != erasedPerson || c.Words != "yes" || c.Given != instant.Date(2026, 5, 3) {
				t.Errorf("the consent is %+v", c)
			}
			facts, err2 := tx.Facts(ctx, id)
			if at := newestConditions(facts[0].Profile); !at[eligibility.Consents].On {
				t.Error("the consent is gone")
			}
			if err == nil {
				err = err2
			}
			return err
		})
		err := l.RemovePerson(ctx, hilde, member.PersonID(hilde.Actor.ID)) // pressed twice
		wantReasons(t, err, "there is no person "+hilde.Actor.ID)
	})
}

// Two people may have one name: removing one leaves the other's in the consents that
// that one gave, and takes its own out of a list's, where it is told whose it is.
func TestRemovingOneOfTwoWithOneName(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		l := newList(t, open())
		l.seen()
		l.takes(CSV, "handle,name,kind,since,profile_summary,consent_date,consent_words,consent_by\nash,Ash,organisation,2024-01-01,Hosting.,2024-02-01,yes,Ada\n"+
			"elm,Elm,organisation,2024-01-01,Hosting.,2024-02-01,yes,Ada\nfir,Fir,organisation,2024-01-01,Hosting.,2024-02-01,yes,Ada\noak,Oak,organisation,2024-01-01,Hosting.,2024-02-01,yes,Bea\n")
		ash, elm, fir, oak, ctx := l.id("ash"), l.id("elm"), l.id("fir"), l.id("oak"), t.Context()
		ada := func(email string, of member.ID) By {
			id, err := l.AddPerson(ctx, byOperator, NewPerson{Email: email, Name: "Ada", DelegateOf: []member.ID{of}})
			if err != nil {
				t.Fatal(err)
			}
			return By{Actor: member.Actor{ID: string(id), Label: "Ada"}, Reason: "we agree"}
		}
		one, other := ada("ada@ash.example", ash), ada("ada@elm.example", elm)
		// The log of facts says of these two that the operator brought the list.
		l.must(l.Consent(ctx, one, ash, true, 0, "yes again"))
		l.must(l.Consent(ctx, other, elm, true, 0, "yes again"))
		givers := func() (out [4]string) {
			l.read(func(ctx context.Context, tx *store.Tx) error {
				consents, err := tx.Consents(ctx)
				out = [4]string{consents[ash].GivenBy, consents[elm].GivenBy, consents[fir].GivenBy, consents[oak].GivenBy}
				return err
			})
			return out
		}
		kept, err := l.Kept(ctx, byOperator.Actor, member.PersonID(one.Actor.ID))
		if err != nil || fmt.Sprint(kept.Consents) != "[{Ash yes again}]" {
			t.Errorf("kept of the first are the consents of %v, %v", kept.Consents, err)
		}
		for _, step := range []struct {
			who  By
			want [4]string
		}{
			{one, [4]string{erasedPerson, "Ada", "Ada", "Bea"}},                 // nobody can say whose the third is
			{other, [4]string{erasedPerson, erasedPerson, erasedPerson, "Bea"}}, // and now it is nobody else's
		} {
			if err := l.RemovePerson(ctx, byOperator, member.PersonID(step.who.Actor.ID)); err != nil {
				t.Fatal(err)
			}
			if got := givers(); got != step.want {
				t.Errorf("the consents are given by %q, want %q", got, step.want)
			}
		}
	})
}
