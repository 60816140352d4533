package roll

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/notify/letter"
	"coopcloud.tech/goodstanding/policy"
	"coopcloud.tech/goodstanding/store"
)

// digests are the digests written so far, as their letters say now.
func (s *stage) digests() (out []letter.Digest) {
	s.t.Helper()
	for _, n := range s.outbox(store.OutboxQuery{Kind: notify.Digest}) {
		s.in(func(tx *store.Tx) error {
			d, err := s.r.LetterAbout(s.t.Context(), tx, n, letter.Data{})
			if err != nil {
				return err
			}
			out = append(out, *d.Digest)
			_, err = letter.BuiltIn().Render(d)
			return err
		})
	}
	return out
}

// A digest is written at seven in the morning in the federation's zone, once a
// day, only when something changed since the last one, and what it tells is what
// changed since then.
func TestTheDigest(t *testing.T) {
	fl := quietFlock(t, 12)
	zone, err := time.LoadLocation("Europe/London")
	fl.ok(err)
	fl.r.zone = zone
	fl.someone("Tara", nil, member.Treasurer)
	morning := func(month time.Month, day int) instant.Instant {
		return instant.Date(2026, month, day).Add(6 * time.Hour)
	} // BST
	reads := func(at instant.Instant, rows func(*store.Tx, int64) error) {
		fl.now = at
		fl.read(SnapshotInfo{}, rows)
	}
	count := func(when string, want int) []letter.Digest {
		t.Helper()
		got := fl.digests()
		if len(got) != want {
			t.Fatalf("%s: %d digests, want %d: %+v", when, len(got), want, got)
		}
		return got
	}
	reads(morning(6, 29), nil)
	count("notices are off", 0)
	fl.starts()
	reads(morning(6, 29).Add(time.Hour), nil)
	count("started", 0)
	reads(morning(6, 30), nil)
	reads(morning(7, 1), nil)
	count("nothing changed but that it was read", 0)
	reads(morning(7, 2)-1, fl.pay(others(12, 0)...))
	count("eleven paid a moment before seven", 0)
	reads(morning(7, 2), nil)
	fl.assess()
	d := count("seven o'clock", 1)[0]
	head := ""
	fl.in(func(tx *store.Tx) (err error) {
		_, head, err = tx.AuditHead(t.Context())
		return err
	})
	want := letter.Digest{Since: morning(6, 29).Add(time.Hour), Expected: []string{"£120.00"}, Received: []string{"£110.00"}, AuditHead: head,
		Open: 12, // members without a delegate, as before: they are not told of again
		Sync: "The last complete reading is of 2 July 2026, 07:00 (Europe/London)"}
	if fmt.Sprintf("%+v", d) != fmt.Sprintf("%+v", want) || len(d.AuditHead) != 64 {
		t.Errorf("the digest says\n%+v, want\n%+v", d, want)
	}
	row := fl.outbox(store.OutboxQuery{Kind: notify.Digest})[0]
	if row.DueAt != morning(7, 2) || row.State != notify.Waiting || row.Recipient[0] != 'p' {
		t.Errorf("%+v", row)
	}
	reads(morning(7, 7).Add(time.Hour), nil) // grace since the 6th
	all := count("in grace, found on the next day that somebody looks", 2)
	if got := fmt.Sprint(all[1].Changed, all[1].Received); got != "[Member 00: Payment late. Rights stay until 22 July 2026] []" {
		t.Errorf("the second digest says %s", got)
	}
	if fmt.Sprintf("%+v", all[0]) == fmt.Sprintf("%+v", all[1]) || len(all[0].Received) != 1 {
		t.Errorf("the first digest says something else by now: %+v", all[0])
	}
	reads(morning(7, 8), nil)
	if got := count("the grace ends within 14 days", 3)[2].Lapsing; len(got) != 1 || got[0].Name != "Member 00" || got[0].RightsUntil != instant.Date(2026, 7, 22) {
		t.Errorf("who lapses: %+v", got)
	}
	reads(morning(7, 9), nil)
	count("nothing new", 3)
	fl.now = morning(7, 10) + 30*3600e6 // not read for too long
	fl.assess()
	count("stale", 4)
	fl.now += 24 * 3600e6
	fl.assess()
	count("still stale", 4)
}

