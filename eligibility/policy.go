package eligibility

import (
	"cmp"
	"time"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/money"
	"coopcloud.tech/goodstanding/member"
)

// Right is one of the rights that the roll derives.
type Right uint8

// The rights of domain.md, section 1.
const (
	Vote Right = iota
	Listing
	Services
	rights
)

// Rights lists the rights in their fixed order.
var Rights = [rights]Right{Vote, Listing, Services}

// RightSet is a set of rights.
type RightSet uint8

// Of is the set of the given rights.
func Of(rs ...Right) (s RightSet) {
	for _, r := range rs {
		s |= 1 << r
	}
	return s
}

// Has says whether the right is in the set.
func (s RightSet) Has(r Right) bool { return s&(1<<r) != 0 }

// DuesMode says what unpaid dues do to a right.
type DuesMode uint8

// The modes of domain.md, section 3. The zero value is Enforced, the strict one.
const (
	Enforced DuesMode = iota // the dues decide
	Advisory                 // the right stays, the reason is a warning
	Off                      // every admitted member has it
)

// OneOffRule says what money outside a recurring contribution buys.
type OneOffRule uint8

// The rules of domain.md, section 4 ("one_off").
const (
	IgnoreOneOff     OneOffRule = iota
	AddedFundsCount             // ADDED_FUNDS buy whole months
	OneOffBuysMonths            // ONETIME contributions do, too
)

// Minimum is the least that counts as dues for one interval and currency.
type Minimum struct {
	Amount   money.Money
	Interval Interval // Monthly or Yearly
}

// RightRule is the policy of one right.
type RightRule struct {
	Dues          DuesMode
	Organisations bool // the right is open to organisations
	Individuals   bool // … to individuals
	Grace         time.Duration
}

// Named says whether the policy gives the right to members of that kind.
func (r RightRule) Named(k member.Kind) bool {
	if k == member.Individual {
		return r.Individuals
	}
	return r.Organisations
}

// Brake bounds how many members one snapshot may make worse (domain.md,
// section 3).
type Brake struct {
	ShareNum, ShareDen int64 // exact fraction of the members in good standing
	AtLeast            int
	Within             time.Duration
}

// Policy is the part of one policy version that standings rest on (domain.md,
// section 4). It is in force from From until the From of the next version
// known; the earliest holds for all time before.
type Policy struct {
	ID          string
	From, Known instant.Instant
	Minimums    []Minimum
	CountTax    bool
	OneOff      OneOffRule
	Late        time.Duration
	StaleAfter  time.Duration
	Interrupted time.Duration
	Brake       Brake
	Rules       [rights]RightRule // by Right
}

// Policies are all versions known, in any order.
type Policies []Policy

// at is the version in force at t by what was known at known. It is never nil
// for a non-empty set: before the first known version the earliest holds, and
// before any was known those that were known first.
func (p Policies) at(t, known instant.Instant) *Policy {
	earliest := instant.Max
	for i := range p {
		earliest = min(earliest, p[i].Known)
	}
	known = max(known, earliest)
	var best, first *Policy
	for i := range p {
		v := &p[i]
		if v.Known > known {
			continue
		}
		if first == nil || v.From < first.From || v.From == first.From && newerPolicy(v, first) {
			first = v
		}
		if v.From <= t && (best == nil || newerPolicy(v, best)) {
			best = v
		}
	}
	if best != nil {
		return best
	}
	return first
}

// newerPolicy orders versions; of two that begin at one instant the later known
// counts, so that their order carries no meaning.
func newerPolicy(a, b *Policy) bool {
	return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.Known, b.Known), cmp.Compare(a.ID, b.ID)) > 0
}

// InForce is the version in force at t by what was known at known; ok is false
// only when there is no version at all.
func (p Policies) InForce(t, known instant.Instant) (v Policy, ok bool) {
	if best := p.at(t, known); best != nil {
		return *best, true
	}
	return Policy{}, false
}

// HasMinimum says whether money of that currency can count at all.
func (p *Policy) HasMinimum(c money.Currency) bool {
	for _, m := range p.Minimums {
		if m.Amount.Currency == c {
			return true
		}
	}
	return false
}
