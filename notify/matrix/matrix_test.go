package matrix

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/internal/fakematrix"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/notify"
)

const ada = "@ada:example.org"

// home is a homeserver with a room that the bot has joined.
func home(t *testing.T) (s *fakematrix.Server, room string, c *Client) {
	t.Helper()
	s = fakematrix.New(t, "example.org")
	s.User("ada", "")
	bot, token := s.User("bot", "")
	room = s.Room("decisions", ada, bot)
	return s, room, client(t, s.URL, token, "#decisions:example.org")
}

func client(t *testing.T, at, token, room string) *Client {
	t.Helper()
	where, err := url.Parse(at)
	if err != nil {
		t.Fatal(err)
	}
	c, err := New(Options{URL: where, Token: token, Room: room, Timeout: 2 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func TestWhereAndWhat(t *testing.T) {
	const noAddress = "is no address of a homeserver: write where its clients reach it, such as https://matrix.example.org"
	for text, want := range map[string]string{
		"https://matrix.example.org": "", "https://matrix.example.org:8448/": "", "http://127.0.0.1:8008": "", "http://localhost:8008": "", "http://[::1]:1": "",
		"matrix.example.org": noAddress, "": noAddress, "ftp://x": noAddress, "https://": noAddress,
		"http://matrix.example.org":               "is not https, and the homeserver is not on this host: the token would travel in the clear",
		"https://ada:secret@matrix.example.org":   "carries a user, a query or a fragment: write only where the homeserver is, such as https://matrix.example.org",
		"https://matrix.example.org?access_token": "carries a user, a query or a fragment: write only where the homeserver is, such as https://matrix.example.org",
		"https://matrix.example.org/_matrix":      "has a path: write only where the homeserver is, such as https://matrix.example.org, without /_matrix",
	} {
		_, err := ParseURL(text)
		if got := fmt.Sprint(err); got != want && (want != "" || err != nil) {
			t.Errorf("%s: %v", text, err)
		}
	}
	for _, good := range []string{"!abc:example.org", "!31hneApxJ_1o-63DmFrpeqnkFfWppnzWso1JvH3ogLM", "#decisions:example.org", "#Beschlüsse:example.org:8448"} {
		if why := RoomFault(good); why != "" {
			t.Errorf("%s %s", good, why)
		}
	}
	for _, wrong := range []string{"", "decisions", "#decisions", "!", "!a b:c", "@ada:example.org", "!a/../b:example.org", "#a:b\n", "#" + strings.Repeat("a", 300) + ":b"} {
		if why := RoomFault(wrong); !strings.HasPrefix(why, "is no room: write its alias, such as #decisions:example.org") {
			t.Errorf("%q %s", wrong, why)
		}
	}
	if UserFault(ada) != "" || UserFault("@ada") != "is no Matrix id: write @name:server, such as @ada:example.org" || UserFault("ada@example.org") == "" {
		t.Error("Matrix ids")
	}
}

// TestAMessage: what is sent, and that the same transaction is the same event,
// also where the first answer was lost on its way.
func TestAMessage(t *testing.T) {
	s, room, c := home(t)
	s.Once("sendMessage", fakematrix.Fault{Lose: true})
	e := notify.Envelope{ID: "nt_1", To: notify.Room, Text: "Decision 7 is open", HTML: "<p>Decision 7 is &lt;open&gt;</p>"}
	err := c.Send(t.Context(), e)
	if err == nil || !strings.HasPrefix(err.Error(), "send to the room: the connection to 127.0.0.1:") || !strings.HasSuffix(err.Error(), "broke before it answered") {
		t.Errorf("an answer that was lost: %v", err)
	}
	if err := c.Send(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	id, err := c.Post(t.Context(), room, "sg_1", "Counted.", "", Thread{Root: "$root", Answers: "$reply"})
	if err != nil {
		t.Fatal(err)
	}
	var sent []fakematrix.Event
	for _, e := range s.Events(room) {
		if e.Type == message {
			sent = append(sent, e)
		}
	}
	if len(sent) != 2 || sent[1].ID != id {
		t.Fatalf("%+v", sent)
	}
	for i, want := range []string{
		`{"body":"Decision 7 is open","format":"org.matrix.custom.html","formatted_body":"\u003cp\u003eDecision 7 is \u0026lt;open\u0026gt;\u003c/p\u003e","m.mentions":{},"msgtype":"m.notice"}`,
		`{"body":"Counted.","m.mentions":{},"m.relates_to":{"event_id":"$root","is_falling_back":true,"m.in_reply_to":{"event_id":"$reply"},"rel_type":"m.thread"},"msgtype":"m.notice"}`,
	} {
		if got, err := json.Marshal(sent[i].Content); err != nil || string(got) != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
	for _, wrong := range []notify.Envelope{{ID: "x", To: "!other:example.org", Text: "t"}, {To: room, Text: "t"}, {ID: "x", To: room, Text: " "}} {
		_, final := errors.AsType[*notify.Rejection](c.Send(t.Context(), wrong))
		if !final {
			t.Errorf("%+v was not refused for good", wrong)
		}
	}
}

// TestOnlyTheOneRoom: neither an invitation to another room nor an alias that
// leads elsewhere by now brings the bot there.
func TestOnlyTheOneRoom(t *testing.T) {
	s, room, c := home(t)
	other := s.Room("tea", ada)
	s.Invite(other, ada, "@bot:example.org")
	s.Say(other, ada, "$x", "Come here!")
	s.React(other, ada, "$x", "👍")
	got, err := c.Sync(t.Context(), "", 0)
	if err != nil || got.Invited || len(got.Events) != 0 {
		t.Errorf("%+v %v", got, err)
	}
	if err := c.Join(t.Context()); err != nil {
		t.Error(err)
	}
	if in := s.Members(other); len(in) != 1 {
		t.Errorf("in the other room: %v", in)
	}
	s.Refuse(func(op string) *fakematrix.Fault {
		if op == "getRoomIdByAlias" {
			return &fakematrix.Fault{Status: 404, Code: "M_NOT_FOUND"}
		}
		return nil
	})
	if id, err := c.RoomID(t.Context()); id != room || err != nil {
		t.Errorf("the alias was looked up again: %s %v", id, err)
	}
	// A stranger's room: joining needs an invitation.
	stranger := client(t, s.URL, "wrong", other)
	if err := stranger.Join(t.Context()); !errors.Is(err, ErrUnknownToken) {
		t.Error(err)
	}
}

// TestErrors: their kinds, their words, how long to wait, and that no secret is in
// them.
func TestErrors(t *testing.T) {
	s, _, c := home(t)
	const what = "ask for the rooms of the account: the homeserver says "
	for _, x := range []struct {
		fault fakematrix.Fault
		kind  error
		wait  time.Duration
		text  string
	}{
		{fakematrix.Fault{Status: 401, Code: "M_UNKNOWN_TOKEN"}, ErrUnknownToken, 0, what + "401 M_UNKNOWN_TOKEN: the token is none, or none any more; make another one for the account"},
		{fakematrix.Fault{Status: 403, Code: "M_FORBIDDEN"}, ErrForbidden, 0, what + "403 M_FORBIDDEN: invite the account to the room, and let it send there"},
		{fakematrix.Fault{Status: 404, Code: "M_NOT_FOUND"}, ErrNotFound, 0, what + "404 M_NOT_FOUND"},
		{fakematrix.Fault{Status: 429, Code: "M_LIMIT_EXCEEDED", RetryAfter: 1200 * time.Millisecond}, ErrLimited, 1200 * time.Millisecond, what + "429 M_LIMIT_EXCEEDED: it asks to wait 1.2s"},
		{fakematrix.Fault{Status: 429, Code: "M_LIMIT_EXCEEDED", RetryAfter: 3 * time.Second, InHeader: true}, ErrLimited, 3 * time.Second, what + "429 M_LIMIT_EXCEEDED: it asks to wait 3s"},
		{fakematrix.Fault{Status: 429, Code: "M_LIMIT_EXCEEDED"}, ErrLimited, standardWait, what + "429 M_LIMIT_EXCEEDED: it asks to wait 5s"},
		{fakematrix.Fault{Status: 429, Body: "slow down"}, ErrLimited, standardWait, what + "429: it asks to wait 5s"},
		{fakematrix.Fault{Status: 429, Code: "M_LIMIT_EXCEEDED", RetryAfter: 100 * time.Hour}, ErrLimited, longestWait, what + "429 M_LIMIT_EXCEEDED: it asks to wait 1h0m0s"},
		{fakematrix.Fault{Status: 502, Body: "<html>token secret-of-a-proxy"}, nil, 0, what + "502"},
		{fakematrix.Fault{Status: 500, Code: "ada@example.org"}, nil, 0, what + "500"},
		{fakematrix.Fault{Status: 200, Body: "<html>"}, nil, 0, "ask for the rooms of the account: " + c.Where() + " answers something that is no Matrix: is the homeserver there?"},
		{fakematrix.Fault{Status: 302, Body: ""}, nil, 0, what + "302 M_UNKNOWN"},
	} {
		s.Once("getJoinedRooms", x.fault)
		_, err := c.Joined(t.Context())
		if err == nil || err.Error() != x.text || Waits(err) != x.wait {
			t.Errorf("got  %v (%s)\nwant %s (%s)", err, Waits(err), x.text, x.wait)
		}
		for _, kind := range []error{ErrUnknownToken, ErrForbidden, ErrNotFound, ErrLimited} {
			if errors.Is(err, kind) != (kind == x.kind) {
				t.Errorf("%v: is it %q?", err, kind)
			}
		}
	}
	s.Once("sendMessage", fakematrix.Fault{Status: 413, Code: "M_TOO_LARGE"})
	err := c.Send(t.Context(), notify.Envelope{ID: "1", To: notify.Room, Text: "long"})
	if no, final := errors.AsType[*notify.Rejection](err); !final || no.Reason != "the homeserver says 413 M_TOO_LARGE" {
		t.Errorf("too large: %v", err)
	}
	s.Once("sync", fakematrix.Fault{Wait: 10 * time.Second, Status: 500})
	c.o.Timeout = 50 * time.Millisecond
	if _, err := c.Sync(t.Context(), "", 0); err == nil || !strings.HasSuffix(err.Error(), "does not answer in time") {
		t.Errorf("slow: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Sync(ctx, "", 0); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	gone := client(t, "http://127.0.0.1:1", "syt_secret", "!a:b")
	if _, err := gone.WhoAmI(t.Context()); err == nil || err.Error() != "ask whose token it is: 127.0.0.1:1 cannot be reached (connect: connection refused)" {
		t.Error(err)
	}
}

// TestTheTokenStaysAtHome: in the header alone, and not at a server that the
// homeserver sends us to.
func TestTheTokenStaysAtHome(t *testing.T) {
	var elsewhere, here int
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere++ }))
	defer other.Close()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		here++
		if strings.Contains(r.URL.String(), "syt_secret") || r.Header.Get("Authorization") != "Bearer syt_secret" {
			t.Errorf("%s %v", r.URL, r.Header)
		}
		http.Redirect(w, r, other.URL+r.URL.Path, http.StatusTemporaryRedirect)
	}))
	defer server.Close()
	c := client(t, server.URL, "syt_secret", "!a:example.org")
	_, err1 := c.WhoAmI(t.Context())
	_, err2 := c.Post(t.Context(), notify.Room, "1", "x", "", Thread{})
	_, err3 := c.Sync(t.Context(), "s1", 0)
	for _, err := range []error{err1, err2, err3} {
		if err == nil || strings.Contains(err.Error(), "syt_secret") || strings.Contains(fmt.Sprintf("%+v", err), "syt_secret") {
			t.Errorf("%v", err)
		}
	}
	if here != 3 || elsewhere != 0 {
		t.Errorf("asked %d times, elsewhere %d", here, elsewhere)
	}
}

// TestAnAnswerIsBounded: one that never ends is not read for ever.
func TestAnAnswerIsBounded(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		line := []byte(`{"user_id":"` + strings.Repeat("x", 64<<10))
		for range 100 {
			if _, err := w.Write(line); err != nil {
				return
			}
		}
	}))
	defer server.Close()
	c := client(t, server.URL, "t", "!a:b")
	if _, err := c.WhoAmI(t.Context()); err == nil || !strings.HasSuffix(err.Error(), "is longer than 1048576 bytes") {
		t.Error(err)
	}
}

