package eligibility

import (
	"testing"

	"coopcloud.tech/goodstanding/internal/instant"
)

// Where several facts could be meant, one order says which, and no tie is left to
// the order in which the facts stand. Each list is ascending: every member of it
// comes after all before it, and none after itself.
func TestTheOrdersOfFacts(t *testing.T) {
	half, whole := NewShare(1, 2), NewShare(1, 1)
	ascending(t, "membership events, by time, knowledge, kind and id", func(a, b MembershipFact) bool { return later(&a, &b) },
		MembershipFact{At: 1, Known: 9, Kind: Restored, ID: "z"}, MembershipFact{At: 2, Known: 1, Kind: Restored, ID: "z"},
		MembershipFact{At: 2, Known: 2, Kind: Admitted, ID: "z"}, MembershipFact{At: 2, Known: 2, Kind: Left, ID: "a"}, MembershipFact{At: 2, Known: 2, Kind: Left, ID: "b"},
		MembershipFact{At: 3, Known: 1, Kind: Applied, ID: "a"})
	ascending(t, "versions of a contribution, by time and knowledge", func(a, b Contribution) bool { return newer(&a, &b) },
		Contribution{Effective: 1, Known: 9}, Contribution{Effective: 2, Known: 1}, Contribution{Effective: 2, Known: 2}, Contribution{Effective: 3, Known: 1})
	ascending(t, "running coverages, by share, reach, age and id", func(a, b coverage) bool { return better(&a, &b) },
		coverage{worth: worth{share: half}, end: 9, from: 9, ref: Ref{ID: "z"}}, coverage{worth: worth{share: whole}, end: 1, from: 9, ref: Ref{ID: "z"}},
		coverage{worth: worth{share: whole}, end: 2, from: 1, ref: Ref{ID: "z"}}, coverage{worth: worth{share: whole}, end: 2, from: 2, ref: Ref{ID: "a"}}, coverage{worth: worth{share: whole}, end: 2, from: 2, ref: Ref{ID: "b"}},
		coverage{worth: worth{share: whole}, end: 3, from: 1, ref: Ref{ID: "a"}})
	ascending(t, "waivers, by end, beginning and id; without an end is longest", func(a, b Waiver) bool { return longer(&a, &b) },
		Waiver{Until: 1, From: 9, ID: "z"}, Waiver{Until: 2, From: 1, ID: "z"}, Waiver{Until: 2, From: 2, ID: "a"}, Waiver{Until: 2, From: 2, ID: "b"},
		Waiver{Until: 0, From: 1, ID: "a"}, Waiver{Until: 0, From: 2, ID: "a"})
	version := func(at instant.Instant) *Contribution { return &Contribution{Effective: at} }
	ascending(t, "promises, by time and id", func(a, b giver) bool { return newerPromise(&a, &b) },
		giver{version: version(1), id: "z"}, giver{version: version(2), id: "a"}, giver{version: version(2), id: "b"}, giver{version: version(3), id: "a"})
	ascending(t, "refunds, by time and id", func(a, b Refund) bool { return earlier(&b, &a) },
		Refund{At: 1, ID: "z"}, Refund{At: 2, ID: "a"}, Refund{At: 2, ID: "b"}, Refund{At: 3, ID: "a"})
	ascending(t, "holds, by when they were set and id", func(a, b Hold) bool { return newerHold(&a, &b) },
		Hold{SetAt: 1, ID: "z"}, Hold{SetAt: 2, ID: "a"}, Hold{SetAt: 2, ID: "b"}, Hold{SetAt: 3, ID: "a"})
	ascending(t, "policies, by from, knowledge and id", func(a, b Policy) bool { return newerPolicy(&a, &b) },
		Policy{From: 1, Known: 9, ID: "z"}, Policy{From: 2, Known: 1, ID: "z"}, Policy{From: 2, Known: 2, ID: "a"}, Policy{From: 2, Known: 2, ID: "b"}, Policy{From: 3, Known: 1, ID: "a"})
	ascending(t, "records, by time and knowledge", func(a, b Recorded) bool { return newerRecord(&a, &b) },
		Recorded{At: 1, Known: 9}, Recorded{At: 2, Known: 1}, Recorded{At: 2, Known: 2}, Recorded{At: 3, Known: 1})
	ascending(t, "conditions of a listing, by time, knowledge and id", func(a, b ProfileFact) bool { return newerProfile(&a, &b) },
		ProfileFact{At: 1, Known: 9, ID: "z"}, ProfileFact{At: 2, Known: 1, ID: "z"}, ProfileFact{At: 2, Known: 2, ID: "a"}, ProfileFact{At: 2, Known: 2, ID: "b"}, ProfileFact{At: 3, Known: 1, ID: "a"})
	if first := (&MembershipFact{}); !later(first, nil) {
		t.Error("the first event comes after nothing")
	}
}

func ascending[T any](t *testing.T, what string, after func(a, b T) bool, list ...T) {
	t.Helper()
	for i, a := range list {
		for j, b := range list {
			if after(a, b) != (i > j) {
				t.Errorf("%s: number %d after number %d is %v", what, i+1, j+1, after(a, b))
			}
		}
	}
}