// A digest names who is under a hold, counts what waits for a yes or no, and says
// what is new on the desk; a Spanish one says why each batch waits in Spanish.
func TestADigestTellsWhatWaits(t *testing.T) {
	fl := quietFlock(t, 4)
	fl.someone("Tara", nil, member.Treasurer)
	fl.starts()
	fl.on(time.July, 1, nil)
	hold := fl.lapse(others(4, 0, 1), SnapshotInfo{}).Hold
	fl.add(NewMember{Name: "Elm", Kind: member.Organisation})
	var ms []notify.Message
	for _, b := range notify.Batches() {
		ms = append(ms, notify.Message{Occasion: notify.Occasion{Kind: notify.Lapsed, Member: fl.ids[2], Cause: string(b)}, Recipient: "p_mia", Channel: notify.Email,
			About: fl.now, DueAt: fl.now, State: notify.HeldState, Detail: b.Detail()})
	}
	fl.ok(fl.db.InTx(t.Context(), store.NoStream, fl.now, func(tx *store.Tx) error { return tx.Enqueue(t.Context(), ms...) }))
	fl.now = fl.now.Add(24 * time.Hour)
	fl.assess()
	all := fl.digests()
	d := all[len(all)-1]
	if hold == "" || len(d.Holds) != 1 || !strings.HasSuffix(d.Holds[0], ". It keeps Member 00, Member 01") {
		t.Errorf("hold %q: %q", hold, d.Holds)
	}
	if !slices.ContainsFunc(d.ToSortOut, func(s string) bool { return strings.Contains(s, "Elm") }) || slices.ContainsFunc(d.ToSortOut, func(s string) bool { return strings.Contains(s, "Member 02") }) {
		t.Errorf("to sort out: %q", d.ToSortOut)
	}
	if len(d.Waiting) != len(notify.Batches()) || d.Waiting[0] != "Notices since a list was imported: 1" {
		t.Errorf("waiting: %q", d.Waiting)
	}
	mail, err := letter.BuiltIn().Render(letter.Data{Kind: notify.Digest, Language: "es", Zone: time.UTC, Now: fl.now, Federation: "Knot", Digest: &d})
	if fl.ok(err); strings.Contains(mail.Text, "Notices ") || strings.Count(mail.Text, "Avisos ") != len(d.Waiting) {
		t.Errorf("in Spanish:\n%s", mail.Text)
	}
}

// The dues review is told 30 days before its day and when it has come, once each;
// the next one is told again, and a warning whose moment has passed is too late.
func TestTheDuesReview(t *testing.T) {
	fl := quietFlock(t, 2)
	fl.someone("Tara", nil, member.Treasurer)
	fl.starts()
	review := func(id string, from, by instant.Instant) {
		file := fl.rules(id, from, "21d")
		text := strings.Replace(file.Versions[0].Text, "review_by: \"\"", "review_by: "+by.Day(), 1)
		file, err := policy.Parse("reviewed", []byte(text))
		fl.ok(err)
		_, _, err = fl.r.EnsurePolicy(t.Context(), fl.operator("agreed"), file, false)
		fl.ok(err)
	}
	says := func(when string, want ...string) {
		t.Helper()
		var got []string
		for _, n := range fl.outbox(store.OutboxQuery{Kind: notify.DuesReview}) {
			got = append(got, strings.TrimSpace(fmt.Sprintf("%s %s %s", n.Cause, n.State, n.Detail)))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: told %q, want %q", when, got, want)
		}
	}
	day := instant.Date(2026, 8, 1)
	review("one", instant.Date(2026, 6, 16), day)
	fl.now = instant.Date(2026, 6, 17)
	b, err := fl.r.Book(t.Context())
	fl.ok(err)
	for after, want := range map[instant.Instant]instant.Instant{fl.now: day - 30*instant.Day, day - 1: day} {
		for b.NextAlarm(after) < want { // a digest each morning
			after = b.NextAlarm(after)
		}
		if got := b.NextAlarm(after); got != want {
			t.Errorf("after %s the next alarm is at %s, want %s", after, got, want)
		}
	}
	fl.now = day - 30*instant.Day - 1
	fl.assess()
	says("too early")
	fl.now++
	fl.assess()
	says("30 days before", "policy:one/coming waiting")
	fl.now = day
	fl.assess()
	fl.assess()
	says("the day", "policy:one/coming waiting", "policy:one/past waiting")
	review("two", instant.Date(2026, 8, 2), instant.Date(2026, 9, 10))
	fl.now = instant.Date(2026, 9, 12) // nobody looked for weeks
	fl.assess()
	says("past when it is found", "policy:one/coming waiting", "policy:one/past waiting", "policy:two/coming suppressed too_late", "policy:two/past waiting")
	for _, n := range fl.outbox(store.OutboxQuery{Kind: notify.DuesReview}) {
		fl.in(func(tx *store.Tx) error {
			d, err := fl.r.LetterAbout(t.Context(), tx, n, letter.Data{})
			if old := strings.Contains(n.Cause, "one"); old != errors.Is(err, ErrOver) || !old && (d.ReviewBy != instant.Date(2026, 9, 10) || d.Minimum != "£10.00 a month") {
				t.Errorf("%s: %+v, %v", n.Cause, d, err)
			}
			return nil
		})
	}
}