func TestWhenToComeBack(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"": 0, "7": 7 * time.Second, "-1": 0, "soon": 0, "99999999999999999999": 0, "9999999999": longestWait,
		"Sun, 29 Nov 2026 12:00:30 GMT": 30 * time.Second, "Sun, 29 Nov 2026 11:00:00 GMT": 0,
	} {
		h := http.Header{"Retry-After": {text}, "Date": {"Sun, 29 Nov 2026 12:00:00 GMT"}}
		if got := retryAfter(h); got != want {
			t.Errorf("%q: %s", text, got)
		}
	}
}

// TestWhatIsRead: signs, removals in both forms, replies without their quotation;
// nothing of an event that is broken, or that is no person's text.
func TestWhatIsRead(t *testing.T) {
	for text, want := range map[string]Event{
		`{"type":"m.reaction","event_id":"$1","sender":"@ada:example.org","content":{"m.relates_to":{"rel_type":"m.annotation","event_id":"$0","key":"👍"}}}`:                                                                                   {Sign, "$1", ada, "$0", "👍", 0},
		`{"type":"m.room.redaction","event_id":"$2","sender":"@ada:example.org","redacts":"$1","content":{}}`:                                                                                                                                  {Removal, "$2", ada, "$1", "", 0},
		`{"type":"m.room.redaction","event_id":"$2","sender":"@ada:example.org","content":{"redacts":"$1"}}`:                                                                                                                                   {Removal, "$2", ada, "$1", "", 0},
		`{"type":"m.room.message","event_id":"$3","sender":"@ada:example.org","content":{"msgtype":"m.text","body":" Too dear. ","m.relates_to":{"rel_type":"m.thread","event_id":"$0"}}}`:                                                     {Reply, "$3", ada, "$0", "Too dear.", 0},
		`{"type":"m.room.message","event_id":"$3","sender":"@ada:example.org","content":{"msgtype":"m.text","body":"> <@bot:example.org> What is it?\n> Say.\n\nToo dear.\n> indeed","m.relates_to":{"rel_type":"m.thread","event_id":"$0"}}}`: {Reply, "$3", ada, "$0", "Too dear.\n> indeed", 0},
		`{"type":"m.room.encryption","event_id":"$4","sender":"@ada:example.org","state_key":"","content":{}}`:                                                                                                                                 {Encrypted, "$4", ada, "", "", 0},
		`{"type":"m.room.encryption","event_id":"$4","sender":"@ada:example.org","content":{}}`:                                                                                                                                                {},
		`{"type":"m.reaction","event_id":"$1","sender":"@ada:example.org","content":{}}`:                                                                                                                                                       {},
		`{"type":"m.reaction","event_id":"$1","sender":"nobody","content":{"m.relates_to":{"rel_type":"m.annotation","event_id":"$0","key":"👍"}}}`:                                                                                             {},
		`{"type":"m.reaction","event_id":"$1","sender":"@ada:example.org","content":{"m.relates_to":{"rel_type":"m.annotation","event_id":["$0"],"key":"👍"}}}`:                                                                                 {},
		`{"type":"m.room.message","event_id":"$3","sender":"@ada:example.org","content":{"msgtype":"m.image","body":"cat.png","m.relates_to":{"rel_type":"m.thread","event_id":"$0"}}}`:                                                        {},
		`{"type":"m.room.message","event_id":"$3","sender":"@ada:example.org","content":{"msgtype":"m.text","body":"aside"}}`:                                                                                                                  {},
		`{"type":"m.room.message","event_id":"$3","sender":"@ada:example.org","content":"gone"}`:                                                                                                                                               {},
		`{"type":"m.room.message","event_id":"$3","sender":"@ada:example.org","content":{"msgtype":"m.text","body":"\u0000Too\u0007 dear.\r\n\tVery\u009b.\u0000\n","m.relates_to":{"rel_type":"m.thread","event_id":"$0"}}}`:                  {Reply, "$3", ada, "$0", "Too dear.\n\tVery.", 0},
		`{"type":"m.room.redaction","event_id":"$2","sender":"@ada:example.org","redacts":"$1","content":{},"origin_server_ts":1780315200123}`:                                                                                                 {Removal, "$2", ada, "$1", "", instant.Date(2026, 6, 1).Add(12*time.Hour + 123*time.Millisecond)},
		`{"type":"m.room.redaction","event_id":"$2","sender":"@ada:example.org","redacts":"$1","content":{},"origin_server_ts":"soon"}`:                                                                                                        {Removal, "$2", ada, "$1", "", 0},
		`{"type":"m.room.redaction","event_id":"$2","sender":"@ada:example.org","redacts":"$1","content":{},"origin_server_ts":-1}`:                                                                                                            {Removal, "$2", ada, "$1", "", 0},
		`{"type":"m.room.redaction","event_id":"$2","sender":"@ada:example.org","redacts":"$1","content":{},"origin_server_ts":9223372036854775807}`:                                                                                           {Removal, "$2", ada, "$1", "", 0},
		`{"type":"m.room.redaction","event_id":"$2","sender":"@ada:example.org","redacts":"$1","content":{},"origin_server_ts":99999999999999999999999}`:                                                                                       {Removal, "$2", ada, "$1", "", 0},
	} {
		var raw rawEvent
		if err := json.Unmarshal([]byte(text), &raw); err != nil {
			t.Fatal(err)
		}
		got, ok := raw.read()
		if ok != (want.Kind != 0) || ok && got != want {
			t.Errorf("%s\ngot  %+v %v\nwant %+v", text, got, ok, want)
		}
	}
}

