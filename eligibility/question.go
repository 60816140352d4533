package eligibility

import (
	"cmp"
	"slices"
	"sync"

	"coopcloud.tech/goodstanding/internal/instant"
)

// question is one member's facts as known at one time. Its coverages are
// looked at from one instant after another.
type question struct {
	ps    Policies
	f     *Facts
	known instant.Instant
	snaps Snapshots // those known

	covs   []coverage
	givers []giver
	// looked is the instant looked from, and gone how many of the first coverages had ended
	// before it, their late days included: most of a member's.
	looked instant.Instant
	gone   int

	// mask, while citations are sought, says which facts take part; nil for all.
	mask *mask

	weighed weighed // the charge that was weighed last

	// What is used anew for each question: the candidates of a mask, and the reasons
	// of answers that nobody is given.
	candidatesBuf []candidate
	reasonsBuf    []Reason
}

// questions are those that were answered, for the next ones: a step assesses every
// member, and the lists of a question are most of what it would leave behind.
var questions = sync.Pool{New: func() any { return new(question) }}

// done gives a question back. Nothing that was answered shares its memory.
func (q *question) done() {
	clear(q.covs)
	clear(q.givers)
	clear(q.candidatesBuf[:cap(q.candidatesBuf)])
	clear(q.reasonsBuf[:cap(q.reasonsBuf)])
	*q = question{covs: q.covs[:0], givers: q.givers[:0], candidatesBuf: q.candidatesBuf[:0], reasonsBuf: q.reasonsBuf[:0]}
	questions.Put(q)
}

// look is where the facts are looked at from.
type look struct {
	dues  instant.Instant // the dues are assessed at this instant, by the policy in force there
	house instant.Instant // membership, profile and acknowledgements are taken at this one
	// steady: complete snapshots that show nothing new follow the last one for
	// ever (a forecast). Otherwise nothing is known after the last one.
	steady bool
}

func plain(t instant.Instant) look { return look{dues: t, house: t, steady: true} }

func newQuestion(ps Policies, f *Facts, known instant.Instant) *question {
	q := questions.Get().(*question)
	q.ps, q.f, q.known = ps, f, known
	n := len(f.Snapshots)
	for n > 0 && f.Snapshots[n-1].Known > known {
		n--
	}
	q.snaps = f.Snapshots[:n]
	q.covs = slices.Grow(q.covs, len(f.Charges)+len(f.Payments))
	q.build()
	return q
}

// last is the start of the last complete snapshot known; 0 for none.
func (q *question) last() instant.Instant {
	if len(q.snaps) == 0 {
		return 0
	}
	return q.snaps[len(q.snaps)-1].Start
}

// lookFrom settles what depends on the instant: which version of each
// contribution is in force, and how far each coverage reaches when seen then.
func (q *question) lookFrom(t instant.Instant, p *Policy) {
	asked := false
	for i := range q.givers {
		q.settle(&q.givers[i], t)
		asked = asked || q.givers[i].asksForCharges()
	}
	for i := range q.covs {
		q.reach(&q.covs[i], t, p)
	}
	q.looked, q.gone = t, 0
	for q.gone < len(q.covs) && q.covs[q.gone].lateEnd <= t {
		q.gone++
	}
	if asked {
		q.lastCharges(t)
	}
}

// mayRun is the first coverage that may run at t: those before it ended before.
func (q *question) mayRun(t instant.Instant) int {
	if t < q.looked {
		return 0
	}
	return q.gone
}

// asksForCharges says whether it matters when the giver was charged last: after a pause,
// whoever paused it, and where a first payment may be under way.
func (g *giver) asksForCharges() bool {
	return g.version != nil && (g.paused != 0 || g.byPayer != 0 || g.version.ProcessedAt == 0)
}

// lastCharges notes of each giver when it was charged last before the instant looked from.
func (q *question) lastCharges(t instant.Instant) {
	for i := range q.f.Charges {
		c := &q.f.Charges[i]
		if c.Known > q.known || c.From > t {
			continue
		}
		for j := range q.givers {
			if g := &q.givers[j]; g.id == c.Contribution && q.takesPart(Ref{RefCharge, c.ID}) {
				g.charged = true
				g.lastCharge = max(g.lastCharge, c.From)
			}
		}
	}
}

// settle finds the giver's version in force at t and what it was seen paused. A
// status that this version does not know takes nothing away: what the last known
// one kept goes on.
func (q *question) settle(g *giver, t instant.Instant) {
	*g = giver{id: g.id}
	if !q.takesPart(Ref{RefContribution, g.id}) {
		return
	}
	var told *Contribution // the newest version whose status says something
	for i := range q.f.Contributions {
		v := &q.f.Contributions[i]
		if !q.shown(v, g.id, t) {
			continue
		}
		if g.version == nil || newer(v, g.version) {
			g.version = v
		}
		if v.Status != StatusUnknown && (told == nil || newer(v, told)) {
			told = v
		}
		if v.Status == StatusPaused {
			g.paused = max(g.paused, v.Effective)
		}
		if v.PausedByPayer {
			g.byPayer = max(g.byPayer, v.Effective)
		}
	}
	if told != nil {
		g.status = told.Status
	}
	if g.rejected = g.status == StatusRejected; g.rejected {
		g.rejectedAt = q.rejectedSince(g, t)
	}
}

