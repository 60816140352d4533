package roll

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/store"
)

var acmeProfile = Profile{
	URL: "https://acme.example/", Summary: "Hosting.\nAnd training.", ContactLabel: "Write", ContactHref: "mailto:hello@acme.example",
	Logo: "https://acme.example/logo.svg", Place: "Leeds", Services: []string{" hosting ", "", "training", "hosting"}, Languages: []string{"en"},
}

// listedNames are the names on the provider list.
func (l *list) listedNames() []string {
	l.t.Helper()
	ps, err := l.Providers(l.t.Context())
	if err != nil {
		l.t.Fatal(err)
	}
	var names []string
	for _, p := range ps {
		names = append(names, p.Name)
	}
	return names
}

func (l *list) must(_ Report, err error) {
	l.t.Helper()
	if err != nil {
		l.t.Fatal(err)
	}
}

// waived forgives a member's dues, so that only the listing's own conditions decide.
func (l *list) waived(id member.ID) {
	l.t.Helper()
	if _, _, err := l.Waive(l.t.Context(), byOperator, id, startOfList, startOfList.AddMonths(12), ""); err != nil {
		l.t.Fatal(err)
	}
}

// TestListingNeedsEveryCondition: domain.md, section 3. Each condition is
// missing once; whichever is the last one given makes the listing.
func TestListingNeedsEveryCondition(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		l := newList(t, open())
		l.seen()
		l.takes(CSV, small)
		id := l.id("acme")
		steps := []func(){
			func() { l.waived(id) },
			func() { l.must(l.SetProfile(t.Context(), byOperator, id, acmeProfile)) },
			func() {
				l.must(l.Consent(t.Context(), byOperator, id, true, instant.Date(2026, 5, 1), "Yes, by mail."))
			},
			func() { l.must(l.Approve(t.Context(), byOperator, id)) },
		}
		for i, step := range steps {
			if got := l.listedNames(); got != nil {
				t.Errorf("before step %d of 4 the list has %q", i+1, got)
			}
			step()
		}
		same(t, l.listedNames(), []string{"Acme Co-op"})
	})
}

func TestProvidersShowTheProfileAndNothingElse(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		l := newList(t, open())
		l.seen()
		l.takes(CSV, "handle,name,public_name,kind,since,contact_email,profile_summary,consent_date,consent_words,approved\n"+
			"zed,Zed Private,,individual,2024-02-01,zed@private.example,Gardens.,2026-05-01,yes,2026-05-02\n"+
			"amy,Amy Private,Zelda,individual,2024-03-01,amy@private.example,,2026-05-01,yes,2026-05-02\n"+
			"org,the Org,,organisation,2024-04-01,org@private.example,,2026-05-01,yes,2026-05-02\n")
		for _, h := range []string{"zed", "amy", "org"} {
			l.waived(l.id(h))
		}
		l.must(l.SetProfile(t.Context(), byOperator, l.id("org"), acmeProfile))
		l.must(l.SetProfile(t.Context(), byOperator, l.id("amy"), Profile{URL: "https://zelda.example"}))
		ps, err := l.Providers(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		same(t, l.listedNames(), []string{"an individual member", "the Org", "Zelda"})
		if p := ps[0]; p.Services == nil || p.Languages == nil || p.Summary != "Gardens." || p.ContactHref != "" || p.MemberSince != instant.Date(2024, 2, 1) {
			t.Errorf("the first entry is %+v", p)
		}
		if p := ps[1]; !slices.Equal(p.Services, []string{"hosting", "training"}) || p.ContactHref != "mailto:hello@acme.example" || p.ID != l.id("org") {
			t.Errorf("the second entry is %+v", p)
		}
	})
}

// TestWithdrawalTakesTheListingAtOnce, also when the clock stands still or has
// gone back, and while nothing can be said about the dues.
func TestWithdrawalTakesTheListingAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		l := newList(t, open())
		l.seen()
		l.takes(CSV, small)
		id := l.id("acme")
		l.waived(id)
		l.must(l.SetProfile(t.Context(), byOperator, id, acmeProfile))
		l.must(l.Consent(t.Context(), byOperator, id, true, 0, "yes"))
		l.must(l.Approve(t.Context(), byOperator, id))
		on := func() { t.Helper(); same(t, l.listedNames(), []string{"Acme Co-op"}) }
		off := func() { t.Helper(); same(t, l.listedNames(), nil) }
		on()
		l.must(l.Consent(t.Context(), byOperator, id, false, 0, ""))
		off()
		l.must(l.Consent(t.Context(), byOperator, id, true, instant.Date(2026, 5, 1), "yes again"))
		on()
		l.must(l.Withdraw(t.Context(), byOperator, id))
		off()
		l.must(l.Approve(t.Context(), byOperator, id))
		on()
		l.must(l.SetProfile(t.Context(), byOperator, id, Profile{}))
		off()
		l.must(l.SetProfile(t.Context(), byOperator, id, Profile{URL: "https://new.example/"}))
		on() // the yes was given once
		l.now -= instant.Day
		l.must(l.Consent(t.Context(), byOperator, id, false, 0, ""))
		l.now += instant.Day
		off()
	})
}

