package main

import (
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/syncer"
	"coopcloud.tech/goodstanding/syncer/opencollective"
)

// Each outcome of a reading has words of its own for the treasurers' page.
func TestEveryOutcomeHasWords(t *testing.T) {
	seen := map[string]string{}
	for _, outcome := range []string{
		opencollective.ClassRateLimited, opencollective.ClassUnauthorised, opencollective.ClassForbidden, opencollective.ClassSchemaDrift, opencollective.ClassUpstreamDown,
		opencollective.ClassPartial, opencollective.ClassNotFound, opencollective.ClassIncomplete, opencollective.ClassSlugUnknown, opencollective.ClassOtherAccount,
		opencollective.ClassOtherCurrency, opencollective.ClassArchived, opencollective.ClassTokenIgnored, opencollective.ClassClockApart, opencollective.ClassCancelled,
		syncer.OutcomeComplete, syncer.OutcomeSuperseded, syncer.OutcomeDatabase, syncer.OutcomeAssessment,
	} {
		words := roll.PullWords(outcome)
		if words == strings.ReplaceAll(outcome, "_", " ") || seen[words] != "" {
			t.Errorf("%s has no words of its own: %q", outcome, words)
		}
		seen[words] = outcome
	}
	if roll.PullWords("of_another_version") != "of another version" {
		t.Error("a word that is not known does not stand for itself")
	}
}

// The page reads when the next attempt is: never later than the loop waits.
func TestTheNextAttempt(t *testing.T) {
	now := instant.Date(2026, 6, 1)
	p := &puller{parts: parts{now: func() instant.Instant { return now }}}
	if at := p.expect(now + 1); at != now+1 {
		t.Errorf("where nobody asks it says %s", at)
	}
	p.upcoming = &atomic.Int64{}
	for _, c := range []struct{ at, want instant.Instant }{{now.Add(time.Minute), now.Add(time.Minute)}, {now.Add(9 * time.Hour), now.Add(longestPull)}} {
		at := p.expect(c.at)
		if told := instant.Instant(p.upcoming.Load()); at != c.at || told != c.want {
			t.Errorf("at %s: %s, want %s", c.at, told, c.want)
		}
	}
}
