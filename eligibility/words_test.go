package eligibility_test

import (
	"strings"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
)

var (
	june = instant.Date(2026, time.June, 1)
	july = instant.Date(2026, time.July, 1)
)

// What people read of a state (domain.md, section 3), with and without a date.
func TestWhatPeopleRead(t *testing.T) {
	yes := func(until instant.Instant) [3]eligibility.Verdict {
		return [3]eligibility.Verdict{{OK: true, Until: min(until, june)}, {OK: true, Until: until}, {OK: false, Until: july + instant.Day}}
	}
	for _, c := range []struct {
		s    eligibility.Standing
		want string
	}{
		{eligibility.Standing{State: eligibility.StateLeft}, "Left"},
		{eligibility.Standing{State: eligibility.StateSuspended}, "Suspended"},
		{eligibility.Standing{State: eligibility.StateApplied}, "Has applied"},
		{eligibility.Standing{State: eligibility.StatePaused}, "Taking a break"},
		{eligibility.Standing{State: eligibility.StateWaived, Verdicts: yes(july)}, "Dues waived until 1 July 2026"},
		{eligibility.Standing{State: eligibility.StateWaived, Verdicts: yes(0)}, "Dues waived"},
		{eligibility.Standing{State: eligibility.StateCurrent, PaidThrough: july}, "Paid up until 1 July 2026"},
		{eligibility.Standing{State: eligibility.StateCurrent}, "Paid up"},
		{eligibility.Standing{State: eligibility.StateGrace, Verdicts: yes(july)}, "Payment late. Rights stay until 1 July 2026"},
		{eligibility.Standing{State: eligibility.StateGrace, Verdicts: yes(0)}, "Payment late. Rights stay for now"},
		{eligibility.Standing{State: eligibility.StateUnknown}, "We cannot say yet"},
		{eligibility.Standing{State: eligibility.StateShort}, "Pays less than the minimum"},
		{eligibility.Standing{State: eligibility.StatePending}, "First payment on its way"},
		{eligibility.Standing{State: eligibility.StateLapsed, PaidThrough: june}, "Dues not paid since 1 June 2026"},
		{eligibility.Standing{State: eligibility.StateLapsed}, "Dues not paid since no date"},
		{eligibility.Standing{State: eligibility.StateUnpaid}, "Not paid yet"},
		{eligibility.Standing{}, ""},
	} {
		if got := c.s.People(time.UTC); got != c.want {
			t.Errorf("%s: %q, want %q", c.s.State, got, c.want)
		}
	}
}

// Each reason has one wording, and names its dates where it has any.
func TestEveryReasonHasItsWords(t *testing.T) {
	for _, c := range []struct {
		r    eligibility.Reason
		want string
	}{
		{eligibility.Reason{Code: eligibility.CodeCovered, Until: july}, "Paid up until 1 July 2026"},
		{eligibility.Reason{Code: eligibility.CodeRenewalDue, Until: july}, "The renewal is being charged; the last payment counts until 1 July 2026"},
		{eligibility.Reason{Code: eligibility.CodeShort}, "What is paid is less than the minimum dues"},
		{eligibility.Reason{Code: eligibility.CodeWrongCurrency}, "What is paid is in a currency that the policy does not count"},
		{eligibility.Reason{Code: eligibility.CodeGrace, Until: july}, "The last full payment has run out; days of grace until 1 July 2026"},
		{eligibility.Reason{Code: eligibility.CodeGrace, Since: june}, "The last full payment has run out; the days of grace go on"},
		{eligibility.Reason{Code: eligibility.CodeRetrying}, "The last charge failed; Open Collective is trying again"},
		{eligibility.Reason{Code: eligibility.CodeInterrupted}, "The contribution was paused on Open Collective, not by its payer"},
		{eligibility.Reason{Code: eligibility.CodeRefunded, Since: june}, "A payment was given back on 1 June 2026"},
		{eligibility.Reason{Code: eligibility.CodeRefunded}, "A payment was given back"},
		{eligibility.Reason{Code: eligibility.CodeRejected}, "The contribution was rejected"},
		{eligibility.Reason{Code: eligibility.CodeWaived, Until: july}, "Dues are waived until 1 July 2026"},
		{eligibility.Reason{Code: eligibility.CodeWaived, Since: june}, "Dues are waived"},
		{eligibility.Reason{Code: eligibility.CodeHeld}, "A change for the worse is held until a treasurer has looked at it"},
		{eligibility.Reason{Code: eligibility.CodeStale, Since: june}, "Open Collective has not been read completely for some time"},
		{eligibility.Reason{Code: eligibility.CodeNoSnapshot}, "Open Collective has not been read completely yet"},
		{eligibility.Reason{Code: eligibility.CodeNotLinked}, "No Open Collective account is linked and no payment was entered"},
		{eligibility.Reason{Code: eligibility.CodeApplied}, "Not admitted yet"},
		{eligibility.Reason{Code: eligibility.CodeLeft, Since: june}, "Left the federation on 1 June 2026"},
		{eligibility.Reason{Code: eligibility.CodeSuspended, Until: july}, "Suspended under the code of co-operation until 1 July 2026"},
		{eligibility.Reason{Code: eligibility.CodeSuspended, Since: june}, "Suspended under the code of co-operation"},
		{eligibility.Reason{Code: eligibility.CodePaused, Since: june}, "Taking a break since 1 June 2026"},
		{eligibility.Reason{Code: eligibility.CodeKindNotNamed}, "The policy does not give this right to this kind of member"},
		{eligibility.Reason{Code: eligibility.CodeNoProfile}, "There is no public profile"},
		{eligibility.Reason{Code: eligibility.CodeNoConsent}, "The member has not agreed to be listed"},
		{eligibility.Reason{Code: eligibility.CodeNotApproved}, "The listing was not approved yet"},
		{eligibility.Reason{Code: eligibility.CodePending}, "The first payment is on its way"},
		{eligibility.Reason{Code: eligibility.CodeNeverPaid}, "No dues were paid in full yet"},
		{eligibility.Reason{Code: eligibility.CodeAdvisory}, "Dues are not paid; by the policy this is a reminder only"},
		{eligibility.Reason{Code: eligibility.CodeGap}, "Open Collective could not be read in the week before the days of grace ended, so they were made longer"},
		{eligibility.Reason{Code: eligibility.CodeInterruptedByPayer}, "The contribution was paused by its payer"},
		{eligibility.Reason{Code: eligibility.CodePolicyFault}, "The policy in force counts no money of this collective"},
	} {
		if got := c.r.Text(time.UTC); got != c.want {
			t.Errorf("%s: %q, want %q", c.r.Code, got, c.want)
		}
	}
	for c := eligibility.CodeCovered; c.String() != ""; c++ {
		if (eligibility.Reason{Code: c, Since: june, Until: july}).Text(time.UTC) == "" {
			t.Errorf("%s has no words", c)
		}
	}
}

