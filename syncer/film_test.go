package syncer

import (
	"strings"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/internal/fakeoc"
	"coopcloud.tech/goodstanding/syncer/opencollective"
)

// film serves the recorded scenes over HTTP to the real client.
func film(w *world) (*fakeoc.Film, *Syncer) {
	w.t.Helper()
	f, err := fakeoc.NewFilm()
	if err != nil {
		w.t.Fatal(err)
	}
	url, stop, err := fakeoc.Listen(f)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(stop)
	client, err := opencollective.New(opencollective.Options{
		URL: url, Token: strings.Repeat("a", 40), Now: w.clock, Clock: time.Now, PerMinute: 1_000_000,
	})
	if err != nil {
		w.t.Fatal(err)
	}
	s := w.syncer(client)
	s.slug = f.Slug()
	return f, s
}

// show moves film and clock to a scene.
func (w *world) show(f *fakeoc.Film, step int) {
	w.t.Helper()
	if err := f.Show(step); err != nil {
		w.t.Fatal(err)
	}
	w.now = max(w.now+1, f.Clock(step))
}

// scenes is what each scene changes: rows by table (those of the pull and the
// snapshot are one each, always), and the difference in words.
var scenes = []struct{ rows, says string }{
	{
		"account_obs 42, contribution_obs 44, contribution_missing 1, charge 216, coverage 208, charge_obs 4, refund 3, account_detail 43, setting 3",
		"Co-op Cloud (test) was read for the first time: 44 contributions of 42 payers, 216 charges since 2 May 2025, 3 refunds",
	},
	{"contribution_obs 1", "Alfa Co-op's card was refused; Open Collective is trying again on 24 November"},
	{"contribution_obs 1, charge 1, coverage 1", "Alfa Co-op's payment of £10.00 went through after all"},
	{"contribution_obs 1", "Bravo Hosting cancelled; paid up until 1 December"},
	{"contribution_obs 1", "Mike Member will pay £5.00 instead of £10.00 a month from the next charge"},
	{"contribution_obs 1", "Nova November will pay £10.00 instead of £5.00 a month from the next charge"},
	{"charge_obs 1, refund 1", "Charlie Collective CIC's charge of £120.00 made on 1 July was given back"},
	{"account_former 1", "ccf-oscar is now called ccf-oscar-new on Open Collective"},
	{
		"account_obs 1, contribution_obs 1, charge 1, coverage 1, account_detail 1",
		"a new payer: ccf-newcomer, £10.00 a month / ccf-newcomer paid £10.00",
	},
	{"contribution_obs 1", "Kilo GmbH's contribution was paused"},
	{"contribution_missing 1", "Papa Oneoff's account is gone on Open Collective; what was paid stays on record"},
}

func TestTheFilmSceneByScene(t *testing.T) {
	onBoth(t, func(w *world) {
		f, s := film(w)
		if len(f.Scenes()) != len(scenes) {
			t.Fatalf("the film has %d scenes, %d are expected", len(f.Scenes()), len(scenes))
		}
		for step, want := range scenes {
			w.show(f, step)
			before := w.rows()
			r := w.pull(s)
			if got := w.added(before); got != "pull 1, snapshot 1, "+want.rows {
				w.t.Errorf("scene %d added %q, want pull 1, snapshot 1, %q", step, got, want.rows)
			}
			if got := strings.Join(r.Difference(), " / "); got != want.says {
				w.t.Errorf("scene %d says %q\nwant %q", step, got, want.says)
			}
			if r.Snapshot != int64(2*step+1) || r.First != (step == 0) || r.Anonymous || r.NotAdmin || r.Requests < 4 {
				w.t.Errorf("scene %d: %+v", step, r)
			}
			w.later(time.Millisecond)
			before = w.rows()
			again := w.pull(s)
			if got := w.added(before); got != "pull 1, snapshot 1" || again.Changed != 0 || len(again.Difference()) != 0 {
				w.t.Errorf("scene %d read again added %q and says %q", step, got, again.Difference())
			}
		}
	})
}

func TestTheFirstSceneInNumbers(t *testing.T) {
	w := onOne(t)
	f, s := film(w)
	w.show(f, 0)
	r := w.pull(s)
	want := Counts{
		Orders: 44, Charges: 216, Refunds: 3, Accounts: 42, NewOrders: 44, NewCharges: 216, NewRefunds: 3, NewAccounts: 42,
		ChangedFlags: 4, Covered: 208, Missing: 1,
	}
	if r.Counts != want || r.Changed != 42+44+1+216+208+4+3 || len(r.Drift) != 0 {
		t.Errorf("counts %+v, changed %d, drift %v", r.Counts, r.Changed, r.Drift)
	}
	if len(r.Warnings) != 1 || !strings.HasPrefix(r.Warnings[0], "7 charges name a contribution that Open Collective does not list (or_") {
		t.Errorf("warnings %q", r.Warnings)
	}
	p := w.pulls()[0]
	if p.Outcome != OutcomeComplete || p.Requests != r.Requests || p.Counts["charges"] != 216 || p.Counts["covered"] != 208 {
		t.Errorf("noted as %+v", p)
	}
	// A payer nobody has dealt with is named, one who never got a payment under way is not.
	var slugs []string
	for _, p := range r.NewPayers {
		slugs = append(slugs, p.Slug)
	}
	all := strings.Join(slugs, " ")
	for slug, want := range map[string]bool{"ccf-alfa": true, "ccf-golf": true, "ccf-whiskey": true, "ccf-yankee": false, "ccf-xray": false, "ccf-expired": false} {
		if strings.Contains(all, slug) != want {
			t.Errorf("%s among the new payers: %v, want %v (%s)", slug, !want, want, all)
		}
	}
}

// What the treasurer reads and what is logged never holds an address; what is
// logged holds no name and no amount either.
func TestNoAddressComesOut(t *testing.T) {
	w := onOne(t)
	f, s := film(w)
	var said []string
	for step := range f.Scenes() {
		w.show(f, step)
		r := w.pull(s)
		said = append(append(said, r.Difference()...), r.Warnings...)
	}
	if text := strings.Join(said, "\n"); strings.Contains(text, "@") {
		t.Errorf("an address in %s", text)
	}
	log := w.log.String()
	if strings.Count(log, "\n") != len(f.Scenes()) || !strings.Contains(log, `"snapshot":11`) {
		t.Errorf("the log is %s", log)
	}
	for _, secret := range []string{"@", "£", "GBP", "ccf-", "Alfa", "10.00"} {
		if strings.Contains(log, secret) {
			t.Errorf("%q in the log: %s", secret, log)
		}
	}
}

// A syncer as New makes it asks the real roll, in the same transaction.
func TestTheRollIsAsked(t *testing.T) {
	onBoth(t, func(w *world) {
		f, s := film(w)
		s.assess = w.roll.AfterSnapshot
		for step := range f.Scenes() {
			w.show(f, step)
			if r := w.pull(s); len(r.Roll.Transitions) != 0 || r.Roll.Held != 0 {
				w.t.Errorf("scene %d moved %+v although there is no member", step, r.Roll)
			}
		}
	})
}
