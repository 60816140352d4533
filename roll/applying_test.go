package roll

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/store"
)

func aForm() NewApplication {
	return NewApplication{Kind: member.Organisation, Name: "Elm <b>Web</b>", Website: "elm.example", Summary: "We build.\r\nWe host.", Involvement: "We share a server.", Sponsor: "birch collective",
		Representative: "Noor", Email: "noor@elm.example", Matrix: "@noor:elm.example", Language: "en", Code: true, Read: true}
}

// links are the tokens of the mails that are due now.
func (s *stage) links() (tokens []string) {
	s.t.Helper()
	for {
		m, _, ok, err := s.r.NextApplicationMail(s.t.Context())
		s.ok(err)
		if !ok {
			return tokens
		}
		s.ok(s.r.ApplicationMailed(s.t.Context(), m.ID))
		tokens = append(tokens, m.Token)
	}
}

func (s *stage) waiting() (ids []string) {
	s.t.Helper()
	all, err := s.r.Admissions(s.t.Context(), s.tara)
	s.ok(err)
	for _, one := range all.Waiting {
		ids = append(ids, one.ID)
	}
	return ids
}

// What is wrong with a form is told all at once, in the order of the form.
func TestAnApplicationHasFaults(t *testing.T) {
	s := openStage(t, nil) // what is wrong is told before anything is looked up
	form := NewApplication{Website: "ftp://x", Summary: strings.Repeat("x", 601), Sponsor: "a\x07b", Email: "noor", Matrix: "noor"}
	wantReasons(t, s.r.Apply(t.Context(), form), "say whether an organisation or an individual would join", "a name is needed", "the website: "+webAddress("ftp://x", "https", "http"),
		"the summary has 601 characters, at most 600 are taken", "say how you would use what is shared, and take part",
		"the sponsor holds a control character (U+0007): write it on one line, as plain text", "the name of a representative is needed: who would act for you",
		"the representative's address is not an e-mail address: write name@example.org", "the Matrix name is not a Matrix id: write @name:server.example", "choose the language of mails",
		"joining needs your agreement to the code of co-operation", "without your consent nobody may read the application, or write to you about it")
	wantReasons(t, s.r.Apply(t.Context(), NewApplication{Kind: member.Individual, Name: "Noor", Summary: "I garden.", Involvement: "Gardens.", Language: "en", Code: true, Read: true}),
		"an e-mail address is needed: a link to confirm the application is sent there")
}

