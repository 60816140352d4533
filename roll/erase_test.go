package roll

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"strings"
	"testing"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/store"
)

// hildegard is an individual who pays by an account of her own, with everything that a
// member can have.
func (s *stage) hildegard() member.ID {
	s.t.Helper()
	ctx := s.t.Context()
	id := s.add(NewMember{Name: "Hildegard Elm", PublicName: "Hildegard", Kind: member.Individual, Website: "https://hildegard.example", Contacts: []Contact{{Email: "hildegard@elm.example"}}, Since: instant.Date(2026, 4, 1)})
	by := s.operator("Hildegard asked for it")
	_, err := s.r.Link(ctx, by, id, "acc-elm", 0, 0)
	s.ok(err)
	_, _, err = s.r.Waive(ctx, by, id, 0, instant.Date(2026, 8, 1), "")
	s.ok(err)
	_, err = s.r.SetProfile(ctx, by, id, Profile{Summary: "Hildegard hosts."})
	s.ok(err)
	_, err = s.r.Consent(ctx, by, id, true, 0, "Hildegard agrees")
	s.ok(err)
	_, err = s.r.SetLogo(ctx, by, id, picture(7))
	s.ok(err)
	hedges, err := s.r.PostOpportunity(ctx, by, NewOpportunity{Title: "Hedges", Summary: "One.", Contact: "hildegard@elm.example", Member: id})
	s.ok(err)
	s.ok(s.r.CloseOpportunity(ctx, s.operator("Hildegard found somebody"), hedges))
	s.posted("Hildegard@elm.example, or us", "hello@elm.example", "tell.hello@elm.example")
	s.bounced("hildegard@elm.example", "hello@elm.example")
	return id
}

// posted tells of funded work in the name of ash, with other people's contacts.
func (s *stage) posted(contacts ...string) {
	s.t.Helper()
	for i, contact := range contacts {
		_, err := s.r.PostOpportunity(s.t.Context(), s.operator("Ash asked for it"), NewOpportunity{Title: fmt.Sprint("Work ", i), Summary: "One.", Contact: contact, Member: s.ash})
		s.ok(err)
	}
}

// contacts are those of all opportunities, by title.
func (s *stage) contacts() map[string]string {
	s.t.Helper()
	out := map[string]string{}
	all, err := s.r.Opportunities(s.t.Context(), true)
	s.ok(err)
	for _, o := range all {
		out[o.Title] = o.Contact
	}
	return out
}

// bounced notes of addresses that mails to them come back, with the server's words.
func (s *stage) bounced(addresses ...string) {
	s.t.Helper()
	for _, address := range addresses {
		_, err := s.r.Bounced(s.t.Context(), s.operator("550 no such user: "+address), address)
		s.ok(err)
	}
}

// left ends a membership a day ago, and says since when it is over.
func (s *stage) left(id member.ID) {
	s.t.Helper()
	_, err := s.r.Leave(s.t.Context(), s.operator("Hildegard moved away"), id, 0)
	s.ok(err)
	s.now += instant.Day
}

// backup is all that is stored, as a file.
func (s *stage) backup() []byte {
	s.t.Helper()
	var out bytes.Buffer
	_, err := s.db.Backup(s.t.Context(), &out, s.now, nil)
	s.ok(err)
	return out.Bytes()
}

// everything is all that is stored, to be read, but for the line that says where and when.
func (s *stage) everything() string {
	s.t.Helper()
	r, err := gzip.NewReader(bytes.NewReader(s.backup()))
	s.ok(err)
	all, err := io.ReadAll(r)
	s.ok(err)
	_, rows, _ := strings.Cut(string(all), "\n")
	rows, _, _ = strings.Cut(rows, "\n{\"rows\"")
	return rows
}

// logged are the lines of the log without the first and the last, which count.
func (s *stage) logged() []string {
	s.t.Helper()
	var out strings.Builder
	s.ok(s.db.ExportLog(s.t.Context(), &out))
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	return lines[1 : len(lines)-1]
}

