// Package eligibility decides who is in good standing and which rights follow
// (domain.md, sections 2 to 4). It is pure and total: a verdict is a function
// of facts, policy versions, the instant asked about and the time of
// knowledge; it never fails, waits or looks at a clock.
package eligibility