// rejectedSince is when the contribution was first seen REJECTED, of the
// versions in a row that end with the one in force.
func (q *question) rejectedSince(g *giver, t instant.Instant) instant.Instant {
	var last *Contribution // the last version that was not rejected
	for i := range q.f.Contributions {
		v := &q.f.Contributions[i]
		if q.shown(v, g.id, t) && v.Status != StatusRejected && v.Status != StatusUnknown && (last == nil || newer(v, last)) {
			last = v
		}
	}
	since := g.version.Effective
	for i := range q.f.Contributions {
		v := &q.f.Contributions[i]
		if q.shown(v, g.id, t) && v.Status == StatusRejected && (last == nil || newer(v, last)) {
			since = min(since, v.Effective)
		}
	}
	return since
}

// shown says whether v is a version of that contribution that was known, and in
// force at t or before.
func (q *question) shown(v *Contribution, id string, t instant.Instant) bool {
	return v.ID == id && v.Known <= q.known && v.Effective <= t
}

// newer orders versions of one contribution; the later known wins a tie, so
// that the order of the facts carries no meaning.
func newer(a, b *Contribution) bool {
	return cmp.Or(cmp.Compare(a.Effective, b.Effective), cmp.Compare(a.Known, b.Known)) > 0
}

// reach sets how far the coverage counts, seen from t: to its due and, for a
// renewal, `late` beyond; a refund or a rejection ends it at once (domain.md,
// section 2, "A refund").
func (q *question) reach(v *coverage, t instant.Instant, p *Policy) {
	g, cut := &q.givers[v.of], instant.Max
	switch {
	case v.from > t && !v.payment || !q.takesPart(v.ref):
		cut = v.from // not there
	case v.refundID != "" && v.refund <= t && q.takesPart(Ref{RefRefund, v.refundID}):
		cut = v.refund
	case g.rejected:
		cut = g.rejectedAt
	}
	v.end, v.lateEnd, v.rejected = min(v.due, cut), min(v.due.Add(p.Late), cut), g.rejected
}

// sum is the share that counts at t: for each giver its largest running
// coverage, and those of all givers together (domain.md, section 2, "Share").
// With late, a coverage runs on until due + late; without, rejected ones can
// be left out.
func (q *question) sum(t instant.Instant, late, rejected bool) Share {
	var total Share
	for i := q.mayRun(t); i < len(q.covs); i++ {
		if q.counts(i, t, late, rejected) {
			total = total.Add(q.covs[i].share)
		}
	}
	return total
}

// counts says whether coverage i is the one that counts for its giver at t.
func (q *question) counts(i int, t instant.Instant, late, rejected bool) bool {
	v := &q.covs[i]
	if !v.runs(t, late, rejected) {
		return false
	}
	for j := q.mayRun(t); j < len(q.covs); j++ {
		w := &q.covs[j]
		if j != i && w.of == v.of && w.runs(t, late, rejected) && better(w, v) {
			return false
		}
	}
	return true
}

func (v *coverage) runs(t instant.Instant, late, rejected bool) bool {
	if v.from > t || (v.rejected && !rejected) {
		return false
	}
	if late {
		return t < v.lateEnd
	}
	return t < v.end
}

// better orders the running coverages of one giver: the larger share, then the
// longer reach, then the newer.
func better(a, b *coverage) bool {
	return cmp.Or(a.share.Cmp(b.share), cmp.Compare(a.end, b.end), cmp.Compare(a.from, b.from), cmp.Compare(a.ref.ID, b.ref.ID)) > 0
}

// runEnd is when the full coverage that runs at t ends, by what is known.
func (q *question) runEnd(t instant.Instant, late bool) instant.Instant {
	for {
		next := instant.Max
		for i := q.mayRun(t); i < len(q.covs); i++ {
			v := &q.covs[i]
			end := v.end
			if late {
				end = v.lateEnd
			}
			if v.runs(t, late, true) {
				next = min(next, end)
			}
		}
		if !q.sum(next, late, true).Full() {
			return next
		}
		t = next
	}
}

// lastEnd is when the last full coverage before or at t ended; 0 for never.
func (q *question) lastEnd(t instant.Instant, late, rejected bool) instant.Instant {
	for before := t + 1; ; {
		end := instant.Instant(0)
		for i := range q.covs {
			v := &q.covs[i]
			e := v.end
			if late {
				e = v.lateEnd
			}
			if e < before {
				end = max(end, e)
			}
		}
		if end == 0 || q.sum(end-1, late, rejected).Full() {
			return end
		}
		before = end
	}
}

// ended is from when grace is counted: the end of the last full coverage. The
// days of `late` delay a state, never the count: where they were the last to make
// a coverage full, it ended with what ended it then, at its due or its refund
// (domain.md, section 2).
func (q *question) ended(t instant.Instant, rejected bool) instant.Instant {
	end, late := q.lastEnd(t, false, rejected), q.lastEnd(t, true, rejected)
	if q.sum(late, true, rejected).Full() { // within the late days it goes on
		return end
	}
	for i := range q.covs {
		if v := &q.covs[i]; v.lateEnd == late && v.runs(late-1, true, rejected) {
			end = max(end, v.end)
		}
	}
	return end
}
