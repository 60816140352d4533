package signin

import (
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"testing"

	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/tongue"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/store"
)

func TestALinkSignsInOnce(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		token := w.token("ada@PEOPLE.example", "/decisions/7")
		mail := w.out.sent()[0]
		if mail.To != `=?utf-8?q?Ada_=C3=96d=C3=B6n?= <Ada@people.example>` || mail.Subject != "Sign in to Example Federation" || mail.ID == "" ||
			!strings.Contains(mail.Text, "Hello Ada Ödön,") || !strings.Contains(mail.Text, "until 12:30 on 15 June 2026 (UTC)") {
			t.Errorf("the mail: %+v", mail)
		}
		for range 5 { // programs look at it
			if next, err := w.s.Look(t.Context(), token); err != nil || next != "/decisions/7" {
				t.Fatalf("%q, %v", next, err)
			}
		}
		if sessions, _ := w.rows(); sessions != 0 {
			t.Fatal("looking at a link signed somebody in")
		}
		cookie, next, err := w.s.Open(request(t), token)
		w.ok(err)
		if next != "/decisions/7" || cookie.Name != "__Host-goodstanding" || !cookie.Secure || !cookie.HttpOnly || cookie.SameSite != http.SameSiteLaxMode ||
			cookie.Path != "/" || cookie.Domain != "" || cookie.MaxAge != 30*24*60*60 {
			t.Errorf("%q, %+v", next, cookie)
		}
		if w.signedIn(cookie) != string(w.ada) || w.signedIn() != "" {
			t.Error("the cookie does not say who is asking, or nothing does")
		}
		actor, _, err := w.s.SignedIn(request(t, cookie), w.clock())
		w.ok(err)
		if actor.Label != "Ada Ödön" || !actor.DelegateOf(w.ash) || actor.Operator {
			t.Errorf("who is asking: %+v", actor)
		}
		if _, _, err := w.s.Open(request(t), token); !errors.Is(err, ErrOver) {
			t.Errorf("used again: %v", err)
		}
		// Somebody pressed the button twice.
		if again, next, err := w.s.Open(request(t, cookie), token); err != nil || again != nil || next != "/decisions/7" {
			t.Errorf("twice: %v, %q, %v", again, next, err)
		}
		if sessions, _ := w.rows(); sessions != 1 {
			t.Errorf("%d sessions", sessions)
		}
		rows := w.audit("sign_in")
		if len(rows) != 1 || rows[0].Actor != string(w.ada) || rows[0].Subject != string(w.ada) || rows[0].Payload != `{"way":"mail"}` {
			t.Errorf("audit: %+v", rows)
		}
	})
}

// Of many who press at once, one is signed in.
func TestALinkSignsInOnceAlsoAtOnce(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		token := w.token("ada@people.example", "")
		var all sync.WaitGroup
		results := make([]error, 8)
		for i := range results {
			all.Go(func() { _, _, results[i] = w.s.Open(request(t), token) })
		}
		all.Wait()
		in := 0
		for _, err := range results {
			if err == nil {
				in++
			} else if !errors.Is(err, ErrOver) {
				t.Error(err)
			}
		}
		if sessions, _ := w.rows(); in != 1 || sessions != 1 {
			t.Errorf("%d signed in, %d sessions, want 1", in, sessions)
		}
	})
}

func TestALinkEnds(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		token := w.token("ada@people.example", "/me")
		w.now.Add(int64(MailedFor - 1))
		if _, err := w.s.Look(t.Context(), token); err != nil {
			t.Errorf("just before its end: %v", err)
		}
		w.now.Add(1)
		if _, _, err := w.s.Open(request(t), token); !errors.Is(err, ErrOver) {
			t.Errorf("at its end: %v", err)
		}
		if _, err := w.s.Look(t.Context(), "nonsense"); !errors.Is(err, ErrUnknown) {
			t.Errorf("an unknown one: %v", err)
		}
		// A new one goes to the same address, and leads to the same page.
		w.s.AskAgain(token, home, tongue.English())
		w.s.AskAgain("nonsense", home, tongue.English())
		w.settled()
		if len(w.out.sent()) != 2 || !strings.Contains(w.out.sent()[1].To, "<Ada@people.example>") {
			t.Fatalf("mails: %+v", w.out.sent())
		}
		if next, err := w.s.Look(t.Context(), tokenOf(t, w.out.sent()[1])); err != nil || next != "/me" {
			t.Errorf("%q, %v", next, err)
		}
	})
}

