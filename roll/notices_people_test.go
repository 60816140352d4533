package roll

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/money"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/notify/letter"
	"coopcloud.tech/goodstanding/policy"
	"coopcloud.tech/goodstanding/store"
)

// hears are the notices of some kinds that were not written before: "kind to
// name", and what each letter is about.
func (s *stage) hears(before map[string]bool, kinds ...notify.Kind) (out []string) {
	s.t.Helper()
	people, err := s.r.People(s.t.Context())
	s.ok(err)
	for _, n := range s.outbox(store.OutboxQuery{}) {
		if before[n.ID] || !slices.Contains(kinds, n.Kind) {
			continue
		}
		before[n.ID] = true
		to := n.Recipient
		for _, p := range people {
			if string(p.ID) == to {
				to = p.Name
			}
		}
		out = append(out, fmt.Sprintf("%s to %s: %s", n.Kind, to, s.letter(n)))
	}
	slices.Sort(out)
	return out
}

// letter is what a letter says, shortly.
func (s *stage) letter(n store.OutboxRow) string {
	s.t.Helper()
	var d letter.Data
	var err error
	s.in(func(tx *store.Tx) error {
		d, err = s.r.LetterAbout(s.t.Context(), tx, n, letter.Data{Federation: "Knot"})
		return nil
	})
	if errors.Is(err, ErrOver) {
		return "over"
	}
	if err != nil {
		return err.Error()
	}
	if d.Federation != "Knot" || d.Kind != n.Kind {
		s.t.Errorf("the letter lost what all letters say: %+v", d)
	}
	if _, err := letter.BuiltIn().Render(d); err != nil {
		s.t.Errorf("no letter of the kind %s comes of %+v: %v", n.Kind, d, err)
	}
	var words []string
	for _, w := range []string{d.Person, d.Role, d.Entry, "by " + d.By} {
		if w != "" && w != "by " {
			words = append(words, w)
		}
	}
	for _, m := range d.Members {
		words = append(words, strings.TrimSuffix("of "+m.Name+" "+m.Reason, " "))
	}
	return strings.Join(words, ", ")
}

