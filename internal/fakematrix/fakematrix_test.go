package fakematrix

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/notify/matrix"
)

// asking asks the server without a client.
type asking struct {
	t          *testing.T
	url, token string
}

// ask gives the status and the answer; path begins below /_matrix/client.
func (a asking) ask(method, path, body string) (int, map[string]any) {
	a.t.Helper()
	req, err := http.NewRequestWithContext(a.t.Context(), method, a.url+"/_matrix/client/"+path, strings.NewReader(body))
	if err != nil {
		a.t.Fatal(err)
	}
	if a.token != "" {
		req.Header.Set("Authorization", "Bearer "+a.token)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		a.t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		a.t.Fatal(err)
	}
	var out map[string]any
	if err := json.Unmarshal(text, &out); err != nil {
		a.t.Fatalf("%s %s: %v: %s", method, path, err, text)
	}
	return res.StatusCode, out
}

// must is ask for what has to succeed.
func (a asking) must(method, path, body string) map[string]any {
	a.t.Helper()
	status, out := a.ask(method, path, body)
	if status != http.StatusOK {
		a.t.Fatalf("%s %s: %d %v", method, path, status, out)
	}
	return out
}

// TestTheContract: all that the server does, and all that our own client does, with
// every request and every answer held against the specification.
func TestTheContract(t *testing.T) {
	c := specification(t)
	s := New(t, "example.org")
	_, bot := s.User("bot", "")
	s.User("ada", "a password of the tests")
	at := c.serve(t, s, false)
	t.Run("our own client", func(t *testing.T) { ownClient(t, s, at, bot) })
	t.Run("by hand", func(t *testing.T) { byHand(t, s, at) })
	c.report(t)
	if len(c.operations) < 12 {
		t.Errorf("only %d operations were held against the specification", len(c.operations))
	}
}

