package roll

import (
	"errors"
	"strings"
	"testing"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
)

func TestFind(t *testing.T) {
	eachStage(t, func(t *testing.T, s *stage) {
		_, err := s.r.Link(t.Context(), as(s.tara), s.ash, "acc-elm", 0, 0)
		s.ok(err)
		s.add(NewMember{Name: "Birch and Sons", Kind: member.Organisation})
		for word, want := range map[string]member.ID{
			string(s.ash): s.ash, "ash-workers-co-op": s.ash, " ASH w": s.ash, "elm": s.ash, "@elm": s.ash, "@ELM": s.ash,
			"birch coll": s.birch, "ced": s.cedar,
		} {
			if got, err := s.r.Find(t.Context(), word); got != want {
				t.Errorf("%q finds %q, %v", word, got, err)
			}
		}
		for word, want := range map[string]string{
			"dogwod": `there is no member "dogwod"; nearest: dogwood`,
			"":       `there is no member ""`,
			"@nope":  `there is no member "@nope"`,
			"birch":  `"birch" fits several of members: birch-and-sons, birch-collective; write more of it, or the id`,
		} {
			if _, err := s.r.Find(t.Context(), word); err == nil || err.Error() != want {
				t.Errorf("%q: %v, want %s", word, err, want)
			}
		}
	})
}

func TestFindAccount(t *testing.T) {
	eachStage(t, func(t *testing.T, s *stage) {
		for _, word := range []string{"acc-elm", "elm", "@elm", " ELM", "public-elm"} {
			if got, err := s.r.FindAccount(t.Context(), word); got != "acc-elm" {
				t.Errorf("%q finds %q, %v", word, got, err)
			}
		}
		for word, want := range map[string]string{
			"":       `there is no account ""`,
			"@":      `there is no account "@"`,
			"hazle":  `there is no account "hazle"`,
			"hazell": `there is no account "hazell"; nearest: hazel`,
			"inc":    `there is no account "inc"; nearest: incognito-1`,
		} {
			if _, err := s.r.FindAccount(t.Context(), word); err == nil || err.Error() != want {
				t.Errorf("%q: %v, want %s", word, err, want)
			}
		}
	})
}

func TestFindPerson(t *testing.T) {
	eachStage(t, func(t *testing.T, s *stage) {
		s.someone("Tarik", nil)
		for word, want := range map[string]string{s.tara.ID: s.tara.ID, "TARA@people.example": s.tara.ID, "tara": s.tara.ID, "do": s.dora.ID} {
			if got, err := s.r.FindPerson(t.Context(), word); string(got) != want {
				t.Errorf("%q finds %q, %v", word, got, err)
			}
		}
		_, err := s.r.FindPerson(t.Context(), "tar")
		if many, ok := errors.AsType[*Ambiguous](err); !ok || len(many.Matches) != 2 || !strings.HasPrefix(many.Matches[0], "Tara (p_") {
			t.Errorf("several: %v", err)
		}
		for word, want := range map[string]string{
			"Dorra":                `there is no person "Dorra"; nearest: Dora`,
			"nobody@mail.example":  `there is no person "…@…"`,
			"  ":                   `there is no person ""`,
			"Somebody Else Indeed": `there is no person "Somebody Else Indeed"`,
		} {
			if _, err := s.r.FindPerson(t.Context(), word); err == nil || err.Error() != want {
				t.Errorf("%q: %v, want %s", word, err, want)
			}
		}
	})
}

func TestActorAs(t *testing.T) {
	eachStage(t, func(t *testing.T, s *stage) {
		a, err := s.r.ActorAs(t.Context(), "Elsa", "ada")
		if err != nil || a.ID != s.elsa.ID || a.Label != "Elsa" || a.Operator || !a.Has(member.Treasurer) || !a.DelegateOf(s.ash) {
			t.Errorf("Elsa is %+v, %v", a, err)
		}
		op, err := s.r.ActorAs(t.Context(), " ", "ada")
		if err != nil || op.Label != "operator:ada" || !op.Operator || strings.Contains(op.ID, "ada") {
			t.Errorf("the operator is %+v, %v", op, err)
		}
		// The id stays the same once something was done under it.
		_, _, err = s.r.Waive(t.Context(), By{Actor: op, Reason: "ill"}, s.ash, 0, instant.Date(2026, 9, 1), "")
		s.ok(err)
		again, err := s.r.ActorAs(t.Context(), "", "ada")
		if err != nil || again.ID != op.ID {
			t.Errorf("the operator is now %+v, %v", again, err)
		}
		other, err := s.r.ActorAs(t.Context(), "", "bob\n")
		if err != nil || other.ID == op.ID || other.Label != "operator:bob" {
			t.Errorf("another operator is %+v, %v", other, err)
		}
		if odd, err := s.r.ActorAs(t.Context(), "", "a\x00b"); err != nil || odd.Label != "operator:unknown" {
			t.Errorf("an odd login is %+v, %v", odd, err)
		}
		if _, err = s.r.ActorAs(t.Context(), "Zed", "ada"); err == nil || err.Error() != `there is no person "Zed"` {
			t.Errorf("an unknown name: %v", err)
		}
	})
}
