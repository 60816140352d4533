package syncer

import (
	"bufio"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/internal/fakeoc"
	"coopcloud.tech/goodstanding/syncer/opencollective"
)

// faultRow is one line of testdata/faults.txt, for one query.
type faultRow struct {
	words  string
	faults []fakeoc.Fault
	class  string // of the client, or accepted
	// last says that it is the last query of its line: a good pull follows.
	last bool
}

const accepted = "accepted"

// pullQueries are what a pull of the film asks.
var pullQueries = []string{"DuesPreflight", "DuesOrders", "DuesPausedByUser", "DuesTransactions", "DuesRefunds"}

// faultRows reads the table and writes "each" and "lists" out.
func faultRows(t *testing.T) (rows []faultRow) {
	t.Helper()
	file, err := os.Open("testdata/faults.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		cell := strings.Split(line, " | ")
		if len(cell) != 3 {
			t.Fatalf("%q: want three cells", line)
		}
		texts := writtenOut(cell[1])
		for i, text := range texts {
			row := faultRow{words: cell[0], class: cell[2], last: i == len(texts)-1}
			for _, one := range strings.Split(text, " & ") {
				f, err := fakeoc.ParseFault(one)
				if err != nil {
					t.Fatal(err)
				}
				row.faults = append(row.faults, f)
			}
			rows = append(rows, row)
		}
	}
	if lines.Err() != nil {
		t.Fatal(lines.Err())
	}
	return rows
}

func writtenOut(text string) (all []string) {
	queries := map[string][]string{" on each": pullQueries, " on lists": {"DuesOrders", "DuesTransactions", "DuesRefunds"}}
	for end, ops := range queries {
		if head, found := strings.CutSuffix(text, end); found {
			for _, op := range ops {
				all = append(all, head+" on "+op)
			}
			return all
		}
	}
	return []string{text}
}

// tally counts what all rows came to, for the summary.
type tally struct {
	sync.Mutex
	rows, standings, notices int
	classes                  map[string]int
}

// Every fault of the table, struck on the day on which a good answer moves
// members: the pull ends in the class that is stated, its own row is all that it
// leaves, and the next good pull does what it should. What the rules accept
// leaves everybody the rights that a good answer leaves.
func TestFaultTable(t *testing.T) {
	d := filmedDay(t)
	template := standTemplate(t, d)
	g := good(t, d, template)
	t.Logf("a good pull on the day: %s; lapsed %s", g.added, strings.Join(g.lapsed, ", "))
	if len(g.lapsed) == 0 || len(g.before) < 30 || !strings.Contains(g.added, "standing ") || !strings.Contains(g.added, "outbox ") {
		t.Fatalf("the control moves too little: %d members, %v lapsed, %s", len(g.before), g.lapsed, g.added)
	}
	rows := faultRows(t)
	if len(rows) < 60 {
		t.Fatalf("only %d rows", len(rows))
	}
	if raced { // a few, for what runs at once; the whole table runs without the detector
		var some []faultRow
		for i := 0; i < len(rows); i += 48 {
			some = append(some, rows[i])
		}
		rows = some
	}
	count := tally{classes: map[string]int{}}
	t.Run("rows", func(t *testing.T) {
		for _, row := range rows {
			t.Run(row.name(), func(t *testing.T) {
				t.Parallel()
				s := newStand(t, d, template)
				s.prime(row.remembers())
				s.strike(row, g, &count)
			})
		}
	})
	var by []string
	for _, class := range slices.Sorted(maps.Keys(count.classes)) {
		by = append(by, fmt.Sprintf("%s %d", class, count.classes[class]))
	}
	t.Logf("faults: %d rows (%s), standings changed %d, notices to members %d", count.rows, strings.Join(by, ", "), count.standings, count.notices)
	if count.rows != len(rows) || count.standings != 0 || count.notices != 0 {
		t.Errorf("%d of %d rows, %d standings changed, %d notices", count.rows, len(rows), count.standings, count.notices)
	}
}

func (r faultRow) name() string {
	var all []string
	for _, f := range r.faults {
		all = append(all, f.String())
	}
	return r.words + ": " + strings.Join(all, " & ")
}

// remembers says that a fault answers what was right before.
func (r faultRow) remembers() bool {
	return slices.ContainsFunc(r.faults, func(f fakeoc.Fault) bool { return f.Kind == "stale" || f.Kind == "other-answer" })
}

