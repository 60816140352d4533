package roll

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/store"
)

var updateTemplates = flag.Bool("update-templates", false, "write the golden templates of lists anew")

func TestTemplates(t *testing.T) {
	for _, format := range []Format{CSV, YAML} {
		path := filepath.Join("testdata", "template."+string(format))
		got := Template(format)
		if *updateTemplates {
			if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("the %s template is no longer %s (go test -update-templates writes it anew):\n%s", format, path, got)
		}
	}
}

// TestTemplateIsAnExample: as printed it imports nobody; without the comment
// signs it is a good list.
func TestTemplateIsAnExample(t *testing.T) {
	for _, format := range []Format{CSV, YAML} {
		t.Run(string(format), func(t *testing.T) {
			l := newList(t, dbtest.SQLite(t)())
			l.seen(store.AccountRow{ID: "id-example-coop"})
			same(t, l.refuses(format, Template(format)), []string{
				"the file names no member; goodstanding members import --template prints an example"})
			var lines []string
			for line := range strings.Lines(Template(format)) {
				if format == YAML && !strings.HasPrefix(line, "# - ") && !strings.HasPrefix(line, "#   ") && strings.HasPrefix(line, "#") {
					continue // the explanation
				}
				lines = append(lines, strings.TrimPrefix(line, "# "))
			}
			im, _ := l.takes(format, strings.Join(lines, ""))
			if len(im.Rows) != 1 || im.Rows[0].Action != ActionNew || im.Rows[0].Name != "Example Co-operative" {
				t.Errorf("the example was imported as %+v", im.Rows)
			}
		})
	}
}

// oneOfEach has every column, and texts that spreadsheets, CSV and YAML trip over.
const oneOfEach = `members:
  - handle: "plain"
    name: "=cmd()|' /C calc'!A0"
    kind: "organisation"
    website: "http://plain.example/a?b=c&d"
    summary: "\"Quoted\",\tand;\nin 'two' lines: #yes"
    applied: "2024-01-02"
    since: "2024-02-29T10:11:12.000013Z"
    decision: "012"
    left: "2025-12-31"
    accounts: ["alpha@/2025-01-01", "beta"]
    contact_email: ["b@plain.example", "a@plain.example"]
    contact_matrix: ["@plain:matrix.example"]
    delegates: ["O'Neil; \"Ann\" <Ann@plain.example>", "<bare@plain.example>", "עדה \u200f <ada@plain.example>"]
    profile_url: "https://plain.example/"
    profile_summary: "-x\n+1"
    profile_contact_label: "@a"
    profile_contact_href: "https://matrix.to/#/@plain:matrix.example"
    profile_logo: "https://plain.example/logo.svg"
    profile_place: "'t Hooft"
    profile_services: ["web; mail", "\"fast\" hosting", "+ more"]
    profile_languages: ["cy", "en"]
    consent_date: "2024-03-01"
    consent_words: "=yes, \"list us\""
    consent_by: "''Ada"
    approved: "2024-03-02"
  - handle: "noone"
    name: "+1"
    kind: "individual"
    since: "2025-01-01"
    accounts: ["alpha@2025-01-01/", "(none)"]
  - handle: "waiting"
    name: "-x"
    public_name: "\u202ex\u2028y"
    kind: "individual"
    applied: "2026-05-01"
`

func TestExportAndImportRoundTrip(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		l := newList(t, open())
		l.seen(store.AccountRow{ID: "id-alpha"}, store.AccountRow{ID: "id-beta"})
		im, _ := l.takes(YAML, oneOfEach)
		if !im.Applied {
			t.Error("the import is not marked as applied")
		}
		for _, format := range []Format{CSV, YAML} {
			text := l.export(format)
			if again, _ := l.takes(format, text); slices.ContainsFunc(again.Rows, func(r ImportRow) bool { return r.Action != ActionSame }) {
				t.Errorf("%s: an exported list changes its own register: %+v", format, again.Rows)
			}
			other := newList(t, dbtest.SQLite(t)())
			other.seen(store.AccountRow{ID: "id-alpha"}, store.AccountRow{ID: "id-beta"})
			other.takes(format, text)
			if back := other.export(format); back != text {
				t.Errorf("%s: the list came back as\n%s\nwas\n%s", format, back, text)
			}
			if back := other.export(CSV); back != l.export(CSV) {
				t.Errorf("%s: the other format differs:\n%s\nwas\n%s", format, back, l.export(CSV))
			}
		}
		if rows := l.audited(actionImportMembers); len(rows) != 1 {
			t.Errorf("%d audit rows for one import and two that changed nothing, want 1", len(rows))
		}
	})
}

