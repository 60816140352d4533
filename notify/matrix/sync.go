package matrix

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"coopcloud.tech/goodstanding/internal/instant"
)

// The types of events that are read or written.
const (
	message    = "m.room.message"
	reaction   = "m.reaction"
	redaction  = "m.room.redaction"
	encryption = "m.room.encryption"
)

// Kind says what an event of the room is.
type Kind uint8

// The kinds.
const (
	Sign      Kind = iota + 1 // somebody set a sign on an event
	Removal                   // an event was removed
	Reply                     // somebody wrote in a thread
	Encrypted                 // the room is encrypted from here on
)

// String is the type of such events.
func (k Kind) String() string {
	switch k {
	case Sign:
		return reaction
	case Removal:
		return redaction
	case Reply:
		return message
	case Encrypted:
		return encryption
	}
	return "unknown"
}

// Event is what somebody did in the room, as far as this program reads it.
type Event struct {
	Kind   Kind
	ID     string
	Sender string
	// About is the event that a sign stands on, that was removed, or that the thread
	// is about.
	About string
	// Text is the sign, or what was written.
	Text string
	// Sent is when, as the homeserver of the sender says, which may say anything: the
	// beginning of a millisecond; 0 where it says nothing of use.
	Sent instant.Instant
}

// Reading is what happened in the room since another one.
type Reading struct {
	// Next is where the next reading goes on.
	Next string
	// Invited: somebody has invited the account to the room, and it has not joined.
	Invited bool
	// Events, the oldest first, in the order of the homeserver.
	Events []Event
	// Missing: more happened in between than this client reads at once, or it cannot be
	// known how much; of a first reading, that the room holds more than it tells.
	Missing bool
	// Passed are the types of events that cannot be taken, such as one about an event
	// whose id is none; nothing else of them is told.
	Passed []string
}

const (
	// eventsAtOnce is how many events one answer may hold.
	eventsAtOnce = 100
	// mostPages bounds how far back one reading looks for what an answer left out.
	mostPages = 50
	// longestID is how long an event's id may be, in bytes (the specification).
	longestID = 255
)

// filter asks for what is read, of the one room alone. Invitations are not
// filtered by room: homeservers differ in whether they would come through.
func filter(room string) string {
	type events struct {
		Types []string `json:"types,omitempty"`
		Not   []string `json:"not_types,omitempty"`
		Rooms []string `json:"rooms,omitempty"`
		Limit int      `json:"limit,omitempty"`
		Lazy  bool     `json:"lazy_load_members,omitempty"`
	}
	none := events{Not: []string{"*"}}
	text, err := json.Marshal(map[string]any{
		"presence": none, "account_data": none,
		"room": map[string]any{
			"ephemeral": none, "account_data": none,
			"state":    events{Types: []string{encryption}, Rooms: []string{room}, Lazy: true},
			"timeline": events{Types: []string{reaction, redaction, message, encryption}, Rooms: []string{room}, Limit: eventsAtOnce},
		},
	})
	if err != nil {
		panic(err) // plain strings, always marshalled
	}
	return string(text)
}

// pageFilter asks for the same of older events.
func pageFilter() string {
	return fmt.Sprintf(`{"types":[%q,%q,%q,%q]}`, reaction, redaction, message, encryption)
}

// rawEvent is an event as it comes.
type rawEvent struct {
	ID       string          `json:"event_id"`
	Type     string          `json:"type"`
	Sender   string          `json:"sender"`
	StateKey *string         `json:"state_key"`
	Redacts  string          `json:"redacts"` // in rooms before version 11
	Sent     json.RawMessage `json:"origin_server_ts"`
	Content  json.RawMessage `json:"content"`
}

// rawEvents are those of an answer. One that cannot be read, such as one that names a
// number where an id belongs, is an event without type, and takes no other with it.
type rawEvents []rawEvent

// UnmarshalJSON reads a list of events, each by itself.
func (all *rawEvents) UnmarshalJSON(text []byte) error {
	var each []json.RawMessage
	if err := json.Unmarshal(text, &each); err != nil {
		return err
	}
	*all = make(rawEvents, len(each))
	for i, one := range each {
		if json.Unmarshal(one, &(*all)[i]) != nil {
			(*all)[i] = rawEvent{}
		}
	}
	return nil
}