// TestAfterAnEvent: where the place is lost, the reading goes on after the last event,
// however many there are since, as far back as it looks; else it says that some are
// missing. So it does after a place.
func TestAfterAnEvent(t *testing.T) {
	s, room, c := home(t)
	first := s.React(room, ada, "$0", "0")
	began, err := c.Sync(t.Context(), "", 0)
	if err != nil || began.Missing || len(began.Events) != 1 {
		t.Fatalf("%+v %v", began, err)
	}
	react := func(from, to int) {
		for i := from; i <= to; i++ {
			s.React(room, ada, "$0", fmt.Sprint(i))
		}
	}
	expect := func(what string, got Reading, err error, from, to int, missing bool) {
		t.Helper()
		if err != nil || got.Missing != missing || len(got.Events) != to-from+1 {
			t.Fatalf("%s: %d events, missing: %v, %v", what, len(got.Events), got.Missing, err)
		}
		for i, e := range got.Events {
			if e.Text != fmt.Sprint(from+i) {
				t.Fatalf("%s: %q is in the place of %d", what, e.Text, from+i)
			}
		}
	}
	got, err := c.SyncAfter(t.Context(), first)
	expect("nothing since", got, err, 1, 0, false)
	react(1, eventsAtOnce-1)
	got, err = c.SyncAfter(t.Context(), first)
	expect("one answer", got, err, 1, eventsAtOnce-1, false)
	got, err = c.SyncAfter(t.Context(), "$other")
	expect("an event that is not there", got, err, 0, eventsAtOnce-1, true)
	react(eventsAtOnce, 250)
	got, err = c.SyncAfter(t.Context(), first)
	expect("several pages", got, err, 1, 250, false)
	got, err = c.SyncAfter(t.Context(), "$other")
	expect("an event that is in no page", got, err, 0, 250, true)
	got, err = c.Sync(t.Context(), "", 0)
	expect("a first reading of much", got, err, 151, 250, true)
	s.Refuse(func(op string) *fakematrix.Fault {
		if op == "getRoomEvents" {
			return &fakematrix.Fault{Status: 400, Code: "M_INVALID_PARAM"}
		}
		return nil
	})
	got, err = c.SyncAfter(t.Context(), first)
	expect("no pages", got, err, 151, 250, true)
	s.Once("getRoomEvents", fakematrix.Fault{Status: 502})
	if _, err = c.SyncAfter(t.Context(), first); err == nil || err.Error() != "read what happened before: the homeserver says 502 M_UNKNOWN" {
		t.Error(err)
	}
	most := (mostPages+1)*eventsAtOnce + 100
	react(251, most)
	got, err = c.Sync(t.Context(), began.Next, 0)
	expect("more than is read after a place", got, err, 101, most, true)
	got, err = c.SyncAfter(t.Context(), first)
	expect("more than is read after an event", got, err, 101, most, true)
}

