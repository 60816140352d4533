package roll

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/store"
)

// counted is how far the register has moved on.
func (s *stage) counted() (c store.Counters) {
	s.t.Helper()
	c, err := s.db.Counters(s.t.Context())
	s.ok(err)
	return c
}

// FuzzImport: whatever the list is, it is refused with reasons and nothing is
// stored; or it is taken over, and then taking it over again, or what is
// exported, changes nothing.
func FuzzImport(f *testing.F) {
	for _, seed := range []string{Template(CSV), Template(YAML), small, oneOfEach,
		"handle,name,kind,since,accounts\nash,Ash,organisation,2024-01-01,acc-1\nash,Ash,organisation,2024-01-01,acc-1\n",
		"name,kind,since,left\nBirch Collective,organisation,2025-02-10,2025-01-01\n", "name,kind,delegates\nX,individual,Tara <tara@people.example>\n"} {
		f.Add(seed, true)
		f.Add(seed, false)
	}
	f.Fuzz(func(t *testing.T, list string, csv bool) {
		format := YAML
		if csv {
			format = CSV
		}
		if _, err := readSheet(strings.NewReader(list), format); err != nil {
			return // FuzzReadList is about those
		}
		s := newStage(t, dbtest.SQLite(t)())
		before := s.counted()
		im, _, err := s.r.Import(t.Context(), s.operator("agreed"), strings.NewReader(list), format, false)
		if err != nil {
			var refused *Refused
			if !errors.As(err, &refused) || len(refused.Reasons) == 0 || im.Applied {
				t.Errorf("an import that is no refusal: %v", err)
			}
			if s.counted() != before {
				t.Errorf("it was refused, and something was stored: %v", err)
			}
			return
		}
		s.sameAgain(list, format)
		var exported bytes.Buffer
		s.ok(s.r.Export(t.Context(), &exported, format))
		s.sameAgain(exported.String(), format)
	})
}

// sameAgain takes over a list that says what stands.
func (s *stage) sameAgain(list string, format Format) {
	s.t.Helper()
	before := s.counted()
	im, report, err := s.r.Import(s.t.Context(), s.operator("again"), strings.NewReader(list), format, false)
	if err != nil || !im.Applied || len(report.Transitions) != 0 || s.counted() != before {
		s.t.Errorf("taken over again: %v, %+v\n%s", err, im, list)
	}
}
