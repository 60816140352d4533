package caller

import (
	"testing"
	"time"
)

// TestPace: whoever changes much has to wait, says how long, and nobody else does.
func TestPace(t *testing.T) {
	p, at := NewPace(time.Second, 3), time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	for i := range 3 {
		if wait := p.Wait("p_ada", at); wait != 0 {
			t.Fatalf("change %d waits %s", i+1, wait)
		}
	}
	for range 5 { // asking again makes it no longer
		if wait := p.Wait("p_ada", at); wait != time.Second {
			t.Errorf("the fourth change waits %s", wait)
		}
	}
	if wait := p.Wait("p_bo", at); wait != 0 {
		t.Errorf("somebody else waits %s", wait)
	}
	if first, second := p.Wait("p_ada", at.Add(time.Second)), p.Wait("p_ada", at.Add(time.Second)); first != 0 || second == 0 {
		t.Errorf("a second later they wait %s and %s", first, second)
	}
	if wait := p.Wait("p_ada", at.Add(time.Hour)); wait != 0 {
		t.Errorf("an hour later it waits %s", wait)
	}
}
