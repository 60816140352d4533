package roll

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/store"
)

func TestATokenIsShownOnceAndStoredAsItsHash(t *testing.T) {
	eachStage(t, func(t *testing.T, s *stage) {
		until := s.now.AddMonths(6)
		text, made, err := s.r.CreateToken(t.Context(), as(s.tara), " website ", []string{"syncs:read", "roll:read", "roll:read"}, until)
		s.ok(err)
		if !regexp.MustCompile(`^gs_[A-Za-z0-9_-]{43}$`).MatchString(text) {
			t.Errorf("the text has the form %q", strings.Repeat("x", len(text)))
		}
		sameAs(t, made, Token{ID: made.ID, Name: "website", Scopes: []Scope{ScopeRoll, ScopeSyncs}, Created: s.now, CreatedBy: "Tara", Expires: until})
		all, err := s.r.ListTokens(t.Context())
		s.ok(err)
		sameAs(t, all, []Token{made})
		s.in(func(tx *store.Tx) error {
			rows, err := tx.Tokens(t.Context())
			s.ok(err)
			if len(rows) != 1 || rows[0].Hash != TokenHash(text) || strings.Contains(fmt.Sprint(rows), text[3:]) {
				t.Error("what is stored is not the hash alone")
			}
			return nil
		})
		row, _ := s.lastAudit()
		if row.Action != "create_token" || row.Subject != made.ID || strings.Contains(row.Payload, "website") || !strings.Contains(row.Payload, "syncs:read") {
			t.Errorf("the audit row is %+v", row)
		}
		if !made.Standing(until-1) || made.Standing(until) || !made.Has(ScopeRoll) || made.Has(ScopeHolds) {
			t.Error("the token counts until its end, for its scopes")
		}
	})
}

func TestARevokedTokenStaysOnTheListAndFreesItsName(t *testing.T) {
	eachStage(t, func(t *testing.T, s *stage) {
		make := func() Token {
			t.Helper()
			_, made, err := s.r.CreateToken(t.Context(), s.operator("needed"), "website", []string{"roll:read"}, 0)
			s.ok(err)
			return made
		}
		first := make()
		s.ok(s.r.RevokeToken(t.Context(), as(s.tara), "website"))
		row, _ := s.lastAudit()
		if row.Action != "revoke_token" || row.Subject != first.ID {
			t.Errorf("the audit row is %+v", row)
		}
		second := make()
		wantReasons(t, s.r.RevokeToken(t.Context(), as(s.tara), first.ID), "it is revoked already")
		s.ok(s.r.RevokeToken(t.Context(), as(s.tara), second.ID))
		all, err := s.r.ListTokens(t.Context())
		s.ok(err)
		if len(all) != 2 || all[0].Standing(s.now) || all[1].Standing(s.now) || all[0].Revoked != s.now {
			t.Errorf("the tokens are %+v", all)
		}
	})
}

func TestTokensThatAreRefused(t *testing.T) {
	eachStage(t, func(t *testing.T, s *stage) {
		create := func(by By, name string, scopes []string, until instant.Instant) error {
			text, _, err := s.r.CreateToken(t.Context(), by, name, scopes, until)
			if text != "" {
				t.Error("a refused token was handed out")
			}
			return err
		}
		which := ": " + scopeList()
		wantReasons(t, create(as(s.tara), "", nil, s.now), "a scope is needed"+which, "a name is needed: what is the token for?",
			"it would have ended already: write an end that lies in the future, or none")
		wantReasons(t, create(as(s.tara), "a\x00", []string{"all", "roll:read"}, 0), `"all" is not a scope`+which,
			"the name holds a control character (U+0000): write it on one line, as plain text")
		wantReasons(t, create(as(s.dora), "", nil, 0), "only a treasurer or the operator may")
		wantReasons(t, create(By{Actor: member.Actor{ID: "op_1", Label: "operator:x", Operator: true}}, "x", []string{"roll:read"}, 0),
			"a reason is needed: say why with --reason")
		_, one, err := s.r.CreateToken(t.Context(), as(s.tara), "website", []string{"roll:read"}, s.now+10)
		s.ok(err)
		wantReasons(t, create(as(s.tara), "website", []string{"roll:read"}, 0),
			`another token is called "website" (`+one.ID+`): choose another name, or revoke that one first`)
		wantReasons(t, s.r.RevokeToken(t.Context(), as(s.dora), "website"), "only a treasurer or the operator may")
		s.now += 10
		if _, _, err := s.r.CreateToken(t.Context(), as(s.tara), "website", []string{"roll:read"}, 0); err != nil {
			t.Errorf("the name of an ended token is free: %v", err)
		}
	})
}

func TestATokenIsNotFoundByItsText(t *testing.T) {
	eachStage(t, func(t *testing.T, s *stage) {
		text, _, err := s.r.CreateToken(t.Context(), as(s.tara), "website", []string{"roll:read"}, 0)
		s.ok(err)
		err = s.r.RevokeToken(t.Context(), as(s.tara), text)
		wantReasons(t, err, "name it by its id or its name, not by its text: goodstanding token list")
		err = s.r.RevokeToken(t.Context(), as(s.tara), "websit")
		if none, ok := errors.AsType[*NotFound](err); !ok || none.Error() != `there is no token "websit"; nearest: website` {
			t.Errorf("got %v", err)
		}
	})
}

func sameAs[T any](t *testing.T, got, want T) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("differs (- want, + got):\n%s", diff)
	}
}
