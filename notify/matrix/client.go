package matrix

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// Client speaks for one account in one room. It is safe for concurrent use.
type Client struct {
	o    Options
	http *http.Client

	mu   sync.Mutex
	id   string // of the room, once it is known
	user string // the account's id, once it is known
}

// New makes a client; it asks nothing yet.
func New(o Options) (*Client, error) {
	if o.URL == nil || o.Token == "" {
		return nil, errors.New("make the Matrix client: homeserver or token is missing")
	}
	if _, err := ParseURL(o.URL.String()); err != nil {
		return nil, fmt.Errorf("make the Matrix client: the homeserver's address %w", err)
	}
	if why := RoomFault(o.Room); why != "" {
		return nil, fmt.Errorf("make the Matrix client: the room %s", why)
	}
	if o.Timeout <= 0 {
		o.Timeout = defaultTimeout
	}
	if o.Transport == nil {
		own := http.DefaultTransport.(*http.Transport).Clone() // its type is documented
		own.MaxIdleConnsPerHost = 2
		o.Transport = own
	}
	c := &Client{o: o, http: &http.Client{Transport: o.Transport, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse // no other host is told anything
	}}}
	if strings.HasPrefix(o.Room, "!") {
		c.id = o.Room
	}
	return c, nil
}

// Close lets go of idle connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Where names the homeserver; for people to read.
func (c *Client) Where() string { return c.o.URL.Host }

// Room is the room as the options name it.
func (c *Client) Room() string { return c.o.Room }

// The most bytes of an answer that are read; a reading of the room may be long.
const (
	mostAnswer  = 1 << 20
	mostReading = 16 << 20
)

// question is one request: its path below /_matrix/client, in segments that are
// not escaped yet.
type question struct {
	what   string
	method string
	path   []string
	query  url.Values
	body   any
	most   int64         // bytes of the answer; 0 is mostAnswer
	wait   time.Duration // that it is allowed to take beside the timeout
}

// ask asks the homeserver and reads its answer into out.
func (c *Client) ask(ctx context.Context, q question, out any) error {
	limited, cancel := context.WithTimeout(ctx, c.o.Timeout+q.wait)
	defer cancel()
	req, err := c.request(limited, q)
	if err != nil {
		return err
	}
	res, err := c.http.Do(req)
	if err != nil {
		return c.unreachable(ctx, q.what, err)
	}
	defer res.Body.Close()
	if q.most == 0 {
		q.most = mostAnswer
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, q.most+1))
	switch {
	case err != nil:
		return c.unreachable(ctx, q.what, err)
	case int64(len(body)) > q.most:
		return &Unreachable{q.what, fmt.Sprintf("the answer of %s is longer than %d bytes", c.Where(), q.most)}
	case res.StatusCode != http.StatusOK:
		return failure(q.what, res, body)
	case json.Unmarshal(body, out) != nil:
		return &Unreachable{q.what, fmt.Sprintf("%s answers something that is no Matrix: is the homeserver there?", c.Where())}
	}
	return nil
}

// request makes the request; the token is in its header and nowhere else.
func (c *Client) request(ctx context.Context, q question) (*http.Request, error) {
	segments := make([]string, len(q.path))
	for i, s := range q.path {
		segments[i] = url.PathEscape(s)
	}
	address := c.o.URL.String() + "/_matrix/client/" + strings.Join(segments, "/")
	if len(q.query) > 0 {
		address += "?" + q.query.Encode()
	}
	var body io.Reader
	if q.body != nil {
		text, err := json.Marshal(q.body)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", q.what, err)
		}
		body = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, q.method, address, body)
	if err != nil {
		return nil, fmt.Errorf("%s: the request cannot be made", q.what)
	}
	req.Header.Set("Authorization", "Bearer "+c.o.Token)
	req.Header.Set("Accept", "application/json")
	if q.body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	return req, nil
}

// unreachable says why there is no answer, in words that hold no secret.
func (c *Client) unreachable(ctx context.Context, what string, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("%s: %w", what, ctx.Err())
	}
	reason := fmt.Sprintf("the connection to %s broke before it answered", c.Where())
	var op *net.OpError
	var dns *net.DNSError
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		reason = fmt.Sprintf("%s does not answer in time", c.Where())
	case errors.As(err, &dns):
		reason = fmt.Sprintf("%s cannot be reached (%s)", c.Where(), dns.Err)
	case errors.As(err, &op) && op.Op == "dial":
		reason = fmt.Sprintf("%s cannot be reached (%s)", c.Where(), op.Err)
	}
	return &Unreachable{what, reason}
}

// get, put and post are questions below v3.
func get(what string, path ...string) question {
	return question{what: what, method: http.MethodGet, path: append([]string{"v3"}, path...)}
}

func put(what string, body any, path ...string) question {
	return question{what: what, method: http.MethodPut, body: body, path: append([]string{"v3"}, path...)}
}

func post(what string, body any, path ...string) question {
	return question{what: what, method: http.MethodPost, body: body, path: append([]string{"v3"}, path...)}
}