type rawBatch struct {
	Events  rawEvents `json:"events"`
	Limited bool      `json:"limited"`
	Before  string    `json:"prev_batch"`
}

type rawSync struct {
	Next  string `json:"next_batch"`
	Rooms struct {
		Join map[string]struct {
			State    rawBatch `json:"state"`
			Timeline rawBatch `json:"timeline"`
		} `json:"join"`
		Invite map[string]json.RawMessage `json:"invite"`
	} `json:"rooms"`
}

// Sync reads what happened in the room since another reading ("" for the first
// one), and waits so long for something to happen. What the homeserver leaves out
// of a long answer is fetched.
func (c *Client) Sync(ctx context.Context, since string, wait time.Duration) (Reading, error) {
	return c.read(ctx, since, "", wait)
}

// SyncAfter reads what happened since an event that was read, where the homeserver does
// not know any more where another reading ended: it looks for the event from the newest
// one back. Where that is not found, the Reading holds what was met on the way, and
// something is Missing.
func (c *Client) SyncAfter(ctx context.Context, event string) (Reading, error) {
	return c.read(ctx, "", event, 0)
}

// read is Sync, or, with an event, SyncAfter.
func (c *Client) read(ctx context.Context, since, event string, wait time.Duration) (Reading, error) {
	const what = "read the room"
	id, err := c.RoomID(ctx)
	if err != nil {
		return Reading{}, err
	}
	q := get(what, "sync")
	q.query = url.Values{"filter": {filter(id)}, "timeout": {strconv.FormatInt(wait.Milliseconds(), 10)}, "set_presence": {"offline"}}
	if since != "" {
		q.query.Set("since", since)
	}
	q.wait, q.most = wait, mostReading
	var answer rawSync
	if err := c.ask(ctx, q, &answer); err != nil {
		return Reading{}, err
	}
	if answer.Next == "" {
		return Reading{}, &Unreachable{what, c.Where() + " does not say where the next reading goes on"}
	}
	out := Reading{Next: answer.Next}
	_, out.Invited = answer.Rooms.Invite[id]
	room := answer.Rooms.Join[id]
	raw := room.Timeline.Events
	switch {
	case event != "":
		raw, out.Missing, err = c.after(ctx, id, event, room.Timeline)
	case since == "":
		out.Missing = room.Timeline.Limited
	case room.Timeline.Limited:
		var older rawEvents
		older, out.Missing, err = c.between(ctx, id, since, room.Timeline.Before)
		raw = append(older, raw...)
	}
	if err != nil {
		return Reading{}, err
	}
	seen := map[string]bool{}
	for _, e := range append(room.State.Events, raw...) {
		switch read, ok := e.read(); {
		case !ok:
		case e.unfit(&read):
			out.Passed = append(out.Passed, e.Type)
		case !seen[e.ID]:
			seen[e.ID] = true
			out.Events = append(out.Events, read)
		}
	}
	return out, nil
}

// between reads the events from one place of the timeline to a later one, the
// oldest first; missing says that there are more than it reads.
func (c *Client) between(ctx context.Context, room, from, to string) (events rawEvents, missing bool, err error) {
	missing = true
	for n := 0; n < mostPages && missing && to != ""; n++ {
		page, end, err := c.page(ctx, room, from, to)
		if err != nil {
			return nil, false, err
		}
		events = append(events, page...)
		missing, to = end != "" && end != from && end != to, end
	}
	slices.Reverse(events)
	return events, missing, nil
}

// after are the events since one, the oldest first, by way of the newest ones; missing
// says that it was not found.
func (c *Client) after(ctx context.Context, room, event string, newest rawBatch) (events rawEvents, missing bool, err error) {
	page, to := slices.Clone(newest.Events), newest.Before
	slices.Reverse(page)
	if !newest.Limited {
		to = ""
	}
	missing = true
	for n := 0; ; n++ {
		i := slices.IndexFunc(page, func(e rawEvent) bool { return e.ID == event })
		if missing = i < 0; !missing {
			page = page[:i]
		}
		if events = append(events, page...); !missing || to == "" || n == mostPages {
			break
		}
		from := to
		page, to, err = c.page(ctx, room, "", from)
		if e, ok := errors.AsType[*Error](err); ok && e.Status == http.StatusBadRequest {
			break // the place before the newest ones is not known either
		} else if err != nil {
			return nil, false, err
		}
		if to == from {
			to = ""
		}
	}
	slices.Reverse(events)
	return events, missing, nil
}