// Who is not known gets nothing, and no row is written for it.
func TestNobodyElseIsWrittenTo(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		for _, address := range []string{"eve@people.example", "ada@people.example.org", "a_a@people.example", "%@people.example"} {
			w.ask(address, "")
		}
		if _, links := w.rows(); len(w.out.sent()) != 0 || links != 0 {
			t.Errorf("%d mails, %d links", len(w.out.sent()), links)
		}
		for address, want := range map[string]string{
			"": "Write your e-mail address.", "  ": "Write your e-mail address.",
			"ada": "That is no e-mail address: write it as name@example.org.", "Ada <ada@people.example>": "That is no e-mail address: write it as name@example.org.",
			"ada@people.example\r\nBcc: eve@people.example": "That is no e-mail address: write it as name@example.org.",
			strings.Repeat("a", 250) + "@b.example":         "That is no e-mail address: write it as name@example.org.",
		} {
			if got := w.s.Ask(address, "", home, tongue.English()); got != want {
				t.Errorf("%q: %q, want %q", address, got, want)
			}
		}
	})
}

// One mail a minute, six an hour, twenty a day, to one account.
func TestAnAccountIsNotFlooded(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		client := 0
		ask := func() int { // each time from somewhere else
			client++
			w.s.Ask("ada@people.example", "", netip.AddrFrom4([4]byte{198, 51, byte(client >> 8), byte(client)}), tongue.English())
			w.settled()
			return len(w.out.sent())
		}
		for range 5 {
			if n := ask(); n != 1 {
				t.Fatalf("%d mails within a minute", n)
			}
		}
		w.now.Add(int64(leastBetween))
		if n := ask(); n != 2 {
			t.Fatalf("%d mails after a minute, want 2", n)
		}
		for range 10 {
			w.now.Add(int64(leastBetween))
			ask()
		}
		if n := len(w.out.sent()); n != mostAnHour {
			t.Errorf("%d mails within an hour, want %d", n, mostAnHour)
		}
		for range 4 {
			w.now.Add(int64(60 * minute))
			for range mostAnHour {
				w.now.Add(int64(leastBetween))
				ask()
			}
		}
		if n := len(w.out.sent()); n != mostADay {
			t.Errorf("%d mails within a day, want %d", n, mostADay)
		}
		if _, links := w.rows(); links != mostADay {
			t.Errorf("%d rows", links)
		}
		w.ask("tara@people.example", "") // another account is not concerned
		if n := len(w.out.sent()); n != mostADay+1 {
			t.Errorf("%d mails", n)
		}
	})
}

// A client that asks too often sends no more mails, whomever it asks for, and
// others are not concerned.
func TestAClientDoesNotFlood(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t)(), nil)
	for i := range clientBurst {
		w.ask(fmt.Sprintf("guess%d@people.example", i), "")
	}
	w.ask("ada@people.example", "")
	if len(w.out.sent()) != 0 {
		t.Fatal("a mail was sent for a client that had asked too often")
	}
	w.s.Ask("ada@people.example", "", netip.MustParseAddr("192.0.2.8"), tongue.English())
	w.settled()
	w.now.Add(int64(minute))
	w.ask("tara@people.example", "")
	if len(w.out.sent()) != 2 {
		t.Errorf("%d mails, want 2: another client's, and after a minute its own", len(w.out.sent()))
	}
}

