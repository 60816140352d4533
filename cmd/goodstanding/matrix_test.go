package main

import (
	"encoding/json"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/internal/fakematrix"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/store"
)

// TestTheSettingsOfTheRoom: all faults at once, and what check-config says of the
// token, the room and its encryption.
func TestTheSettingsOfTheRoom(t *testing.T) {
	w := newWorld(t)
	w.env["GOODSTANDING_MATRIX_TOKEN"] = "syt_canary"
	if got, want := w.fails(exitUsage, "check-config"), "3 settings are wrong:\n"+
		"  GOODSTANDING_PUBLIC_URL: is not set, and what is said in the Matrix room leads there: write where the world reaches this server, such as https://roll.example.org\n"+
		"  GOODSTANDING_MATRIX_URL: is not set, and other settings of the room are: write where the homeserver of its account is, such as https://matrix.example.org\n"+
		"  GOODSTANDING_MATRIX_ROOM: is not set: write the room's alias, such as #decisions:example.org, or its id"; got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	delete(w.env, "GOODSTANDING_MATRIX_TOKEN")
	w.env["GOODSTANDING_PUBLIC_URL"] = "https://roll.example.org"
	w.env["GOODSTANDING_MATRIX_URL"], w.env["GOODSTANDING_MATRIX_ROOM"] = "http://matrix.example.org", "decisions"
	if got, want := w.fails(exitUsage, "check-config"), "3 settings are wrong:\n"+
		"  GOODSTANDING_MATRIX_URL: is not https, and the homeserver is not on this host: the token would travel in the clear\n"+
		"  GOODSTANDING_MATRIX_TOKEN: is not set: make an access token for the account that speaks in the room\n"+
		"  GOODSTANDING_MATRIX_ROOM: is no room: write its alias, such as #decisions:example.org, or its id, such as !abcdef:example.org "+
		"(in most clients under the room's settings, advanced)"; got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	home := fakematrix.New(t, "example.org")
	bot, token := home.User("bot", "")
	room := home.Room("decisions", "@ada:example.org")
	w.env["GOODSTANDING_MATRIX_URL"], w.env["GOODSTANDING_MATRIX_ROOM"] = home.URL, "#decisions:example.org"
	w.env["GOODSTANDING_MATRIX_TOKEN_FILE"] = w.file("token", token+"\n")
	says := func(want ...string) {
		t.Helper()
		s := w.run("check-config", "--connect")
		if s.code != exitOK || strings.Contains(s.out+s.err, token) {
			t.Errorf("%d %s%s", s.code, s.out, s.err)
		}
		has(t, regexp.MustCompile(`  +`).ReplaceAllString(s.out, "  "), "MATRIX_TOKEN  set  GOODSTANDING_MATRIX_TOKEN_FILE", home.URL, "MATRIX_ROOM  #decisions:example.org")
		has(t, s.err, append(want, "knows the token as @bot:example.org.")...)
	}
	says("It is not in the room #decisions:example.org: invite it there, and serve takes the invitation.")
	home.Invite(room, "@ada:example.org", bot)
	says("It is invited to the room #decisions:example.org; serve takes the invitation.")
	w.env["GOODSTANDING_MATRIX_ROOM"] = "!none:example.org"
	delete(w.env, "GOODSTANDING_MATRIX_TOKEN_FILE")
	w.env["GOODSTANDING_MATRIX_TOKEN"] = "syt_wrong"
	has(t, w.fails(exitFailed, "check-config", "--connect"),
		"ask whose token it is: the homeserver says 401 M_UNKNOWN_TOKEN: the token is none, or none any more; make another one for the account")
	w.env["GOODSTANDING_MATRIX_TOKEN"], w.env["GOODSTANDING_MATRIX_ROOM"] = token, home.Room("", bot)
	has(t, w.run("check-config", "--connect").err, "which is not encrypted: votes by signs are read.")
	home.Encrypt(w.env["GOODSTANDING_MATRIX_ROOM"], bot)
	has(t, w.run("check-config", "--connect").err, "which is encrypted: votes by signs are off. Take a room without encryption, which cannot be turned off again.")
}

