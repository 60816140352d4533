package syncer

import (
	"fmt"

	"coopcloud.tech/goodstanding/syncer/opencollective"
)

// report puts together what is to be told about a snapshot.
func (a *attempt) report(r *reconciled, snap *opencollective.Snapshot, counts Counts, seen map[string]sighting) Report {
	warn := warnings(newWords(r, a.zone), counts, seen)
	warn = append(warn, a.believed...)
	return Report{
		Snapshot: r.number, Start: snap.Start, First: !r.st.any, DryRun: a.dry, Requests: snap.Requests,
		Collective: snap.Collective, Anonymous: snap.Anonymous, NotAdmin: snap.NotAdmin,
		Counts: counts, Changed: r.rows(), Drift: r.rd.odd,
		Warnings:   warn,
		difference: difference(r, snap.Collective, seen, a.zone),
	}
}

// warnings says what was left out. Unknown words stand in Report.Drift.
func warnings(w *words, c Counts, seen map[string]sighting) []string {
	var out []string
	add := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	if n := w.newElsewhere(); n > 0 {
		add("%s to a project or an event left out: no dues", count(n, "new recurring contribution"))
	}
	if c.DroppedCharges > 0 {
		add("%s left out: money of the collective coming back to it", count(c.DroppedCharges, "credit"))
	}
	for _, id := range w.gone() {
		if !w.st.contributions.has(id) {
			out = append(out, w.unlisted(id, seen[id]))
		}
	}
	return out
}

// unlisted words a contribution that charges name and no list has shown.
func (w *words) unlisted(id string, s sighting) string {
	n := 0
	for _, c := range w.charges {
		if c.Contribution == id {
			n++
		}
	}
	why := "its payer may be gone or hidden"
	switch {
	case s.payer == doesNotExist:
		why = "its payer's account is gone"
	case s.contribution == doesNotExist:
		why = "it was deleted, or its payer's account is gone"
	case s.contribution == exists:
		why = "it still exists, but is not listed"
	}
	return fmt.Sprintf("%s a contribution that Open Collective does not list (%s): %s", naming(n), id, why)
}

func naming(n int) string {
	if n == 1 {
		return "1 charge names"
	}
	return fmt.Sprintf("%d charges name", n)
}
