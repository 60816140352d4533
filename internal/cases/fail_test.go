package cases

import (
	"strings"
	"testing"
)

// TestCasesAreReadStrictly: what is not understood is no case.
func TestCasesAreReadStrictly(t *testing.T) {
	for text, want := range map[string]string{
		"join alfa GBP 10 monthly\nread\n= members 0":                                 "first line",
		"case 1: No full stop\nread\n= members 0":                                     "first line",
		"case 1: A word.\njoin alfa GBP 10 monthly\nlook\n= members 0":                "look",
		"case 1: A fault.\n> no-such-fault\nread\n= members 0":                        "no-such-fault",
		"case 1: Backwards.\n2026-02-01 read\n2026-01-01 read\n= members 0":           "before the line above",
		"case 1: Safe by never acting.\nread\n= members 0":                            "Control",
		"case 1: Nothing is held.\n# Control.\nread\n":                                "what must hold",
		"case 1: Nothing is read.\n# Control.\njoin alfa GBP 10 monthly\n= members 0": "reads Open Collective",
		"case 1: A stray line of words.\nread\nit all goes well then\n= members 0":    "it",
	} {
		if _, err := readFile(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want something about %q", text, err, want)
		}
	}
}

// TestCasesCanFail: a line that says otherwise than the roll is told.
func TestCasesCanFail(t *testing.T) {
	f, err := readFile(`case 1: Two that pay, and one who did.
start 2026-01-05T09:00
# Control: one of them lapses.
join alfa GBP 10 monthly
join bravo GBP 10 monthly
join charlie GBP 10 monthly
2026-01-06T09:00 read
admit alfa bravo
2026-01-10 cancel bravo
2026-02-20T09:00 read
2026-02-23T09:00 read
= members 2
`)
	if err != nil {
		t.Fatal(err)
	}
	fed := newFederation(t, f)
	fed.play(f)
	for _, lie := range []string{
		"alfa lapsed", "alfa vote no", "alfa vote maybe", "alfa listing perhaps", "alfa listing yes", "alfa reason grace", "alfa without covered", "alfa paid 2026-02-01",
		"alfa until 2026-02-01", "alfa fine", "nobody current", "bravo current", "bravo vote yes", "members 3", "unmatched nobody",
		"would-be charlie lapsed", "would-be alfa current", "suggested charlie into alfa", "holds 1", "notices 0",
		"told bravo lapsed 0", "told bravo lapsed", "treasurers brake 1", "treasurers stale 2", "treasurers lapsed 1", "desk nothing", "desk refunded", "recipient bravo lapsed contact", "recipient bravo", "error 429", "error", "warning",
		"warning no dues", "news nothing of the kind", "drift status", "changed 99", "requests 0", "public hides Alfa", "public knows Alfa", "listed Alfa",
		"stale yes", "stale not", "readings 1", "addresses unseen", "addresses some", "payers 7",
	} {
		if err := fed.hold(lie); err == nil {
			t.Errorf("nobody objects to %q", lie)
		}
	}
	for _, act := range []string{"read fails rate_limited", "refuses read", "refuses sing", "admit nobody", "treasurer sleeps", "treasurer acknowledges",
		"pay alfa lots", "pay alfa GBP 10.00", "link charlie", "policy nobody", "policy seed-2022 with no_such_line: 1", "crowd many"} {
		word, rest, _ := strings.Cut(act, " ")
		if err := acts[word](fed, rest); err == nil {
			t.Errorf("nobody objects to %q", act)
		}
	}
}
