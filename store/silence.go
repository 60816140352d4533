package store

import (
	"context"
	"net"
	"sync/atomic"
	"time"
)

// longestSilence is how long PostgreSQL may say nothing while an answer is waited
// for: no statement takes so long, and a network that was cut says nothing at all.
// The driver gives a statement up only when the server answers that it has.
const longestSilence = 30 * time.Second

// dialer opens connections that are closed after too long a silence.
type dialer struct {
	d     net.Dialer
	limit time.Duration
	// bound is whether silence is bounded yet: a migration takes as long as it takes.
	bound *atomic.Bool
}

// Dial opens a connection.
func (d dialer) Dial(network, address string) (net.Conn, error) {
	return d.DialContext(context.Background(), network, address)
}

// DialTimeout opens a connection within a time.
func (d dialer) DialTimeout(network, address string, within time.Duration) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), within)
	defer cancel()
	return d.DialContext(ctx, network, address)
}

// DialContext opens a connection.
func (d dialer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	c, err := d.d.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return heard{c, d}, nil
}

// heard is a connection that is closed when the other side neither says nor takes
// anything for too long.
type heard struct {
	net.Conn
	d dialer
}

// Read waits for what the other side says.
func (c heard) Read(b []byte) (int, error) {
	defer c.bounded()()
	return c.Conn.Read(b)
}

// Write waits until the other side takes what is said.
func (c heard) Write(b []byte) (int, error) {
	defer c.bounded()()
	return c.Conn.Write(b)
}

// bounded closes the connection after a while, unless it is called off.
func (c heard) bounded() (callOff func()) {
	if !c.d.bound.Load() {
		return func() {}
	}
	t := time.AfterFunc(c.d.limit, func() { _ = c.Close() }) // who waits is told
	return func() { t.Stop() }
}
