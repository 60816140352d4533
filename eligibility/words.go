package eligibility

import (
	"fmt"
	"strings"
	"time"

	"coopcloud.tech/goodstanding/internal/instant"
)

// People reads a state the way members do (domain.md, section 3, "what people
// read"); dates are in the zone given. Waivers are private: show it to the
// member and treasurers only.
func (s *Standing) People(zone *time.Location) string {
	switch s.State {
	case StateLeft:
		return "Left"
	case StateSuspended:
		return "Suspended"
	case StateApplied:
		return "Has applied"
	case StatePaused:
		return "Taking a break"
	case StateWaived:
		return until("Dues waived", s.anyUntil(), zone)
	case StateCurrent:
		return until("Paid up", s.PaidThrough, zone)
	case StateGrace:
		return s.late(zone)
	case StateUnknown:
		return "We cannot say yet"
	case StateShort:
		return "Pays less than the minimum"
	case StatePending:
		return "First payment on its way"
	case StateLapsed:
		return "Dues not paid since " + Date(s.PaidThrough, zone)
	case StateUnpaid:
		return "Not paid yet"
	}
	return ""
}

func (s *Standing) late(zone *time.Location) string {
	if u := s.anyUntil(); u != 0 {
		return "Payment late. Rights stay until " + Date(u, zone)
	}
	return "Payment late. Rights stay for now"
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

func until(words string, u instant.Instant, zone *time.Location) string {
	if u == 0 {
		return words
	}
	return words + " until " + Date(u, zone)
}

// Date writes an instant as a day, "1 July 2026"; midnight UTC on the first,
// which is 1 a.m. in British summer, reads as the first in either zone.
func Date(i instant.Instant, zone *time.Location) string {
	if i == 0 {
		return "no date"
	}
	if zone == nil {
		zone = time.UTC
	}
	return i.Time().In(zone).Format("2 January 2006")
}

// Text is the one wording of the reason, used by the command line, the API,
// mails, pages and refusals. Dates are in the zone given.
func (r Reason) Text(zone *time.Location) string {
	since, end := Date(r.Since, zone), Date(r.Until, zone)
	switch r.Code {
	case CodeCovered:
		return "Paid up until " + end
	case CodeRenewalDue:
		return "The renewal is being charged; the last payment counts until " + end
	case CodeGrace:
		if r.Until == 0 {
			return "The last full payment has run out; the days of grace go on"
		}
		return "The last full payment has run out; days of grace until " + end
	case CodeWaived:
		if r.Until == 0 {
			return "Dues are waived"
		}
		return "Dues are waived until " + end
	case CodeSuspended:
		if r.Until != 0 {
			return "Suspended under the code of co-operation until " + end
		}
	case CodeLeft:
		return "Left the federation on " + since
	case CodePaused:
		return "Taking a break since " + since
	case CodeRefunded:
		if r.Since != 0 {
			return "A payment was given back on " + since
		}
	case CodeStale:
		return "Open Collective has not been read completely for some time"
	}
	return wording[r.Code]
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
func (s *Standing) Why(zone *time.Location) string {
	parts := make([]string, len(s.Reasons))
	for i, r := range s.Reasons {
		parts[i] = r.Text(zone)
	}
	return strings.Join(parts, "; ")
}

// Refuse says why a member may not do what needs the right, naming every
// reason; nil when it may.
func (s *Standing) Refuse(r Right, zone *time.Location) error {
	if s.Has(r) {
		return nil
	}
	var parts []string
	for _, re := range s.ReasonsFor(r) {
		parts = append(parts, re.Text(zone))
	}
	return fmt.Errorf("no right to %s: %s", rightVerb[r], strings.Join(parts, "; "))
}

var rightVerb = [rights]string{"vote", "be listed", "use the shared services"}