func TestImportWritesWhatTheListSays(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		l := newList(t, open())
		l.seen(store.AccountRow{ID: "id-alpha"}, store.AccountRow{ID: "id-beta"})
		l.takes(YAML, oneOfEach)
		id := l.id("plain")
		l.read(func(ctx context.Context, tx *store.Tx) error {
			inv, err := takeInventory(ctx, tx, l.now)
			if err != nil {
				return err
			}
			e := inv.members[id]
			if e.Detail.Summary != "\"Quoted\",\tand;\nin 'two' lines: #yes" || e.AdmittedBy != "012" || e.Kind != member.Organisation {
				t.Errorf("the member is %+v", e.MemberInfo)
			}
			if e.door.applied.At != instant.Date(2024, 1, 2) || e.door.left.At != instant.Date(2025, 12, 31) {
				t.Errorf("it came and went at %+v", e.door)
			}
			if len(e.Links) != 2 || e.Links[0].Until != instant.Date(2025, 1, 1) || e.Links[1].Account != "id-beta" {
				t.Errorf("its links are %+v", e.Links)
			}
			if len(inv.delegates[id]) != 3 || len(e.contacts) != 3 {
				t.Errorf("it has %d delegates and %d contacts, want 3 and 3", len(inv.delegates[id]), len(e.contacts))
			}
			for _, k := range []eligibility.ProfileKind{eligibility.HasProfile, eligibility.Consents, eligibility.Approved} {
				if !e.conditions.on(k) {
					t.Errorf("condition %d of the listing is off", k)
				}
			}
			if c := e.consent; c.Words != `=yes, "list us"` || c.Given != instant.Date(2024, 3, 1) || c.GivenBy != "''Ada" {
				t.Errorf("the consent is %+v", c)
			}
			return nil
		})
		row := l.audited(actionImportMembers)[0]
		if row.Actor != "op_1" || row.ReasonHash == "" {
			t.Errorf("who and why are not kept: %+v", row)
		}
		for _, private := range []string{"plain", "cmd", "Ann", "example", "list us"} {
			if strings.Contains(row.Payload, private) {
				t.Errorf("the audit row holds %q: %s", private, row.Payload)
			}
		}
	})
}

// TestExportedCSVRunsNothing looks at every cell as a spreadsheet would.
func TestExportedCSVRunsNothing(t *testing.T) {
	l := newList(t, dbtest.SQLite(t)())
	l.seen(store.AccountRow{ID: "id-alpha"}, store.AccountRow{ID: "id-beta"})
	l.takes(YAML, oneOfEach)
	text := l.export(CSV)
	for _, cell := range []string{`'=cmd()|`, `'+1`, `'-x`, `'@plain:`, `'@a`, "'''Ada"} {
		if !strings.Contains(text, cell) {
			t.Errorf("%s is not shielded in\n%s", cell, text)
		}
	}
	for _, cell := range []string{",=", ",+", ",-x", ",@", ",\"=", ",\"+", ",\"-", ",\"@"} {
		if strings.Contains(text, cell) {
			t.Errorf("%s would be run in\n%s", cell, text)
		}
	}
}

const small = `handle,name,kind,since,website,delegates
acme,Acme Co-op,organisation,2024-01-01,https://acme.example,Ada <ada@acme.example>
ben,Ben Bold,individual,2024-02-01,,
`

