// Package loop runs a step now and again at its own next instant, until its
// context ends.
//
// The contract:
//
//   - One loop never overlaps itself: the next step begins when the last one
//     has returned.
//   - An instant that the step names is kept: no jitter moves it, and it is
//     never waited for longer than Max. Where the step names none the loop comes
//     back after Max, and after a failure as Backoff says; those two pauses are
//     spread by Jitter, so that many processes do not ask at once.
//   - A poke wakes a loop that waits for its next instant. By itself it never cuts
//     a pause after a failure short: who was asked to wait, waits. Only Hurry can
//     name an instant before the end of such a pause, and a poke has it asked.
//   - A step's error never ends the loop. The context does; Run returns only
//     then, and leaves nothing behind.
//
// The loop knows no rule. It waits by the machine's timer and by the clock it is
// given, whichever comes first, so that a host that slept does not wait out its
// sleep again.
package loop
