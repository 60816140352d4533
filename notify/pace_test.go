package notify

import (
	"fmt"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/internal/instant"
)

const noon = instant.Instant(1_781_524_800_000_000) // 2026-06-15T12:00:00Z

// Two mails to a domain are apart by the gap; another domain does not wait.
func TestTheGapBetweenTwoMails(t *testing.T) {
	p := NewPace(0)
	if until := p.Wait("people.example", noon); until != noon {
		t.Errorf("the first waits until %s", until)
	}
	p.Sent("people.example", noon)
	if until := p.Wait("people.example", noon.Add(100*time.Millisecond)); until != noon.Add(500*time.Millisecond) {
		t.Errorf("the second waits until %s", until)
	}
	if until := p.Wait("else.example", noon); until != noon {
		t.Errorf("another domain waits until %s", until)
	}
	late := noon.Add(501 * time.Millisecond)
	if until := p.Wait("people.example", late); until != late {
		t.Errorf("after the gap it waits until %s", until)
	}
	p = NewPace(2 * time.Second)
	p.Sent("people.example", noon)
	if until := p.Wait("people.example", noon); until != noon.Add(2*time.Second) {
		t.Errorf("with a gap of 2 s it waits until %s", until)
	}
	if before := noon.Add(-time.Hour); p.Wait("people.example", before) != before {
		t.Error("a clock that was set back makes a mail wait")
	}
}

// A domain that defers is left alone for a minute, then two, up to an hour; a
// mail that is taken ends that, and so does an hour of quiet.
func TestADomainThatDefers(t *testing.T) {
	p, now := NewPace(0), noon
	for _, minutes := range []time.Duration{1, 2, 4, 8, 16, 32, 60, 60} {
		p.Deferred("people.example", now)
		p.Deferred("people.example", now.Add(time.Second)) // one that was under way
		if until := p.Wait("people.example", now.Add(time.Second)); until.Sub(now) != minutes*time.Minute {
			t.Errorf("it waits %s, want %d minutes", until.Sub(now), minutes)
		}
		if p.Wait("else.example", now) != now {
			t.Error("another domain waits with it")
		}
		now = now.Add(minutes * time.Minute)
		if p.Wait("people.example", now) != now {
			t.Errorf("it waits on after %d minutes", minutes)
		}
	}
	begin := func(how string) {
		t.Helper()
		p.Deferred("people.example", now)
		if until := p.Wait("people.example", now); until.Sub(now) != time.Minute {
			t.Errorf("after %s it waits %s", how, until.Sub(now))
		}
	}
	p.Sent("people.example", now)
	now = now.Add(time.Second)
	begin("a mail that was taken")
	now = now.Add(time.Minute + time.Hour)
	begin("an hour of quiet")
	now = now.Add(-24 * time.Hour)
	begin("a clock that was set back")
}

// What is remembered is bounded, and what is still to be waited for is kept
// before what is over.
func TestAPaceForgets(t *testing.T) {
	p := NewPace(0)
	p.Deferred("slow.example", noon)
	for i := range 5000 {
		p.Sent(fmt.Sprintf("d%d.example", i), noon.Add(time.Duration(i)*time.Millisecond))
	}
	if len(p.at) > mostDomains || p.Wait("slow.example", noon) != noon.Add(time.Minute) {
		t.Errorf("%d are remembered, the slow one until %s", len(p.at), p.Wait("slow.example", noon))
	}
	for i := range 5000 {
		p.Deferred(fmt.Sprintf("d%d.example", i), noon.Add(time.Minute))
	}
	if len(p.at) > mostDomains {
		t.Errorf("%d are remembered", len(p.at))
	}
}
