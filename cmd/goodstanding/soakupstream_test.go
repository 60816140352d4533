//go:build unix

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"coopcloud.tech/goodstanding/internal/fakeoc"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/store"
)

// Who there is. The steady pay each month, the wobbly are refused once or twice and pay
// then: neither may ever lose a right. The quitters cancel on the first day and pay no
// more: they have to lapse, on lapseDay. The others are paid back, join late or are
// forgiven their dues: nothing is asked of their standing.
const (
	steady    = 14
	wobbly    = 6
	quitters  = 2
	wandering = 4
	aided     = 6
	tokened   = 6 // voters by a token
	mailed    = 6 // voters who sign in by mail
	keepers   = 2
)

var (
	soakBegins = instant.Date(2026, time.January, 5).Add(9 * time.Hour)
	lapseDay   = instant.Date(2026, time.February, 22)
	soakEnds   = instant.Date(2026, time.March, 2)
)

const soakCanary = "canary-token-9471"

// upstreamOf is the fake as the run finds it.
func upstreamOf(s *soak) *fakeoc.Stage {
	s.t.Helper()
	var text strings.Builder
	fmt.Fprintf(&text, "start %s\ncollective loose-knot GBP\ntoken %s ada-admin\n", soakBegins.String()[:16], soakCanary)
	for i, n := range []int{steady, wobbly, quitters, wandering} {
		for j := range n {
			method := "card"
			if i == 0 && j%3 == 0 {
				method = "paypal"
			}
			fmt.Fprintf(&text, "join %s-%02d GBP 10 monthly %s\n", payers[i], j, method)
		}
	}
	scenario, err := fakeoc.ReadScenario(strings.NewReader(text.String()))
	if err != nil {
		s.t.Fatal(err)
	}
	if s.script, err = fakeoc.Play(scenario, 8); err != nil {
		s.t.Fatal(err)
	}
	return fakeoc.NewStage(s.script, fakeoc.ServerOptions{NoLimit: true})
}

var payers = []string{"steady", "wobbly", "quitter", "wandering"}

// dated lets upstream's answers carry its own date, as a real server's do.
func dated(s *soak, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Date", s.now().Time().UTC().Format(http.TimeFormat))
		next.ServeHTTP(w, r)
	})
}

// live is what people do on Open Collective on one day.
func (s *soak) live(day int) {
	say := func(format string, args ...any) error { return s.script.Do(fmt.Sprintf(format, args...)) }
	if day == 1 {
		for i := range quitters {
			if err := say("cancel quitter-%02d", i); err != nil {
				s.t.Error(err)
			}
		}
	}
	if day%4 == 0 {
		if err := say("join late-%02d GBP 10 monthly card", day); err != nil {
			s.t.Error(err)
		}
	}
	if day%5 == 2 && day/5 < wobbly {
		if err := say("refuse wobbly-%02d %d", day/5, 1+day%2); err != nil {
			s.t.Error(err)
		}
	}
	one := fmt.Sprintf("wandering-%02d", s.chance.IntN(wandering))
	for _, does := range []string{"refund " + one, "cancel " + one, "amount " + one + " 12", "update-card " + one} {
		if s.chance.IntN(12) == 0 {
			_ = say("%s", does) // may be impossible just now
		}
	}
}

// days lets time pass, a day at once, and hints at what happened there.
func (s *soak) days(ctx context.Context, every time.Duration) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if s.still.Load() {
			continue
		}
		s.busy.RLock()
		s.oneDay(ctx)
		s.busy.RUnlock()
	}
}

func (s *soak) oneDay(ctx context.Context) {
	s.day++
	s.live(s.day)
	s.pass(24 * time.Hour)
	s.hints()
	s.release()
	if s.day%3 == 0 {
		s.propose(ctx)
	}
}

// release lets go what waits because nothing was sent for days of this calendar, as the
// treasurers do once they have looked; where the database is away they come again.
func (s *soak) release() {
	s.command("notices", "release", "--reason", "the treasurers looked at them")
}

// hints tells every daemon that something happened upstream.
func (s *soak) hints() {
	for _, d := range s.daemons {
		if res, err := soonAnswered.Post(d.url+"/hooks/opencollective/"+hookSecret, "application/json", strings.NewReader("{}")); err == nil {
			_ = res.Body.Close()
		}
	}
}

// propose opens two more decisions: a large one, on which all vote from then on, and a
// medium one, which passes at its deadline where nobody objects.
func (s *soak) propose(ctx context.Context) {
	if n := s.opened(ctx, "large"); n != 0 {
		s.open.Store(n)
	}
	if n := s.opened(ctx, "medium"); n != 0 {
		s.does(ctx, "decisions", "announce", fmt.Sprint(n), "--as", "Pat voter-0", "--place", "the room")
	}
}

// opened proposes and opens a decision of a size, and gives its number.
func (s *soak) opened(ctx context.Context, size string) int64 {
	var made struct {
		Decision string
		Number   int64
	}
	title := fmt.Sprintf("Calendar of day %d, %s", s.day, size)
	out := s.does(ctx, "decisions", "propose", "--as", "Pat voter-0", "--size", size, "--title", title, "--changes", "We use one.", "--affects", "all", "--channel", "the room", "--json")
	if json.Unmarshal([]byte(out), &made) == nil && made.Decision != "" {
		out = s.does(ctx, "decisions", "open", made.Decision, "--as", "Pat voter-0", "--json")
		if json.Unmarshal([]byte(out), &made) == nil && made.Number != 0 {
			s.decisions++
			return made.Number
		}
	}
	if ctx.Err() == nil {
		s.broke("a decision was not opened: %q", out)
	}
	return 0
}

// standingsKept holds what was recorded of each payer to the truth.
func (s *soak) standingsKept(ctx context.Context, db *store.DB) {
	s.t.Helper()
	var rows []store.StandingRow
	names := map[string]string{}
	err := db.View(ctx, func(tx *store.Tx) error {
		all, err := tx.Members(ctx)
		if err != nil {
			return err
		}
		for _, m := range all {
			names[string(m.ID)] = m.Detail.Handle
		}
		rows, err = tx.StandingsSince(ctx, 0)
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	last := map[string]store.StandingRow{}
	had := map[string]bool{}
	for _, r := range rows {
		who := names[string(r.Member)]
		kind, _, _ := strings.Cut(who, "-")
		if had[who] && !r.Vote && (kind == "steady" || kind == "wobbly" || kind == "voter") {
			s.wronged++
			s.broke("%s lost the vote at %s (%s %v), known %s", who, r.At, r.State, r.Codes, r.Known)
		}
		had[who] = had[who] || r.Vote
		if before := last[who]; r.Known > before.Known || r.Known == before.Known && r.At >= before.At {
			last[who] = r
		}
	}
	for i, n := range []int{steady, wobbly, quitters} {
		for j := range n {
			who := fmt.Sprintf("%s-%02d", payers[i], j)
			if !had[who] {
				s.broke("%s never had the vote", who)
			}
			if vote := last[who].Vote; vote != (payers[i] != "quitter") {
				s.broke("%s has the vote in the end: %v (%s)", who, vote, last[who].State)
			} else if !vote {
				s.lapsed = append(s.lapsed, last[who].At.String())
			}
		}
	}
	slices.Sort(s.lapsed)
	for _, at := range s.lapsed {
		if !strings.HasPrefix(at, lapseDay.String()[:10]) {
			s.broke("who cancelled lapsed at %s, want %s", at, lapseDay)
		}
	}
}
