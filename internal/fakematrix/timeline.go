package fakematrix

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// eventFilter is a part of a filter: which events are wanted.
type eventFilter struct {
	Types     []string `json:"types"`
	NotTypes  []string `json:"not_types"`
	Rooms     []string `json:"rooms"`
	NotRooms  []string `json:"not_rooms"`
	Senders   []string `json:"senders"`
	NotSender []string `json:"not_senders"`
	Limit     int      `json:"limit"`
}

// filter is what a client wants to hear of.
type filter struct {
	whole map[string]any
	Room  struct {
		Rooms    []string    `json:"rooms"`
		Timeline eventFilter `json:"timeline"`
		State    eventFilter `json:"state"`
	} `json:"room"`
}

func readFilter(whole map[string]any) (f filter) {
	text, err := json.Marshal(whole)
	if err == nil {
		err = json.Unmarshal(text, &f)
	}
	if err != nil {
		return filter{whole: whole}
	}
	f.whole = whole
	return f
}

// is says whether a type is one of the wanted, of which * stands for any ending.
func is(kind string, wanted []string) bool {
	return slices.ContainsFunc(wanted, func(w string) bool {
		start, open := strings.CutSuffix(w, "*")
		return w == kind || open && strings.HasPrefix(kind, start)
	})
}

func (f *eventFilter) wants(room string, e *Event) bool {
	return (f.Types == nil || is(e.Type, f.Types)) && !is(e.Type, f.NotTypes) &&
		(f.Rooms == nil || slices.Contains(f.Rooms, room)) && !slices.Contains(f.NotRooms, room) &&
		(f.Senders == nil || slices.Contains(f.Senders, e.Sender)) && !slices.Contains(f.NotSender, e.Sender)
}

// standardLimit is how many events of a room one answer has where nothing is said.
const standardLimit = 10

// token and place are a place between two events as clients keep it: behind the
// event with that number.
func token(pos int64) string { return fmt.Sprintf("s%d", pos) }

func place(token string) (int64, bool) {
	n, err := strconv.ParseInt(strings.TrimPrefix(token, "s"), 10, 64)
	return n, err == nil && strings.HasPrefix(token, "s")
}

// sync waits, as long as it is asked to, for something to tell.
func (c *call) sync() (any, *failed) {
	q := c.r.URL.Query()
	since, ok := int64(0), true
	if text := q.Get("since"); text != "" {
		if since, ok = place(text); !ok {
			return bad(http.StatusBadRequest, "M_INVALID_PARAM")
		}
	}
	wait, err := strconv.Atoi(q.Get("timeout"))
	if err != nil && q.Get("timeout") != "" {
		return bad(http.StatusBadRequest, "M_INVALID_PARAM")
	}
	f, bad := c.wanted(q.Get("filter"))
	if bad != nil {
		return nil, bad
	}
	until := time.NewTimer(time.Duration(wait) * time.Millisecond)
	defer until.Stop()
	for {
		c.s.mu.Lock()
		out, some := c.reading(since, &f)
		changed := c.s.changed
		c.s.mu.Unlock()
		if some || wait == 0 || since == 0 || changed == nil {
			return out, nil
		}
		select {
		case <-changed:
		case <-until.C:
			return out, nil
		case <-c.r.Context().Done():
			return out, nil
		}
	}
}

// wanted is the filter of a request: one of the account, or one that it brings.
func (c *call) wanted(text string) (f filter, bad *failed) {
	if strings.HasPrefix(text, "{") {
		var whole map[string]any
		if json.Unmarshal([]byte(text), &whole) != nil {
			return f, &failed{http.StatusBadRequest, "M_NOT_JSON"}
		}
		return readFilter(whole), nil
	}
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	f, known := c.s.filters[text]
	if text != "" && !known {
		return f, &failed{http.StatusNotFound, "M_NOT_FOUND"}
	}
	return f, nil
}

// reading is what an account hears of; the server is locked.
func (c *call) reading(since int64, f *filter) (out map[string]any, some bool) {
	join, invite, leave := map[string]any{}, map[string]any{}, map[string]any{}
	for id, r := range c.s.rooms {
		if f.Room.Rooms != nil && !slices.Contains(f.Room.Rooms, id) {
			continue
		}
		switch is, from := r.since(c.user.id); {
		case is == "join":
			if one := c.joinedRoom(r, since, from, f); one != nil {
				join[id] = one
			}
		case is == "invite" && from > since:
			invite[id] = map[string]any{"invite_state": map[string]any{"events": stripped(r)}}
		case is == "leave" && from > since:
			leave[id] = map[string]any{"timeline": map[string]any{"events": []any{}, "limited": false, "prev_batch": token(from)}}
		}
	}
	out = map[string]any{"next_batch": token(c.s.pos), "rooms": map[string]any{"join": join, "invite": invite, "leave": leave, "knock": map[string]any{}},
		"presence": map[string]any{"events": []any{}}, "account_data": map[string]any{"events": []any{}},
		"device_one_time_keys_count": map[string]any{}}
	return out, len(join)+len(invite)+len(leave) > 0
}

