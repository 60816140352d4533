package cases

import (
	"context"
	"fmt"
	"strings"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
)

// ofMember holds a member's standing against the words of a line: a state, "vote
// yes", "reason CODE", "without CODE", "until DAY" (the vote), "paid DAY".
func (f *federation) ofMember(who string, words []string) error {
	return f.about(who, func(ctx context.Context, id member.ID) error {
		x, err := f.roll.Explain(ctx, id, 0, 0)
		if err != nil {
			return err
		}
		for len(words) > 0 && err == nil {
			words, err = said(&x.Standing, words)
		}
		if err != nil {
			err = fmt.Errorf("%s is %s (%s): %w", who, x.Standing.State, codes(&x.Standing), err)
		}
		return err
	})
}

// said compares one word, or a word and its value, and leaves the rest.
func said(s *eligibility.Standing, words []string) ([]string, error) {
	if state, ok := eligibility.ParseState(words[0]); ok {
		return words[1:], is("state", s.State.String(), state.String())
	}
	if len(words) < 2 {
		return nil, fmt.Errorf("%q is no state", words[0])
	}
	value := words[1]
	switch words[0] {
	case "vote":
		return words[2:], is("vote", word(s.Has(eligibility.Vote), "yes", "no"), value)
	case "listing":
		return words[2:], is("listing", word(s.Has(eligibility.Listing), "yes", "no"), value)
	case "reason":
		return words[2:], is("reason "+value, strings.Contains(codes(s), " "+value+" "), true)
	case "without":
		return words[2:], is("reason "+value, strings.Contains(codes(s), " "+value+" "), false)
	case "until":
		return words[2:], is("the vote is until", day(s.Verdict(eligibility.Vote).Until), value)
	case "paid":
		return words[2:], is("paid until", day(s.PaidThrough), value)
	}
	return nil, fmt.Errorf("%q is no state, and nothing else that can be said of a member", words[0])
}

func codes(s *eligibility.Standing) string {
	all := " "
	for _, r := range s.Reasons {
		all += r.Code.String() + " "
	}
	return all
}

func day(i instant.Instant) string {
	if i == 0 {
		return "never"
	}
	return i.Day()
}
