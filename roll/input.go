package roll

import (
	"fmt"
	"regexp"
	"unicode/utf8"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
)

// What people type into one change, checked. A check returns every fault in
// words; none repeats an e-mail address or an amount.

// nameFaults are those of a name or another text on one line.
func nameFaults(what, s string) []string { return textFaults(what, s, longestName, false) }

func textFaults(what, s string, longest int, lines bool) []string {
	if !utf8.ValidString(s) {
		return []string{what + " is not UTF-8 text"}
	}
	return faultOf(what, badText(s, longest, lines))
}

// TextFaults are those of a text that somebody wrote, which what names: too long, in
// characters, or with characters that nobody types; lines lets it have several lines.
func TextFaults(what, s string, longest int, lines bool) []string {
	return textFaults(what, unixLines(s), longest, lines)
}

// faultOf is what a check found, if anything, with the thing it is about.
func faultOf(what, why string) []string {
	if why == "" {
		return nil
	}
	return []string{what + " " + why}
}

// websiteFaults are those of a web address; an empty one is fine.
func websiteFaults(s string) []string {
	if why := webAddress(s, "https", "http"); why != "" {
		return []string{"the website: " + why}
	}
	return textFaults("the website", s, longestAddress, false)
}

// emailFaults are those of an e-mail address; an empty one is fine.
func emailFaults(what, s string) []string {
	if s == "" || isEmail(s) {
		return nil
	}
	return []string{what + " is not an e-mail address: write name@example.org"}
}

// matrixFaults are those of a Matrix id; an empty one is fine.
func matrixFaults(what, s string) []string {
	if s == "" || isMatrixID(s) {
		return nil
	}
	return []string{what + " is not a Matrix id: write @name:server.example"}
}

var decisionNumber = regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z._/-]{0,39}$`)

// decisionFaults are those of a decision's number, which stands in the log and
// must hold no words; an empty one is fine.
func decisionFaults(s string) []string {
	if s == "" || decisionNumber.MatchString(s) {
		return nil
	}
	return []string{"a decision is named by its number alone, such as 012"}
}

// handleFaults are those of a handle that somebody chose; an empty one is fine.
func handleFaults(s string) []string {
	if s == "" || member.Handle(s) == s {
		return textFaults("the handle", s, longestWord, false)
	}
	return []string{fmt.Sprintf("%q is not a handle: small letters, digits and single dashes only", shorten(s))}
}

// firstDate and lastDate bound the instants that are entered one by one; what
// lies outside is a slip of the finger.
var (
	firstDate = instant.Date(2000, 1, 1)
	lastDate  = instant.Date(2100, 1, 1)
)

// dateFaults are those of an instant; an absent one is fine.
func dateFaults(what string, i instant.Instant) []string {
	if i == 0 || i >= firstDate && i < lastDate {
		return nil
	}
	return []string{fmt.Sprintf("%s lies in the year %d: write a day in 2000 to 2099", what, i.Time().Year())}
}

// spanFaults are those of a half-open span with open ends.
func spanFaults(what string, from, until instant.Instant) []string {
	faults := append(dateFaults("the start of "+what, from), dateFaults("the end of "+what, until)...)
	if until != 0 && from >= until {
		faults = append(faults, what+" must end after it starts")
	}
	return faults
}