// page are some events before a place of the timeline, the newest first, and not before
// another one, if that is given; end is where the next page goes on, "" for nowhere.
func (c *Client) page(ctx context.Context, room, from, to string) (events rawEvents, end string, err error) {
	q := get("read what happened before", "rooms", room, "messages")
	q.query = url.Values{"dir": {"b"}, "from": {to}, "limit": {strconv.Itoa(eventsAtOnce)}, "filter": {pageFilter()}}
	if from != "" {
		q.query.Set("to", from)
	}
	q.most = mostReading
	var page struct {
		Chunk rawEvents `json:"chunk"`
		End   string    `json:"end"`
	}
	err = c.ask(ctx, q, &page)
	return page.Chunk, page.End, err
}

// read is the event as this program understands it; false for one that says it
// nothing, such as one whose content was removed.
func (e *rawEvent) read() (out Event, ok bool) {
	out = Event{ID: e.ID, Sender: e.Sender, Sent: e.sent()}
	var c struct {
		Type    string `json:"msgtype"`
		Body    string `json:"body"`
		Redacts string `json:"redacts"`
		Relates struct {
			Type  string `json:"rel_type"`
			Event string `json:"event_id"`
			Key   string `json:"key"`
		} `json:"m.relates_to"`
	}
	if e.ID == "" || UserFault(e.Sender) != "" || json.Unmarshal(e.Content, &c) != nil {
		return Event{}, false
	}
	switch {
	case e.Type == encryption && e.StateKey != nil && *e.StateKey == "":
		out.Kind = Encrypted
	case e.Type == reaction && c.Relates.Type == "m.annotation" && c.Relates.Key != "":
		out.Kind, out.About, out.Text = Sign, c.Relates.Event, c.Relates.Key
	case e.Type == redaction:
		out.Kind, out.About = Removal, c.Redacts
		if e.Redacts != "" {
			out.About = e.Redacts
		}
	case e.Type == message && c.Relates.Type == "m.thread" && c.Type == "m.text":
		out.Kind, out.About, out.Text = Reply, c.Relates.Event, spoken(c.Body)
	}
	return out, out.Kind != 0 && (out.About != "" || out.Kind == Encrypted)
}

// sent is when the event was sent, as it says itself; 0 for nothing of use.
func (e *rawEvent) sent() instant.Instant {
	ms, err := strconv.ParseInt(string(e.Sent), 10, 64)
	if err != nil || ms < 0 || ms > latest.Time().UnixMilli() {
		return 0
	}
	return instant.Of(time.UnixMilli(ms))
}

// latest bounds what is believed to be an instant.
var latest = instant.Date(9999, time.December, 31)

// unfit says that an event names something that is no event's id, which nobody could
// store or look for: one of the homeserver's own never does, but whoever sends an event
// writes into it what it is about.
func (e *rawEvent) unfit(read *Event) bool {
	return idFault(read.ID) || read.Kind != Encrypted && idFault(read.About)
}

// idFault says that a text is no event's id. What was no UTF-8 has become utf8.RuneError.
func idFault(id string) bool {
	return len(id) > longestID || !utf8.ValidString(id) || strings.ContainsFunc(id, func(r rune) bool { return unicode.IsControl(r) || r == utf8.RuneError })
}

// spoken is what somebody wrote, without the quotation that older clients put
// before a reply, and without characters that nobody types.
func spoken(body string) string {
	if strings.HasPrefix(body, "> <@") {
		for line := range strings.Lines(body) {
			if !strings.HasPrefix(line, ">") {
				break
			}
			body = body[len(line):]
		}
	}
	return strings.TrimSpace(strings.Map(typed, strings.ReplaceAll(strings.ToValidUTF8(body, ""), "\r\n", "\n")))
}

// typed leaves out what nobody types: control characters but the ends of lines and tabs.
func typed(c rune) rune {
	if unicode.IsControl(c) && c != '\n' && c != '\t' {
		return -1
	}
	return c
}