// TestWhoMayChangeAListing: domain.md, section 8.
func TestWhoMayChangeAListing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		l := newList(t, open())
		l.takes(CSV, small)
		acme, ben := l.id("acme"), l.id("ben")
		who := []struct {
			name string
			by   By
		}{
			{"operator", byOperator},
			{"treasurer", l.person("Tess", []member.Role{member.Treasurer})},
			{"facilitator", l.person("Fred", []member.Role{member.Facilitator})},
			{"contact person", l.person("Cora", []member.Role{member.ContactPerson})},
			{"delegate", l.person("Dora", nil, acme)},
			{"delegate of another", l.person("Olaf", nil, ben)},
			{"nobody", By{Actor: member.Actor{ID: "x", Roles: []member.Role{member.Treasurer}, Delegates: []member.ID{acme}}, Reason: "x"}},
		}
		ctx := t.Context()
		report := func(_ Report, err error) error { return err }
		for _, c := range []struct {
			name string
			do   func(By) error
			may  string
		}{
			{"set", func(by By) error { return report(l.SetProfile(ctx, by, acme, Profile{Summary: by.Actor.Label})) }, "operator, treasurer, delegate"},
			{"consent", func(by By) error { return report(l.Consent(ctx, by, acme, true, 0, "yes")) }, "operator, treasurer, delegate"},
			{"approve", func(by By) error {
				_, _ = l.Withdraw(ctx, byOperator, acme)
				return report(l.Approve(ctx, by, acme))
			}, "operator, treasurer, facilitator"},
			{"withdraw", func(by By) error {
				_, _ = l.Approve(ctx, byOperator, acme)
				return report(l.Withdraw(ctx, by, acme))
			}, "operator, treasurer, facilitator"},
			{"withdraw consent", func(by By) error {
				_, _ = l.Consent(ctx, byOperator, acme, true, 0, "yes")
				return report(l.Consent(ctx, by, acme, false, 0, ""))
			}, "operator, treasurer, delegate"},
			{"publish", func(by By) error {
				_ = l.PublishProviders(ctx, byOperator, false)
				return l.PublishProviders(ctx, by, true)
			}, "operator, treasurer"},
			{"take back", func(by By) error {
				_ = l.PublishProviders(ctx, byOperator, true)
				return l.PublishProviders(ctx, by, false)
			}, "operator, treasurer"},
		} {
			var may []string
			for _, w := range who {
				err := c.do(w.by)
				var refused *Refused
				switch {
				case err == nil:
					may = append(may, w.name)
				case !errors.As(err, &refused) || len(refused.Reasons) != 1 || !strings.HasPrefix(refused.Reasons[0], "only a "):
					t.Errorf("%s by %s: %v", c.name, w.name, err)
				}
			}
			if got := strings.Join(may, ", "); got != c.may {
				t.Errorf("%s may: %s; want: %s", c.name, got, c.may)
			}
		}
		for _, row := range l.audited(actionConsent) {
			if strings.Contains(row.Payload, "yes") || row.Subject != string(acme) || row.ReasonHash == "" {
				t.Errorf("an audit row is %+v", row)
			}
		}
	})
}

