// Package syncer turns what Open Collective shows into facts: pull, normalise
// (pure), reconcile (pure), store, ask the roll to assess. The last three
// happen in one transaction of the stream Pulls, so a pull is stored whole or
// not at all; a pull that fails leaves its own row and nothing else
// (domain.md, section 2, "Observations"), but for what the treasurers are told
// once where somebody has to act (section 6).
//
// What it promises:
//
//   - Nothing that was stored is changed or taken back. A charge, its payer and
//     its coverage are fixed once; contributions and accounts get new versions.
//   - The same snapshot twice changes nothing but the rows of the pull and of
//     the snapshot themselves.
//   - An entity is known by the id it was first stored with, whatever form of
//     id upstream shows later (open-collective.md, section 9, rule 7).
//   - A pull never writes a hash chain, and never an address, a name or an
//     amount into a log.
//
// Choices where domain.md is silent:
//
//   - Upstream shows neither a creation nor a change date of an account, so the
//     versions of accounts are effective from the snapshot's start, also in the
//     first one.
//   - A payer that upstream stops showing (a private organisation) stays the
//     payer; so does the payer of a charge that names a contribution whose
//     payer is known.
//   - A one-off is believed only when it is done: a contribution shows ONETIME
//     until its first payment has gone through, and for a moment after
//     (open-collective.md, fact 4). Its charges wait for the next snapshot.
//   - A charge whose contribution is known but absent from this snapshot is
//     covered by the calendar, with the contribution as it was last shown.
//   - Added funds without any contribution are one-offs from the start: nothing
//     can say otherwise later.
//   - A contribution without processedAt has its first charge in the oldest one
//     known.
//   - A refund that names no charge yet, and that no charge names, waits for the next
//     snapshot, for a day: upstream makes it first, and says then whose it is.
//   - contribution_missing gets a row when a contribution disappears (streak 1)
//     and when it is back (streak 0). That it stayed away in the snapshots
//     between needs no row: it is missing since the snapshot of its last row.
//     So reading an unchanged collective again and again changes nothing.
//   - A snapshot is complete only if it agrees with itself and with what was
//     read before: a charge that a contribution tells of is listed or stored,
//     charges stay as they were, contributions that paid do not vanish by the
//     dozen nor while they can be looked up, and new money names one that is
//     listed, was, or is gone. Else it is a *Contradiction, and
//     believed only when upstream repeats one of the same kind for three days,
//     read on three different ones (agree.go).
//   - A first success, once seen, stays one; a row that is older than the stored
//     one ends neither a retry nor a pause: a cache answered.
package syncer
