package fakeoc

import (
	"strings"
	"testing"

	"coopcloud.tech/goodstanding/internal/instant"
)

const aStory = `# a payer whose card is refused and who comes back
start 2026-01-05T09:00
collective coop GBP
join alfa GBP 10 monthly        # pays at once
2026-01-20 refuse alfa 2
+20d accept alfa
2026-02-15T08:30 > 429 retry-after=30
+1h > good
`

func TestReadAScenario(t *testing.T) {
	s, err := ReadScenario(strings.NewReader(aStory))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, step := range s.Steps {
		got = append(got, step.At.String()+" "+step.Words())
	}
	want := `2026-01-05T09:00:00Z collective coop GBP
2026-01-05T09:00:00Z pays at once
2026-01-20T00:00:00Z refuse alfa 2
2026-02-09T00:00:00Z accept alfa
2026-02-15T08:30:00Z > 429 retry-after=30
2026-02-15T09:30:00Z > good`
	if strings.Join(got, "\n") != want {
		t.Errorf("read\n%s, want\n%s", strings.Join(got, "\n"), want)
	}
}

func TestPlayAScenario(t *testing.T) {
	s, err := ReadScenario(strings.NewReader(aStory))
	if err != nil {
		t.Fatal(err)
	}
	p, err := Play(s, 1)
	if err != nil {
		t.Fatal(err)
	}
	var told, answers []string
	p.Told = func(s Step) { told = append(told, s.Words()) }
	p.Answer = func(fault string) error { answers = append(answers, fault); return nil }
	if p.Next() != instant.Date(2026, 1, 20) {
		t.Errorf("the next step is at %s", p.Next())
	}
	if err := p.AdvanceTo(instant.Date(2026, 3, 2)); err != nil {
		t.Fatal(err)
	}
	if got, want := paidOn(p.World, "alfa"), "2026-01-05 2026-02-05 2026-03-01"; got != want {
		t.Errorf("paid on %s, want %s", got, want)
	}
	if got := strings.Join(told, "; "); got != "refuse alfa 2; accept alfa; > 429 retry-after=30; > good" {
		t.Errorf("told of %s", got)
	}
	if got := strings.Join(answers, "; "); got != "429 retry-after=30; good" || p.Next() != 0 {
		t.Errorf("answers %s, next %s", got, p.Next())
	}
}

func TestAScenarioThatCannotBeRead(t *testing.T) {
	_, err := ReadScenario(strings.NewReader("collective coop GBP\n2026-02-01 jon alfa GBP 10 monthly\n2025-12-01 wait 3d\n+soon wait 3d\nstart 2026-01-01\n"))
	if err == nil {
		t.Fatal("it was read")
	}
	for _, want := range []string{
		`line 2: "jon" is no verb: write one of accept, account,`,
		"line 3: 2025-12-01 is before the line above it: lines stand in the order in which they happen",
		`line 4: "soon" is no length of time: write 90m, 36h, 3d or 2w`,
		"line 5: start stands first",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error\n%v\nlacks %s", err, want)
		}
	}
}
