package eligibility

import (
	"errors"
	"strings"
	"time"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/tongue"
)

// People reads a state the way members do (domain.md, section 3, "what people
// read"); dates are in the zone given. Waivers are private: show it to the
// member and treasurers only.
func (s *Standing) People(zone *time.Location) string { return s.PeopleIn(tongue.English(), zone) }

// PeopleIn is People in a language.
func (s *Standing) PeopleIn(t *tongue.Tongue, zone *time.Location) string {
	switch s.State {
	case StateLeft:
		return t.Say("Left")
	case StateSuspended:
		return t.Say("Suspended")
	case StateApplied:
		return t.Say("Has applied")
	case StatePaused:
		return t.Say("Taking a break")
	case StateWaived:
		if u := s.anyUntil(); u != 0 {
			return t.Sayf("Dues waived until %s", date(t, u, zone))
		}
		return t.Say("Dues waived")
	case StateCurrent:
		if s.PaidThrough != 0 {
			return t.Sayf("Paid up until %s", date(t, s.PaidThrough, zone))
		}
		return t.Say("Paid up")
	case StateGrace:
		return s.late(t, zone)
	case StateUnknown:
		return t.Say("We cannot say yet")
	case StateShort:
		return t.Say("Pays less than the minimum")
	case StatePending:
		return t.Say("First payment on its way")
	case StateLapsed:
		return t.Sayf("Dues not paid since %s", date(t, s.PaidThrough, zone))
	case StateUnpaid:
		return t.Say("Not paid yet")
	}
	return ""
}

func (s *Standing) late(t *tongue.Tongue, zone *time.Location) string {
	if u := s.anyUntil(); u != 0 {
		return t.Sayf("Payment late. Rights stay until %s", date(t, u, zone))
	}
	return t.Say("Payment late. Rights stay for now")
}

// anyUntil is the latest end of a right that the dues carry; 0 for open.
func (s *Standing) anyUntil() (u instant.Instant) {
	for _, v := range s.Verdicts {
		if v.OK {
			u = max(u, v.Until)
		}
	}
	return u
}

// Date writes an instant as a day, "1 July 2026"; midnight UTC on the first,
// which is 1 a.m. in British summer, reads as the first in either zone.
func Date(i instant.Instant, zone *time.Location) string { return date(tongue.English(), i, zone) }

func date(t *tongue.Tongue, i instant.Instant, zone *time.Location) string {
	if i == 0 {
		return t.Say("no date")
	}
	return t.Date(i, zone)
}

// Text is the one wording of the reason, used by the command line, the API,
// mails, pages and refusals. Dates are in the zone given.
func (r Reason) Text(zone *time.Location) string { return r.TextIn(tongue.English(), zone) }

// TextIn is Text in a language.
func (r Reason) TextIn(t *tongue.Tongue, zone *time.Location) string {
	since, end := date(t, r.Since, zone), date(t, r.Until, zone)
	switch r.Code {
	case CodeCovered:
		return t.Sayf("Paid up until %s", end)
	case CodeRenewalDue:
		return t.Sayf("The renewal is being charged; the last payment counts until %s", end)
	case CodeGrace:
		if r.Until == 0 {
			return t.Say("The last full payment has run out; the days of grace go on")
		}
		return t.Sayf("The last full payment has run out; days of grace until %s", end)
	case CodeWaived:
		if r.Until == 0 {
			return t.Say("Dues are waived")
		}
		return t.Sayf("Dues are waived until %s", end)
	case CodeSuspended:
		if r.Until != 0 {
			return t.Sayf("Suspended under the code of co-operation until %s", end)
		}
	case CodeLeft:
		return t.Sayf("Left the federation on %s", since)
	case CodePaused:
		return t.Sayf("Taking a break since %s", since)
	case CodeRefunded:
		if r.Since != 0 {
			return t.Sayf("A payment was given back on %s", since)
		}
	case CodeStale:
		return t.Say("Open Collective has not been read completely for some time")
	}
	return t.Say(wording[r.Code])
}

var wording = map[Code]string{
	CodeShort:              "What is paid is less than the minimum dues",
	CodeWrongCurrency:      "What is paid is in a currency that the policy does not count",
	CodeRetrying:           "The last charge failed; Open Collective is trying again",
	CodeInterrupted:        "The contribution was paused on Open Collective, not by its payer",
	CodeRefunded:           "A payment was given back",
	CodeRejected:           "The contribution was rejected",
	CodeHeld:               "A change for the worse is held until a treasurer has looked at it",
	CodeNoSnapshot:         "Open Collective has not been read completely yet",
	CodeNotLinked:          "No Open Collective account is linked and no payment was entered",
	CodeApplied:            "Not admitted yet",
	CodeSuspended:          "Suspended under the code of co-operation",
	CodeKindNotNamed:       "The policy does not give this right to this kind of member",
	CodeNoProfile:          "There is no public profile",
	CodeNoConsent:          "The member has not agreed to be listed",
	CodeNotApproved:        "The listing was not approved yet",
	CodePending:            "The first payment is on its way",
	CodeNeverPaid:          "No dues were paid in full yet",
	CodeAdvisory:           "Dues are not paid; by the policy this is a reminder only",
	CodeGap:                "Open Collective could not be read in the week before the days of grace ended, so they were made longer",
	CodeInterruptedByPayer: "The contribution was paused by its payer",
	CodePolicyFault:        "The policy in force counts no money of this collective",
}

// Why joins the texts of all reasons in their fixed order.
func (s *Standing) Why(zone *time.Location) string { return WhyIn(tongue.English(), s.Reasons, zone) }

// WhyIn are reasons in a language, as one text.
func WhyIn(t *tongue.Tongue, reasons []Reason, zone *time.Location) string {
	parts := make([]string, len(reasons))
	for i, r := range reasons {
		parts[i] = r.TextIn(t, zone)
	}
	return strings.Join(parts, "; ")
}

// Refuse says why a member may not do what needs the right, naming every
// reason; nil when it may.
func (s *Standing) Refuse(r Right, zone *time.Location) error {
	if words := s.RefuseIn(tongue.English(), r, zone); words != "" {
		return errors.New(words)
	}
	return nil
}

// RefuseIn is what Refuse says, in a language; "" when the member may.
func (s *Standing) RefuseIn(t *tongue.Tongue, r Right, zone *time.Location) string {
	if s.Has(r) {
		return ""
	}
	var parts []string
	for _, re := range s.ReasonsFor(r) {
		parts = append(parts, re.TextIn(t, zone))
	}
	return t.Say(noRight[r]) + ": " + strings.Join(parts, "; ")
}

var noRight = [rights]string{"no right to vote", "no right to be listed", "no right to use the shared services"}
