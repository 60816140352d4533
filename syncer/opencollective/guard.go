package opencollective

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
)

// guard is the transport of one exchange. The GraphQL library looks neither at
// the status nor for a missing data, and would take a 429 for an empty list
// (open-collective.md, section 1.7); so nothing reaches it but data that has
// been vetted here. net/http would rather not see a transport judge answers:
// it is the only hook the library leaves.
type guard struct {
	client *Client
	doc    document
	reply  *reply // once an answer was vetted
	room   *room
}

// RoundTrip sends the request with the headers upstream needs, and keeps its reply
// or returns one of this package's errors. The token is put on a copy: the
// request that the library holds never has it.
func (g *guard) RoundTrip(req *http.Request) (*http.Response, error) {
	o := g.client.o
	ctx, cancel := context.WithTimeout(req.Context(), o.Timeout)
	defer cancel()
	out := req.Clone(ctx)
	out.Header = http.Header{
		"Content-Type": {"application/json"},
		"Accept":       {"application/json"},
		"User-Agent":   {g.client.agent},
	}
	if o.Token != "" {
		out.Header.Set("Personal-Token", o.Token)
	}
	resp, err := o.Transport.RoundTrip(out)
	if err != nil {
		return nil, g.broken(req.Context(), ctx, 0, err)
	}
	defer resp.Body.Close()
	body, err := g.room.read(io.LimitReader(resp.Body, o.MaxBytes+1), resp.ContentLength)
	if int64(len(body)) > o.MaxBytes {
		return nil, g.down(resp.StatusCode, fmt.Sprintf("the answer is larger than %d MiB", o.MaxBytes>>20))
	}
	if err != nil {
		return nil, g.broken(req.Context(), ctx, resp.StatusCode, err)
	}
	if g.reply, err = g.judge(resp, body); err != nil {
		return nil, err
	}
	if date, err := http.ParseTime(resp.Header.Get("Date")); err == nil { // a server need not have a clock
		g.reply.date = date
	}
	return vetted(req), nil
}

func (g *guard) down(status int, what string) error {
	return &UpstreamDown{Op: g.doc.op, Status: status, What: what}
}

// broken words a failure of the connection. The cause's own text is left out:
// it may hold addresses and whatever a peer sent.
func (g *guard) broken(caller, own context.Context, status int, err error) error {
	if caller.Err() != nil {
		return fmt.Errorf("ask Open Collective (%s): %w", g.doc.op, caller.Err())
	}
	var dns *net.DNSError
	var timeout net.Error
	switch {
	case own.Err() != nil:
		return g.down(status, fmt.Sprintf("no complete answer within %s", g.client.o.Timeout))
	case errors.As(err, &dns):
		return g.down(status, "its name cannot be resolved")
	case errors.As(err, &timeout) && timeout.Timeout():
		return g.down(status, "the connection timed out")
	case errors.Is(err, syscall.ECONNREFUSED):
		return g.down(status, "the connection was refused")
	case errors.Is(err, io.ErrUnexpectedEOF) || (status != 0 && errors.Is(err, io.EOF)):
		return g.down(status, "the answer broke off")
	}
	return g.down(status, "the connection failed")
}

// vetted is the answer the library gets to see: that there is data. What it says was
// read already, more strictly than the library would.
func vetted(req *http.Request) *http.Response {
	const body = `{"data":{}}`
	return &http.Response{
		Status: "200 OK", StatusCode: http.StatusOK,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header:        http.Header{"Content-Type": {"application/json"}},
		Body:          io.NopCloser(strings.NewReader(body)),
		ContentLength: int64(len(body)),
		Request:       req,
	}
}

// typed takes this package's error out of what net/http and the library wrap
// around it: their wrapping names the address.
func typed(ctx context.Context, op string, err error) error {
	var own interface {
		error
		Class() string
	}
	switch {
	case errors.As(err, &own):
		return own
	case ctx.Err() != nil:
		return fmt.Errorf("ask Open Collective (%s): %w", op, ctx.Err())
	}
	return &UpstreamDown{Op: op, What: "the request could not be sent"}
}
