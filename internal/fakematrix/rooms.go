package fakematrix

import (
	"maps"
	"net/http"
	"slices"
	"strings"
)

func (c *call) createRoom() (any, *failed) {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	alias := c.text("room_alias_name")
	if alias != "" && c.s.aliases["#"+alias+":"+c.s.Name] != "" {
		return bad(http.StatusBadRequest, "M_ROOM_IN_USE")
	}
	me := c.user.id
	r := c.s.newRoom(me, alias)
	c.s.add(r, &Event{Type: memberType, Sender: me, StateKey: &me, Content: map[string]any{"membership": "join"}})
	rule, none := "invite", ""
	if c.text("preset") == "public_chat" {
		rule = "public"
	}
	c.s.add(r, &Event{Type: "m.room.join_rules", Sender: me, StateKey: &none, Content: map[string]any{"join_rule": rule}})
	if name := c.text("name"); name != "" {
		c.s.add(r, &Event{Type: "m.room.name", Sender: me, StateKey: &none, Content: map[string]any{"name": name}})
	}
	invited, ok := c.body["invite"].([]any)
	for _, one := range invited {
		if user, is := one.(string); is && ok {
			c.s.add(r, &Event{Type: memberType, Sender: me, StateKey: &user, Content: map[string]any{"membership": "invite"}})
		}
	}
	return map[string]any{"room_id": r.id}, nil
}

// in is the room of the path, if the caller has joined it; the server is locked.
func (c *call) in() (*room, *failed) {
	r := c.s.rooms[c.path["room"]]
	if r == nil || r.membership(c.user.id) != "join" {
		return nil, &failed{http.StatusForbidden, "M_FORBIDDEN"}
	}
	return r, nil
}

func (c *call) directory() (any, *failed) {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	id := c.s.aliases[c.path["alias"]]
	if id == "" {
		return bad(http.StatusNotFound, "M_NOT_FOUND")
	}
	return map[string]any{"room_id": id, "servers": []string{c.s.Name}}, nil
}

func (c *call) joined() (any, *failed) {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	ids := []string{}
	for _, id := range slices.Sorted(maps.Keys(c.s.rooms)) {
		if c.s.rooms[id].membership(c.user.id) == "join" {
			ids = append(ids, id)
		}
	}
	return map[string]any{"joined_rooms": ids}, nil
}

func (c *call) invite() (any, *failed) {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	r, err := c.in()
	if err != nil {
		return nil, err
	}
	user := c.text("user_id")
	if !strings.HasPrefix(user, "@") {
		return bad(http.StatusBadRequest, "M_BAD_JSON")
	}
	c.s.add(r, &Event{Type: memberType, Sender: c.user.id, StateKey: &user, Content: map[string]any{"membership": "invite"}})
	return map[string]any{}, nil
}

// join needs an invitation, or a room that everybody may join.
func (c *call) join() (any, *failed) {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	id := c.path["room"]
	if strings.HasPrefix(id, "#") {
		id = c.s.aliases[id]
	}
	r := c.s.rooms[id]
	if r == nil {
		return bad(http.StatusNotFound, "M_NOT_FOUND")
	}
	me := c.user.id
	rule := ""
	if e := r.state(c.s.pos + 1)[stateKey{"m.room.join_rules", ""}]; e != nil && e.Content["join_rule"] == "public" {
		rule = "public"
	}
	switch is := r.membership(me); {
	case is == "join":
	case is == "invite" || rule == "public":
		c.s.add(r, &Event{Type: memberType, Sender: me, StateKey: &me, Content: map[string]any{"membership": "join"}})
	default:
		return bad(http.StatusForbidden, "M_FORBIDDEN")
	}
	return map[string]any{"room_id": r.id}, nil
}

// send is idempotent: the same transaction of the same account gives the same
// event. A sign that is there already is refused.
func (c *call) send() (any, *failed) {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	r, err := c.in()
	if err != nil {
		return nil, err
	}
	key := strings.Join([]string{c.user.id, r.id, "send", c.path["type"], c.path["txn"]}, "\n")
	if id := c.s.sent[key]; id != "" {
		return map[string]any{"event_id": id}, nil
	}
	e := &Event{Type: c.path["type"], Sender: c.user.id, Content: c.body, txn: c.path["txn"]}
	if e.relates("m.annotation") != "" && slices.ContainsFunc(r.events, e.sameSign) {
		return bad(http.StatusBadRequest, "M_DUPLICATE_ANNOTATION")
	}
	c.s.sent[key] = c.s.add(r, e).ID
	return map[string]any{"event_id": e.ID}, nil
}

// sameSign says that another event is the same sign by the same account.
func (e *Event) sameSign(other *Event) bool {
	if e.Type != other.Type || e.Sender != other.Sender || e.relates("m.annotation") != other.relates("m.annotation") {
		return false
	}
	mine, a := e.Content["m.relates_to"].(map[string]any)
	others, b := other.Content["m.relates_to"].(map[string]any)
	return a && b && mine["key"] == others["key"]
}

func (c *call) redact() (any, *failed) {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	r, err := c.in()
	if err != nil {
		return nil, err
	}
	key := strings.Join([]string{c.user.id, r.id, "redact", c.path["event"], c.path["txn"]}, "\n")
	if id := c.s.sent[key]; id != "" {
		return map[string]any{"event_id": id}, nil
	}
	done := c.s.redact(r, c.user.id, c.path["event"], c.text("reason"))
	done.txn = c.path["txn"]
	c.s.sent[key] = done.ID
	return map[string]any{"event_id": done.ID}, nil
}

func (c *call) state() (any, *failed) {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	r, err := c.in()
	if err != nil {
		return nil, err
	}
	e := r.state(c.s.pos + 1)[stateKey{c.path["type"], c.path["key"]}]
	if e == nil {
		return bad(http.StatusNotFound, "M_NOT_FOUND")
	}
	return e.Content, nil
}

func (c *call) setState() (any, *failed) {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	r, err := c.in()
	if err != nil {
		return nil, err
	}
	key := c.path["key"]
	e := c.s.add(r, &Event{Type: c.path["type"], Sender: c.user.id, StateKey: &key, Content: c.body})
	return map[string]any{"event_id": e.ID}, nil
}