// What is remembered of clients is bounded, and whoever comes when it is full
// shares one allowance with the others.
func TestTheMemoryOfClientsIsBounded(t *testing.T) {
	c, at := newClients(clientEvery, clientBurst), noon.Time()
	let := 0
	for i := range 3 * mostClients {
		if c.allow(netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}), at) {
			let++
		}
	}
	if len(c.known) != mostClients || let != mostClients+clientBurst {
		t.Errorf("%d are remembered, %d were let through", len(c.known), let)
	}
	if !c.allow(netip.MustParseAddr("203.0.113.1"), at.Add(clientBurst*clientEvery)) || len(c.known) != 1 {
		t.Errorf("%d are remembered after a quiet time", len(c.known))
	}
	// A network of IPv6 is one client, an address in another notation the same.
	six := newClients(clientEvery, clientBurst)
	for i := range 10 {
		six.allow(netip.MustParseAddr(fmt.Sprintf("2001:db8::%x", i)), at)
	}
	six.allow(netip.MustParseAddr("192.0.2.1"), at)
	six.allow(netip.MustParseAddr("::ffff:192.0.2.1"), at)
	six.allow(netip.Addr{}, at)
	if len(six.known) != 3 {
		t.Errorf("%d clients, want 3: %v", len(six.known), six.known)
	}
}

// A mail that could not be handed in is tried again, with the same id and link; a
// refused one is not.
func TestMailsAreTriedAgain(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t)(), nil)
	w.out.errors = []error{errors.New("451"), errors.New("reset")}
	w.ask("ada@people.example", "")
	for i := range 2 {
		if n := len(w.out.sent()); n != 0 {
			t.Fatalf("%d mails", n)
		}
		w.now.Add(int64(pauses[i]))
		w.ask("eve@people.example", "") // wakes it
		w.until(func() bool { w.out.mu.Lock(); defer w.out.mu.Unlock(); return w.out.tried == i+2 })
	}
	if n := len(w.out.sent()); n != 1 {
		t.Fatalf("%d mails, want the one", n)
	}
	if _, err := w.s.Look(t.Context(), tokenOf(t, w.out.sent()[0])); err != nil {
		t.Error(err)
	}
	if _, links := w.rows(); links != 1 {
		t.Errorf("%d links for one mail", links)
	}
	w.out.errors = []error{&notify.Rejection{Reason: "550"}}
	w.ask("tara@people.example", "")
	if len(w.out.errors) != 0 || len(w.out.sent()) != 1 || !strings.Contains(w.log.String(), "a sign-in mail was refused") {
		t.Errorf("%d mails, log:\n%s", len(w.out.sent()), w.log.String())
	}
}

// A mail server that is away for long: the mail is given up, and says so.
func TestMailsAreGivenUp(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t)(), nil)
	for range len(pauses) + 1 {
		w.out.errors = append(w.out.errors, errors.New("away"))
	}
	w.ask("ada@people.example", "")
	for i, pause := range pauses {
		w.now.Add(int64(pause))
		w.ask("eve@people.example", "")
		w.until(func() bool { w.out.mu.Lock(); defer w.out.mu.Unlock(); return w.out.tried == i+2 })
	}
	w.until(func() bool { return strings.Contains(w.log.String(), "is given up") })
}

func TestLinksByTheOperator(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		link, expires, err := w.s.PrintLink(t.Context(), w.operator("the first treasurer"), w.tara)
		w.ok(err)
		token, ok := strings.CutPrefix(link, "https://roll.example.org/sign-in/link/")
		if !ok || expires != w.clock()+15*minute {
			t.Errorf("%s until %s", link, expires)
		}
		cookie, next, err := w.s.Open(request(t), token)
		w.ok(err)
		if w.signedIn(cookie) != string(w.tara) || next != "" {
			t.Errorf("%s signed in, on to %q", w.signedIn(cookie), next)
		}
		if rows := w.audit("print_sign_in_link"); len(rows) != 1 || rows[0].Subject != string(w.tara) || rows[0].Actor != "op_test" {
			t.Errorf("audit: %+v", rows)
		}
		if rows := w.audit("sign_in"); len(rows) != 1 || rows[0].Payload != `{"way":"printed"}` {
			t.Errorf("audit: %+v", rows)
		}
		_, _, err = w.s.PrintLink(t.Context(), roll.By{Actor: member.Actor{ID: string(w.tara), Label: "Tara"}, Reason: "x"}, w.ada)
		if refused, ok := errors.AsType[*roll.Refused](err); !ok || len(refused.Reasons) != 1 {
			t.Errorf("a treasurer prints a link: %v", err)
		}
		// A link in a mail about something else leads there.
		mailed, err := w.s.MailLink(t.Context(), w.ada, "/decisions/7")
		w.ok(err)
		if next, err := w.s.Look(t.Context(), strings.TrimPrefix(mailed, "https://roll.example.org/sign-in/link/")); err != nil || next != "/decisions/7" {
			t.Errorf("%q, %v", next, err)
		}
		if _, err := w.s.MailLink(t.Context(), "p_none", ""); err == nil || err.Error() != "make a link to sign in by: there is no person p_none" {
			t.Error(err)
		}
	})
}