// Who has left is erased: nothing names the member any more but what stays for good, by
// id; every line of the log stays, a replay and a restored backup say the same.
func TestErasingAMember(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, open func() *store.DB) {
		s := newStage(t, open())
		id, ctx := s.hildegard(), t.Context()
		s.left(id)
		before, verdicts := s.logged(), s.verdicts(s.db)
		if !strings.Contains(s.everything(), "Hildegard") {
			t.Fatal("the database holds no name that could be erased")
		}
		s.ok(s.r.EraseMember(ctx, as(s.tara), id))
		if left := strings.ReplaceAll(strings.ToLower(s.everything()), "tell.hello@elm", ""); strings.Contains(left, "hildegard") || strings.Contains(left, "hello@elm") || !strings.Contains(left, string(id)) {
			t.Error("something still names the member")
		}
		sameAs(t, s.contacts(), map[string]string{"Hedges": erasedMember, "Work 0": erasedMember, "Work 1": erasedMember, "Work 2": "tell.hello@elm.example"})
		after := s.logged()
		for _, line := range before {
			if !strings.Contains(strings.Join(after, "\n"), line) {
				t.Errorf("a line of the log is another one: %s", line)
			}
		}
		if len(after) != len(before)+1 {
			t.Errorf("the log had %d lines and has %d: one is the erasing itself", len(before), len(after))
		}
		s.erasures(0, Erasure{s.now, actionEraseMember, string(id)}, Erasure{s.now, actionEraseAccount, "acc-elm"})
		row, why := s.lastAudit()
		if row.Action != actionEraseMember || row.Subject != string(id) || row.Payload != `{"accounts":["acc-elm"]}` || why != "because the meeting said so" {
			t.Errorf("the audit row is %+v, %q", row, why)
		}
		if got := s.verdicts(s.db); got != verdicts {
			t.Errorf("standings were\n%s\nand are\n%s", verdicts, got)
		}
		replayed, restored := dbtest.SQLite(t)(), dbtest.SQLiteDSN(t)
		var log bytes.Buffer
		s.ok(s.db.ExportLog(ctx, &log))
		s.ok(replayed.ReplayLog(ctx, &log))
		if got := s.verdicts(replayed); got != verdicts {
			t.Errorf("replayed, standings are\n%s\nwant\n%s", got, verdicts)
		}
		copied, _, err := store.Restore(ctx, restored, bytes.NewReader(s.backup()), store.Options{}, nil)
		s.ok(err)
		defer copied.Close()
		again := &stage{t: t, db: copied, now: s.now}
		if strings.Join(again.logged(), "\n") != strings.Join(after, "\n") || strings.Contains(strings.ToLower(again.everything()), "hildegard") || s.verdicts(copied) != verdicts {
			t.Error("restored, it is another roll")
		}
		again.lastAudit() // which verifies the chain
	})
}

// erasures are what was erased after an entry of the audit chain, which is not its last.
func (s *stage) erasures(after int64, want ...Erasure) {
	s.t.Helper()
	got, last, err := s.r.Erasures(s.t.Context(), after)
	s.ok(err)
	for i := range got {
		got[i].At = s.now // known times go on while the clock stands still
	}
	sameAs(s.t, got, want)
	if row, _ := s.lastAudit(); row.Seq != last {
		s.t.Errorf("the chain ends at %d, not %d", last, row.Seq)
	}
	got, end, err := s.r.Erasures(s.t.Context(), last)
	if err != nil || len(got) != 0 || end != last {
		s.t.Errorf("behind its end the chain says %+v, %d, %v", got, end, err)
	}
}

// verdicts are the facts of all members and how each is assessed.
func (s *stage) verdicts(db *store.DB) string {
	s.t.Helper()
	var out strings.Builder
	s.ok(db.View(s.t.Context(), func(tx *store.Tx) error {
		out.Reset()
		facts, err := tx.Facts(s.t.Context())
		if err != nil {
			return err
		}
		ru, err := s.r.rulesOf(s.t.Context(), tx)
		for i := range facts {
			standing := ru.policies.Assess(&facts[i], s.now, s.now)
			fmt.Fprintf(&out, "%+v %s %v\n", facts[i].Member, standing.State, standing.Verdicts)
		}
		return err
	}))
	return out.String()
}

