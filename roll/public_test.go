package roll

import (
	"context"
	"testing"

	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/store"
)

func (s *stage) book() *Book {
	s.t.Helper()
	b, err := s.r.Book(s.t.Context())
	s.ok(err)
	return b
}

// domain.md, section 8: applied and left are absent, all others look alike.
func TestThePublicSeesMembersAndNotTheirStanding(t *testing.T) {
	eachStage(t, func(t *testing.T, s *stage) {
		ctx := t.Context()
		nora := s.add(NewMember{Name: "Nora Private", Kind: member.Individual, Website: "https://nora.example", Summary: "Nora sews.", Since: instant.Date(2025, 5, 1), Decision: "012"})
		zed := s.add(NewMember{Name: "Zed Private", PublicName: "Zed", Kind: member.Individual, Website: "https://zed.example", Since: instant.Date(2025, 6, 1), Decision: "013"})
		elm := s.add(NewMember{Name: "Elm", Kind: member.Organisation, Since: instant.Date(2025, 4, 10)})
		old := s.add(NewMember{Name: "Oldest", Kind: member.Organisation, Since: instant.Date(2025, 4, 11)})
		_, err := s.r.Leave(ctx, s.operator("said so"), elm, 0)
		s.ok(err)
		_, err = s.r.Suspend(ctx, as(s.cora, s.carl), s.birch, 0, 0)
		s.ok(err)
		_, err = s.r.Suspend(ctx, as(s.cora, s.carl), s.cedar, 0, 0) // an applicant: stays absent
		s.ok(err)
		_, err = s.r.Pause(ctx, as(s.ivy), s.dogwood, 0, false)
		s.ok(err)
		_, err = s.r.Merge(ctx, s.operator("twice here"), old, s.ash)
		s.ok(err)
		b := s.book()
		got := b.PublicMembers(s.now, true)
		for i := range got {
			got[i].GoodStanding = false
		}
		sameAs(t, got, []PublicMember{
			{ID: nora, Name: NamelessIndividual, Kind: member.Individual, MemberSince: instant.Date(2025, 5, 1)},
			{ID: s.ash, Name: "Ash Workers' Co-op", Kind: member.Organisation, Website: "https://www.ash.example", MemberSince: instant.Date(2025, 1, 10)},
			{ID: s.birch, Name: "Birch Collective", Kind: member.Organisation, MemberSince: instant.Date(2025, 2, 10)},
			{ID: s.dogwood, Name: "Dogwood", Kind: member.Organisation, MemberSince: instant.Date(2025, 3, 10)},
			{ID: zed, Name: "Zed", Kind: member.Individual, Website: "https://zed.example", MemberSince: instant.Date(2025, 6, 1), Decision: "013"},
		})
		if words := b.Words(); words[string(old)] != s.ash || words["oldest"] != s.ash || words["zed-private"] != zed || words[string(zed)] != zed {
			t.Errorf("the words lead to %v", words)
		}
		if r := b.Readiness(s.now); r != (Readiness{Ready: 0, Members: 5}) {
			t.Errorf("readiness %+v", r)
		}
	})
}

// Whether a member is a provider is public with the list, not before.
func TestAProviderIsOneOnceTheListIsPublic(t *testing.T) {
	l := newList(t, dbtest.SQLite(t)())
	l.seen()
	l.takes(CSV, small)
	id := l.id("acme")
	l.waived(id)
	l.must(l.SetProfile(t.Context(), byOperator, id, acmeProfile))
	l.must(l.Consent(t.Context(), byOperator, id, true, 0, "Yes."))
	l.must(l.Approve(t.Context(), byOperator, id))
	b, err := l.Book(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if r := b.Readiness(l.now); r.Ready != 1 || r.Members < 2 {
		t.Errorf("readiness %+v", r)
	}
	for _, published := range []bool{false, true} {
		for _, m := range b.PublicMembers(l.now, published) {
			want := published && m.ID == id
			if m.Provider != want || (m.Contact != "") != want || m.GoodStanding != (m.ID == id) {
				t.Errorf("published %v: %+v", published, m)
			}
		}
	}
}

func TestTheListIsPublicUntilItIsTakenBack(t *testing.T) {
	l := newList(t, dbtest.SQLite(t)())
	since := func() (at instant.Instant) {
		t.Helper()
		l.read(func(ctx context.Context, tx *store.Tx) (err error) {
			at, err = PublishedSince(ctx, tx)
			return err
		})
		return at
	}
	if since() != 0 {
		t.Error("a new list is public")
	}
	for _, on := range []bool{true, false} {
		if err := l.PublishProviders(t.Context(), byOperator, on); err != nil {
			t.Fatal(err)
		}
		if (since() == l.now) != on || (since() == 0) == on {
			t.Errorf("published %v: public since %s", on, since())
		}
	}
}