func TestWithoutMailNothingIsMade(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t)(), func(o *Options) { o.Mail = nil })
	w.ask("ada@people.example", "")
	if _, links := w.rows(); w.s.ByMail() || links != 0 {
		t.Errorf("%v, %d links", w.s.ByMail(), links)
	}
}

// The demo shows links, and sends no mail even if it could.
func TestTheDemoShowsLinks(t *testing.T) {
	shown := make(chan string, 1)
	w := newWorld(t, dbtest.SQLite(t)(), func(o *Options) { o.ShowLinks = func(link string) { shown <- link } })
	w.ask("ada@people.example", "")
	select {
	case link := <-shown:
		if !strings.HasPrefix(link, "https://roll.example.org/sign-in/link/") || len(w.out.sent()) != 0 {
			t.Errorf("%s, %d mails", link, len(w.out.sent()))
		}
	default:
		t.Error("no link was shown")
	}
}

// What is over is removed, what can still be sent anew is kept.
func TestWhatIsOverIsRemoved(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		cookie, _, err := w.s.Open(request(t), w.token("ada@people.example", ""))
		w.ok(err)
		w.now.Add(int64(SessionFor))
		if w.signedIn(cookie) != "" {
			t.Error("a session counts after its end")
		}
		w.s.tidy(t.Context())
		if sessions, links := w.rows(); sessions != 0 || links != 1 {
			t.Errorf("%d sessions, %d links", sessions, links)
		}
		w.now.Add(int64(instant.Day))
		w.s.tidy(t.Context())
		if _, links := w.rows(); links != 0 {
			t.Errorf("%d links", links)
		}
	})
}

func TestWhereALinkMayLead(t *testing.T) {
	for path, want := range map[string]string{
		"/me": "/me", "/decisions/7?tab=log#end": "/decisions/7?tab=log#end", "": "", "me": "", "//evil.example": "", "/\\evil.example": "",
		"https://evil.example/": "", "/a\tb": "", "/ü": "", "javascript:alert(1)": "", "/" + strings.Repeat("a", 400): "", "///x": "", "/%zz": "",
	} {
		if got := Next(path); got != want {
			t.Errorf("%q leads to %q, want %q", path, got, want)
		}
	}
}

func TestOptionsThatAreMissing(t *testing.T) {
	_, err := New(Options{BaseURL: "roll.example.org"})
	want := "make the sign-in service: Roll is missing\nDB is missing\nNow is missing: the service reads no clock by itself\nBaseURL is no address: write it as https://roll.example.org"
	if err == nil || err.Error() != want {
		t.Errorf("%v", err)
	}
	for address, ok := range map[string]bool{"http://127.0.0.1:8080": true, "http://localhost": true, "http://[::1]:1": true, "https://localhost": false, "http://roll.example.org": false, "http://127.0.0.1.example.org": false} {
		_, err := New(Options{Roll: &roll.Roll{}, DB: &store.DB{}, Now: func() instant.Instant { return noon }, BaseURL: address, PlainCookies: true})
		if (err == nil) != ok {
			t.Errorf("plain cookies for %s: %v", address, err)
		}
	}
}