// Nothing is erased while the member is one, or something about it is not ended; all of
// it is told at once.
func TestErasingAMemberIsRefused(t *testing.T) {
	eachStage(t, func(t *testing.T, s *stage) {
		id, ctx := s.hildegard(), t.Context()
		hana := s.someone("Hana", []member.ID{id})
		_, err := s.r.Move(ctx, as(s.fay), NewMotion{Kind: MotionPause, About: id})
		s.ok(err)
		s.ok(s.db.InTx(ctx, store.Decisions, s.now, func(tx *store.Tx) error {
			if _, err := tx.AddDecision(ctx, "d_1", "UTC"); err != nil {
				return err
			}
			if _, ok, err := tx.LockDecision(ctx, "d_1"); err != nil || !ok {
				return fmt.Errorf("lock: %v %w", ok, err)
			}
			head, _, err := tx.DecisionHead(ctx, "d_1")
			if err != nil {
				return err
			}
			chained, err := store.Chain(head, store.NewDecisionEntry{At: s.now, Kind: "open", Number: 7, State: "open", Public: map[string]any{}, Private: map[string]any{"seats": []member.ID{s.ash, id}}})
			if err != nil {
				return err
			}
			return tx.AppendDecisions(ctx, chained)
		}))
		before := s.everything()
		reasons := reasonsOf(t, s.r.EraseMember(ctx, By{Actor: s.tara, Reason: "hildegard elm wants it"}, id))
		want := []string{"hildegard-elm has not left: end the membership first (members leave)",
			fmt.Sprintf("%s is its delegate: end that first (people delegate %s hildegard-elm --off), or remove the person (people remove %s)", hana.ID, hana.ID, hana.ID),
			"a second person is asked about it since 15 June 2026: have that agreed to or taken back",
			"decision 7 has to do with it, and is not ended",
			"the reason names what is erased, and stays to be read: write it without"}
		if strings.Join(reasons, "\n") != strings.Join(want, "\n") {
			t.Errorf("reasons:\n  %s\nwant:\n  %s", strings.Join(reasons, "\n  "), strings.Join(want, "\n  "))
		}
		wantReasons(t, s.r.EraseMember(ctx, as(s.fay), id), "only a treasurer or the operator may")
		wantReasons(t, s.r.EraseMember(ctx, as(s.tara), "m_none"), `there is no member "m_none"`)
		if before != s.everything() {
			t.Error("a refusal wrote something")
		}
	})
}

// Who was erased is nobody that anything can be entered for; the account can be somebody
// else's, and is called by its name then.
func TestAfterErasingAMember(t *testing.T) {
	eachStage(t, func(t *testing.T, s *stage) {
		id, ctx := s.hildegard(), t.Context()
		hana := s.someone("Hana", []member.ID{id})
		s.ok(s.r.RemovePerson(ctx, s.operator("she asked by mail"), member.PersonID(hana.ID)))
		s.left(id)
		for _, reason := range []string{"hello@elm.example wrote", "pays as @elm"} { // its account's, which is erased with it
			wantReasons(t, s.r.EraseMember(ctx, By{Actor: s.tara, Reason: reason}, id), "the reason names what is erased, and stays to be read: write it without")
		}
		s.ok(s.r.EraseMember(ctx, as(s.tara), id))
		if !strings.Contains(s.everything(), "she asked by mail") {
			t.Error("why its delegate was removed went with the member")
		}
		gone := fmt.Sprintf("%s was erased: who comes back is added anew (members add)", id)
		wantReasons(t, s.r.EraseMember(ctx, as(s.tara), id), gone)
		_, err := s.r.Admit(ctx, as(s.tara), id, 0, "")
		wantReasons(t, err, gone)
		_, err = s.r.SetFace(ctx, as(s.tara), id, Face{PublicName: "H"})
		wantReasons(t, err, gone)
		_, _, err = s.r.Pay(ctx, as(s.tara), aPayment(id))
		wantReasons(t, err, gone)
		v, err := s.r.View(ctx, Query{Members: []member.ID{id}})
		s.ok(err)
		if row := v.Rows[0]; row.Name != erasedMember || row.Handle != string(id) || row.Standing.State != eligibility.StateLeft {
			t.Errorf("the roll says %q, %s", row.Name, row.Standing.State)
		}
		s.shown("elm")
		if d := s.detail("acc-elm"); !d.Erased() {
			t.Errorf("the next reading stored %+v", d)
		}
		_, err = s.r.Unlink(ctx, as(s.tara), id, "acc-elm", 0)
		s.ok(err)
		s.now += instant.Day
		_, err = s.r.Link(ctx, as(s.tara), s.ash, "acc-elm", s.now, 0)
		s.ok(err)
		s.shown("elm")
		if d := s.detail("acc-elm"); d.Slug != "elm" {
			t.Errorf("of a member's account the next reading stored %+v", d)
		}
	})
}

