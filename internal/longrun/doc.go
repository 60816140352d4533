// Package longrun lets a federation live for four hundred days against the
// fake Open Collective, with every fault that upstream is known for, and holds
// the roll to an oracle that saw the money move. It has tests only.
//
// What it shows is the promise of the program: no outage, rate limit, half
// answer, host change or clock takes a right from anybody, and who really
// stopped paying does lapse. docs/testing.md has the counts of a whole run.
package longrun
