package fakematrix

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

const memberType = "m.room.member"

// Event is one event of a room.
type Event struct {
	ID       string
	Type     string
	Sender   string
	StateKey *string
	Content  map[string]any
	At       time.Time
	// Redacts is the event that a redaction is about; RedactedBy the redaction of an
	// event whose content is gone.
	Redacts    string
	RedactedBy *Event

	pos int64
	txn string // under which its sender sent it
}

// relates is the event that this one relates to in such a way; "" for none.
func (e *Event) relates(how string) string {
	to, ok := e.Content["m.relates_to"].(map[string]any)
	if !ok || to["rel_type"] != how {
		return ""
	}
	event, ok := to["event_id"].(string)
	if !ok {
		return ""
	}
	return event
}

// room is one room: all that happened in it.
type room struct {
	id     string
	events []*Event
}

type stateKey struct{ kind, key string }

// state is the room's state before a place of the timeline.
func (r *room) state(before int64) map[stateKey]*Event {
	out := map[stateKey]*Event{}
	for _, e := range r.events {
		if e.StateKey != nil && e.pos < before {
			out[stateKey{e.Type, *e.StateKey}] = e
		}
	}
	return out
}

// sorted are events of a state by their place.
func sorted(state map[stateKey]*Event) []*Event {
	return slices.SortedFunc(maps.Values(state), func(a, b *Event) int { return int(a.pos - b.pos) })
}

func (r *room) find(id string) *Event {
	i := slices.IndexFunc(r.events, func(e *Event) bool { return e.ID == id })
	if i < 0 {
		return nil
	}
	return r.events[i]
}

// membership is what a user is to the room: join, invite, leave or "".
func (r *room) membership(user string) string {
	word, _ := r.since(user)
	return word
}

// since is what a user is to the room, and the place at which that began.
func (r *room) since(user string) (word string, pos int64) {
	for _, e := range r.events {
		if e.Type == memberType && e.StateKey != nil && *e.StateKey == user {
			if now, ok := e.Content["membership"].(string); ok && now != word {
				word, pos = now, e.pos
			}
		}
	}
	return word, pos
}

func (s *Server) newRoom(creator, alias string) *room {
	s.ids++
	r := &room{id: fmt.Sprintf("!room%d:%s", s.ids, s.Name)}
	s.rooms[r.id] = r
	none := ""
	s.add(r, &Event{Type: "m.room.create", Sender: creator, StateKey: &none, Content: map[string]any{"room_version": "11"}})
	if alias != "" {
		full := "#" + alias + ":" + s.Name
		s.aliases[full] = r.id
		s.add(r, &Event{Type: "m.room.canonical_alias", Sender: creator, StateKey: &none, Content: map[string]any{"alias": full}})
	}
	return r
}

// add appends an event to a room and tells whoever waits.
func (s *Server) add(r *room, e *Event) *Event {
	s.pos++
	s.ids++
	e.pos, e.ID, e.At = s.pos, fmt.Sprintf("$event%d", s.ids), s.now()
	r.events = append(r.events, e)
	if s.changed != nil {
		close(s.changed)
		s.changed = make(chan struct{})
	}
	return e
}

// redact removes what an event says.
func (s *Server) redact(r *room, by, event, reason string) *Event {
	content := map[string]any{"redacts": event}
	if reason != "" {
		content["reason"] = reason
	}
	done := s.add(r, &Event{Type: "m.room.redaction", Sender: by, Content: content, Redacts: event})
	if e := r.find(event); e != nil {
		e.Content, e.RedactedBy = map[string]any{}, done
	}
	return done
}

// wire is an event as clients get it; roomID is "" where it is implied.
func (e *Event) wire(viewer, roomID string) map[string]any {
	out := map[string]any{"event_id": e.ID, "type": e.Type, "sender": e.Sender, "content": e.Content, "origin_server_ts": e.At.UnixMilli()}
	unsigned := map[string]any{"age": max(time.Since(e.At).Milliseconds(), 0)}
	if roomID != "" {
		out["room_id"] = roomID
	}
	if e.StateKey != nil {
		out["state_key"] = *e.StateKey
	}
	if e.Redacts != "" {
		out["redacts"] = e.Redacts
	}
	if e.RedactedBy != nil {
		unsigned["redacted_because"] = e.RedactedBy.wire(viewer, roomID)
	}
	if e.txn != "" && e.Sender == viewer {
		unsigned["transaction_id"] = e.txn
	}
	out["unsigned"] = unsigned
	return out
}

func wires(events []*Event, viewer, roomID string) []map[string]any {
	out := make([]map[string]any, len(events))
	for i, e := range events {
		out[i] = e.wire(viewer, roomID)
	}
	return out
}
