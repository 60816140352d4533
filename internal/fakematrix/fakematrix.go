// Package fakematrix is a Matrix homeserver for tests: one server, some users,
// rooms kept in memory, and the part of the client-server API that a bot and the
// people around it need. It misbehaves when it is told to. It is held to the
// specification, and a client that others wrote works with it (contract_test.go).
//
// What it leaves out: federation, encryption itself, power levels (every member of
// a room may do everything), presence, receipts, typing, devices and keys.
package fakematrix

import (
	"fmt"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"
)

// Server is a running homeserver.
type Server struct {
	// URL is where clients reach it.
	URL string
	// Name is the part of ids after the colon.
	Name string

	mu      sync.Mutex
	users   map[string]*user // by id
	tokens  map[string]*user
	rooms   map[string]*room
	aliases map[string]string // to rooms' ids
	pos     int64             // counts everything that happens
	ids     int64
	changed chan struct{} // closed, and made anew, when anything happens
	sent    map[string]string
	filters map[string]filter
	refuse  func(operation string) *Fault
	now     func() time.Time
	asked   map[string]int // by operation
}

type user struct {
	id, password string
}

// Fault is how the server misbehaves for one request.
type Fault struct {
	// Wait passes before anything else.
	Wait time.Duration
	// Status and Code are answered instead of what was asked for; 0 for the answer.
	Status int
	Code   string
	// RetryAfter is asked for in the body (retry_after_ms), or, with InHeader, in the
	// header of that name.
	RetryAfter time.Duration
	InHeader   bool
	// Body is answered instead of an error's.
	Body string
	// Lose breaks the connection after the request was carried out, before it is answered.
	Lose bool
}

// New starts a homeserver of that name, which ends with the test.
func New(t testing.TB, name string) *Server {
	t.Helper()
	s := &Server{Name: name, users: map[string]*user{}, tokens: map[string]*user{}, rooms: map[string]*room{}, aliases: map[string]string{},
		changed: make(chan struct{}), sent: map[string]string{}, filters: map[string]filter{}, asked: map[string]int{}, now: time.Now}
	server := httptest.NewServer(s)
	s.URL = server.URL
	t.Cleanup(func() {
		s.mu.Lock()
		close(s.changed) // whoever waits for something to happen is let go
		s.changed = nil
		s.mu.Unlock()
		server.CloseClientConnections()
		server.Close()
	})
	return s
}

// User makes an account and gives its id and a token.
func (s *Server) User(name, password string) (id, token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := &user{id: "@" + name + ":" + s.Name, password: password}
	s.users[u.id] = u
	return u.id, s.tokenFor(u)
}

func (s *Server) tokenFor(u *user) string {
	s.ids++
	token := fmt.Sprintf("syt_%s_%d", u.id[1:2], s.ids)
	s.tokens[token] = u
	return token
}

// Revoke makes a token unknown.
func (s *Server) Revoke(token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.tokens, token)
}

// Refuse makes the server ask f, for every request, whether to misbehave, with the
// operation's name (see routes.go); nil stops that.
func (s *Server) Refuse(f func(operation string) *Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refuse = f
}

// Clock makes the server's clock another one than the machine's.
func (s *Server) Clock(now func() time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = now
}

// Once misbehaves at the next request of an operation, and never again.
func (s *Server) Once(operation string, f Fault) {
	done := false
	s.Refuse(func(op string) *Fault {
		if done || op != operation {
			return nil
		}
		done = true
		return &f
	})
}

// Asked is how often an operation was asked for.
func (s *Server) Asked(operation string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked[operation]
}

// Room makes a room whose members have joined, and gives its id. alias is "" for
// none, such as "decisions" otherwise.
func (s *Server) Room(alias string, members ...string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.newRoom(members[0], alias)
	for _, m := range members {
		s.add(r, &Event{Type: memberType, Sender: m, StateKey: &m, Content: map[string]any{"membership": "join"}})
	}
	return r.id
}

// Invite invites a user to a room.
func (s *Server) Invite(room, by, user string) {
	s.do(room, &Event{Type: memberType, Sender: by, StateKey: &user, Content: map[string]any{"membership": "invite"}})
}

// Encrypt turns encryption on in a room.
func (s *Server) Encrypt(room, by string) {
	none := ""
	s.do(room, &Event{Type: "m.room.encryption", Sender: by, StateKey: &none, Content: map[string]any{"algorithm": "m.megolm.v1.aes-sha2"}})
}

// React sets a sign on an event, as a person's client does, and gives the sign's id.
func (s *Server) React(room, by, event, key string) string {
	return s.do(room, &Event{Type: "m.reaction", Sender: by, Content: map[string]any{
		"m.relates_to": map[string]any{"rel_type": "m.annotation", "event_id": event, "key": key}}})
}

// Say writes in a thread; root is "" for a message outside of all threads.
func (s *Server) Say(room, by, root, text string) string {
	content := map[string]any{"msgtype": "m.text", "body": text}
	if root != "" {
		content["m.relates_to"] = map[string]any{"rel_type": "m.thread", "event_id": root, "is_falling_back": true,
			"m.in_reply_to": map[string]any{"event_id": root}}
	}
	return s.do(room, &Event{Type: "m.room.message", Sender: by, Content: content})
}

// Send sends an event as it is, whatever it says.
func (s *Server) Send(room, by, kind string, content map[string]any) string {
	return s.do(room, &Event{Type: kind, Sender: by, Content: content})
}

// Remove redacts an event.
func (s *Server) Remove(room, by, event string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.redact(s.rooms[room], by, event, "").ID
}

func (s *Server) do(room string, e *Event) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.add(s.rooms[room], e).ID
}

// Events are what happened in a room, the oldest first.
func (s *Server) Events(room string) []Event {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]Event, len(s.rooms[room].events))
	for i, e := range s.rooms[room].events {
		out[i] = *e
	}
	return out
}

// Thread are the bodies of the messages by one sender in a thread, the oldest first.
func (s *Server) Thread(room, root, sender string) (bodies []string) {
	for _, e := range s.Events(room) {
		if body, ok := e.Content["body"].(string); ok && e.Sender == sender && e.relates("m.thread") == root {
			bodies = append(bodies, body)
		}
	}
	return bodies
}

// Members are the users who have joined a room.
func (s *Server) Members(room string) (ids []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, u := range s.users {
		if s.rooms[room].membership(u.id) == "join" {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}
