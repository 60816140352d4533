// Package money holds amounts as whole minor units with their ISO 4217
// currency. There are no floats and no rounding.
//
// Open Collective keeps every currency in hundredths ("valueInCents"), also
// those whose own minor unit differs (JPY 500 is 50000 there), so one minor
// unit is one hundredth of the currency here, always.
package money

import (
	"fmt"
	"strings"
)

// Currency is an ISO 4217 code such as {'G','B','P'}; the zero value is none.
type Currency [3]byte

// Money is an amount in hundredths of its currency; it may be negative (a
// refund's ledger row).
type Money struct {
	Minor    int64
	Currency Currency
}

// MaxMinor bounds what is accepted as an amount: ten thousand million in the
// major unit. Anything above is taken for broken data.
const MaxMinor int64 = 1_000_000_000_000

// ParseCurrency accepts the code of a currency that ISO 4217 lists, in capital
// letters; the error names the nearest known code.
func ParseCurrency(s string) (Currency, error) {
	if len(s) == 3 {
		c := Currency{s[0], s[1], s[2]}
		if known[c] {
			return c, nil
		}
	}
	up := strings.ToUpper(s)
	if len(up) == 3 && up != s && known[Currency{up[0], up[1], up[2]}] {
		return Currency{}, fmt.Errorf("unknown currency %q: write it in capitals, %s", s, up)
	}
	return Currency{}, fmt.Errorf("unknown currency %q: want an ISO 4217 code such as GBP, EUR or USD", s)
}

// IsZero says that no currency is named.
func (c Currency) IsZero() bool { return c == Currency{} }

func (c Currency) String() string {
	if c.IsZero() {
		return ""
	}
	return string(c[:])
}

// MarshalText writes the code.
func (c Currency) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText reads a code as ParseCurrency does; the empty text is none.
func (c *Currency) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*c = Currency{}
		return nil
	}
	v, err := ParseCurrency(string(b))
	if err != nil {
		return err
	}
	*c = v
	return nil
}

// Parse reads "GBP 10.00" or "GBP 10": a code, one space, and a non-negative
// amount with no or exactly two decimals. Thousands separators are refused.
func Parse(s string) (Money, error) {
	code, num, ok := strings.Cut(s, " ")
	if !ok {
		return Money{}, fmt.Errorf("%q is not an amount: write it as GBP 10.00", s)
	}
	cur, err := ParseCurrency(code)
	if err != nil {
		return Money{}, err
	}
	minor, ok := parseMinor(num)
	if !ok {
		return Money{}, fmt.Errorf("%q is not an amount: write it as %s 10.00", s, cur)
	}
	return Money{Minor: minor, Currency: cur}, nil
}

func parseMinor(s string) (int64, bool) {
	whole, frac, dot := strings.Cut(s, ".")
	if whole == "" || (dot && len(frac) != 2) {
		return 0, false
	}
	if !dot {
		frac = "00"
	}
	var n int64
	for _, c := range whole + frac {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int64(c-'0')
		if n > MaxMinor {
			return 0, false
		}
	}
	return n, true
}

// String is the form of the command line, the API and the policy file:
// "GBP 10.00".
func (m Money) String() string { return m.Currency.String() + " " + m.decimal() }

// Symbol is the form of pages and mails: "£10.00"; a currency without a common
// symbol keeps its code, "NOK 10.00".
func (m Money) Symbol() string {
	if s, ok := symbols[m.Currency]; ok {
		if m.Minor < 0 {
			return "-" + s + Money{Minor: -m.Minor}.decimal()
		}
		return s + m.decimal()
	}
	return m.String()
}

func (m Money) decimal() string {
	sign, n := "", m.Minor
	if n < 0 {
		sign, n = "-", -n
	}
	return fmt.Sprintf("%s%d.%02d", sign, n/100, n%100)
}

var symbols = map[Currency]string{
	{'G', 'B', 'P'}: "£", {'E', 'U', 'R'}: "€", {'U', 'S', 'D'}: "$", {'J', 'P', 'Y'}: "¥",
}

// codes are the active codes of ISO 4217 that name a national currency.
const codes = "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD " +
	"CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD " +
	"HKD HNL HRK HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD " +
	"MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG " +
	"QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SLL SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS " +
	"UAH UGX USD UYU UZS VED VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWL"

var known = func() map[Currency]bool {
	m := make(map[Currency]bool)
	for _, c := range strings.Fields(codes) {
		m[Currency{c[0], c[1], c[2]}] = true
	}
	return m
}()