// What stands for an erased member's name is read wherever there was one.
func TestWhatStandsForAnErasedMember(t *testing.T) {
	eachStage(t, func(t *testing.T, s *stage) {
		id, ctx := s.hildegard(), t.Context()
		s.writes("c_1", notify.Sent, "", func(m *notify.Message) { m.Occasion.Member = id })
		s.ok(s.db.InTx(ctx, store.Pulls, s.now, func(tx *store.Tx) error {
			return tx.AddHold(ctx, store.HoldRow{ID: "h_1", Cause: causeHost, SetAt: s.now, Snapshot: 1}, []store.HoldMember{{Member: id, Vote: true, State: eligibility.StateCurrent}})
		}))
		s.left(id)
		s.ok(s.r.EraseMember(ctx, as(s.tara), id))
		notice := s.noticesByCause()["c_1"]
		if notice.Handle != string(id) || notice.Name != erasedMember {
			t.Errorf("the notice is about %q, %q", notice.Handle, notice.Name)
		}
		holds, err := s.r.Holds(ctx, true)
		s.ok(err)
		report, err := s.r.Acknowledge(ctx, as(s.tara), "h_1")
		s.ok(err)
		for what, members := range map[string][]HeldMember{"the hold": holds[0].Members, "the acknowledged one": report.Acknowledged.Members} {
			if len(members) != 1 || members[0].Name != erasedMember {
				t.Errorf("%s is about %+v", what, members)
			}
		}
		log, err := s.r.AuditLog(ctx, 2)
		s.ok(err)
		if log[1].Subject != string(id) || log[1].About != erasedMember {
			t.Errorf("the log says %+v", log[1])
		}
	})
}

// shown stores what a reading shows of a payer's names.
func (s *stage) shown(slug string) {
	s.t.Helper()
	s.ok(s.db.InTx(s.t.Context(), store.Pulls, s.now, func(tx *store.Tx) error {
		for _, p := range payers {
			if p.slug != slug {
				continue
			}
			if _, err := tx.SetAccountDetails(s.t.Context(), []store.AccountDetail{{Account: p.id(), Slug: p.slug, Name: p.name, Emails: []string{p.email}, Seen: s.now}}); err != nil {
				return err
			}
		}
		return nil
	}))
}

func (s *stage) detail(id member.AccountID) (d store.AccountDetail) {
	s.in(func(tx *store.Tx) error {
		all, err := tx.AccountDetails(s.t.Context())
		d = all[id]
		return err
	})
	return d
}

// An account that is merged into another member's or was handed on is that one's to erase.
func TestErasingAMergedMember(t *testing.T) {
	s := newStage(t, dbtest.SQLite(t)())
	ctx := t.Context()
	twice := s.add(NewMember{Name: "Hildegard again", Kind: member.Individual, Contacts: []Contact{{Email: "hildegard@elm.example"}}, Since: instant.Date(2026, 5, 1)})
	s.bounced("hildegard@elm.example") // of a contact that the merge removes
	_, err := s.r.NotBounced(ctx, s.operator("Hildegard's works again"), "hildegard@elm.example")
	s.ok(err)
	id := s.hildegard()
	for acc, until := range map[member.AccountID]instant.Instant{"acc-oak": 0, "acc-fir": s.now} {
		_, err := s.r.Link(ctx, as(s.tara), twice, acc, 0, until)
		s.ok(err)
	}
	_, err = s.r.Link(ctx, as(s.tara), s.ash, "acc-fir", s.now, 0)
	s.ok(err)
	_, err = s.r.Merge(ctx, By{Actor: s.tara, Reason: "Hildegard was entered twice"}, twice, id)
	s.ok(err)
	s.left(id)
	wantReasons(t, s.r.EraseMember(ctx, as(s.tara), twice), fmt.Sprintf("%s was merged into hildegard-elm: name that one", "hildegard-again"))
	s.ok(s.r.EraseMember(ctx, as(s.tara), id))
	if left := s.everything(); strings.Contains(strings.ToLower(left), "hildegard") || strings.Contains(left, "Oak Works") || !strings.Contains(left, "fir") {
		t.Error("something still names one of the two, or an account of somebody else was erased")
	}
	s.erasures(0, Erasure{s.now, actionEraseMember, string(twice)}, Erasure{s.now, actionEraseMember, string(id)}, Erasure{s.now, actionEraseAccount, "acc-elm"}, Erasure{s.now, actionEraseAccount, "acc-oak"})
	if !s.detail("acc-oak").Erased() || s.detail("acc-fir").Erased() {
		t.Error("of the accounts the wrong ones were erased")
	}
}

