package tongue

import (
	"strconv"
	"strings"
)

// mostAccepted bounds how many languages of a header are looked at.
const mostAccepted = 20

// Accepted is the language that a header Accept-Language asks for (RFC 9110, section
// 12.5.4): of those that there are, the one with the greatest weight, the first of
// equal ones. "es-MX" asks for Spanish, "*" for English.
func Accepted(header string) *Tongue {
	best, weight := English(), 0.0
	ranges := strings.SplitN(header, ",", mostAccepted+1)
	for _, one := range ranges[:min(len(ranges), mostAccepted)] {
		name, rest, _ := strings.Cut(strings.TrimSpace(one), ";")
		code, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(name)), "-")
		if code == "*" {
			code = English().Code()
		}
		q := 1.0
		if text, ok := strings.CutPrefix(strings.ToLower(strings.TrimSpace(rest)), "q="); ok {
			var err error
			if q, err = strconv.ParseFloat(text, 64); err != nil || q < 0 || q > 1 {
				continue
			}
		}
		if Known(code) && q > weight {
			best, weight = Of(code), q
		}
	}
	return best
}
