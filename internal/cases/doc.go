// Package cases plays what is known to go wrong with dues on Open Collective,
// case by case, through the whole program: the faithful fake, the client, the
// syncer, the store and the roll. It has tests only.
//
// testdata/cases holds the sixty tricky cases of open-collective.md, section 11,
// and testdata/stories the failure stories of field.md, section 6, that are
// about reading dues; each is one file, named by its number, that a treasurer
// can read. What is shown better elsewhere stands in elsewhere.txt beside them
// with the name of the test that shows it, so that no number is left out. Where
// a case wants something else than domain.md, domain.md is followed and the file
// says so in a line that begins "follows domain.md instead:".
//
// A file begins with its number and its words,
//
//	case 11: A card is refused after good payments.
//
// and goes on as a scenario of the fake (internal/fakeoc, Scenario) with lines
// for the program between: what it does, and what must then hold.
//
//	2026-01-05T09:00 join alfa GBP 10 monthly
//	2026-01-06T09:00 read
//	admit alfa
//	= alfa current vote yes
//	> 429
//	2026-02-03T09:00 read fails rate_limited
//
// A remark that begins "# Control" says where the same file shows that the
// program still acts, so that safety is not bought by never acting.
//
// The collective loose-knot in GBP, its administrator ada-admin, and her token,
// which the program reads with, are there from the beginning unless the file
// makes a collective of its own. A reading that fails must leave every standing
// as it was, and must say nothing that is secret; that is looked at each time
// and needs no line. The words for the program stand in act_test.go, those for
// what must hold in hold_test.go.
package cases