// A payer who is no member is erased by the account; who is one is not.
func TestErasingAnAccount(t *testing.T) {
	eachStage(t, func(t *testing.T, s *stage) {
		ctx := t.Context()
		_, err := s.r.Link(ctx, as(s.tara), s.ash, "acc-elm", 0, s.now) // which is over
		s.ok(err)
		s.bounced("hello@elm.example")
		s.ok(s.r.Supporter(ctx, s.operator("Hildegard's cousin"), "acc-elm", true))
		s.ok(s.r.Dismiss(ctx, s.operator("Hildegard knows them"), s.entry(DeskUnmatched, "acc-oak").ID))
		_, err = s.r.Link(ctx, as(s.tara), s.ash, "acc-fir", 0, 0)
		s.ok(err)
		wantReasons(t, s.r.EraseAccount(ctx, as(s.tara), "acc-fir"), "@fir is linked to ash-workers-co-op: end that link first (unlink), or erase the member (members erase)")
		wantReasons(t, s.r.EraseAccount(ctx, By{Actor: s.tara, Reason: "Elm Example wrote"}, "acc-elm"), "the reason names what is erased, and stays to be read: write it without")
		wantReasons(t, s.r.EraseAccount(ctx, as(s.fay), "acc-elm"), "only a treasurer or the operator may")
		wantReasons(t, s.r.EraseAccount(ctx, as(s.tara), "acc-none"), "Open Collective has never shown an account acc-none: run sync, or look at its spelling")
		s.posted("hello@elm.example", "Oak, and the room")
		before := s.logged()
		for _, id := range []member.AccountID{"acc-elm", "acc-oak"} {
			s.ok(s.r.EraseAccount(ctx, as(s.tara), id))
		}
		sameAs(t, s.contacts(), map[string]string{"Work 0": erasedPerson, "Work 1": "Oak, and the room"})
		if left := s.everything(); strings.Contains(left, "Hildegard") || strings.Contains(left, "hello@elm") || strings.Contains(left, "Elm Example") || strings.Contains(left, "Oak Works") {
			t.Error("something still names the payers")
		}
		if after := s.logged(); len(after) != len(before)+2 {
			t.Errorf("the log had %d lines and has %d", len(before), len(after))
		}
		s.shown("elm")
		if !s.detail("acc-elm").Erased() {
			t.Error("the next reading brought the names back")
		}
		wantReasons(t, s.r.EraseAccount(ctx, as(s.tara), "acc-elm"), "acc-elm was erased already")
		row, _ := s.lastAudit()
		if row.Action != actionEraseAccount || row.Subject != "acc-oak" || row.Payload != "{}" {
			t.Errorf("%+v", row)
		}
		for _, e := range s.desk(false) {
			if e.Kind == DeskUnmatched && e.Account.ID == "acc-oak" && (!strings.Contains(e.Remedy, "acc-oak") || !strings.Contains(e.Sentence, "acc-oak")) {
				t.Errorf("the desk says %q, %q", e.Sentence, e.Remedy)
			}
		}
		adoption, _, err := s.r.Adopt(ctx, as(s.tara), Adopt{All: true, Dry: true})
		s.ok(err)
		if out := fmt.Sprintf("%+v", adoption.LeftOut); !strings.Contains(out, "its names were erased: name it, if it is to be a member") || strings.Contains(fmt.Sprintf("%+v", adoption.Adopted), "acc-oak") {
			t.Errorf("of all, left out are %s", out)
		}
		_, _, err = s.r.Adopt(ctx, as(s.tara), Adopt{Accounts: []member.AccountID{"acc-oak"}, Since: instant.Date(2026, 6, 1)})
		s.ok(err)
		if m, err := s.r.Find(ctx, "Account acc-oak"); err != nil || m == "" {
			t.Errorf("adopted by its id it is %q, %v", m, err)
		}
	})
}