// TestTheDaemonCountsASign: from the invitation to the answer in the thread.
func TestTheDaemonCountsASign(t *testing.T) {
	w := newWorld(t)
	w.must("members", "add", "Alfa", "--kind", "organisation", "--since", "2026-01-01", "--reason", "founders")
	w.must("waive", "alfa", "--from", "2026-01-01", "--reason", "solidarity")
	w.must("people", "add", "bo@example.org", "--name", "Bo", "--delegate-of", "alfa")
	w.must("people", "add", "cy@example.org", "--name", "Cy")
	w.fails(exitUsage, "people", "matrix", "Bo")
	has(t, w.fails(exitRefused, "people", "matrix", "Bo", "bo@example.org"), "what is given is not a Matrix id: write @name:server.example")
	has(t, w.must("people", "matrix", "Bo", "@bo:example.org"), "Bo sets signs as @bo:example.org.")
	has(t, w.fails(exitRefused, "people", "matrix", "Cy", "@bo:example.org"), "has this Matrix id: an id belongs to one person")
	has(t, w.must("people", "list"), "MATRIX", "@bo:example.org")
	has(t, w.must("people", "list", "--json"), `"matrix": "@bo:example.org"`, `"matrix": ""`)
	w.clock = w.clock.Add(time.Hour)
	var made struct{ Decision string }
	out := w.must("decisions", "propose", "--as", "Bo", "--size", "large", "--title", "A shared calendar", "--changes", "We use one.", "--affects", "all", "--channel", "the room", "--json")
	if err := json.Unmarshal([]byte(out), &made); err != nil {
		t.Fatal(err)
	}
	w.must("decisions", "open", made.Decision, "--as", "Bo")

	home := fakematrix.New(t, "example.org")
	bot, token := home.User("bot", "")
	room := home.Room("decisions", "@bo:example.org")
	home.Invite(room, "@bo:example.org", bot)
	event := home.Say(room, bot, "", "Decision 1 is open.")
	db, err := store.Open(t.Context(), "sqlite://"+filepath.Join(w.dir, "data", databaseName), store.Options{Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	err = db.InTx(t.Context(), store.NoStream, w.clock, func(tx *store.Tx) error { return tx.Announced(t.Context(), event, room, made.Decision, 2) })
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{"URL": home.URL, "TOKEN": token, "ROOM": "#decisions:example.org"} {
		w.env["GOODSTANDING_MATRIX_"+name] = value
	}
	w.env["GOODSTANDING_PUBLIC_URL"] = "https://roll.example.org"
	leakless(t)
	s := w.serve()
	s.until("it joins", func() bool { return len(home.Members(room)) == 1 })
	home.React(room, "@bo:example.org", event, "👍🏿")
	s.until("it answers", func() bool { return len(home.Thread(room, event, bot)) == 1 })
	has(t, home.Thread(room, event, bot)[0], "@bo:example.org: Counted in favour. Receipt: entry 3 of decision 1, ")

	// A restored backup takes no sign and says nothing before somebody has started the notices.
	s.stop()
	w.must("backup", filepath.Join(w.dir, "roll.jsonl.gz"))
	w.env["GOODSTANDING_DATA"] = filepath.Join(w.dir, "restored")
	w.must("restore", filepath.Join(w.dir, "roll.jsonl.gz"))
	home.React(room, "@bo:example.org", event, "🤷")
	s = w.serve()
	s.until("it has looked at the invariants", func() bool { return s.metric(`goodstanding_invariant_ok{invariant="standings"}`) == "1" })
	time.Sleep(2 * leastRoom)
	if said := home.Thread(room, event, bot); len(said) != 1 {
		t.Errorf("it says %q from a restored backup", said)
	}
	w.must("notices", "start")
	s.until("it answers again", func() bool { return len(home.Thread(room, event, bot)) == 2 })
	has(t, s.out.String(), "#decisions:example.org by 127.0.0.1:")
	s.stop()
	if strings.Contains(s.out.String()+s.errs.String(), token) {
		t.Error("the token is shown")
	}
	has(t, w.must("decisions", "show", "1"), "in favour")
}

// TestASignOnAnAnnouncementWhoseAnswerWasLost: the room had it, and the text became
// another one before the program sent it again. The room's is the first one, so a sign on
// it is no answer to the new text; one on what announces that is.
func TestASignOnAnAnnouncementWhoseAnswerWasLost(t *testing.T) {
	w := newWorld(t)
	var clock atomic.Int64
	clock.Store(int64(w.clock))
	w.ticking = func() instant.Instant { return instant.Instant(clock.Load()) }
	later := func() { clock.Add(int64(2 * time.Minute / time.Microsecond)) }
	w.must("members", "add", "Alfa", "--kind", "organisation", "--since", "2026-01-01", "--reason", "founders")
	w.must("waive", "alfa", "--from", "2026-01-01", "--reason", "solidarity")
	w.must("people", "add", "bo@example.org", "--name", "Bo", "--delegate-of", "alfa")
	w.must("people", "matrix", "Bo", "@bo:example.org")
	w.must("notices", "start", "--yes")
	later()
	home := fakematrix.New(t, "example.org")
	bot, token := home.User("bot", "")
	room := home.Room("decisions", "@bo:example.org", bot)
	for name, value := range map[string]string{"MATRIX_URL": home.URL, "MATRIX_TOKEN": token, "MATRIX_ROOM": "#decisions:example.org", "PUBLIC_URL": "https://roll.example.org"} {
		w.env["GOODSTANDING_"+name] = value
	}
	posted := func() (events []string) {
		for _, e := range home.Events(room) {
			if e.Sender == bot && e.Content["msgtype"] == "m.notice" && e.Content["m.relates_to"] == nil {
				events = append(events, e.ID)
			}
		}
		return events
	}
	lose := &fakematrix.Fault{Lose: true}
	home.Refuse(func(op string) *fakematrix.Fault {
		if op == "sendMessage" {
			return lose
		}
		return nil
	})
	s := w.serve()
	id := regexp.MustCompile(`de_\w+`).FindString(w.must("decisions", "propose", "--as", "Bo", "--size", "large", "--title", "A calendar", "--changes", "One.", "--affects", "all", "--channel", "#general"))
	w.must("decisions", "open", id, "--as", "Bo")
	s.until("the room has the opening", func() bool {
		later() // it is opened after all that is known, so maybe after now
		return len(posted()) == 1
	})
	home.Refuse(nil)
	later() // the room is tried again when something is written
	w.must("decisions", "amend", "1", "--as", "Bo", "--changes", "Two.")
	s.until("both are told", func() bool {
		later() // when the answer was lost may be noted after the clock was moved
		return len(posted()) == 2
	})
	events := posted()
	for i, want := range []string{"@bo:example.org: Not counted: the decision has another text, or another size, since this was announced.", "@bo:example.org: Counted in favour."} {
		home.React(room, "@bo:example.org", events[i], "👍")
		s.until("it answers", func() bool { return len(home.Thread(room, events[i], bot)) == 1 })
		has(t, home.Thread(room, events[i], bot)[0], want)
	}
	s.stop()
}
