package signin

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/store"
)

func (w *world) until(ok func() bool) {
	w.t.Helper()
	for range 1000 {
		if ok() {
			return
		}
		time.Sleep(2 * time.Millisecond)
	}
	w.t.Fatalf("it does not come to that:\n%s", w.log.String())
}

// Each signing in has a session of its own, and the browser's former one ends: a
// cookie that somebody planted before is worth nothing afterwards.
func TestEachSigningInHasASessionOfItsOwn(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		planted, _, err := w.s.Open(request(t), w.token("tara@people.example", ""))
		w.ok(err)
		first, _, err := w.s.Open(request(t, planted), w.token("ada@people.example", ""))
		w.ok(err)
		if first.Value == planted.Value || w.signedIn(planted) != "" || w.signedIn(first) != string(w.ada) {
			t.Error("the session before lives on, or is the same")
		}
		w.now.Add(int64(leastBetween))
		second, _, err := w.s.Open(request(t), w.token("ada@people.example", "")) // another browser
		w.ok(err)
		if w.signedIn(first) != string(w.ada) || w.signedIn(second) != string(w.ada) || first.Value == second.Value {
			t.Error("two browsers of one person")
		}
		w.ok(w.db.View(t.Context(), func(tx *store.Tx) error {
			all, err := tx.Sessions(t.Context(), "", w.clock())
			for _, s := range all {
				if strings.Contains(s.Hash, first.Value) || len(s.Hash) != 64 {
					t.Error("a token is stored")
				}
			}
			return err
		}))
	})
}

func TestSigningOut(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		one, _, err := w.s.Open(request(t), w.token("ada@people.example", ""))
		w.ok(err)
		w.now.Add(int64(leastBetween))
		two, _, err := w.s.Open(request(t), w.token("ada@people.example", ""))
		w.ok(err)
		gone, err := w.s.SignOut(request(t, one), false)
		w.ok(err)
		if gone.MaxAge != -1 || gone.Name != one.Name || !gone.Secure || gone.Path != "/" || w.signedIn(one) != "" || w.signedIn(two) != string(w.ada) {
			t.Errorf("%+v", gone)
		}
		if _, err := w.s.SignOut(request(t, one), false); err != nil { // nobody is told otherwise
			t.Error(err)
		}
		if _, err := w.s.SignOut(request(t), true); err != nil {
			t.Error(err)
		}
		w.now.Add(int64(leastBetween))
		three, _, err := w.s.Open(request(t), w.token("ada@people.example", ""))
		w.ok(err)
		w.now.Add(int64(leastBetween))
		open := w.token("ada@people.example", "")
		if _, err := w.s.SignOut(request(t, two), true); err != nil || w.signedIn(two)+w.signedIn(three) != "" {
			t.Errorf("everywhere: %v", err)
		}
		if _, _, err := w.s.Open(request(t), open); !errors.Is(err, ErrUnknown) {
			t.Errorf("a link from before signing out everywhere: %v", err)
		}
		rows := w.audit("sign_out")
		if len(rows) != 2 || rows[0].Payload != `{"sessions":1}` || rows[1].Payload != `{"sessions":2}` || rows[1].Actor != string(w.ada) {
			t.Errorf("audit: %+v", rows)
		}
	})
}

// A session ends with its person, and by whoever may end it.
func TestASessionEndsWithItsPerson(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		cookie, _, err := w.s.Open(request(t), w.token("ada@people.example", ""))
		w.ok(err)
		tara := roll.By{Actor: member.Actor{ID: string(w.tara), Label: "Tara"}, Reason: "a laptop was lost"}
		n, err := w.s.EndSessions(t.Context(), tara, w.ada)
		if err != nil || n != 1 || w.signedIn(cookie) != "" {
			t.Errorf("%d, %v", n, err)
		}
		if rows := w.audit("sign_out"); len(rows) != 1 || rows[0].Actor != string(w.tara) || rows[0].Subject != string(w.ada) {
			t.Errorf("audit: %+v", rows)
		}
		if n, err := w.s.EndSessions(t.Context(), tara, w.ada); n != 0 || err != nil || len(w.audit("sign_out")) != 1 {
			t.Errorf("again: %d, %v", n, err)
		}
		w.now.Add(int64(leastBetween))
		cookie, _, err = w.s.Open(request(t), w.token("ada@people.example", ""))
		w.ok(err)
		w.now.Add(int64(leastBetween))
		link := w.token("ada@people.example", "")
		w.ok(w.r.RemovePerson(t.Context(), w.operator("moved away"), w.ada))
		if w.signedIn(cookie) != "" {
			t.Error("a removed person is signed in")
		}
		if _, _, err := w.s.Open(request(t), link); !errors.Is(err, ErrUnknown) {
			t.Errorf("a removed person's link: %v", err)
		}
		if sessions, links := w.rows(); sessions != 0 || links != 0 {
			t.Errorf("%d sessions, %d links", sessions, links)
		}
	})
}

// What a person may do is looked up each time.
func TestRolesAreThoseOfNow(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		cookie, _, err := w.s.Open(request(t), w.token("ada@people.example", ""))
		w.ok(err)
		w.ok(w.r.SetRole(t.Context(), w.operator("elected"), w.ada, member.Facilitator, true))
		w.ok(w.r.SetDelegate(t.Context(), w.operator("left the co-op"), w.ada, w.ash, false))
		a, in, err := w.s.SignedIn(request(t, cookie), w.clock())
		w.ok(err)
		if !in || !a.Has(member.Facilitator) || a.DelegateOf(w.ash) {
			t.Errorf("%v, %+v", in, a)
		}
	})
}

func TestCookiesOverPlainHTTP(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t)(), func(o *Options) { o.PlainCookies, o.BaseURL = true, "http://127.0.0.1:8080" })
	link, _, err := w.s.PrintLink(t.Context(), w.operator("tries it out"), w.ada)
	w.ok(err)
	cookie, _, err := w.s.Open(request(t), strings.TrimPrefix(link, "http://127.0.0.1:8080/sign-in/link/"))
	w.ok(err)
	if cookie.Name != "goodstanding" || cookie.Secure || !cookie.HttpOnly || w.signedIn(cookie) != string(w.ada) {
		t.Errorf("%+v", cookie)
	}
}

// A database that cannot be asked is an error, never a stranger.
func TestADatabaseThatIsAway(t *testing.T) {
	db := dbtest.SQLite(t)()
	w := newWorld(t, db, nil)
	cookie, _, err := w.s.Open(request(t), w.token("ada@people.example", ""))
	w.ok(err)
	r := request(t, cookie)
	ctx, cancel := contextEnded(t)
	defer cancel()
	if _, in, err := w.s.SignedIn(r.WithContext(ctx), w.clock()); err == nil || in {
		t.Errorf("%v, %v", in, err)
	}
}

// contextEnded is a context that is over.
func contextEnded(t *testing.T) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx, cancel
}