// TestWhatCannotBeTaken: an event that names what is no event's id, or that is none,
// stands in nobody's way.
func TestWhatCannotBeTaken(t *testing.T) {
	const sign = `{"type":"m.reaction","event_id":"%s","sender":"@ada:example.org","content":{"m.relates_to":{"rel_type":"m.annotation","event_id":"%s","key":"👍"}}}`
	long := "$" + strings.Repeat("x", longestID)
	events := []string{
		fmt.Sprintf(sign, "$1", `$\u0000`), fmt.Sprintf(sign, `$2\u0000`, "$0"), fmt.Sprintf(sign, "$3", "$\xff"), fmt.Sprintf(sign, "$4", long), fmt.Sprintf(sign, long, "$0"),
		`{"type":"m.room.redaction","event_id":"$5","sender":"@ada:example.org","redacts":"\u0001","content":{}}`,
		`{"type":"m.room.redaction","event_id":"$6","sender":"@ada:example.org","redacts":6,"content":{}}`, `"no event"`, `null`,
		`{"type":"m.room.message","event_id":"$7","sender":"@ada:example.org","content":{"msgtype":"m.text","body":"b","m.relates_to":{"rel_type":"m.thread","event_id":"\u0000"}}}`,
		fmt.Sprintf(sign, "$8", "$0"),
	}
	where, err := url.Parse("http://127.0.0.1:1")
	if err != nil {
		t.Fatal(err)
	}
	c, err := New(Options{URL: where, Token: "t", Room: "!a:b", Transport: canned(`{"next_batch":"s1","rooms":{"join":{"!a:b":{"timeline":{"events":[` + strings.Join(events, ",") + `]}}}}}`)})
	if err != nil {
		t.Fatal(err)
	}
	got, err := c.Sync(t.Context(), "s0", 0)
	if err != nil || len(got.Events) != 1 || got.Events[0].ID != "$8" {
		t.Errorf("%+v %v", got, err)
	}
	if want := []string{reaction, reaction, reaction, reaction, reaction, redaction, message}; !slices.Equal(got.Passed, want) {
		t.Errorf("passed %q, want %q", got.Passed, want)
	}
}

