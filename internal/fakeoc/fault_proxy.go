package fakeoc

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// Proxy stands between a client and a server as a bad network does: it forwards
// TCP connections and spoils them as it is told. It knows nothing of what is
// carried, so it serves HTTP, TLS and anything else. What it does to the n-th
// connection follows from its seed alone.
//
// Corrupted bytes are what TLS is for: over plain HTTP a changed digit is
// another number, and nobody can tell; over TLS the connection breaks.
type Proxy struct {
	target string
	seed   uint64
	l      net.Listener
	mishap atomic.Pointer[Mishap]
	done   sync.WaitGroup

	mu     sync.Mutex
	open   map[*net.TCPConn]bool
	count  uint64
	closed bool
}

// The kinds of mishap.
const (
	MishapNone      = "none"
	MishapRefuse    = "refuse"     // the connection is reset as soon as it is made
	MishapCut       = "cut"        // it is reset After bytes of the answer
	MishapHalfClose = "half-close" // the answer ends in good order After bytes, the question is still taken
	MishapDelay     = "delay"      // the first byte comes Wait late
	MishapThrottle  = "throttle"   // Chunk bytes come every Wait
	MishapCorrupt   = "corrupt"    // from After bytes on, Share of the bytes of the answer are others
	MishapMixed     = "mixed"      // each connection has one of the others, by the seed
)

// Mishaps lists the kinds.
func Mishaps() []string {
	return []string{MishapNone, MishapRefuse, MishapCut, MishapHalfClose, MishapDelay, MishapThrottle, MishapCorrupt, MishapMixed}
}

// Mishap is what happens to a connection.
type Mishap struct {
	Kind string
	// After is how many bytes from the server pass first. MishapMixed draws it, up
	// to this.
	After int64
	Wait  time.Duration
	Chunk int     // 1 when 0
	Share float64 // of the bytes, from 0 to 1
}

// NewProxy forwards from a free port of this machine to an address, without any
// mishap until Do is called.
func NewProxy(target string, seed uint64) (*Proxy, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("forward to %s: %w", target, err)
	}
	p := &Proxy{target: target, seed: seed, l: l, open: map[*net.TCPConn]bool{}}
	p.mishap.Store(&Mishap{Kind: MishapNone})
	p.done.Add(1)
	go p.accept()
	return p, nil
}

// Addr is where it listens, as host:port.
func (p *Proxy) Addr() string { return p.l.Addr().String() }

// Do says what happens to each connection that is made from now on.
func (p *Proxy) Do(m Mishap) error {
	for _, k := range Mishaps() {
		if m.Kind == k {
			p.mishap.Store(&m)
			return nil
		}
	}
	return fmt.Errorf("the mishap %q is not known: known are %v", m.Kind, Mishaps())
}

// Cut resets all connections that are open.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.open {
		resetConn(c)
	}
}

// Close ends the proxy with all its connections, and waits for them.
func (p *Proxy) Close() {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	_ = p.l.Close() // nothing can be mended here
	p.Cut()
	p.done.Wait()
}

func (p *Proxy) accept() {
	defer p.done.Done()
	for {
		c, err := p.l.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			continue // this one did not come about
		}
		client := c.(*net.TCPConn)
		m := p.next()
		if m.Kind == MishapRefuse || !p.keep(client) {
			resetConn(client)
			continue
		}
		p.done.Add(1)
		go p.forward(client, m)
	}
}

// next is what happens to the next connection.
func (p *Proxy) next() faultyConn {
	p.mu.Lock()
	p.count++
	n := p.count
	p.mu.Unlock()
	m := faultyConn{Mishap: *p.mishap.Load(), rand: rand.New(rand.NewPCG(p.seed, n))}
	if m.Kind == MishapMixed {
		kinds := Mishaps()
		m.Kind = kinds[m.rand.IntN(len(kinds)-1)] // all but this one
		m.After = m.rand.Int64N(max(m.After, 1))
	}
	return m
}

// keep notes an open connection; false when the proxy is closed.
func (p *Proxy) keep(c *net.TCPConn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.closed {
		p.open[c] = true
	}
	return !p.closed
}

func (p *Proxy) drop(c *net.TCPConn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.open, c)
	_ = c.Close() // it may be closed already
}

func (p *Proxy) forward(client *net.TCPConn, m faultyConn) {
	defer p.done.Done()
	defer p.drop(client)
	c, err := net.Dial("tcp", p.target)
	if err != nil {
		resetConn(client)
		return
	}
	server := c.(*net.TCPConn)
	if !p.keep(server) {
		resetConn(server)
		return
	}
	defer p.drop(server)
	asked := make(chan struct{})
	go func() {
		defer close(asked)
		_, _ = io.Copy(server, client) // ends with the connection
		_ = server.CloseWrite()
	}()
	m.carry(client, server)
	_ = client.CloseRead()
	_ = server.CloseRead()
	<-asked
}

// resetConn ends a connection without a good-bye.
func resetConn(c *net.TCPConn) {
	_ = c.SetLinger(0) // where that cannot be set it is closed in good order
	_ = c.Close()
}

// faultyConn is what happens to one connection.
type faultyConn struct {
	Mishap
	rand   *rand.Rand
	passed int64
}

// carry brings the server's bytes to the client until either has enough.
func (m *faultyConn) carry(client, server *net.TCPConn) {
	if m.Kind == MishapDelay {
		time.Sleep(m.Wait)
	}
	b := make([]byte, 16<<10)
	if m.Kind == MishapThrottle {
		b = b[:max(m.Chunk, 1)]
	}
	for {
		n, err := server.Read(b)
		part, end := m.spoil(b[:n])
		if _, failed := client.Write(part); failed != nil {
			return
		}
		switch {
		case end && m.Kind == MishapCut:
			resetConn(client)
			return
		case end, err != nil:
			_ = client.CloseWrite()
			return
		case m.Kind == MishapThrottle:
			time.Sleep(m.Wait)
		}
	}
}

// spoil is what becomes of the next bytes, and whether the connection ends.
func (m *faultyConn) spoil(b []byte) (part []byte, end bool) {
	before := m.passed
	m.passed += int64(len(b))
	if m.passed <= m.After {
		return b, false
	}
	clean := max(m.After-before, 0)
	switch m.Kind {
	case MishapCut, MishapHalfClose:
		return b[:clean], true
	case MishapCorrupt:
		for i := clean; i < int64(len(b)); i++ {
			if m.rand.Float64() < m.Share {
				b[i] ^= byte(1 + m.rand.IntN(255))
			}
		}
	}
	return b, false
}
