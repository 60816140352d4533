package reactions

import (
	"bytes"
	"context"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"coopcloud.tech/goodstanding/chair"
	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/internal/fakematrix"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/notify/matrix"
	"coopcloud.tech/goodstanding/policy"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/store"
)

const (
	bot    = "@bot:example.org"
	ada    = "@ada:example.org"    // delegate of the first member
	bo     = "@bo:example.org"     // of the second
	cy     = "@cy:example.org"     // of the third and the fourth
	nobody = "@nobody:example.org" // known to nobody
	flo    = "@flo:example.org"    // of a member that never paid
)

// world is a federation, its room and the reader of it.
type world struct {
	t      *testing.T
	now    instant.Instant
	db     *store.DB
	roll   *roll.Roll
	chair  *chair.Chair
	home   *fakematrix.Server
	client *matrix.Client
	reader *Reader
	room   string
	ids    []member.ID
	people map[string]member.Actor
	log    bytes.Buffer
	skew   time.Duration // how far the homeserver's clock is ahead
}

func newWorld(t *testing.T, db *store.DB) *world {
	t.Helper()
	w := &world{t: t, now: instant.Date(2026, 6, 1).Add(12 * time.Hour), db: db, home: fakematrix.New(t, "example.org"), people: map[string]member.Actor{}}
	zone, err := time.LoadLocation("Europe/London")
	w.ok(err)
	clock := func() instant.Instant { return w.now }
	w.home.Clock(func() time.Time { return w.now.Add(w.skew).Time() })
	w.roll = roll.New(db, roll.Options{Now: clock, Zone: zone})
	w.chair = chair.New(db, w.roll, chair.Options{Now: clock, Zone: zone})
	words, err := policy.PresetText("seed-2022")
	w.ok(err)
	file, err := policy.Parse("seed-2022", words)
	w.ok(err)
	_, _, err = w.roll.EnsurePolicy(t.Context(), w.operator(), file, false)
	w.ok(err)
	for i := range 5 {
		id, _, err := w.roll.Add(t.Context(), w.operator(), roll.NewMember{Name: fmt.Sprintf("Member %d", i+1), Kind: member.Organisation, Since: instant.Date(2026, 1, 1), Decision: "9"})
		w.ok(err)
		if i < 4 { // the fifth has no vote
			_, _, err = w.roll.Waive(t.Context(), w.operator(), id, instant.Date(2026, 1, 1), 0, "")
			w.ok(err)
		}
		w.ids = append(w.ids, id)
	}
	w.person(ada, w.ids[0])
	w.person(bo, w.ids[1])
	w.person(cy, w.ids[2], w.ids[3])
	w.person(flo, w.ids[4])
	_, token := w.home.User("bot", "")
	for _, name := range []string{"ada", "bo", "cy", "nobody", "flo"} {
		w.home.User(name, "")
	}
	w.room = w.home.Room("decisions", ada, bo, cy, nobody, flo)
	w.home.Invite(w.room, ada, bot)
	at, err := url.Parse(w.home.URL)
	w.ok(err)
	w.client, err = matrix.New(matrix.Options{URL: at, Token: token, Room: "#decisions:example.org", Timeout: 5 * time.Second})
	w.ok(err)
	t.Cleanup(w.client.Close)
	w.restart()
	w.now = w.now.Add(time.Hour)
	return w
}

// restart is another process on the same database and room.
func (w *world) restart() {
	w.reader = New(Options{DB: w.db, Chair: w.chair, Client: w.client, Now: func() instant.Instant { return w.now }, PublicURL: "https://roll.example.org",
		Wait: time.Millisecond, Log: zerolog.New(&w.log)})
}

func onSQLite(t *testing.T) *world { return newWorld(t, dbtest.SQLite(t)()) }

func (w *world) ok(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) operator() roll.By {
	return roll.By{Actor: member.Actor{ID: "op_test", Label: "operator:test", Operator: true}, Reason: "a test"}
}

func (w *world) person(matrixID string, of ...member.ID) {
	w.t.Helper()
	name, _, _ := strings.Cut(matrixID[1:], ":")
	id, err := w.roll.AddPerson(w.t.Context(), w.operator(), roll.NewPerson{Name: name, Email: name + "@people.example", DelegateOf: of})
	w.ok(err)
	w.ok(w.roll.SetMatrix(w.t.Context(), w.operator(), id, matrixID))
	w.people[matrixID] = member.Actor{ID: string(id), Label: name}
}