// nadia is a facilitator, and delegate of birch, with everything that a person can have.
func (s *stage) nadia() member.PersonID {
	s.t.Helper()
	ctx, by := s.t.Context(), s.operator("Nadia asked for it")
	id, err := s.r.AddPerson(ctx, by, NewPerson{Name: "Nadia", Email: "nadia@mail.example", DelegateOf: []member.ID{s.birch}})
	s.ok(err)
	s.ok(s.r.SetRole(ctx, by, id, member.Facilitator, true))
	s.bounced("nadia@mail.example")
	_, first, err := s.r.CreateTokenFor(ctx, s.operator("Nadia's script"), id, "nadia's script", []string{string(ScopeBallots)}, 0)
	s.ok(err)
	_, second, _, err := s.r.RotateToken(ctx, s.operator("Nadia's script lost it"), first.ID, Rotation{})
	s.ok(err)
	s.ok(s.r.RevokeToken(ctx, s.operator("Nadia needs it no more"), second.ID))
	s.ok(s.r.SetMatrix(ctx, by, id, "@nadia:chat.example"))
	form := aForm()
	form.Representative, form.Email = "Nadia", "nadia@mail.example"
	s.ok(s.r.Apply(ctx, form))
	s.ok(s.r.ConfirmApplication(ctx, s.links()[0]))
	s.ok(s.r.DeclineApplication(ctx, s.operator("Nadia is known"), s.waiting()[0]))
	herself, err := s.r.ActorAs(ctx, string(id), "")
	s.ok(err)
	work, err := s.r.PostOpportunity(ctx, By{Actor: herself, Reason: "Nadia asks"}, NewOpportunity{Title: "Hedges", Summary: "One.", Contact: "Nadia", Member: s.birch})
	s.ok(err)
	s.ok(s.r.CloseOpportunity(ctx, s.operator("Nadia found somebody"), work))
	s.posted("write to nadia@mail.example.", "the room, or @Nadia:chat.example", "Ash Nadiason: granadia@mail.example.org")
	return id
}

// kept counts the reasons that are kept about a person.
func (s *stage) kept(id member.PersonID) map[string]int {
	s.t.Helper()
	k, err := s.r.Kept(s.t.Context(), s.operator("").Actor, id)
	s.ok(err)
	out := map[string]int{}
	for _, r := range k.Reasons {
		out[r.Action+": "+r.Body]++
	}
	return out
}

// Nothing names an erased person any more; the log, the chain and what follows from
// them stay. The clock stands still meanwhile, as one does that was set back.
func TestErasingAPerson(t *testing.T) {
	eachStage(t, func(t *testing.T, s *stage) {
		id, ctx := s.nadia(), t.Context()
		before, verdicts := s.logged(), s.verdicts(s.db)
		if !strings.Contains(s.everything(), "Nadia") {
			t.Fatal("the database holds no name that could be erased")
		}
		kept := s.kept(id)
		sameAs(t, kept, map[string]int{"add_person: Nadia asked for it": 1, "set_role: Nadia asked for it": 1, "note_bounce: 550 no such user: nadia@mail.example": 1, "set_matrix_id: Nadia asked for it": 1,
			"create_token: Nadia's script": 1, "rotate_token: Nadia's script lost it": 1, "revoke_token: Nadia needs it no more": 1, "post_opportunity: Nadia asks": 1, "close_opportunity: Nadia found somebody": 1,
			"decline_application: Nadia is known": 1})
		s.ok(s.r.RemovePerson(ctx, s.operator("as was asked for"), id))
		sameAs(t, s.kept(id), map[string]int{"remove_person: as was asked for": 1})
		for line := range strings.Lines(s.everything()) {
			if strings.Contains(strings.ToLower(strings.ReplaceAll(line, "Ash Nadiason: granadia", "")), "nadia") {
				t.Errorf("something still names the person: %s", line)
			}
		}
		sameAs(t, s.contacts(), map[string]string{"Hedges": erasedPerson, "Work 0": erasedPerson, "Work 1": erasedPerson, "Work 2": "Ash Nadiason: granadia@mail.example.org"})
		after := strings.Join(s.logged(), "\n")
		for _, line := range before {
			if !strings.Contains(after, line) {
				t.Errorf("a line of the log is another one: %s", line)
			}
		}
		if row, why := s.lastAudit(); row.Action != actionRemovePerson || row.Subject != string(id) || why != "as was asked for" { // it verifies the chain, too
			t.Errorf("the audit row is %+v, %q", row, why)
		}
		if got := s.verdicts(s.db); got != verdicts {
			t.Errorf("standings were\n%s\nand are\n%s", verdicts, got)
		}
		s.erasures(0, Erasure{s.now, actionRemovePerson, string(id)})
	})
}

