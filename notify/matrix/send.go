package matrix

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"coopcloud.tech/goodstanding/notify"
)

var _ notify.Sender = (*Client)(nil)

// Thread is where a message belongs; the zero value is no thread.
type Thread struct {
	// Root is the event that the thread is about.
	Root string
	// Answers is the event that is answered, for clients that show no threads; "" is
	// the root.
	Answers string
}

// content is what a message says (m.room.message). It notifies nobody by name:
// whatever people's words in it look like, m.mentions is empty.
type content struct {
	Type      string    `json:"msgtype"`
	Body      string    `json:"body"`
	Format    string    `json:"format,omitempty"`
	Formatted string    `json:"formatted_body,omitempty"`
	Mentions  struct{}  `json:"m.mentions"`
	Relates   *relation `json:"m.relates_to,omitempty"`
}

type relation struct {
	Type        string   `json:"rel_type"`
	Event       string   `json:"event_id"`
	FallingBack bool     `json:"is_falling_back"`
	Answers     answered `json:"m.in_reply_to"`
}

type answered struct {
	Event string `json:"event_id"`
}

// Post sends a message to the room and gives its event id. room is as the options
// have it, its id, or notify.Room; another one is refused. The same txn gives
// the same event again, however often it is sent, for as long as the homeserver
// keeps the token. html is "" for a message without a formatted body; people's
// words in it have to be escaped.
func (c *Client) Post(ctx context.Context, room, txn, text, html string, in Thread) (eventID string, err error) {
	const what = "send to the room"
	id, err := c.RoomID(ctx)
	if err != nil {
		return "", err
	}
	if room != id && room != c.o.Room && room != notify.Room {
		return "", fmt.Errorf("%s: %w", what, &notify.Rejection{Reason: "it is for another room than the one of the settings"})
	}
	if txn == "" || strings.TrimSpace(text) == "" {
		return "", fmt.Errorf("%s: %w", what, &notify.Rejection{Reason: "the transaction id or the text is missing"})
	}
	m := content{Type: "m.notice", Body: text}
	if html != "" {
		m.Format, m.Formatted = "org.matrix.custom.html", html
	}
	if in.Root != "" {
		m.Relates = &relation{Type: "m.thread", Event: in.Root, FallingBack: true, Answers: answered{in.Answers}}
		if in.Answers == "" {
			m.Relates.Answers.Event = in.Root
		}
	}
	var answer struct {
		Event string `json:"event_id"`
	}
	if err := c.ask(ctx, put(what, m, "rooms", id, "send", message, txn), &answer); err != nil {
		return "", final(err)
	}
	if !strings.HasPrefix(answer.Event, "$") {
		return "", &Unreachable{what, c.Where() + " names no event"}
	}
	return answer.Event, nil
}

// Send sends an announcement (notify.Sender). Its transaction id is the
// envelope's id. Post tells which event it became.
func (c *Client) Send(ctx context.Context, e notify.Envelope) error {
	_, err := c.Post(ctx, e.To, e.ID, e.Text, e.HTML, Thread{})
	return err
}

// final makes a rejection of what the homeserver will never take.
func final(err error) error {
	e, ok := errors.AsType[*Error](err)
	if !ok || e.Status != http.StatusBadRequest && e.Status != http.StatusRequestEntityTooLarge {
		return err
	}
	return fmt.Errorf("%s: %w", e.What, &notify.Rejection{Reason: strings.TrimPrefix(e.Error(), e.What+": ")})
}