// patience is how long the client waits for an answer.
func (r faultRow) patience() time.Duration {
	for _, k := range fakeoc.FaultKinds() {
		if k.Patience && slices.ContainsFunc(r.faults, func(f fakeoc.Fault) bool { return f.Kind == k.Name }) {
			return 300 * time.Millisecond
		}
	}
	return 20 * time.Second
}

// strike pulls with the faults of a row, and, once for each line of the table,
// once more without.
func (s *stand) strike(row faultRow, g goodDay, count *tally) {
	s.t.Helper()
	if err := s.faults.Set(row.faults...); err != nil {
		s.t.Fatal(err)
	}
	rows := s.rows()
	told, alarms := s.notices()
	_, err := s.fresh(row.patience()).Pull(s.t.Context())
	for _, f := range s.faults.List() {
		if f.Struck == 0 {
			s.t.Errorf("%s struck nothing", f)
		}
	}
	class := opencollective.ClassOf(err)
	count.note(row, class)
	if row.class == accepted {
		s.acceptedAs(g, err)
	} else {
		s.refusedAs(row.class, err, count, rows, g.start)
		s.toldTreasurers(row.class, told, alarms, count)
	}
	if !row.last {
		return
	}
	s.faults.Clear()
	s.later(time.Minute)
	s.pull(s.fresh(0))
	if got := s.everyone(); got != g.whole {
		s.t.Errorf("the next good pull leaves another roll:\n%s", changed(g.whole, got))
	}
}

// refusedAs: the class, the pull's own row, nothing else, and no secret.
func (s *stand) refusedAs(class string, err error, count *tally, rows map[string]int, everyone string) {
	s.t.Helper()
	if got := opencollective.ClassOf(err); got != class {
		s.t.Errorf("class %s (%v), want %s", got, err, class)
	}
	if p := s.pulls()[0]; p.Outcome != class {
		s.t.Errorf("noted as %s, want %s", p.Outcome, class)
	}
	now := s.rows()
	for _, table := range []string{"outbox", "ledger"} { // see toldTreasurers
		delete(now, table)
		delete(rows, table)
	}
	if got := added(rows, now); got != "pull 1" {
		s.t.Errorf("added %s", got)
	}
	if got := s.everyone(); got != everyone {
		count.moved()
		s.t.Errorf("the roll changed:\n%s", changed(everyone, got))
	}
	if err != nil && secrets.MatchString(err.Error()) {
		s.t.Errorf("the error gives something away: %v", err)
	}
}

// toldTreasurers: no member is told anything; each treasurer is told once, of what
// somebody has to mend, or, where nobody has to, that the roll is old.
func (s *stand) toldTreasurers(class string, members int, before map[string]int, count *tally) {
	s.t.Helper()
	now, alarms := s.notices()
	count.told(now - members)
	for occasion := range before {
		delete(alarms, occasion)
	}
	if len(alarms) != 1 {
		s.t.Errorf("%s: the treasurers are told %v, want one occasion", class, alarms)
	}
	for occasion, n := range alarms {
		if n != 2 {
			s.t.Errorf("%s goes to %d treasurers, want both", occasion, n)
		}
	}
}

// secrets are what no error may hold: the token, an address, an amount, a name
// of the film's payers.
var secrets = regexp.MustCompile(faultToken + `|@|£|GBP \d|ccf-|\d\.\d\d\b`)

// acceptedAs: everybody has the rights that a good pull leaves.
func (s *stand) acceptedAs(g goodDay, err error) {
	s.t.Helper()
	if err != nil {
		s.t.Errorf("refused: %v", err)
		return
	}
	for who, got := range s.rights() {
		if want := g.after[who]; got != want {
			s.t.Errorf("%s is %s, a good pull leaves %s", who, got, want)
		}
	}
}

func (c *tally) note(row faultRow, class string) {
	c.Lock()
	defer c.Unlock()
	c.rows++
	if row.class == accepted && class == opencollective.ClassOK {
		class = accepted
	}
	c.classes[class]++
}

func (c *tally) moved() {
	c.Lock()
	defer c.Unlock()
	c.standings++
}

func (c *tally) told(n int) {
	c.Lock()
	defer c.Unlock()
	c.notices += n
}

// changed are the lines in which two rolls differ.
func changed(want, got string) string {
	old := strings.Split(want, "\n")
	return strings.Join(slices.DeleteFunc(strings.Split(got, "\n"), func(line string) bool { return slices.Contains(old, line) }), "\n")
}