// opened is a decision that was opened, and the event that announces it in the
// room, which the store knows of.
func (w *world) opened(size decisions.Size) (id chair.ID, event string) {
	w.t.Helper()
	by := chair.By{Actor: w.people[ada], Member: w.ids[0]}
	p := decisions.Proposal{Size: size, Kind: decisions.General, Visibility: decisions.Public,
		Text: decisions.Text{Title: "A <shared> calendar", Changes: "We use one.", Affects: "All.", Channel: "the room"}}
	done, err := w.chair.Propose(w.t.Context(), by, p)
	w.ok(err)
	_, err = w.chair.Open(w.t.Context(), done.Receipt.Decision, by)
	w.ok(err)
	w.step() // joins
	event, err = w.client.Post(w.t.Context(), notify.Room, "nt_"+string(done.Receipt.Decision), "Decision 1 is open: A <shared> calendar.", "", matrix.Thread{})
	w.ok(err)
	w.announced(event, done.Receipt.Decision)
	return done.Receipt.Decision, event
}

// announced notes that an event announces how a decision is now.
func (w *world) announced(event string, id chair.ID) {
	w.t.Helper()
	w.announcedAs(event, id, w.end(id))
}

// announcedAs notes that it announces an entry of the chain.
func (w *world) announcedAs(event string, id chair.ID, entry int64) {
	w.t.Helper()
	w.ok(w.db.InTx(w.t.Context(), store.NoStream, w.now, func(tx *store.Tx) error {
		return tx.Announced(w.t.Context(), event, w.room, string(id), entry)
	}))
}

// end is the newest entry of a decision's chain.
func (w *world) end(id chair.ID) int64 {
	w.t.Helper()
	v, err := w.chair.Read(w.t.Context(), id)
	w.ok(err)
	return v.Head.Seq
}

// place stores up to where the room was read.
func (w *world) place(next string) {
	w.t.Helper()
	w.ok(w.db.InTx(w.t.Context(), store.NoStream, w.now, func(tx *store.Tx) error {
		return tx.SetSetting(w.t.Context(), store.SettingRoomRead, w.room+" "+bot+" "+next)
	}))
}

// account makes the program another account of the room.
func (w *world) account() {
	w.t.Helper()
	other, token := w.home.User("bot2", "")
	w.home.Invite(w.room, ada, other)
	w.client = client(w.t, w.home.URL, token, w.room)
}

// step is one step of the reader, some time later.
func (w *world) step() {
	w.t.Helper()
	w.now = w.now.Add(time.Minute)
	_, err := w.reader.Step(w.t.Context())
	w.ok(err)
}

// ballots are the answers that are counted, by the members' place.
func (w *world) ballots(id chair.ID) string {
	w.t.Helper()
	v, err := w.chair.Read(w.t.Context(), id)
	w.ok(err)
	var out []string
	for i, m := range w.ids {
		if b, cast := v.Decision.Ballots[m]; cast {
			text := fmt.Sprintf("%d %s", i+1, b.Answer)
			if b.Concern > 0 {
				text += fmt.Sprintf(" %q", v.Decision.Concerns[b.Concern-1].Words)
			}
			out = append(out, text)
		}
	}
	return strings.Join(out, ", ")
}

// casts is how many ballots the chain has, with those that count no more.
func (w *world) casts(id chair.ID) (n int) {
	w.t.Helper()
	v, err := w.chair.Read(w.t.Context(), id)
	w.ok(err)
	for _, ev := range v.Events {
		if ev.Kind == decisions.Cast {
			n++
		}
	}
	return n
}

// said is the last that the bot said in the thread, without receipt.
func (w *world) said(event string) string {
	w.t.Helper()
	all := w.home.Thread(w.room, event, bot)
	if len(all) == 0 {
		return ""
	}
	last := all[len(all)-1]
	if i := strings.Index(last, " Receipt: "); i >= 0 {
		end := strings.Index(last[i:], ". ")
		if end < 0 {
			return last[:i]
		}
		return last[:i] + last[i+end+1:]
	}
	return last
}

// expect says what is counted and what was said last.
func (w *world) expect(id chair.ID, event, ballots, said string) {
	w.t.Helper()
	if got := w.ballots(id); got != ballots {
		w.t.Errorf("counted is %q, want %q", got, ballots)
	}
	if got := w.said(event); got != said {
		w.t.Errorf("said was  %q\nwant      %q", got, said)
	}
}

// until is a context that the test's own end ends, too.
func (w *world) until(d time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(w.t.Context(), d)
	w.t.Cleanup(cancel)
	return ctx
}

func client(t *testing.T, at, token, room string) *matrix.Client {
	t.Helper()
	where, err := url.Parse(at)
	if err != nil {
		t.Fatal(err)
	}
	c, err := matrix.New(matrix.Options{URL: where, Token: token, Room: room, Timeout: 5 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}
