package opencollective

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/machinebox/graphql"
)

// Client reads one Open Collective. It is safe for concurrent use; all its
// requests share one token bucket.
type Client struct {
	o      Options
	agent  string
	bucket *bucket
	// Rows asked for at once: upstream's maxima. Tests make them small.
	ordersPage, transactionsPage int
}

// New checks the options and makes a client; it sends nothing. The error lists
// every fault.
func New(o Options) (*Client, error) {
	if o.URL == "" {
		o.URL = DefaultURL
	}
	if o.Timeout == 0 {
		o.Timeout = DefaultTimeout
	}
	if o.MaxBytes == 0 {
		o.MaxBytes = DefaultMaxBytes
	}
	if o.PerMinute == 0 {
		o.PerMinute = 10
		if o.Token != "" {
			o.PerMinute = 100
		}
	}
	if err := o.faults(); err != nil {
		return nil, fmt.Errorf("open collective client: %w", err)
	}
	if o.Transport == nil {
		o.Transport = newTransport()
	}
	return &Client{
		o:                o,
		agent:            userAgent(o.Version, o.Contact),
		bucket:           newBucket(o.PerMinute, o.Clock),
		ordersPage:       1000,
		transactionsPage: 10000,
	}, nil
}

// turn waits until the bucket lets the request go.
func (c *Client) turn(ctx context.Context, op string) error {
	if c.o.Waiting != nil {
		c.o.Waiting(1)
		defer c.o.Waiting(-1)
	}
	return c.bucket.wait(ctx, op)
}

// Anonymous says that the client has no token.
func (c *Client) Anonymous() bool { return c.o.Token == "" }

// Close lets go of idle connections. A closed client still works.
func (c *Client) Close() {
	if t, ok := c.o.Transport.(*http.Transport); ok {
		t.CloseIdleConnections()
	}
}

// ask sends one document and decodes its data into out, in the room. It is the only
// place from which a request leaves.
func (c *Client) ask(ctx context.Context, d document, vars map[string]any, out *reply, in *room) error {
	if err := c.turn(ctx, d.op); err != nil {
		return err
	}
	began := c.o.Clock()
	err := c.exchange(ctx, d, vars, out, in)
	var limited *RateLimited
	if errors.As(err, &limited) {
		c.bucket.pause(limited.Wait)
	}
	if c.o.Observe != nil {
		c.o.Observe(d.op, ClassOf(err), c.o.Clock().Sub(began))
	}
	return err
}

func (c *Client) exchange(ctx context.Context, d document, vars map[string]any, out *reply, in *room) error {
	g := &guard{client: c, doc: d, room: in}
	lib := graphql.NewClient(c.o.URL, graphql.WithHTTPClient(&http.Client{Transport: g}))
	req := graphql.NewRequest(d.text)
	for k, v := range vars {
		req.Var(k, v)
	}
	if err := lib.Run(ctx, req, nil); err != nil {
		return typed(ctx, d.op, err)
	}
	*out = *g.reply
	return nil
}
