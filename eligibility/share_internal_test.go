package eligibility

import (
	"math"
	"math/big"
	"testing"
)

// edges are numbers around what an int64, an int32 and a product of two hold.
var edges = []int64{math.MinInt64, -7, -1, 0, 1, 2, 3, 5, 7, 12, 1000, 11999, math.MaxInt32 - 1, math.MaxInt32, math.MaxInt32 + 1, 1 << 32,
	3037000499, 3037000500, math.MaxInt64/3 - 1, math.MaxInt64 / 3, math.MaxInt64/2 + 1, math.MaxInt64 - 1, math.MaxInt64}

// asRat is what NewShare(num, den) means.
func asRat(num, den int64) *big.Rat {
	if num <= 0 || den <= 0 {
		return new(big.Rat)
	}
	return big.NewRat(num, den)
}

// isThat says that a share is the fraction, in the one form that it has: in lowest
// terms and narrow where int64 holds it.
func isThat(t *testing.T, what string, s Share, want *big.Rat) {
	t.Helper()
	if s.rat().Cmp(want) != 0 {
		t.Fatalf("%s is %s, want %s", what, s, want.RatString())
	}
	fits := want.Num().IsInt64() && want.Denom().IsInt64()
	switch {
	case want.Sign() == 0 && s != (Share{}):
		t.Fatalf("%s is no zero value: %+v", what, s)
	case fits && s.wide != nil, !fits && s.wide == nil:
		t.Fatalf("%s fits into int64: %v, and is wide: %v", what, fits, s.wide != nil)
	case want.Sign() != 0 && fits && (s.num != want.Num().Int64() || s.den != want.Denom().Int64()):
		t.Fatalf("%s is %d/%d, want %s", what, s.num, s.den, want.RatString())
	}
	if s.Zero() != (want.Sign() == 0) || s.Full() != (want.Cmp(big.NewRat(1, 1)) >= 0) || s.String() != want.RatString() {
		t.Fatalf("%s: zero %v, full %v, %q of %s", what, s.Zero(), s.Full(), s, want.RatString())
	}
}

// Shares are exact at every edge, and have one form.
func TestSharesAtTheEdges(t *testing.T) {
	var shares []Share
	for _, a := range edges {
		for _, b := range edges {
			s := NewShare(a, b)
			isThat(t, "a share", s, asRat(a, b))
			shares = append(shares, s)
			for _, c := range edges {
				for _, d := range edges[3:] {
					isThat(t, "a product", product(a, b, c, d), new(big.Rat).Mul(asRat(a, b), asRat(c, d)))
				}
			}
		}
	}
	wide := product(math.MaxInt64, 1, math.MaxInt64, 1)
	shares = append(shares, wide, product(1, math.MaxInt64, 1, math.MaxInt64), wide.Add(NewShare(1, 1)))
	for i, s := range shares {
		for j := i % 7; j < len(shares); j += 7 {
			u := shares[j]
			isThat(t, "a sum", s.Add(u), new(big.Rat).Add(s.rat(), u.rat()))
			isThat(t, "a sum", u.Add(s), new(big.Rat).Add(s.rat(), u.rat()))
			if got := s.Cmp(u); got != s.rat().Cmp(u.rat()) {
				t.Fatalf("%s against %s: %d", s, u, got)
			}
		}
		if s.Cmp(s) != 0 {
			t.Fatalf("%s is not itself", s)
		}
	}
}