// From the form to an applicant: nobody reads an application before its link was
// used, the offices are told then, and a yes makes a member that has applied, and
// whoever represents it its delegate. Every button can be pressed twice.
func TestFromApplicationToApplicant(t *testing.T) {
	eachStage(t, func(t *testing.T, s *stage) {
		ctx := t.Context()
		s.starts()
		s.ok(s.r.Apply(ctx, aForm()))
		tokens := s.links()
		if len(tokens) != 1 || len(s.links()) != 0 {
			t.Fatalf("%d links, want one, once", len(tokens))
		}
		row, err := s.r.LookAtApplication(ctx, tokens[0])
		s.ok(err)
		if row.Website != "https://elm.example" || row.Summary != "We build.\nWe host." || row.Confirmed != 0 || row.Consent != AgreeToCode+" "+AgreeToBeRead {
			t.Errorf("kept: %+v", row)
		}
		if got := s.waiting(); len(got) != 0 {
			t.Errorf("before it was confirmed the offices read %v", got)
		}
		wantReasons(t, s.r.DeclineApplication(ctx, as(s.tara), row.ID), "there is no such application")
		wantTold(t, s.told(notify.Application))
		if err := s.r.ConfirmApplication(ctx, "nonsense"); !errors.Is(err, ErrNoApplicationLink) {
			t.Errorf("by a wrong link: %v", err)
		}
		for range 2 {
			s.ok(s.r.ConfirmApplication(ctx, tokens[0]))
		}
		if got := s.waiting(); !slices.Equal(got, []string{row.ID}) {
			t.Fatalf("confirmed, the offices read %v", got)
		}
		wantTold(t, s.told(notify.Application), s.tara.ID+" waiting", s.elsa.ID+" waiting", s.fay.ID+" waiting")
		audit, _ := s.lastAudit()
		if audit.Action != actionConfirmApplication || audit.Subject != row.ID {
			t.Errorf("audit: %+v", audit)
		}
		for _, who := range []member.Actor{s.cora, s.dora} {
			const only = "only a treasurer, a facilitator or the operator may"
			_, err := s.r.Admissions(ctx, who)
			wantReasons(t, err, only)
			_, _, err = s.r.AcceptApplication(ctx, as(who), row.ID, "")
			wantReasons(t, err, only)
			wantReasons(t, s.r.DeclineApplication(ctx, as(who), row.ID), only)
		}
		_, _, err = s.r.AcceptApplication(ctx, as(s.fay), row.ID, "Dogwood")
		wantReasons(t, err, "dogwood has that name already: if it is the same, use admit; else add what tells the two apart")
		id, report, err := s.r.AcceptApplication(ctx, as(s.fay), row.ID, "")
		s.ok(err)
		again, _, err := s.r.AcceptApplication(ctx, as(s.tara), row.ID, "")
		s.ok(err)
		if again != id || len(report.Transitions) != 1 || report.Transitions[0].To != eligibility.StateApplied {
			t.Errorf("pressed twice: %s and %s; %+v", id, again, report)
		}
		wantReasons(t, s.r.DeclineApplication(ctx, as(s.tara), row.ID), "it was accepted on 15 June 2026")
		all, err := s.r.Admissions(ctx, s.fay)
		s.ok(err)
		last := all.Applicants[len(all.Applicants)-1]
		if len(all.Waiting) != 0 || len(all.Decided) != 1 || last.Member != id || last.Name != "Elm <b>Web</b>" || !slices.Equal(last.Delegates, []string{"Noor"}) || last.Application == nil || last.Application.SponsorIs != s.birch || last.Application.By != "Fay" {
			t.Errorf("admissions: %+v", all)
		}
		noor, err := s.r.ActorAs(ctx, "noor@elm.example", "")
		s.ok(err)
		if !noor.DelegateOf(id) {
			t.Errorf("%+v is no delegate of %s", noor, id)
		}
		book, err := s.r.Book(ctx)
		s.ok(err)
		for _, m := range book.PublicMembers(s.now, true) {
			if m.ID == id {
				t.Error("everybody reads who has applied")
			}
		}
		one, err := s.r.Applicant(ctx, id)
		s.ok(err)
		if want := (Application{Application: store.Application{Involvement: "We share a server.", Sponsor: "birch collective"}}); *one.Application != want || one.Delegates != nil || one.Name != "Elm <b>Web</b>" {
			t.Errorf("for a proposer: %+v of %+v", one.Application, one)
		}
		if _, err := s.r.Applicant(ctx, s.ash); err == nil || !strings.Contains(err.Error(), "no applicant") {
			t.Errorf("a member as applicant: %v", err)
		}
		kept, err := s.r.Kept(ctx, noor, member.PersonID(noor.ID))
		s.ok(err)
		if len(kept.Applications) != 1 {
			t.Errorf("the applicant reads %d of its applications", len(kept.Applications))
		}
	})
}

