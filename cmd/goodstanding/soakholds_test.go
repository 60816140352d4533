//go:build unix

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/mail"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/store"
)

// holds looks at all that must, and tells what the run came to.
func (s *soak) holds(t *testing.T, hostile *besieged, sizes []size, took time.Duration) {
	t.Helper()
	ctx := context.Background()
	for _, d := range s.daemons {
		d.stopped()
	}
	said := s.command("verify", "--json")
	if said.code != exitOK || !strings.Contains(said.out, `"ok": true`) {
		s.broke("verify: %d %.2000s", said.code, said.out+said.err)
	}
	db, err := store.Open(ctx, s.env["GOODSTANDING_DATABASE"], store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	ballots := s.ballotsKept()
	acts := s.actsKept(t, db)
	notices, copies := s.noticesKept(ctx, db)
	s.standingsKept(ctx, db)
	s.seeClosed()
	s.secretsKept(t)
	first, busy, last := sizes[0], sizes[1], sizes[2]
	if last.mb > 2*busy.mb+50 || last.mb <= 0 || first.mb <= 0 || busy.mb <= 0 {
		s.broke("it had %.0f MB among all and has %.0f MB", busy.mb, last.mb)
	}
	snapshots := s.pulls(ctx, db)
	report := fmt.Sprintf("%s, %d daemons, %d days of the roll in %s: %s\n\n", db.Engine(), len(s.daemons), s.day, took.Round(time.Second), time.Now().UTC().Format("2 January 2006")) +
		s.tally.table() + "\n" + phaseTable(s.phases) + "\n" +
		fmt.Sprintf("- %s\n- %s\n- notices written %s, none twice; mails taken %d, handed in again under their own Message-ID after a connection that broke %d; signed in by mail %d times\n", ballots, acts, notices, len(s.mails.Mails()), copies, s.signedIn.Load()) +
		fmt.Sprintf("- readings of Open Collective: %s\n- decisions opened %d, ended %d, none open again\n- who pays and lapsed: %d; who cancelled and lapsed, on %s: %d of %d\n", snapshots, s.decisions, len(s.closed), s.wronged, lapseDay.String()[:10], len(s.lapsed), quitters) +
		fmt.Sprintf("- hostile requests, after which no row was another one: %s\n", hostile.words()) +
		fmt.Sprintf("- the daemon that lived longest, before anybody came, among all of them before the first fault, and at the end when they had gone: memory %.0f MB, %.0f MB, %.0f MB; goroutines %.0f, %.0f, %.0f; open files %.0f, %.0f, %.0f\n",
			first.mb, busy.mb, last.mb, first.goroutines, busy.goroutines, last.goroutines, first.files, busy.files, last.files) +
		fmt.Sprintf("\ninvariants broken: %d\n", len(s.broken))
	fmt.Println(report)
	for kind, n := range s.often {
		t.Errorf("%d times: %s", n, kind)
	}
	if *chaosRecord != "" && !t.Failed() {
		recordBetween(t, *chaosRecord, "chaos "+db.Engine(), report)
	}
	if t.Failed() {
		s.keepLogs()
	}
}

// keepLogs puts what the daemons said where it can be read after the run.
func (s *soak) keepLogs() {
	dir, err := os.MkdirTemp("", "gs-chaos-")
	if err != nil {
		return
	}
	for _, d := range s.daemons {
		if b, err := os.ReadFile(d.log.Name()); err == nil {
			_ = os.WriteFile(dir+"/"+d.name+".log", b, 0o600)
		}
	}
	s.t.Logf("what the daemons said is in %s", dir)
}

// ballotsKept holds what the voters know to the chains.
func (s *soak) ballotsKept() string {
	type entry struct{ Kind, Hash, Words string }
	chains := map[int64][]entry{}
	times := map[string]int{}
	acked, again, stored := 0, 0, 0
	of := func(n int64) []entry {
		if chains[n] != nil {
			return chains[n]
		}
		var record struct {
			Entries []struct {
				Kind, Hash string
				Words      *struct{ Body string }
			}
		}
		if err := json.Unmarshal([]byte(s.command("decisions", "record", fmt.Sprint(n)).out), &record); err != nil {
			s.broke("the record of decision %d: %v", n, err)
		}
		all := []entry{}
		for _, e := range record.Entries {
			x := entry{e.Kind, e.Hash, ""}
			if e.Words != nil {
				x.Words = e.Words.Body
			}
			if e.Kind == "cast" {
				stored++
				times[x.Words]++
			}
			all = append(all, x)
		}
		chains[n] = all
		return all
	}
	for _, v := range s.voters {
		again += v.again
		for _, b := range v.acked {
			acked++
			chain := of(b.decision)
			if b.entry < 1 || b.entry > len(chain) || chain[b.entry-1].Hash != b.hash || chain[b.entry-1].Words != b.words {
				s.broke("%s was acknowledged as entry %d of decision %d, and is not there", b.words, b.entry, b.decision)
			}
		}
	}
	twice := 0
	for words, n := range times {
		if n != 1 {
			twice++
			s.broke("%s is stored %d times", words, n)
		}
	}
	if acked < 5*len(s.voters) {
		s.broke("only %d ballots were acknowledged", acked)
	}
	return fmt.Sprintf("ballots acknowledged %d, of them only when sent again %d; stored %d, twice %d", acked, again, stored, twice)
}

// actsKept holds what the treasurers were told was done to the database: each is there.
func (s *soak) actsKept(t *testing.T, db *store.DB) string {
	t.Helper()
	rows := rowsOf(t, db)
	acked, tried, kept := 0, 0, 0
	for _, x := range s.treasurers {
		acked += len(x.acked)
		tried += len(x.tried)
		done := map[string]bool{}
		for _, reason := range x.acked {
			done[reason] = true
		}
		for reason := range x.tried {
			// as a text of its own; what a payment refers to stands in a row with more
			n := strings.Count(rows, fmt.Sprintf("%q]\n", reason)) + strings.Count(rows, fmt.Sprintf("%q,", reason))
			if n > 0 {
				kept++
			}
			if done[reason] && n == 0 {
				s.broke("%s was said to be done, and is not there", reason)
			}
		}
	}
	if acked == 0 {
		s.broke("no treasurer changed anything")
	}
	return fmt.Sprintf("treasurers' changes tried %d, acknowledged %d, stored %d", tried, acked, kept)
}

// noticesKept: nobody is told the same thing twice. A mail is handed in again only where
// a fault left open whether it was taken, and under its own Message-ID.
func (s *soak) noticesKept(ctx context.Context, db *store.DB) (notices string, copies int) {
	unsure, states := int64(0), map[string]int{}
	err := db.View(ctx, func(tx *store.Tx) error {
		rows, err := tx.Notices(ctx, store.OutboxQuery{})
		seen := map[string]bool{}
		for _, n := range rows {
			unsure += n.Unsure
			states[string(n.State)]++
			key := fmt.Sprint(n.Occasion, n.Recipient, n.Channel)
			if seen[key] {
				s.broke("%s was written twice", key)
			}
			seen[key] = true
		}
		notices = fmt.Sprintf("%d (%s)", len(rows), strings.TrimSuffix(strings.TrimPrefix(fmt.Sprint(states), "map["), "]"))
		return err
	})
	if err != nil {
		s.broke("read the notices: %v", err)
	}
	texts := map[string]string{}
	for _, m := range s.mails.Mails() {
		parsed, err := mail.ReadMessage(strings.NewReader(m.Data))
		if err != nil {
			s.broke("a mail that is none: %v", err)
			continue
		}
		id := parsed.Header.Get("Message-Id")
		if before, again := texts[id]; again {
			if copies++; linkIn.MatchString(strings.ReplaceAll(m.Data, "=\r\n", "")) {
				unsure++ // a link is mailed again until it is known to be taken, and is no notice
			}
			if before != strings.Join(m.To, ",")+parsed.Header.Get("Subject") {
				s.broke("two mails are called %s", id)
			}
		}
		texts[id] = strings.Join(m.To, ",") + parsed.Header.Get("Subject")
	}
	if int64(copies) > unsure {
		s.broke("%d mails were handed in again, and only of %d it was not known whether they had been taken", copies, unsure)
	}
	if states[string(notify.Sent)] == 0 || len(texts) == 0 {
		s.broke("nobody was told anything")
	}
	return notices, copies
}

// pulls are the readings by how they ended.
func (s *soak) pulls(ctx context.Context, db *store.DB) string {
	ends := map[string]int{}
	err := db.View(ctx, func(tx *store.Tx) error {
		all, err := tx.Pulls(ctx, 100_000)
		for _, p := range all {
			ends[p.Outcome]++
		}
		return err
	})
	if err != nil {
		s.broke("read the readings: %v", err)
	}
	if ends["complete"] < 20 {
		s.broke("Open Collective was read %d times", ends["complete"])
	}
	return strings.TrimSuffix(strings.TrimPrefix(fmt.Sprint(ends), "map["), "]")
}

// secretsKept: no secret and no address stands in what the daemons wrote.
func (s *soak) secretsKept(t *testing.T) {
	t.Helper()
	for _, d := range s.daemons {
		b, err := os.ReadFile(d.log.Name())
		if err != nil {
			t.Fatal(err)
		}
		text := string(b)
		if !strings.Contains(text, `"message":"answered"`) {
			s.broke("%s logs nothing", d.name)
		}
		for what, secret := range s.secrets {
			if strings.Contains(text, secret) || strings.Contains(text, url.QueryEscape(secret)) {
				s.broke("%s logs the %s", d.name, what)
			}
		}
		for _, link := range s.post.links {
			if strings.Contains(text, link) {
				s.broke("%s logs a link to sign in by", d.name)
			}
		}
		for _, word := range []string{`"panic":`, "a page broke", "a handler broke", "fatal error"} {
			if i := strings.Index(text, word); i >= 0 {
				s.broke("%s broke: %.500s", d.name, text[i:])
			}
		}
	}
}