// FuzzReading: whatever a homeserver answers, what is read of it is whole.
func FuzzReading(f *testing.F) {
	f.Add(`{"next_batch":"s1","rooms":{"join":{"!a:b":{"timeline":{"events":[{"event_id":"$1","type":"m.reaction","sender":"@a:b","content":{"m.relates_to":{"rel_type":"m.annotation","event_id":"$0","key":"x"}}}]}}}}}`)
	f.Add(`{"next_batch":"s1","rooms":{"invite":{"!a:b":null},"join":{"!a:b":{"timeline":{"limited":true,"prev_batch":"p"}}}}}`)
	f.Add(`{"chunk":[{}],"end":"s1","next_batch":1}`)
	f.Fuzz(func(t *testing.T, answer string) {
		where, err := url.Parse("http://127.0.0.1:1")
		if err != nil {
			t.Fatal(err)
		}
		c, err := New(Options{URL: where, Token: "t", Room: "!a:b", Transport: canned(answer)})
		if err != nil {
			t.Fatal(err)
		}
		got, err := c.Sync(t.Context(), "s0", 0)
		if err != nil {
			return
		}
		if got.Next == "" {
			t.Error("nobody knows where to go on")
		}
		for _, e := range got.Events {
			if e.ID == "" || UserFault(e.Sender) != "" || e.Kind == 0 || e.About == "" && e.Kind != Encrypted || strings.ContainsAny(e.ID+e.About+e.Text, "\x00\r\x7f") && e.Kind != Sign {
				t.Errorf("%+v", e)
			}
		}
	})
}

// canned answers everything with the same.
type canned string

func (a canned) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	w.WriteString(string(a))
	return w.Result(), nil
}
