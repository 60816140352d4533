// Package eligibility decides who is in good standing and which rights follow
// (domain.md, sections 2 to 4). It is pure and total: a verdict is a function
// of facts, policy versions, the instant asked about and the time of
// knowledge; it never fails, waits or looks at a clock.
//
// Where domain.md leaves a choice, the kinder or the plainer one was taken:
//
//   - Membership, profile and acknowledgements are always taken at the instant
//     asked about; only the dues wait for a complete snapshot.
//   - A forecast, and ChangesAt, suppose complete snapshots without a break, so
//     that no grace is moved by a gap that nobody foresees. That data is stale
//     says nothing of the standing and is left out of ChangesAt.
//   - PaidThrough is when the full coverage ends, or ended: two halves with
//     different ends are paid through to the earlier one. It is empty where the
//     dues do not decide (paused, waived, a grace counted from a waiver).
//   - The state grace lasts as long as the longest grace of an enforced right,
//     with what keeps or moves it.
//   - A floor (retrying, interrupted) keeps a grace from ending. A contribution
//     that covered nothing before the grace was over brings none back.
//   - A contribution that comes back from a pause and fails is interrupted
//     still, like one that comes back ACTIVE. One whose new payer is linked to
//     nobody stays with the member whose charges it brought.
//   - A rejected contribution gives no grace, for none of its charges; others
//     of the same member do.
//   - With only a yearly minimum in a currency, the monthly one is its twelfth.
//     An entered payment for whole years may be weighed as years.
//   - Two halves that are full together only through the late days of one of them
//     give a grace that counts from what ended them: from that one's due, or from
//     the instant at which the other was given back.
//   - A refund of a charge that an entered payment lets count ends that payment.
//   - The reason of a member whose grace is over is "grace", with its end in
//     the past; one that never paid in full reads "never_paid", also when it
//     once paid less.
//   - Of several coverages of which each alone would say "grace", the one that
//     ended last is cited: the dates in the reason rest on it. Of those of a
//     lapsed member it is the newest.
//   - The last recorded verdict, which holds while nothing can be said (unknown),
//     is the last one that the dues gave, or that a member had who left or applied.
//     That of a break or a suspension says no only while that lasts: who ends a
//     break has the rights again that the member had before it.
//   - What is true but decides nothing (a failing card in the first days of a
//     grace) is listed as a reason without rights and facts.
package eligibility
