package roll

import (
	"slices"
	"strings"
	"testing"

	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/store"
)

// TestImportRefusesFiles: what is wrong with a file as a whole.
func TestImportRefusesFiles(t *testing.T) {
	l := newList(t, dbtest.SQLite(t)())
	for _, c := range []struct {
		name   string
		format Format
		text   string
		want   []string
	}{
		{"empty", CSV, "", []string{"the file is empty: its first line names the columns (goodstanding members import --template prints them)"}},
		{"header only", CSV, "handle,name\n", []string{"the file names no member; goodstanding members import --template prints an example"}},
		{"all header faults", CSV, "nam,url,handle,handle,\nx,,,,\n", []string{
			`column 1, "nam", is not known; the nearest is "name"`,
			`column 2, "url", is not known; the nearest is "profile_url"`,
			`column 4, "handle", stands there twice`,
			`column 5 has no name`}},
		{"no name", CSV, "kind,since\norganisation,\n", []string{`a column "handle" or "name" is needed to tell the members apart`}},
		{"windows-1252", CSV, "name,kind\nK\xe4se,organisation\n", []string{`line 2 is not UTF-8 text (it may be Windows-1252): save the file as "CSV UTF-8"`}},
		{"utf-16", CSV, "\xff\xfen\x00", []string{`the file is UTF-16 text, not UTF-8: save it as "CSV UTF-8"`}},
		{"spreadsheet", CSV, "PK\x03\x04rest", []string{`the file is a spreadsheet, not a list: save it as "CSV UTF-8"`}},
		{"too large", CSV, "name\n" + strings.Repeat("x", largestFile), []string{"the file is larger than 16 MiB: split it"}},
		{"bare quote", CSV, "name,kind\nThe \"A\" Co-op,organisation\n", []string{
			"line 2, character 5: a double quote stands in the middle of a cell: put the whole cell in double quotes and write the quote twice"}},
		{"open quote", CSV, "name,kind\n\"A,organisation\nB,individual\n", []string{
			"line 3, character 14: a double quote of the cell that begins on line 2 is not closed, or is followed by something else than a separator"}},
		{"no yaml", YAML, "members: [", []string{"line 1 is not YAML: did not find expected node content"}},
		{"empty yaml", YAML, "# nothing\n", []string{yamlForm}},
		{"other yaml", YAML, "people: []\n", []string{yamlForm}},
		{"no list", YAML, "members: {name: x}\n", []string{yamlForm}},
		{"two documents", YAML, "members: []\n---\nmembers: []\n", []string{"the file holds more than one YAML document: " + yamlForm}},
		{"unknown keys", YAML, "members:\n  - nam: x\n    mail: y\n", []string{
			`line 2, column 5: the key "nam" is not known; the nearest is "name"`,
			`line 3, column 5: the key "mail" is not known; the nearest is "contact_email"`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := &list{Roll: l.Roll, t: t, db: l.db, now: l.now}
			same(t, l.refuses(c.format, c.text), c.want)
		})
	}
}

