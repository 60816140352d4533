package decisions

import (
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

func TestFractionCountsExactly(t *testing.T) {
	for _, c := range []struct {
		f                 string
		n                 int
		moreThan, atLeast int
	}{
		{"1/2", 26, 14, 13}, // domain.md, section 4
		{"1/2", 9, 5, 5},    // resolution 002: nine members, five votes
		{"1/2", 20, 11, 10},
		{"1/2", 19, 10, 10}, // after a pause
		{"3/4", 28, 22, 21},
		{"2/3", 3, 3, 2},
		{"1/3", 0, 1, 0},
		{"1/1", 7, 8, 7},
	} {
		f, err := ParseFraction(c.f)
		if err != nil {
			t.Fatal(err)
		}
		if got := f.MoreThan(c.n); got != c.moreThan {
			t.Errorf("more than %s of %d: got %d, want %d", c.f, c.n, got, c.moreThan)
		}
		if got := f.AtLeast(c.n); got != c.atLeast {
			t.Errorf("at least %s of %d: got %d, want %d", c.f, c.n, got, c.atLeast)
		}
	}
}

// The two counts are the smallest that satisfy their comparison in exact
// rational arithmetic.
func TestFractionAgainstRationals(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		den := rapid.Int64Range(1, maxDenominator).Draw(t, "den")
		num := rapid.Int64Range(0, den).Draw(t, "num")
		n := rapid.IntRange(0, 1_000_000).Draw(t, "n")
		f, err := NewFraction(num, den)
		if err != nil {
			t.Fatal(err)
		}
		part := new(big.Rat).Mul(big.NewRat(num, den), big.NewRat(int64(n), 1))
		cmp := func(k int) int { return big.NewRat(int64(k), 1).Cmp(part) }
		if k := f.MoreThan(n); cmp(k) <= 0 || cmp(k-1) > 0 {
			t.Errorf("more than %s of %d: %d is not the smallest", f, n, k)
		}
		if k := f.AtLeast(n); cmp(k) < 0 || k > 0 && cmp(k-1) >= 0 {
			t.Errorf("at least %s of %d: %d is not the smallest", f, n, k)
		}
		if again, err := ParseFraction(f.String()); err != nil || again != f {
			t.Errorf("%s reads back as %v, %v", f, again, err)
		}
	})
}

func TestFractionWords(t *testing.T) {
	var zero Fraction
	if zero.String() != "0/1" || !zero.Zero() || zero.Whole() || zero.Words() != "none" {
		t.Errorf("the zero fraction is %s, %q", zero, zero.Words())
	}
	for s, want := range map[string]string{"1/2": "half", "2/4": "half", "1/3": "a third", "2/3": "two thirds",
		"1/4": "a quarter", "3/4": "three quarters", "3/5": "3/5", "5/5": "all"} {
		f, err := ParseFraction(s)
		if err != nil {
			t.Fatal(err)
		}
		if f.Words() != want {
			t.Errorf("%s is said %q, want %q", s, f.Words(), want)
		}
	}
}

func TestFractionRefuses(t *testing.T) {
	const exact = " is not an exact fraction: write two whole numbers such as 1/2 or 3/4"
	for s, want := range map[string]string{
		"0.5":          `"0.5"` + exact,
		"50%":          `"50%"` + exact,
		"1":            `"1"` + exact,
		"-1/2":         `"-1/2"` + exact,
		"1/":           `"1/"` + exact,
		"1/2/3":        `"1/2/3"` + exact,
		"½":            `"½"` + exact,
		"1234567890/2": `"1234567890/2"` + exact,
		"1/0":          `"1/0" is not a fraction this can use: a fraction's second number must be between 1 and 1000000`,
		"1/1000001":    `"1/1000001" is not a fraction this can use: a fraction's second number must be between 1 and 1000000`,
		"3/2":          `"3/2" is not a fraction this can use: 3/2 is not between 0 and 1`,
	} {
		if _, err := ParseFraction(s); err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", s, err, want)
		}
	}
}