// What the letters about troubles say, and that they are over when it is.
func TestTroubleInWords(t *testing.T) {
	fl := oneFlock(t, 4)
	fl.r.zone = time.UTC
	said := func(k notify.Kind) string {
		t.Helper()
		rows := fl.outbox(store.OutboxQuery{Kind: k})
		if len(rows) == 0 {
			t.Fatalf("no notice of the kind %s", k)
		}
		text := ""
		fl.in(func(tx *store.Tx) error {
			d, err := fl.r.LetterAbout(t.Context(), tx, rows[len(rows)-1], letter.Data{})
			if text = "over"; err != nil {
				if errors.Is(err, ErrOver) {
					return nil
				}
				return err
			}
			if _, err := letter.BuiltIn().Render(d); err != nil {
				t.Errorf("no letter of the kind %s comes of %+v: %v", k, d, err)
			}
			tr := d.Trouble
			text = fmt.Sprintf("%s|%s|%s|%s|%s", tr.AsOf.Day(), strings.Join(tr.Names, " "), tr.Cause, tr.Detail, tr.Command)
			return nil
		})
		return text
	}
	check := func(k notify.Kind, want string) {
		t.Helper()
		if got := said(k); got != want {
			t.Errorf("%s says %q, want %q", k, got, want)
		}
	}
	hold := fl.lapse(others(4, 0, 1), SnapshotInfo{}).Hold
	held := "2026-07-23|Member 00 Member 01|more members lost a right at once than the policy lets one snapshot take||goodstanding holds acknowledge " + hold + " --reason REASON"
	check(notify.Brake, held)
	fl.fail(AuthenticationFailure, "unauthorised")
	check(notify.AuthenticationFailure, "2026-07-23||The answer was: unauthorised|unauthorised|goodstanding check-config --connect")
	fl.fail(SchemaDrift, "schema_drift")
	check(notify.SchemaDrift, "2026-07-23|||schema_drift|goodstanding status")
	fl.now = fl.now.Add(8 * 24 * time.Hour)
	fl.fail(NoTrouble, "upstream_down")
	fl.assess()
	check(notify.Stale, "2026-07-23||the last attempt, of 31 July 2026, 00:00 (UTC), ended as upstream down||goodstanding status")
	check(notify.HoldReminder, held)
	fl.read(SnapshotInfo{Unknown: []string{"status:SNOOZED"}}, nil)
	check(notify.Stale, "over")
	check(notify.AuthenticationFailure, "over")
	check(notify.SchemaDrift, "2026-07-31|||status:SNOOZED|goodstanding status")
	_, err := fl.r.Acknowledge(t.Context(), fl.operator("looked"), hold)
	fl.ok(err)
	check(notify.Brake, "over")
	_, _, err = fl.r.EnsurePolicy(t.Context(), fl.operator("euros"), fl.inEuros(), false)
	fl.ok(err)
	fl.now = fl.now.Add(48 * time.Hour)
	fl.assess()
	check(notify.PolicyFault, "2026-07-31||policy in-euros: EUR is counted, but this collective is kept in GBP: no payment could count; add a minimum such as GBP 10.00 monthly||goodstanding policy check --store")
}

// inEuros are rules that count euros alone, from 1 August 2026 on.
func (fl *flock) inEuros() *policy.File {
	text := strings.ReplaceAll(fl.rules("in-euros", instant.Date(2026, 8, 1), "21d").Versions[0].Text, "GBP 10.00", "EUR 10.00")
	file, err := policy.Parse("in euros", []byte(text))
	fl.ok(err)
	return file
}