// TestImportRefusesRows: every problem of every row is told, with its line and
// column, and no good row is applied.
func TestImportRefusesRows(t *testing.T) {
	l := newList(t, dbtest.SQLite(t)())
	l.seen(store.AccountRow{ID: "id-alpha"}, store.AccountRow{ID: "id-guest", Guest: true}, store.AccountRow{ID: "id-hidden", Incognito: true})
	l.takes(CSV, "handle,name,kind,since,accounts,consent_date,consent_words\nold,Old Hands,organisation,2024-01-01,alpha,2024-01-01,yes\n")
	if _, err := l.Consent(t.Context(), byOperator, l.id("old"), false, 0, ""); err != nil {
		t.Fatal(err)
	}
	const head = "handle,name,public_name,kind,website,since,left,decision,accounts,contact_email,contact_matrix,delegates\n"
	for _, c := range []struct {
		name string
		text string
		want []string
	}{
		{"all at once", head +
			"good,Good,,organisation,,,,,,,,\n" +
			"Not A Handle,Bad,a@b.example,club,ftp://x.example,yesterday,,by vote,,nobody,@x,Ada\n" +
			",,,organisation,,,,,,,,\n", []string{
			`line 3, handle: "Not A Handle" is not a handle: small letters, digits and single dashes only`,
			`line 3, public_name: looks like an e-mail address, which must not be shown`,
			`line 3, kind: "club" is no kind of member: write organisation or individual`,
			`line 3, website: an address that begins with ftp: is not taken here: write https://example.org/`,
			`line 3, since: "yesterday" is not a day: write 2026-06-01`,
			`line 3, decision: a decision is named by its number alone, such as 012`,
			`line 3, contact_email: this is not an e-mail address: write name@example.org`,
			`line 3, contact_matrix: this is not a Matrix id: write @name:server.example`,
			`line 3, delegates: an item is not a name with an e-mail address: write Ada Example <ada@example.org>`,
			`line 4, name: is needed for a new member`}},
		{"cells", "name,kind\nA\nB,organisation,2024\n", []string{
			"line 2, cells in the row: 1, columns in the header: 2; quote cells that hold a separator",
			"line 3, cells in the row: 3, columns in the header: 2; quote cells that hold a separator"}},
		{"accounts", head +
			"a,A,,organisation,,,,,nobody,,,\n" +
			"b,B,,organisation,,,,,alpha,,,\n" +
			"c,C,,organisation,,,,,guest hidden,,,\n" +
			"d,D,,organisation,,,,,alpha@2024-01-01,,,\n" +
			"e,E,,organisation,,,,,alpha@2025-01-01/2024-01-01,,,\n", []string{
			`line 2, accounts: no payer called "nobody" was seen; run goodstanding sync first, or write its id`,
			`line 3, accounts: alpha: is linked to old, and an account belongs to one member at a time`,
			`line 4, accounts: guest: cannot be linked: ` + unfit(store.AccountRow{Guest: true}),
			`line 4, accounts: hidden: cannot be linked: ` + unfit(store.AccountRow{Incognito: true}),
			`line 5, accounts: "alpha@2024-01-01" has no span: write slug@2024-01-01/2025-01-01, either day may be absent`,
			`line 6, accounts: "alpha@2025-01-01/2024-01-01" ends before it begins`}},
		{"fixed", "handle,kind,decision\nold,individual,9\n", []string{
			`line 2, kind: the member was entered as organisation, and a kind never changes: enter the other one as a new member, and let this one leave`,
			`line 2, decision: the member was entered with no decision, which never changes: leave the cell empty`}},
		{"dates", "name,kind,applied,since,left\n" +
			"A,organisation,2024-02-01,2024-01-01,\n" +
			"B,organisation,,2024-02-01,2024-01-01\n" +
			"C,organisation,2026-07-01,,\n" +
			"D,organisation,,2028-01-01,\n" +
			"E,organisation,,,2024-01-01\n" +
			"F,organisation,,1850-01-01,\n", []string{
			"line 2, since: the admission (2024-01-01) is before the application (2024-02-01)",
			"line 3, left: the membership ends (2024-01-01) before it begins (2024-02-01)",
			"line 4, applied: 2026-07-01 is in the future",
			"line 5, since: 2028-01-01 is more than a year ahead",
			"line 6, left: nobody can leave who was not admitted: fill in since",
			"line 7, since: 1850-01-01 lies outside the years 2000 to 2099"}},
		{"stands against it", "handle,applied,left\nold,2024-01-01,2023-01-01\n", []string{
			"line 2, applied: the admission stands on the same day: leave the cell empty"}},
		{"twice", "handle,name,kind\nold,,\n,Old Hands,\nx,X,organisation\nx,Y,organisation\n,Z,organisation\n,Z,organisation\n,old hands,organisation\n", []string{
			"line 3, handle: line 2 is about the same member, old",
			"line 5, handle: line 4 has the same handle",
			"line 7, name: line 6 has the same name: if these are two members, give each a handle",
			"line 8, name: old has that name but for capitals: write its handle if it is meant, else a handle of its own"}},
		{"withdrawn", "handle,consent_date,consent_words\nold,2024-01-01,yes\n", []string{
			"line 2, consent_date: the consent was withdrawn on 2026-06-01: only a newer one brings it back"}},
		{"half a consent", "handle,consent_date,consent_words\nold,2024-01-01,\nnew,,yes\n", []string{
			"line 2, consent_words: are needed beside the date: in which words did the member agree?",
			"line 2, consent_date: the consent was withdrawn on 2026-06-01: only a newer one brings it back",
			"line 3, consent_date: is needed beside the words: on which day did the member agree?",
			"line 3, name: is needed for a new member",
			"line 3, kind: is needed for a new member: write organisation or individual"}},
		{"control characters", "name,kind\n\"A\nB\",organisation\n", []string{
			"line 2, name: holds a control character (U+000A): write it on one line, as plain text"}},
		{"long", "name,kind\n" + strings.Repeat("ä", 201) + ",organisation\n", []string{
			"line 2, name: has 201 characters, at most 200 are taken"}},
		{"profile", "name,kind,profile_url,profile_contact_label,profile_contact_href,profile_services\nA,organisation,http://a.example,Write,javascript:alert(1),\"\"\"a\"\n" +
			"B,organisation,,Write,,\n", []string{
			"line 2, profile_services: a double quote is not closed, or is followed by something else than a semicolon",
			`line 2, profile_url: "http://a.example" is not encrypted: write https:// instead of http://`,
			"line 2, profile_contact_href: this is not a way to be reached: " + contactForms,
			"line 3, profile_contact_label: stands there without contact_href: where does it lead?"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := &list{Roll: l.Roll, t: t, db: l.db, now: l.now}
			same(t, l.refuses(CSV, c.text), c.want)
		})
	}
}