// An address that is part of another one is not that one.
func TestAContactThatHoldsAnAddress(t *testing.T) {
	for _, c := range []struct {
		contact, address string
		want             bool
	}{
		{"Ada@Coop.example", "ada@coop.example", true}, {"write to ada@coop.example.", "ada@coop.example", true}, {"<mailto:ada@coop.example>", "ada@coop.example", true},
		{"nada@coop.example", "ada@coop.example", false}, {"b.ada@coop.example", "ada@coop.example", false}, {"ada@coop.example.org", "ada@coop.example", false},
		{"ada@coop.example-works.org", "ada@coop.example", false}, {"nada@coop.example, ada@coop.example", "ada@coop.example", true}, {"adax@coop.example", "ada.@coop.example", false},
		{"@ada:chat.example, in the room", "@ada:chat.example", true}, {"@ada:chat.example.org", "@ada:chat.example", false}, {"Ada", "Ada", false}, {"us", "", false},
	} {
		if got := holdsAddress(c.contact, c.address); got != c.want {
			t.Errorf("%q holds %q: %v", c.contact, c.address, got)
		}
	}
}

// Whole words are what names somebody: a name that is part of another word does not.
func TestAReasonThatNamesIt(t *testing.T) {
	for _, c := range []struct {
		reason, name string
		want         bool
	}{
		{"Ada moved", "ada", true}, {"to Canada", "Ada", false}, {"Ada-Maria moved", "Ada", true}, {"as asked", "", false}, {"as asked", " - ", false},
		{"ada@example.org wrote", "Ada@Example.org", true}, {"Ada B. moved", "ada b", true}, {"Ada moved", "Ada B", false},
	} {
		if got := namesIt(c.reason, c.name); got != c.want {
			t.Errorf("%q names %q: %v", c.reason, c.name, got)
		}
	}
}

// An address of an erased account stays in contacts of opportunities where it is also a
// person's, or a contact's of a member that has not left.
func TestAnErasedAccountSharesItsAddress(t *testing.T) {
	for name, c := range map[string]struct {
		share func(*stage)
		want  string
	}{
		"with nobody": {func(*stage) {}, erasedPerson},
		"with a person": {func(s *stage) {
			_, err := s.r.AddPerson(s.t.Context(), as(s.tara), NewPerson{Email: "Hello@elm.example", Name: "Nia", DelegateOf: []member.ID{s.ash}})
			s.ok(err)
		}, "hello@elm.example"},
		"with a contact": {func(s *stage) { s.contact("c_ash", s.ash, "Hello@elm.example") }, "hello@elm.example"},
		"with a contact of one that has left": {func(s *stage) {
			s.contact("c_birch", s.birch, "hello@elm.example")
			s.left(s.birch)
		}, erasedPerson},
	} {
		t.Run(name, func(t *testing.T) {
			eachStage(t, func(t *testing.T, s *stage) {
				c.share(s)
				s.posted("hello@elm.example")
				s.ok(s.r.EraseAccount(t.Context(), as(s.tara), "acc-elm"))
				sameAs(t, s.contacts(), map[string]string{"Work 0": c.want})
			})
		})
	}
}