func TestImportAddsAndCorrectsButTakesNothingAway(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		l := newList(t, open())
		_, report := l.takes(CSV, small)
		if len(report.Transitions) != 2 || len(report.Notices) != 0 {
			t.Errorf("new members: %d transitions and notices %v, want 2 and none", len(report.Transitions), report.Notices)
		}
		im, _ := l.takes(CSV, "name,website,since,delegates\n"+
			"Acme Co-op,,2023-12-01,Cy <cy@acme.example>\n"+
			"Ben Bold,,,\n")
		actions := []string{im.Rows[0].Action, im.Rows[1].Action}
		same(t, actions, []string{ActionChanged, ActionSame})
		want := `handle,name,public_name,kind,website,summary,applied,since,decision,left,accounts,contact_email,contact_matrix,delegates,` +
			`profile_url,profile_summary,profile_contact_label,profile_contact_href,profile_logo,profile_place,profile_services,profile_languages,` +
			`consent_date,consent_words,consent_by,approved
acme,Acme Co-op,,organisation,https://acme.example,,,2023-12-01,,,,,,Ada <ada@acme.example>; Cy <cy@acme.example>,,,,,,,,,,,,
ben,Ben Bold,,individual,,,,2024-02-01,,,,,,,,,,,,,,,,,,
`
		if got := l.export(CSV); got != want {
			t.Errorf("the list is now\n%s\nwant\n%s", got, want)
		}
	})
}

func TestImportReadsWhatSpreadsheetsSave(t *testing.T) {
	want := ""
	for name, text := range map[string]string{
		"plain":      small,
		"bom":        "\ufeff" + small,
		"crlf":       strings.ReplaceAll(small, "\n", "\r\n"),
		"semicolons": strings.ReplaceAll(small, ",", ";"),
		"tabs":       strings.ReplaceAll(small, ",", "\t"),
		"excel":      "\ufeff" + strings.ReplaceAll(strings.ReplaceAll(small, ",", ";"), "\n", "\r\n") + ";;;;;\r\n",
		"quoted":     strings.ReplaceAll(strings.Replace(small, "handle,name", `" Handle ","NAME"`, 1), "Acme Co-op", `"Acme Co-op"`),
	} {
		t.Run(name, func(t *testing.T) {
			l := newList(t, dbtest.SQLite(t)())
			l.takes(CSV, text)
			got := l.export(CSV)
			if want == "" {
				want = got
			}
			if got != want || !strings.Contains(got, "\nacme,Acme Co-op,,organisation,https://acme.example,,,2024-01-01,") {
				t.Errorf("the list became\n%s\nwant\n%s", got, want)
			}
		})
	}
}

func TestImportAdmitsReadmitsAndLetsLeave(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		l := newList(t, open())
		state := func(handle string) eligibility.State {
			t.Helper()
			v, err := l.View(t.Context(), Query{Members: []member.ID{l.id(handle)}})
			if err != nil {
				t.Fatal(err)
			}
			return v.Rows[0].Standing.State
		}
		l.takes(CSV, "name,kind,applied\nAcme,organisation,2026-05-01\n")
		if s := state("acme"); s != eligibility.StateApplied {
			t.Errorf("an applicant is %s", s)
		}
		l.takes(CSV, "handle,since,decision\nacme,2026-05-20,7\n")
		if s := state("acme"); s != eligibility.StateUnknown {
			t.Errorf("an admitted member is %s, want unknown before the first snapshot", s)
		}
		l.takes(CSV, "handle,left\nacme,2026-05-25\n")
		if s := state("acme"); s != eligibility.StateLeft {
			t.Errorf("who left is %s", s)
		}
		l.takes(CSV, "handle,since\nacme,2026-05-30\n")
		if s := state("acme"); s != eligibility.StateUnknown {
			t.Errorf("who was admitted again is %s", s)
		}
		if got := l.audited(actionImportMembers)[1].Payload; !strings.Contains(got, `"7"`) {
			t.Errorf("the decision is not in the audit row: %s", got)
		}
	})
}

func TestDryImportChangesNothingAndSaysWhatWould(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		l := newList(t, open())
		im, report, err := l.Import(t.Context(), By{Actor: byOperator.Actor}, strings.NewReader(small), CSV, true)
		if err != nil {
			t.Fatal(err)
		}
		if im.Applied || len(im.Rows) != 2 || im.Rows[0].Action != ActionNew || len(report.Transitions) != 2 {
			t.Errorf("a trial gave %+v and %d transitions", im, len(report.Transitions))
		}
		if got := l.export(CSV); strings.Count(got, "\n") != 1 {
			t.Errorf("a trial left members behind:\n%s", got)
		}
		if rows := l.audited(actionImportMembers); len(rows) != 0 {
			t.Errorf("a trial left %d audit rows behind", len(rows))
		}
	})
}