func TestImportRefusesYAMLValues(t *testing.T) {
	l := newList(t, dbtest.SQLite(t)())
	same(t, l.refuses(YAML, `members:
  - name: [a, b]
    kind: !!str organisation
    name: c
  - just text
  - name: &x A
    kind: organisation
    accounts: {a: b}
    contact_email: [[x]]
`), []string{
		"line 2, name: one text is wanted here, not a list",
		"line 2, kind: a text is wanted here, without tags (!), references (*) or groups",
		"line 2, name: the key stands there twice (line 4)",
		`line 5, the entry is no group of keys such as "name: Example Co-operative"`,
		"line 6, name: a text is wanted here, without tags (!), references (*) or groups",
		"line 6, accounts: a text is wanted here, without tags (!), references (*) or groups",
		"line 6, contact_email: a list of texts is wanted here",
	})
}

func TestImportBeforeTheFirstSync(t *testing.T) {
	l := newList(t, dbtest.SQLite(t)())
	same(t, l.refuses(CSV, "name,kind,accounts\nA,organisation,acme\n"), []string{
		`line 2, accounts: nothing was read from Open Collective yet, so "acme" cannot be looked up: run goodstanding sync first, or leave the cell empty and link the account later`})
	im, _ := l.takes(CSV, "name,kind,accounts\nA,organisation,dgm9bnk8-0437xqry-ejpvzeol-jdayw5re\nB,organisation,\n")
	if len(im.Rows) != 2 || !strings.Contains(l.export(CSV), ",dgm9bnk8-0437xqry-ejpvzeol-jdayw5re,") {
		t.Errorf("an id was not taken: %+v\n%s", im, l.export(CSV))
	}
}

func TestImportRefusesSharedSlugs(t *testing.T) {
	l := newList(t, dbtest.SQLite(t)())
	l.seen(store.AccountRow{ID: "x"}, store.AccountRow{ID: "id-x2"})
	l.seen(store.AccountRow{ID: "id-y"})
	err := l.db.InTx(t.Context(), store.Pulls, l.now, func(tx *store.Tx) error {
		_, err := tx.SetAccountDetails(t.Context(), []store.AccountDetail{
			{Account: "id-x2", Slug: "taken", Seen: l.now}, {Account: "id-y", Slug: "taken", Seen: l.now}})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	same(t, l.refuses(CSV, "name,kind,accounts\nA,organisation,@Taken\n"), []string{
		"line 2, accounts: 2 payers are called Taken: write the id of the one that is meant (id-x2, id-y)"})
	l.takes(CSV, "name,kind,accounts\nA,organisation,id-x2\nB,organisation,id-y\n")
	if got := l.export(CSV); !strings.Contains(got, ",id-x2,") || !strings.Contains(got, ",id-y,") {
		t.Errorf("accounts with one slug are not exported by id:\n%s", got)
	}
}

// TestWhoMayImport: domain.md, section 8; with who nobody answers for nothing.
func TestWhoMayImport(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		l := newList(t, open())
		l.takes(CSV, small)
		acme := l.id("acme")
		treasurer := l.person("Tess", []member.Role{member.Treasurer}, l.id("ben"))
		for _, c := range []struct {
			name string
			by   By
			want []string
		}{
			{"operator", byOperator, nil},
			{"treasurer", treasurer, nil},
			{"facilitator", l.person("Fred", []member.Role{member.Facilitator}), []string{"only a treasurer or the operator may"}},
			{"contact person", l.person("Cora", []member.Role{member.ContactPerson}), []string{"only a treasurer or the operator may"}},
			{"delegate", l.person("Dora", nil, acme), []string{"only a treasurer or the operator may"}},
			{"a claim of roles", By{Actor: member.Actor{ID: "nobody", Roles: []member.Role{member.Treasurer}}, Reason: "x"}, []string{"only a treasurer or the operator may"}},
			{"without a reason", By{Actor: byOperator.Actor}, []string{"a reason is needed: say why with --reason"}},
		} {
			for _, dry := range []bool{true, false} {
				want := c.want
				if c.name == "without a reason" && dry {
					want = nil
				}
				_, _, err := l.Import(t.Context(), c.by, strings.NewReader("handle,summary\nacme,"+c.name+"\n"), CSV, dry)
				var got []string
				if r, ok := err.(*Refused); ok {
					got = r.Reasons
				} else if err != nil {
					t.Fatal(err)
				}
				if !slices.Equal(got, want) {
					t.Errorf("%s, dry %v: %q, want %q", c.name, dry, got, want)
				}
			}
		}
		_, _, err := l.Import(t.Context(), treasurer, strings.NewReader("handle,delegates\nacme,Tess <TESS@people.example>\n"), CSV, false)
		if err == nil || err.Error() != "cannot import: line 2, delegates: a treasurer cannot make himself a delegate: another treasurer or a delegate of the member can" {
			t.Errorf("a treasurer made herself a delegate: %v", err)
		}
		l.seen(store.AccountRow{ID: "id-ben"})
		if _, _, err := l.Import(t.Context(), treasurer, strings.NewReader("handle,accounts\nben,ben\n"), CSV, false); err != nil {
			t.Fatal(err)
		}
		rows := l.audited(actionImportMembers)
		if last := rows[len(rows)-1].Payload; !strings.Contains(last, `"own":true`) {
			t.Errorf("a treasurer's own link is not marked: %s", last)
		}
		if first := rows[1].Payload; strings.Contains(first, "own") {
			t.Errorf("another's entry is marked as own: %s", first)
		}
	})
}