func (s *stage) wantHeard(what string, got []string, want ...string) {
	s.t.Helper()
	if !slices.Equal(got, want) {
		s.t.Errorf("%s: told\n  %s\nwant\n  %s", what, strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

// Who may act for a member, and who holds an office, is told to those whom it
// concerns; the letter names who did it.
func TestWhoActsIsTold(t *testing.T) {
	eachStage(t, func(t *testing.T, s *stage) {
		s.starts()
		kinds := []notify.Kind{notify.DelegateWelcome, notify.DelegateAdded, notify.DelegateRemoved, notify.Office}
		heard := map[string]bool{}
		s.hears(heard, kinds...)
		hears := func() []string { return s.hears(heard, kinds...) }

		_, err := s.r.AddPerson(t.Context(), as(s.dora), NewPerson{Email: "nils@people.example", Name: "Nils", DelegateOf: []member.ID{s.ash}})
		s.ok(err)
		s.wantHeard("added by a delegate", hears(), "delegate_added to Dora: Nils, by Dora, of Ash Workers' Co-op",
			"delegate_added to Elsa: Nils, by Dora, of Ash Workers' Co-op", "delegate_welcome to Nils: Nils, by Dora, of Ash Workers' Co-op")
		nils, err := s.r.ActorAs(t.Context(), "Nils", "")
		s.ok(err)
		s.ok(s.r.SetDelegate(t.Context(), as(s.elsa), personID(nils), s.ash, false))
		s.wantHeard("removed", hears(), "delegate_removed to Dora: Nils, by Elsa, of Ash Workers' Co-op",
			"delegate_removed to Elsa: Nils, by Elsa, of Ash Workers' Co-op", "delegate_removed to Nils: Nils, by Elsa, of Ash Workers' Co-op")
		for _, n := range s.outbox(store.OutboxQuery{Kind: notify.DelegateAdded, Member: s.ash, State: notify.Waiting}) {
			if got := s.letter(n); got != "over" {
				t.Errorf("that one was added who is removed: %q", got)
			}
		}
		s.ok(s.r.SetDelegate(t.Context(), as(s.ivy), personID(nils), s.dogwood, true))
		s.wantHeard("of another", hears(), "delegate_added to Ivy: Nils, by Ivy, of Dogwood", "delegate_welcome to Nils: Nils, by Ivy, of Dogwood")

		s.ok(s.r.SetRole(t.Context(), as(s.tara), personID(nils), member.Treasurer, true))
		s.wantHeard("a role given", hears(), "office to Elsa: Nils, treasurer, by Tara", "office to Nils: Nils, treasurer, by Tara", "office to Tara: Nils, treasurer, by Tara")
		s.ok(s.r.SetRole(t.Context(), as(s.elsa), personID(s.tara), member.Treasurer, false))
		s.wantHeard("a role taken", hears(), "office to Elsa: Tara, treasurer, by Elsa", "office to Nils: Tara, treasurer, by Elsa", "office to Tara: Tara, treasurer, by Elsa")
	})
}

// The first delegate of a member is told to its contacts, else to the accounts that it
// pays from, but not to the delegate itself; the second to the first. What a list
// brings waits for a treasurer's word, and is told like it.
func TestTheFirstDelegateIsTold(t *testing.T) {
	eachStage(t, func(t *testing.T, s *stage) {
		ctx := t.Context()
		heard := map[string]bool{}
		kinds := []notify.Kind{notify.DelegateAdded, notify.DelegateConfirm}
		s.starts()
		elm, oak := s.add(NewMember{Name: "Elm", Kind: member.Organisation}), s.add(NewMember{Name: "Oak", Kind: member.Organisation})
		s.contact("c_elm", elm, "office@elm.example")
		s.contact("c_own", elm, "Sock@people.example")
		s.hears(heard, kinds...)
		add := func(by By, name string, of member.ID) {
			t.Helper()
			s.now = s.now.Add(time.Minute)
			_, err := s.r.AddPerson(ctx, by, NewPerson{Email: name + "@people.example", Name: name, DelegateOf: []member.ID{of}})
			s.ok(err)
		}
		add(as(s.tara), "sock", elm)
		s.wantHeard("with a contact", s.hears(heard, kinds...), "delegate_added to c_elm: sock, by Tara, of Elm")
		add(as(s.tara), "second", elm)
		s.wantHeard("another one", s.hears(heard, kinds...), "delegate_added to sock: second, by Tara, of Elm")
		add(as(s.tara), "oki", oak)
		s.wantHeard("where nobody can be told", s.hears(heard, kinds...))

		fir, gum := s.add(NewMember{Name: "Fir", Kind: member.Organisation}), s.add(NewMember{Name: "Gum", Kind: member.Organisation})
		s.again(func(tx *store.Tx, _ int64) error {
			_, err := tx.SetAccountDetails(ctx, []store.AccountDetail{{Account: "acc-elm", Slug: "elm", Name: "E", Emails: []string{"money@fir.example"}, Seen: s.now}})
			return err
		})
		_, err := s.r.Link(ctx, as(s.tara), fir, "acc-elm", 0, 0)
		s.ok(err)
		add(as(s.tara), "fin", fir)
		s.wantHeard("by its account", s.hears(heard, kinds...), "delegate_added to account:acc-elm: fin, by Tara, of Fir")

		s.contact("c_gum", gum, "office@gum.example")
		s.now = s.now.Add(time.Minute)
		_, _, err = s.r.Import(ctx, as(s.tara), strings.NewReader("handle,name,delegates\ngum,Gum,Gus <gus@people.example>; Gil <gil@people.example>\nfir,Fir,Fay <fay@people.example>\n"), CSV, false)
		s.ok(err)
		s.wantHeard("from a list", s.hears(heard, kinds...), "delegate_added to c_gum: Gil, by Tara, of Gum", "delegate_added to c_gum: Gus, by Tara, of Gum",
			"delegate_added to fin: Fay, by Tara, of Fir")
		for _, n := range s.outbox(store.OutboxQuery{Kind: notify.DelegateAdded, Member: gum}) {
			if n.State != notify.HeldState || n.Detail != "release:import" {
				t.Errorf("to %s: %s %s", n.Recipient, n.State, n.Detail)
			}
		}

		s.begins() // who is added now is asked about
		hazel := s.add(NewMember{Name: "Hazel", Kind: member.Organisation})
		s.contact("c_hazel", hazel, "office@hazel.example")
		add(as(s.tara), "hal", hazel)
		asked := s.outbox(store.OutboxQuery{Kind: notify.DelegateConfirm})
		if told := s.outbox(store.OutboxQuery{Kind: notify.DelegateAdded, Member: hazel}); len(told) != 0 || len(asked) != 1 || asked[0].Recipient != "c_hazel" || asked[0].State != notify.Waiting {
			t.Errorf("told %+v, asked %+v", told, asked)
		}
		s.now = s.now.Add(time.Minute)
		_, _, err = s.r.Import(ctx, as(s.tara), strings.NewReader("handle,name,delegates\nhazel,Hazel,Hob <hob@people.example>\n"), CSV, false)
		s.ok(err)
		if asked := s.outbox(store.OutboxQuery{Kind: notify.DelegateConfirm, State: notify.HeldState}); len(asked) != 1 || asked[0].Recipient != "c_hazel" || asked[0].Detail != "release:import" {
			t.Errorf("asked of who came by a list: %+v", asked)
		}
	})
}

// A pause that others ask for is told at once, one that the member asks for when it
// begins; a suspension when it begins and when it is made longer, without its
// reason.
func TestPausesAndSuspensionsAreTold(t *testing.T) {
	eachStage(t, func(t *testing.T, s *stage) {
		s.starts()
		kinds := []notify.Kind{notify.PauseComing, notify.Paused, notify.Suspended}
		heard := map[string]bool{}
		hears := func() []string { return s.hears(heard, kinds...) }

		_, err := s.r.Pause(t.Context(), as(s.fay, s.dora), s.dogwood, 0, false)
		s.ok(err)
		s.wantHeard("asked for by others", hears(), "pause_coming to Ivy: by Fay, of Dogwood because the meeting said so")
		s.now = s.now.Add(7 * 24 * time.Hour)
		at := s.now
		s.now = s.now.Add(50 * time.Hour) // nobody looked meanwhile
		_, err = s.r.Assess(t.Context())
		s.ok(err)
		s.wantHeard("it has begun", hears(), "paused to Ivy: by Fay, of Dogwood because the meeting said so")
		for _, n := range s.outbox(store.OutboxQuery{Kind: notify.Paused}) {
			if n.About != at || n.DueAt != at {
				t.Errorf("told about %s, due %s, want %s", n.About, n.DueAt, at)
			}
		}
		for _, n := range s.outbox(store.OutboxQuery{Kind: notify.PauseComing}) {
			if got := s.letter(n); got != "over" {
				t.Errorf("that it will be paused, when it is: %q", got)
			}
		}
		_, err = s.r.Pause(t.Context(), as(s.bert), s.birch, 0, true)
		s.ok(err)
		_, err = s.r.Assess(t.Context())
		s.ok(err)
		s.wantHeard("asked for by itself", hears(), "paused to Bert: by Bert, of Birch Collective because the meeting said so",
			"paused to Fay: by Bert, of Birch Collective because the meeting said so")

		_, err = s.r.Suspend(t.Context(), as(s.cora), s.ash, 0, 0)
		s.ok(err)
		s.wantHeard("suspended for a week", hears(), "suspended to Dora: of Ash Workers' Co-op", "suspended to Elsa: of Ash Workers' Co-op")
		s.now = s.now.Add(time.Hour)
		_, err = s.r.Suspend(t.Context(), as(s.cora, s.carl), s.ash, 0, 0)
		s.ok(err)
		s.wantHeard("and without an end", hears(), "suspended to Dora: of Ash Workers' Co-op", "suspended to Elsa: of Ash Workers' Co-op")
	})
}

// What a treasurer enters for a member that it is delegate of is told to the other
// treasurers; what it enters for others, and what others enter, is not. A version
// of the rules from a file is told to all.
func TestTreasurersAreToldOfEachOther(t *testing.T) {
	eachStage(t, func(t *testing.T, s *stage) {
		s.starts()
		heard := map[string]bool{}
		hears := func() []string { return s.hears(heard, notify.OwnEntry, notify.PolicyAdded) }
		day := 0
		pay := func(by member.Actor, of member.ID) string {
			day++
			id, _, err := s.r.Pay(t.Context(), as(by), PaymentEntry{Member: of, Amount: money.Money{Minor: 1000, Currency: gbp}, Received: instant.Date(2026, 6, day), Months: 1})
			s.ok(err)
			return id
		}
		pay(s.elsa, s.birch)
		pay(s.tara, s.ash)
		s.wantHeard("somebody else's", hears())
		id := pay(s.elsa, s.ash)
		s.wantHeard("a payment", hears(), "own_entry to Tara: A payment: because the meeting said so, by Elsa, of Ash Workers' Co-op")
		_, err := s.r.UndoPayment(t.Context(), as(s.elsa), id)
		s.ok(err)
		s.wantHeard("undone", hears(), "own_entry to Tara: That a payment is undone: because the meeting said so, by Elsa, of Ash Workers' Co-op")
		_, _, err = s.r.Waive(t.Context(), as(s.elsa), s.ash, 0, 0, "")
		s.ok(err)
		s.wantHeard("a waiver", hears(), "own_entry to Tara: A waiver of its dues: because the meeting said so, by Elsa, of Ash Workers' Co-op")

		preset, err := policy.Preset(policy.DefaultPreset)
		s.ok(err)
		text := strings.NewReplacer("from: 2022-05-15", "from: 2027-01-01", "id: "+policy.DefaultPreset, "id: next-year").Replace(preset.Versions[0].Text)
		file, err := policy.Parse("next year's", []byte(text))
		s.ok(err)
		_, _, err = s.r.EnsurePolicy(t.Context(), as(s.tara), file, false)
		s.ok(err)
		s.wantHeard("a version added", hears(), "policy_added to Elsa: next-year, by Tara", "policy_added to Tara: next-year, by Tara")
	})
}
