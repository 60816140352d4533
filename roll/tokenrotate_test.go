package roll

import (
	"errors"
	"strings"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/store"
)

// TestATokenIsReplacedByOneThatGrantsTheSame, and counts beside it for as long as was asked.
func TestATokenIsReplacedByOneThatGrantsTheSame(t *testing.T) {
	eachStage(t, func(t *testing.T, s *stage) {
		first, old, err := s.r.CreateToken(t.Context(), as(s.tara), "website", []string{"roll:read", "syncs:read"}, 0)
		s.ok(err)
		s.now += 1000
		text, next, was, err := s.r.RotateToken(t.Context(), as(s.tara), "website", Rotation{Overlap: time.Hour})
		s.ok(err)
		if text == first || next.ID == old.ID || !strings.HasPrefix(text, tokenPrefix) {
			t.Error("the next token is the one before it")
		}
		old.Expires = s.now.Add(time.Hour)
		sameAs(t, was, old)
		sameAs(t, next, Token{ID: next.ID, Name: "website", Scopes: old.Scopes, Created: s.now, CreatedBy: "Tara"})
		all, err := s.r.ListTokens(t.Context())
		s.ok(err)
		sameAs(t, all, []Token{old, next})
		if end := s.now.Add(time.Hour); !old.Standing(end-1) || old.Standing(end) || !next.Standing(end) {
			t.Error("the old one counts for the overlap, the next one after it")
		}
		s.in(func(tx *store.Tx) error {
			now, err := TokensByHash(t.Context(), tx)
			s.ok(err)
			one, _ := now.Of(first)
			other, _ := now.Of(text)
			if one.ID != old.ID || other.ID != next.ID {
				t.Error("both texts open what they are for")
			}
			if _, known := now.Of(text + "x"); known || now[TokenHash(text)].ID != next.ID {
				t.Error("a token is found by the hash of its text, and by no other")
			}
			return nil
		})
		row, _ := s.lastAudit()
		if row.Action != "rotate_token" || row.Subject != next.ID || !strings.Contains(row.Payload, old.ID) || strings.Contains(row.Payload, "website") {
			t.Errorf("the audit row is %+v", row)
		}
	})
}

// TestATokenThatWasLostEndsAtOnce when it is replaced without an overlap.
func TestATokenThatWasLostEndsAtOnce(t *testing.T) {
	eachStage(t, func(t *testing.T, s *stage) {
		until := s.now.AddMonths(2)
		_, old, err := s.r.CreateToken(t.Context(), as(s.tara), "website", []string{"roll:read"}, until)
		s.ok(err)
		_, next, was, err := s.r.RotateToken(t.Context(), s.operator("it was in a public log"), old.ID, Rotation{})
		s.ok(err)
		if was.CreatedBy != "Tara" || next.CreatedBy == "Tara" || next.CreatedBy == "" {
			t.Errorf("the old one was made by %q, the new one by %q", was.CreatedBy, next.CreatedBy)
		}
		if was.Revoked != s.now || was.Standing(s.now) || next.Expires != until || !next.Standing(s.now) {
			t.Errorf("the old one is %+v, the next one %+v", was, next)
		}
		_, later, _, err := s.r.RotateToken(t.Context(), as(s.tara), "website", Rotation{Overlap: LongestOverlap, Expires: until.AddMonths(12)})
		s.ok(err)
		all, err := s.r.ListTokens(t.Context())
		s.ok(err)
		if len(all) != 3 || all[0].Standing(s.now) || later.Expires != until.AddMonths(12) {
			t.Errorf("the tokens are %+v", all)
		}
	})
}

// TestTwoTokensOfOneNameAreNamedByTheirIDs: revoking the wrong one would stop a program.
func TestTwoTokensOfOneNameAreNamedByTheirIDs(t *testing.T) {
	eachStage(t, func(t *testing.T, s *stage) {
		_, old, err := s.r.CreateToken(t.Context(), as(s.tara), "website", []string{"roll:read"}, 0)
		s.ok(err)
		_, next, _, err := s.r.RotateToken(t.Context(), as(s.tara), "website", Rotation{Overlap: time.Hour})
		s.ok(err)
		err = s.r.RevokeToken(t.Context(), as(s.tara), "website")
		if many, ok := errors.AsType[*Ambiguous](err); !ok || strings.Join(many.Matches, " ") != old.ID+" "+next.ID {
			t.Errorf("revoking by the name of both: %v", err)
		}
		s.ok(s.r.RevokeToken(t.Context(), as(s.tara), old.ID))
		s.ok(s.r.RevokeToken(t.Context(), as(s.tara), "website"))
		all, err := s.r.ListTokens(t.Context())
		s.ok(err)
		if all[0].Revoked == 0 || all[1].Revoked == 0 {
			t.Errorf("the tokens are %+v", all)
		}
	})
}

func TestRotationsThatAreRefused(t *testing.T) {
	eachStage(t, func(t *testing.T, s *stage) {
		rotate := func(by By, word string, o Rotation) error {
			text, _, _, err := s.r.RotateToken(t.Context(), by, word, o)
			if text != "" {
				t.Error("a refused token was handed out")
			}
			return err
		}
		secret, one, err := s.r.CreateToken(t.Context(), as(s.tara), "website", []string{"roll:read"}, s.now+10)
		s.ok(err)
		_, _, err = s.r.CreateTokenFor(t.Context(), as(s.dora), member.PersonID(s.dora.ID), "bot", []string{"ballots:write"}, 0)
		s.ok(err)
		wantReasons(t, rotate(as(s.dora), "website", Rotation{}), "only a treasurer or the operator may")
		wantReasons(t, rotate(as(s.tara), "bot", Rotation{}), "only the person it stands for, or the operator, may make it")
		wantReasons(t, rotate(as(s.tara), secret, Rotation{}), "name it by its id or its name, not by its text: goodstanding token list")
		wantReasons(t, rotate(as(s.tara), "website", Rotation{Overlap: -1, Expires: s.now}),
			"the new one would have ended already: write an end that lies in the future, or none",
			"both may count for 30 days at most: write --overlap 24h, or --overlap 0 for ending the old one at once")
		wantReasons(t, rotate(as(s.tara), "website", Rotation{Overlap: LongestOverlap + 1}),
			"both may count for 30 days at most: write --overlap 24h, or --overlap 0 for ending the old one at once")
		s.now += 10
		wantReasons(t, rotate(as(s.tara), "website", Rotation{}), "it no longer counts: make another one with goodstanding token create")
		if _, _, _, err := s.r.RotateToken(t.Context(), as(s.dora), "bot", Rotation{}); err != nil {
			t.Errorf("the person it stands for may: %v", err)
		}
		all, err := s.r.ListTokens(t.Context())
		s.ok(err)
		if len(all) != 3 || all[0].ID != one.ID || all[2].Person != member.PersonID(s.dora.ID) {
			t.Errorf("the tokens are %+v", all)
		}
	})
}
