package eligibility_test

import (
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"coopcloud.tech/goodstanding/eligibility"
)

// Shares are exact however large: sums and comparisons are those of fractions.
func TestSharesAreExact(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		sum, want := eligibility.Share{}, new(big.Rat)
		for range rapid.IntRange(1, 6).Draw(rt, "terms") {
			num, den := rapid.Int64Range(0, 1<<62).Draw(rt, "num"), rapid.Int64Range(1, 1<<62).Draw(rt, "den")
			sum = sum.Add(eligibility.NewShare(num, den))
			want.Add(want, big.NewRat(num, den))
		}
		one := eligibility.NewShare(1, 1)
		if sum.String() != want.RatString() || sum.Full() != (want.Cmp(big.NewRat(1, 1)) >= 0) ||
			sum.Cmp(one) != want.Cmp(big.NewRat(1, 1)) || one.Cmp(sum) != -sum.Cmp(one) || sum.Zero() != (want.Sign() == 0) {
			rt.Fatalf("%s, full %t; want %s", sum, sum.Full(), want.RatString())
		}
	})
}

// A whole made of parts that no machine word holds is a whole.
func TestLargePartsMakeAWhole(t *testing.T) {
	const p, q = 1<<61 - 1, 1<<31 - 1 // primes
	sum := eligibility.NewShare(1, p).Add(eligibility.NewShare(1, q))
	if sum.Full() || sum.Cmp(eligibility.NewShare(1, q)) <= 0 {
		t.Errorf("%s is taken for a whole", sum)
	}
	whole := eligibility.NewShare(1, p).Add(eligibility.NewShare(1, q)).Add(eligibility.NewShare(p-1, p))
	if !whole.Full() || whole.Cmp(eligibility.NewShare(1, 1)) != 1 {
		t.Errorf("%s is no whole", whole)
	}
	sum = sum.Add(eligibility.NewShare(p-1, p)).Add(eligibility.NewShare(q-1, q))
	if !sum.Full() || sum.String() != "2" {
		t.Errorf("%s, want 2", sum)
	}
}