// TestTheContractSeesAFault: the check itself must be able to fail.
func TestTheContractSeesAFault(t *testing.T) {
	c := specification(t)
	for what, broken := range map[string]struct{ method, path, body, answer string }{
		"a parameter that is none":   {"GET", "/_matrix/client/v3/sync?wait=1", "", `{"next_batch":"s1"}`},
		"a timeout that is no time":  {"GET", "/_matrix/client/v3/sync?timeout=soon", "", `{"next_batch":"s1"}`},
		"no next_batch":              {"GET", "/_matrix/client/v3/sync", "", `{}`},
		"an event without a sender":  {"GET", "/_matrix/client/v3/sync", "", `{"next_batch":"s1","rooms":{"join":{"!a:b":{"timeline":{"events":[{"event_id":"$1","type":"x","content":{},"origin_server_ts":1}]}}}}}`},
		"an event id that is none":   {"PUT", "/_matrix/client/v3/rooms/%21a:b/send/x/1", "{}", `{"event_id":"1"}`},
		"a body that is a list":      {"PUT", "/_matrix/client/v3/rooms/%21a:b/send/x/1", "[]", `{"event_id":"$1"}`},
		"a room id that is none":     {"PUT", "/_matrix/client/v3/rooms/a:b/send/x/1", "{}", `{"event_id":"$1"}`},
		"an answer that is no error": {"GET", "/_matrix/client/v3/elsewhere", "", `nonsense`},
	} {
		c.faults = nil
		r, err := http.NewRequestWithContext(t.Context(), broken.method, "http://127.0.0.1"+broken.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer x")
		status := http.StatusOK
		if strings.HasSuffix(broken.path, "elsewhere") {
			status = http.StatusNotFound
		}
		f, known := c.request(r, []byte(broken.body), false)
		c.answer(f, known, r, status, []byte(broken.answer))
		if len(c.faults) != 1 {
			t.Errorf("%s: %q", what, c.faults)
		}
	}
}

// ownClient lets our client do all that it can.
func ownClient(t *testing.T, s *Server, at, token string) {
	ada := "@ada:example.org"
	room := s.Room("decisions", ada)
	where, err := url.Parse(at)
	if err != nil {
		t.Fatal(err)
	}
	c, err := matrix.New(matrix.Options{URL: where, Token: token, Room: "#decisions:example.org"})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	ctx := t.Context()
	if me, err := c.WhoAmI(ctx); me != "@bot:example.org" || err != nil {
		t.Fatal(me, err)
	}
	s.Invite(room, ada, "@bot:example.org")
	first, err := c.Sync(ctx, "", 0)
	if err != nil || !first.Invited {
		t.Fatalf("%+v %v", first, err)
	}
	if err := c.Join(ctx); err != nil {
		t.Fatal(err)
	}
	in, err1 := c.Joined(ctx)
	secret, err2 := c.Encrypted(ctx)
	if !in || secret || err1 != nil || err2 != nil {
		t.Fatal(in, secret, err1, err2)
	}
	event, err := c.Post(ctx, notify.Room, "nt_1", "Decision 7 is open", "<p>Decision 7 is open</p>", matrix.Thread{})
	if err != nil {
		t.Fatal(err)
	}
	again, err := c.Post(ctx, room, "nt_1", "Decision 7 is open", "<p>Decision 7 is open</p>", matrix.Thread{})
	if again != event || err != nil {
		t.Errorf("sent again: %s %v, first %s", again, err, event)
	}
	sign := s.React(room, ada, event, "👍")
	reply := s.Say(room, ada, event, "Why not?")
	s.Remove(room, ada, sign)
	if _, err := c.Post(ctx, room, "sg_1", "Counted.", "", matrix.Thread{Root: event, Answers: reply}); err != nil {
		t.Error(err)
	}
	s.Once("sync", Fault{Status: http.StatusTooManyRequests, Code: "M_LIMIT_EXCEEDED", RetryAfter: 1500 * time.Millisecond})
	if _, err = c.Sync(ctx, first.Next, 0); !errors.Is(err, matrix.ErrLimited) || matrix.Waits(err) != 1500*time.Millisecond {
		t.Error(err)
	}
	second, err := c.Sync(ctx, first.Next, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range second.Events {
		got = append(got, fmt.Sprintf("%d %s %s", e.Kind, e.About, e.Text))
	}
	// The sign itself says nothing any more by then: it was removed before it was read.
	want := fmt.Sprintf("[%d %s Why not? %d %s ]", matrix.Reply, event, matrix.Removal, sign)
	if fmt.Sprint(got) != want {
		t.Errorf("read %s, want %s", got, want)
	}
	// More happens than one answer holds: what it leaves out is fetched.
	for range 230 {
		s.Say(room, ada, event, "more")
	}
	third, err := c.Sync(ctx, second.Next, 0)
	if err != nil || len(third.Events) != 230 || third.Missing {
		t.Errorf("%d events, missing %v, %v", len(third.Events), third.Missing, err)
	}
	s.Encrypt(room, ada)
	fourth, err := c.Sync(ctx, third.Next, 0)
	secret, err2 = c.Encrypted(ctx)
	if err != nil || err2 != nil || !secret || len(fourth.Events) != 1 || fourth.Events[0].Kind != matrix.Encrypted {
		t.Errorf("%+v %v %v %v", fourth, secret, err, err2)
	}
}

// byHand asks for what our client does not.
func byHand(t *testing.T, s *Server, at string) {
	login := asking{t: t, url: at}
	if status, out := login.ask("POST", "v3/login", `{"type":"m.login.password","identifier":{"type":"m.id.user","user":"ada"},"password":"wrong"}`); status != http.StatusForbidden {
		t.Error(status, out)
	}
	token, _ := login.must("POST", "v3/login", `{"type":"m.login.password","identifier":{"type":"m.id.user","user":"ada"},"password":"a password of the tests"}`)["access_token"].(string)
	ada := asking{t, at, token}
	_, boToken := s.User("bo", "")
	bo := asking{t, at, boToken}
	room, _ := ada.must("POST", "v3/createRoom", `{"name":"Tea","invite":["@bo:example.org"],"preset":"private_chat"}`)["room_id"].(string)
	path := "v3/rooms/" + url.PathEscape(room)
	if status, _ := bo.ask("GET", path+"/messages?dir=b", ""); status != http.StatusForbidden {
		t.Error("a guest reads the room")
	}
	bo.must("POST", "v3/join/"+url.PathEscape(room), `{}`)
	event, _ := bo.must("PUT", path+"/send/m.room.message/1", `{"msgtype":"m.text","body":"Green?"}`)["event_id"].(string)
	sign := `{"m.relates_to":{"rel_type":"m.annotation","event_id":"` + event + `","key":"👍"}}`
	reaction, _ := ada.must("PUT", path+"/send/m.reaction/2", sign)["event_id"].(string)
	if status, out := ada.ask("PUT", path+"/send/m.reaction/3", sign); status != http.StatusBadRequest || out["errcode"] != "M_DUPLICATE_ANNOTATION" {
		t.Error("the same sign twice:", status, out)
	}
	relations := "v1/rooms/" + url.PathEscape(room) + "/relations/" + event
	for _, p := range []string{"", "/m.annotation", "/m.annotation/m.reaction"} {
		if chunk, _ := ada.must("GET", relations+p, "")["chunk"].([]any); len(chunk) != 1 {
			t.Errorf("%s: %v", p, chunk)
		}
	}
	done := ada.must("PUT", path+"/redact/"+reaction+"/4", `{"reason":"a slip"}`)
	if again := ada.must("PUT", path+"/redact/"+reaction+"/4", `{"reason":"a slip"}`); again["event_id"] != done["event_id"] {
		t.Error("a removal is not idempotent")
	}
	if chunk, _ := ada.must("GET", relations, "")["chunk"].([]any); len(chunk) != 0 {
		t.Errorf("after the removal: %v", chunk)
	}
	ada.must("PUT", path+"/state/m.room.topic/", `{"topic":"All about tea"}`)
	if got := bo.must("GET", path+"/state/m.room.topic/", ""); got["topic"] != "All about tea" {
		t.Error(got)
	}
	page := bo.must("GET", path+"/messages?dir=b&limit=2", "")
	if chunk, _ := page["chunk"].([]any); len(chunk) != 2 || page["end"] == nil {
		t.Error(page)
	}
	if status, _ := (asking{t, at, "wrong"}).ask("GET", "v3/joined_rooms", ""); status != http.StatusUnauthorized {
		t.Error("a wrong token is let in")
	}
	s.Once("joinRoomById", Fault{Status: http.StatusTooManyRequests, Code: "M_LIMIT_EXCEEDED", RetryAfter: time.Second})
	if status, _ := bo.ask("POST", path+"/join", `{}`); status != http.StatusTooManyRequests {
		t.Error(status)
	}
	s.Refuse(nil)
}

// TestWaiting: a reading waits for what happens, and no longer than it is asked to.
func TestWaiting(t *testing.T) {
	s := New(t, "example.org")
	ada, token := s.User("ada", "")
	room := s.Room("", ada)
	a := asking{t, s.URL, token}
	next, _ := a.must("GET", "v3/sync", "")["next_batch"].(string)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	go func() {
		time.Sleep(30 * time.Millisecond)
		s.Say(room, ada, "", "hello")
	}()
	if got := a.must("GET", "v3/sync?timeout=8000&since="+next, ""); !strings.Contains(fmt.Sprint(got["rooms"]), "hello") {
		t.Error(got)
	}
	next, _ = a.must("GET", "v3/sync", "")["next_batch"].(string)
	if got := a.must("GET", "v3/sync?timeout=20&since="+next, ""); strings.Contains(fmt.Sprint(got["rooms"]), "hello") || ctx.Err() != nil {
		t.Error(got)
	}
}