// A no has a reason, tells nobody, and goes with what was typed after ninety days;
// what nobody confirms goes after seven.
func TestApplicationsAreDeclinedAndForgotten(t *testing.T) {
	eachStage(t, func(t *testing.T, s *stage) {
		ctx := t.Context()
		s.ok(s.r.Apply(ctx, aForm()))
		other := aForm()
		other.Name, other.Email = "Never confirmed", "eve@elm.example"
		s.ok(s.r.Apply(ctx, other))
		tokens := s.links()
		s.ok(s.r.ConfirmApplication(ctx, tokens[0]))
		id := s.waiting()[0]
		mine := aForm()
		mine.Name, mine.Email = "Fay's own", "FAY@people.example"
		s.ok(s.r.Apply(ctx, mine))
		s.ok(s.r.ConfirmApplication(ctx, s.links()[0]))
		_, _, err := s.r.AcceptApplication(ctx, as(s.fay), s.waiting()[1], "")
		wantReasons(t, err, "the application came from your own address: another treasurer or facilitator has to accept it")
		wantReasons(t, s.r.DeclineApplication(ctx, By{Actor: s.tara}, id), "a reason is needed: say why with --reason")
		for range 2 {
			s.ok(s.r.DeclineApplication(ctx, as(s.tara), id))
		}
		_, _, err = s.r.AcceptApplication(ctx, as(s.tara), id, "")
		wantReasons(t, err, "it was declined on 15 June 2026")
		all, err := s.r.Admissions(ctx, s.tara)
		s.ok(err)
		if len(all.Decided) != 1 || all.Decided[0].Why != "because the meeting said so" || all.Decided[0].By != "Tara" {
			t.Errorf("%+v", all.Decided)
		}
		left := func(after instant.Instant) string {
			s.now = noon + after
			s.ok(s.db.InTx(ctx, store.NoStream, s.now, func(tx *store.Tx) error { return PruneApplications(ctx, tx) }))
			names := []string{}
			s.in(func(tx *store.Tx) error {
				rows, err := tx.Applications(ctx)
				for _, row := range rows {
					names = append(names, row.Name)
				}
				return err
			})
			return strings.Join(names, ", ")
		}
		if got := left(6 * instant.Day); got != "Elm <b>Web</b>, Fay's own, Never confirmed" && got != "Elm <b>Web</b>, Never confirmed, Fay's own" {
			t.Errorf("after 6 days: %s", got)
		}
		s.now = noon + 8*instant.Day
		if err := s.r.ConfirmApplication(ctx, tokens[1]); !errors.Is(err, ErrApplicationLinkOver) {
			t.Errorf("confirmed after 8 days: %v", err)
		}
		if got := left(8 * instant.Day); got != "Elm <b>Web</b>, Fay's own" {
			t.Errorf("after 8 days: %s", got)
		}
		if got := left(91 * instant.Day); got != "Fay's own" { // which still waits
			t.Errorf("after 91 days: %s", got)
		}
	})
}

// One address gets few mails, however often the form is sent, and the answer is the
// same; others go on applying. A mail that was not taken is tried again.
func TestApplicationsBombNobody(t *testing.T) {
	eachStage(t, func(t *testing.T, s *stage) {
		ctx := t.Context()
		form := aForm()
		for range 3 { // the button was pressed again
			s.ok(s.r.Apply(ctx, form))
		}
		if n := len(s.links()); n != 1 {
			t.Errorf("%d mails for one form", n)
		}
		mails := 0
		for day := range 6 {
			s.now = noon + instant.Instant(day)*instant.Day
			for i := range 10 {
				form.Name, form.Email = fmt.Sprint("Elm ", day, i), []string{"noor@elm.example", "NOOR@elm.example"}[i%2]
				s.ok(s.r.Apply(ctx, form))
			}
			mails += len(s.links())
			if mails > 3*(day+1) {
				t.Errorf("%d mails by day %d", mails, day)
			}
		}
		if mails != 5 {
			t.Errorf("%d more mails to one address in six days, want 5: six at most in seven days", mails)
		}
		form.Email = "bo@elm.example"
		s.ok(s.r.Apply(ctx, form))
		first, _, ok, err := s.r.NextApplicationMail(ctx)
		if err != nil || !ok {
			t.Fatalf("somebody else applies: %v %v", ok, err)
		}
		_, next, ok, err := s.r.NextApplicationMail(ctx)
		if ok || err != nil || next != s.now+minute {
			t.Errorf("tried again at once (%v), or at %s: %v", ok, next, err)
		}
		s.now = next
		second, _, ok, err := s.r.NextApplicationMail(ctx)
		if !ok || err != nil || second.ID != first.ID || second.Token == first.Token {
			t.Errorf("tried again: %+v %v", second, err)
		}
		for _, token := range []string{first.Token, second.Token} { // whichever mail came
			_, err := s.r.LookAtApplication(ctx, token)
			s.ok(err)
		}
		s.ok(s.r.ConfirmApplication(ctx, first.Token))
		if _, next, ok, err := s.r.NextApplicationMail(ctx); ok || next != 0 || err != nil {
			t.Errorf("mailed after it was confirmed: %v %s %v", ok, next, err)
		}
	})
}