func TestListingRefusals(t *testing.T) {
	l := newList(t, dbtest.SQLite(t)())
	l.takes(CSV, small)
	id, ctx := l.id("acme"), t.Context()
	report := func(_ Report, err error) error { return err }
	for _, c := range []struct {
		err  error
		want string
	}{
		{report(l.SetProfile(ctx, byOperator, "m_none", acmeProfile)), `cannot set the profile: there is no member "m_none"`},
		{report(l.SetProfile(ctx, byOperator, id, Profile{
			URL: "http://a.example", Summary: strings.Repeat("x", 2001), ContactLabel: "a\x00", ContactHref: "mailto:x", Logo: "logo.png",
			Place: strings.Repeat("y", 201), Services: make31(), Languages: []string{strings.Repeat("z", 81)}})),
			`cannot set the profile: url: "http://a.example" is not encrypted: write https:// instead of http://; ` +
				"summary: has 2001 characters, at most 2000 are taken; " +
				"contact_label: holds a control character (U+0000): write it on one line, as plain text; " +
				"contact_href: mailto: is not followed by one e-mail address: write mailto:name@example.org; " +
				`logo: "logo.png" is not an address: write https://example.org/; ` +
				"place: has 201 characters, at most 200 are taken; " +
				"services: has 31 items, at most 30 are taken; " +
				"languages: item 1 has 81 characters, at most 80 are taken"},
		{report(l.SetProfile(ctx, byOperator, id, Profile{ContactLabel: "Write"})),
			"cannot set the profile: contact_label: stands there without contact_href: where does it lead?"},
		{report(l.Consent(ctx, byOperator, id, true, l.now+1, " ")),
			"cannot note the consent: the words are needed: in which words did the member agree?; the consent lies in the future: write the day on which it was given"},
		{report(l.Consent(ctx, byOperator, id, false, 0, "")), "cannot withdraw the consent: acme has not agreed to be listed, so there is nothing to withdraw"},
		{report(l.Approve(ctx, byOperator, id)), "cannot approve the listing: acme has no profile that could be approved: goodstanding providers set acme"},
		{report(l.Withdraw(ctx, byOperator, id)), "cannot withdraw the approval: acme is not approved, so there is nothing to withdraw"},
		{l.PublishProviders(ctx, byOperator, false), "cannot take the provider list back: it is not public"},
		{l.PublishProviders(ctx, By{Actor: byOperator.Actor}, true), "cannot publish the provider list: a reason is needed: say why with --reason"},
	} {
		if c.err == nil || c.err.Error() != c.want {
			t.Errorf("got  %v\nwant %s", c.err, c.want)
		}
	}
	l.read(func(ctx context.Context, tx *store.Tx) error {
		inv, err := takeInventory(ctx, tx, l.now)
		if err != nil {
			return err
		}
		if e := inv.members[id]; !e.profile.empty() || len(e.conditions) != 0 || e.consent.Words != "" {
			t.Errorf("refused changes left something behind: %+v", e)
		}
		return nil
	})
}

func make31() []string {
	var out []string
	for i := range 31 {
		out = append(out, strings.Repeat("s", i+1))
	}
	return out
}

func TestPublishProvidersIsKept(t *testing.T) {
	l := newList(t, dbtest.SQLite(t)())
	published := func() (since string) {
		t.Helper()
		l.read(func(ctx context.Context, tx *store.Tx) (err error) {
			since, _, err = tx.Setting(ctx, settingPublished)
			return err
		})
		return since
	}
	if err := l.PublishProviders(t.Context(), byOperator, true); err != nil || published() != l.now.String() {
		t.Errorf("published since %q, %v", published(), err)
	}
	if err := l.PublishProviders(t.Context(), byOperator, true); err == nil || !strings.Contains(err.Error(), "it is public since 2026-06-01") {
		t.Errorf("publishing twice: %v", err)
	}
	if err := l.PublishProviders(t.Context(), byOperator, false); err != nil || published() != "" {
		t.Errorf("taken back: %q, %v", published(), err)
	}
	if len(l.audited(actionPublish)) != 1 || len(l.audited(actionUnpublish)) != 1 {
		t.Error("publishing and taking back are not in the audit chain")
	}
}

func TestConsentKeepsWhoAndWhen(t *testing.T) {
	l := newList(t, dbtest.SQLite(t)())
	l.takes(CSV, small)
	id := l.id("acme")
	dora := l.person("Dora", nil, id)
	l.must(l.Consent(t.Context(), dora, id, true, instant.Date(2026, 5, 3), " List us.\r\nPlease. "))
	l.read(func(ctx context.Context, tx *store.Tx) error {
		facts, err := tx.Facts(ctx, id)
		if err != nil {
			return err
		}
		if f := facts[0].Profile; len(f) != 1 || f[0].Kind != eligibility.Consents || f[0].At != instant.Date(2026, 5, 3) || !f[0].On {
			t.Errorf("the facts are %+v", f)
		}
		consents, err := tx.Consents(ctx)
		want := store.Consent{Member: id, Words: "List us.\nPlease.", Given: instant.Date(2026, 5, 3), GivenBy: "Dora"}
		if consents[id] != want {
			t.Errorf("the consent is %+v, want %+v", consents[id], want)
		}
		return err
	})
}

func TestContactAddresses(t *testing.T) {
	for s, good := range map[string]bool{
		"": true, "https://a.example/x?y#z": true, "mailto:a@b.example": true, "mailto:a@b.example?subject=Hi": true,
		"https://matrix.to/#/#room:b.example": true, "matrix:u/a:b.example": true, "matrix:r/a:b.example": true, "MAILTO:a@b.example": true,
		"http://a.example": false, "javascript:alert(1)": false, "JavaScript:x": false, "data:text/html,x": false, "a@b.example": false,
		"mailto:": false, "mailto:a b@c.example": false, "mailto:a@b.example,c@d.example": false, "matrix:x/a:b": false, "matrix:u/a": false,
		"https://": false, "https:///x": false, "https://u:p@a.example": false, "//a.example": false, "https://a.example/\"x": false, " https://a.example": false,
	} {
		if why := contactAddress(s); (why == "") != good {
			t.Errorf("contactAddress(%q) = %q, want good: %v", s, why, good)
		}
	}
}