// A date is a day in the zone asked for; without a zone in UTC.
func TestDatesAreDaysOfAZone(t *testing.T) {
	west := time.FixedZone("west", -5*60*60)
	for _, c := range []struct {
		at   instant.Instant
		zone *time.Location
		want string
	}{{july, nil, "1 July 2026"}, {july, time.UTC, "1 July 2026"}, {july, west, "30 June 2026"}, {0, nil, "no date"}, {0, west, "no date"}} {
		if got := eligibility.Date(c.at, c.zone); got != c.want {
			t.Errorf("%s in %v: %q, want %q", c.at, c.zone, got, c.want)
		}
	}
}

// A refusal names every reason that touches the right, and only those; who has
// the right is not refused.
func TestRefusalsNameEveryReason(t *testing.T) {
	s := eligibility.Standing{Verdicts: [3]eligibility.Verdict{{}, {}, {OK: true}}, Reasons: []eligibility.Reason{
		{Code: eligibility.CodeShort, Rights: eligibility.Of(eligibility.Vote, eligibility.Listing)},
		{Code: eligibility.CodeNoProfile, Rights: eligibility.Of(eligibility.Listing)},
		{Code: eligibility.CodeNeverPaid, Rights: eligibility.Of(eligibility.Vote)},
		{Code: eligibility.CodeStale}}}
	for r, want := range map[eligibility.Right]string{
		eligibility.Vote:    "no right to vote: What is paid is less than the minimum dues; No dues were paid in full yet",
		eligibility.Listing: "no right to be listed: What is paid is less than the minimum dues; There is no public profile",
	} {
		if err := s.Refuse(r, time.UTC); err == nil || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
	if err := s.Refuse(eligibility.Services, time.UTC); err != nil {
		t.Errorf("refused, although the right is there: %v", err)
	}
	s.Verdicts[2].OK = false
	if err := s.Refuse(eligibility.Services, time.UTC); err == nil || err.Error() != "no right to use the shared services: " {
		t.Error(err)
	}
	want := "What is paid is less than the minimum dues; There is no public profile; No dues were paid in full yet; " +
		"Open Collective has not been read completely for some time"
	if got := s.Why(time.UTC); got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// Words that the API and the command line write are the words that are read.
func TestWordsAreReadAsWritten(t *testing.T) {
	for s := eligibility.StateLeft; s <= eligibility.StateUnpaid; s++ {
		text, err := s.MarshalText()
		if got, ok := eligibility.ParseState(string(text)); !ok || got != s || err != nil {
			t.Errorf("%s is read as %s", text, got)
		}
	}
	for _, word := range []string{"", "paid"} {
		if s, ok := eligibility.ParseState(word); ok || s != eligibility.StateNone {
			t.Errorf("%q is read as %s", word, s)
		}
	}
	for s := eligibility.StatusNew; s <= eligibility.StatusInReview; s++ {
		if got := eligibility.ParseStatus(s.String()); got != s || s.String() == "UNKNOWN" {
			t.Errorf("%s is read as %s", s, got)
		}
	}
	for _, word := range []string{"", "UNKNOWN", "RESTING"} {
		if got := eligibility.ParseStatus(word); got != eligibility.StatusUnknown {
			t.Errorf("%q is read as %s", word, got)
		}
	}
	var words []string
	for _, r := range eligibility.Rights {
		text, err := r.MarshalText()
		if err != nil {
			t.Error(err)
		}
		words = append(words, string(text))
	}
	code, err := eligibility.CodeNotLinked.MarshalText()
	if strings.Join(words, " ") != "vote listing services" || string(code) != "not_linked" || err != nil {
		t.Errorf("%v, %s, %v", words, code, err)
	}
}

// A value that no constant names has no word, and breaks nothing.
func TestUnheardOfValuesHaveNoWord(t *testing.T) {
	for _, got := range []string{eligibility.State(13).String(), eligibility.State(200).String(), eligibility.Code(29).String(),
		eligibility.Code(200).String(), eligibility.RefKind(8).String(), eligibility.RefKind(200).String()} {
		if got != "" {
			t.Errorf("%q", got)
		}
	}
	if got := eligibility.Status(15).String() + eligibility.Status(200).String() + eligibility.StatusUnknown.String(); got != "UNKNOWNUNKNOWNUNKNOWN" {
		t.Error(got)
	}
	for kind, want := range map[eligibility.RefKind]string{eligibility.RefCharge: "charge:x", eligibility.RefHold: "hold:x"} {
		if got := (eligibility.Ref{Kind: kind, ID: "x"}).String(); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
