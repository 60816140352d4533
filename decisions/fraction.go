package decisions

import (
	"fmt"
	"strconv"
	"strings"

	"coopcloud.tech/goodstanding/internal/tongue"
)

// Fraction is an exact fraction from 0 to 1 in lowest terms. The zero value
// is 0/1.
type Fraction struct {
	num int64
	den int64 // 0 stands for 1
}

// maxDenominator bounds what a policy can mean: no federation has a million members.
const maxDenominator = 1_000_000

// NewFraction is num/den in lowest terms; it fails unless
// 0 <= num <= den and 1 <= den <= 1000000.
func NewFraction(num, den int64) (Fraction, error) {
	switch {
	case den < 1 || den > maxDenominator:
		return Fraction{}, fmt.Errorf("a fraction's second number must be between 1 and %d", maxDenominator)
	case num < 0 || num > den:
		return Fraction{}, fmt.Errorf("%d/%d is not between 0 and 1", num, den)
	}
	a, b := num, den
	for b != 0 {
		a, b = b, a%b
	}
	return Fraction{num: num / a, den: den / a}, nil
}

// ParseFraction reads two whole numbers and a stroke, "1/2". Decimals and
// percentages are refused: they look exact where they are not.
func ParseFraction(s string) (Fraction, error) {
	a, b, ok := strings.Cut(s, "/")
	num, okNum := digits(a)
	den, okDen := digits(b)
	if !ok || !okNum || !okDen {
		return Fraction{}, fmt.Errorf("%q is not an exact fraction: write two whole numbers such as 1/2 or 3/4", s)
	}
	f, err := NewFraction(num, den)
	if err != nil {
		return Fraction{}, fmt.Errorf("%q is not a fraction this can use: %w", s, err)
	}
	return f, nil
}

// digits reads a whole number that is written with digits alone.
func digits(s string) (int64, bool) {
	if s == "" || len(s) > 9 || strings.Trim(s, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil
}

// Num is the upper number, in lowest terms.
func (f Fraction) Num() int64 { return f.num }

// Den is the lower number, in lowest terms; never 0.
func (f Fraction) Den() int64 { return max(f.den, 1) }

// Zero says that the fraction is nothing.
func (f Fraction) Zero() bool { return f.num == 0 }

// Whole says that the fraction is one.
func (f Fraction) Whole() bool { return f.num == f.Den() }

// String is the form that ParseFraction reads, in lowest terms.
func (f Fraction) String() string { return fmt.Sprintf("%d/%d", f.num, f.Den()) }

// Words is the fraction in plain words, to be followed by "of": "half",
// "two thirds", "3/5", "all".
func (f Fraction) Words() string {
	switch f.String() {
	case "0/1":
		return "none"
	case "1/1":
		return "all"
	case "1/2":
		return "half"
	case "1/3":
		return "a third"
	case "2/3":
		return "two thirds"
	case "1/4":
		return "a quarter"
	case "3/4":
		return "three quarters"
	}
	return f.String()
}

// phrase is a phrase with one gap for the fraction. Its words stand in the phrase,
// since languages bend them; another fraction is put into the gap.
func (f Fraction) phrase(t *tongue.Tongue, format string) string {
	if words := f.Words(); words != f.String() {
		return t.Say(strings.Replace(format, "%s", words, 1))
	}
	return t.Sayf(format, f.String())
}

// MoreThan is the smallest whole number that is more than this fraction of n:
// 14 for 1/2 of 26. n is not negative.
func (f Fraction) MoreThan(n int) int { return int(f.num*int64(n)/f.Den()) + 1 }

// AtLeast is the smallest whole number that is not less than this fraction of
// n: 13 for 1/2 of 26. n is not negative.
func (f Fraction) AtLeast(n int) int { return int((f.num*int64(n) + f.Den() - 1) / f.Den()) }
