package eligibility_test

import (
	"testing"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/money"
)

// What a one-off buys, and what it leaves, is what the rules cover by it.
func TestMonthsBought(t *testing.T) {
	gbp := money.Currency{'G', 'B', 'P'}
	monthly := eligibility.Minimum{Amount: money.Money{Minor: 1000, Currency: gbp}, Interval: eligibility.Monthly}
	yearly := eligibility.Minimum{Amount: money.Money{Minor: 10000, Currency: gbp}, Interval: eligibility.Yearly}
	for _, tt := range []struct {
		name          string
		least         eligibility.Minimum
		countTax      bool
		amount        int64
		order, tax    int64
		months        int
		left, monthly int64
	}{
		{"whole months", monthly, false, 12000, 12000, 0, 12, 0, 1000},
		{"a rest", monthly, false, 12550, 12550, 0, 12, 550, 1000},
		{"less than a month", monthly, false, 999, 999, 0, 0, 999, 1000},
		{"tax does not count", monthly, false, 12000, 12000, 2000, 10, 0, 1000},
		{"tax counts", monthly, true, 12000, 12000, 2000, 12, 0, 1000},
		{"a twelfth of the year's", yearly, false, 10000, 10000, 0, 12, 0, 834},
		{"a twelfth that is not whole", yearly, false, 834, 834, 0, 1, 0, 834},
		{"a penny less", yearly, false, 833, 833, 0, 0, 833, 834},
		{"no contribution behind it", monthly, false, 3000, 0, 0, 3, 0, 1000},
	} {
		p := eligibility.Policy{Minimums: []eligibility.Minimum{tt.least}, CountTax: tt.countTax}
		months, left := p.MonthsBought(money.Money{Minor: tt.amount, Currency: gbp}, tt.order, tt.tax)
		if months != tt.months || left != tt.left {
			t.Errorf("%s: %d months and %d left, want %d and %d", tt.name, months, left, tt.months, tt.left)
		}
		if least, ok := p.MonthlyMinimum(gbp); !ok || least.Minor != tt.monthly {
			t.Errorf("%s: the least for a month is %v", tt.name, least)
		}
		eur := money.Currency{'E', 'U', 'R'}
		if _, ok := p.MonthlyMinimum(eur); ok {
			t.Error("a currency without a minimum has one")
		}
		if months, left := p.MonthsBought(money.Money{Minor: tt.amount, Currency: eur}, 0, 0); months != 0 || left != 0 {
			t.Errorf("a currency without a minimum buys %d months and leaves %d", months, left)
		}
	}
}
