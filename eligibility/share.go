package eligibility

import (
	"cmp"
	"math"
	"math/big"
)

// Share is an exact, non-negative fraction of the minimum dues. The zero value
// is nothing.
type Share struct {
	num, den int64    // den 0 stands for 0/1
	wide     *big.Rat // set instead where int64 does not hold the fraction
}

// NewShare is num/den for num >= 0 and den > 0; anything else is nothing.
func NewShare(num, den int64) Share {
	if num <= 0 || den <= 0 {
		return Share{}
	}
	g := gcd(num, den)
	return Share{num: num / g, den: den / g}
}

func gcd(a, b int64) int64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// product is the exact product of the fractions a/b and c/d.
func product(a, b, c, d int64) Share {
	x, y := NewShare(a, b), NewShare(c, d)
	if x.den == 0 || y.den == 0 {
		return Share{}
	}
	g, h := gcd(x.num, y.den), gcd(y.num, x.den)
	x.num, y.den, y.num, x.den = x.num/g, y.den/g, y.num/h, x.den/h
	if x.num > math.MaxInt64/y.num || x.den > math.MaxInt64/y.den {
		return Share{wide: new(big.Rat).Mul(big.NewRat(x.num, x.den), big.NewRat(y.num, y.den))}
	}
	return Share{num: x.num * y.num, den: x.den * y.den}
}

// floor is the whole part. It fits: what is asked for is an amount, or twelve
// times one, in int64 minor units, divided by one or more.
func (s Share) floor() int64 {
	r := s.rat()
	return new(big.Int).Quo(r.Num(), r.Denom()).Int64()
}

func (s Share) rat() *big.Rat {
	switch {
	case s.wide != nil:
		return s.wide
	case s.den == 0:
		return new(big.Rat)
	}
	return big.NewRat(s.num, s.den)
}

// Zero says that nothing counts.
func (s Share) Zero() bool { return s.wide == nil && s.den == 0 }

// Full says that the share is the whole minimum or more.
func (s Share) Full() bool {
	if s.wide != nil {
		return s.wide.Cmp(big.NewRat(1, 1)) >= 0
	}
	return s.den != 0 && s.num >= s.den
}

// Add is the exact sum.
func (s Share) Add(t Share) Share {
	switch {
	case s.Zero():
		return t
	case t.Zero():
		return s
	}
	const small = math.MaxInt32 // two products of two of them fit into an int64
	if s.wide == nil && t.wide == nil && s.num < small && s.den < small && t.num < small && t.den < small {
		return NewShare(s.num*t.den+t.num*s.den, s.den*t.den)
	}
	sum := new(big.Rat).Add(s.rat(), t.rat())
	if sum.Num().IsInt64() && sum.Denom().IsInt64() {
		return Share{num: sum.Num().Int64(), den: sum.Denom().Int64()}
	}
	return Share{wide: sum}
}

// Cmp is -1, 0 or 1 as s is less than, equal to or more than t.
func (s Share) Cmp(t Share) int {
	if s.wide == nil && t.wide == nil && s.den == t.den {
		return cmp.Compare(s.num, t.num)
	}
	return s.rat().Cmp(t.rat())
}

// String is the fraction, "1/2", or "0".
func (s Share) String() string { return s.rat().RatString() }