// joinedRoom is what happened in a room since a place; nil for nothing. Who has
// just joined hears its whole state.
func (c *call) joinedRoom(r *room, since, joined int64, f *filter) map[string]any {
	if joined > since {
		since = 0
	}
	limit := f.Room.Timeline.Limit
	if limit <= 0 {
		limit = standardLimit
	}
	var events []*Event
	for _, e := range r.events {
		if e.pos > since && f.Room.Timeline.wants(r.id, e) {
			events = append(events, e)
		}
	}
	limited := len(events) > limit
	start := since + 1 // the place before which the state is told
	if limited {
		events = events[len(events)-limit:]
	}
	if len(events) > 0 && (limited || since == 0) {
		start = events[0].pos
	}
	var state []*Event
	for _, e := range sorted(r.state(max(start, since+1))) {
		if e.pos > since && f.Room.State.wants(r.id, e) {
			state = append(state, e)
		}
	}
	if len(events)+len(state) == 0 && since > 0 {
		return nil
	}
	return map[string]any{
		"state":     map[string]any{"events": wires(state, c.user.id, "")},
		"timeline":  map[string]any{"events": wires(events, c.user.id, ""), "limited": limited, "prev_batch": token(start - 1)},
		"ephemeral": map[string]any{"events": []any{}}, "account_data": map[string]any{"events": []any{}},
		"unread_notifications": map[string]any{"highlight_count": 0, "notification_count": 0},
	}
}

// stripped is what an invited account may see of a room.
func stripped(r *room) (out []map[string]any) {
	for _, e := range sorted(r.state(1 << 62)) {
		out = append(out, map[string]any{"type": e.Type, "sender": e.Sender, "state_key": *e.StateKey, "content": e.Content})
	}
	return out
}

// messages walks through a room's timeline.
func (c *call) messages() (any, *failed) {
	q := c.r.URL.Query()
	var f eventFilter
	if text := q.Get("filter"); text != "" && json.Unmarshal([]byte(text), &f) != nil {
		return bad(http.StatusBadRequest, "M_NOT_JSON")
	}
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	r, err := c.in()
	if err != nil {
		return nil, err
	}
	return c.page(r, func(e *Event) bool { return f.wants(r.id, e) }, "start", "end")
}

// event is one event.
func (c *call) event() (any, *failed) {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	r, err := c.in()
	if err != nil {
		return nil, err
	}
	e := r.find(c.path["event"])
	if e == nil {
		return bad(http.StatusNotFound, "M_NOT_FOUND")
	}
	return e.wire(c.user.id, r.id), nil
}

// relations are the events that relate to one.
func (c *call) relations() (any, *failed) {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	r, err := c.in()
	if err != nil {
		return nil, err
	}
	if r.find(c.path["event"]) == nil {
		return bad(http.StatusNotFound, "M_NOT_FOUND")
	}
	return c.page(r, func(e *Event) bool {
		to, ok := e.Content["m.relates_to"].(map[string]any)
		return ok && to["event_id"] == c.path["event"] && (c.path["rel"] == "" || to["rel_type"] == c.path["rel"]) &&
			(c.path["type"] == "" || e.Type == c.path["type"])
	}, "prev_batch", "next_batch")
}

// page is a part of a room's timeline, forwards or, as usual, backwards; begin
// and end name the tokens.
func (c *call) page(r *room, wants func(*Event) bool, begin, end string) (any, *failed) {
	q := c.r.URL.Query()
	back := q.Get("dir") != "f"
	from, to := int64(0), int64(-1)
	if back {
		from = c.s.pos
	}
	for name, at := range map[string]*int64{"from": &from, "to": &to} {
		if text := q.Get(name); text != "" {
			n, ok := place(text)
			if !ok {
				return bad(http.StatusBadRequest, "M_INVALID_PARAM")
			}
			*at = n
		}
	}
	limit, err := strconv.Atoi(q.Get("limit"))
	if err != nil || limit <= 0 {
		limit = standardLimit
	}
	events := slices.Clone(r.events)
	if back {
		slices.Reverse(events)
	}
	out := map[string]any{}
	if q.Get("from") != "" || begin == "start" {
		out[begin] = token(from)
	}
	chunk := []*Event{}
	for _, e := range events {
		inside := back && e.pos <= from && e.pos > to || !back && e.pos > from && (to < 0 || e.pos <= to)
		if !inside || !wants(e) {
			continue
		}
		if len(chunk) == limit {
			last := chunk[limit-1].pos
			if back {
				last--
			}
			out[end] = token(last)
			break
		}
		chunk = append(chunk, e)
	}
	out["chunk"] = wires(chunk, c.user.id, r.id)
	return out, nil
}
