package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"sync/atomic"
	"time"
)

// front hands each request to the handler of the shift that runs.
type front struct{ current atomic.Pointer[http.Handler] }

func (f *front) serve(h http.Handler) { f.current.Store(&h) }

// serverWord is how the daemon names itself in an answer's Server header, so
// that healthcheck knows whom it is talking to.
const serverWord = "goodstanding"

// ServeHTTP answers.
func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Server", serverWord)
	(*f.current.Load()).ServeHTTP(w, r)
}

// The bounds of a connection. The API bounds its answers itself; these are for
// clients that dawdle.
type bounds struct{ header, read, write, idle time.Duration }

// usual are the bounds of every door: for the head of a request, for all of it, for the
// answer as well, and for a connection on which nothing is asked.
var usual = bounds{5 * time.Second, 15 * time.Second, 60 * time.Second, 2 * time.Minute}

const (
	mostHeader = 16 << 10 // bytes of a request's head
	// drainWithin is how long requests under way may take to end when the daemon
	// stops.
	drainWithin = 5 * time.Second
)

// door is one address that is listened on.
type door struct {
	listener net.Listener
	server   *http.Server
}

// listen opens the doors that the settings name. It is not answered at them
// before the daemon runs.
func (s *server) listen(cfg *Config) error {
	if err := s.open(cfg.where("LISTEN"), cfg.Listen, s.front); err != nil {
		return err
	}
	if cfg.MetricsListen == "" {
		return nil
	}
	metrics := http.NewServeMux()
	metrics.Handle("GET /metrics", s.metrics)
	err := s.open(cfg.where("METRICS_LISTEN"), cfg.MetricsListen, plain(metrics))
	if err != nil {
		s.doors[0].close()
	}
	return err
}

func (s *server) open(setting, address string, h http.Handler) error {
	l, err := net.Listen("tcp", address)
	if err != nil {
		if op, ok := errors.AsType[*net.OpError](err); ok {
			err = op.Err
		}
		return cannotListen(setting, address, err)
	}
	s.doors = append(s.doors, &door{listener: l, server: usual.server(h)})
	return nil
}

// server answers within the bounds.
func (b bounds) server(h http.Handler) *http.Server {
	return &http.Server{
		Handler: h, ReadHeaderTimeout: b.header, ReadTimeout: b.read, WriteTimeout: b.write,
		IdleTimeout: b.idle, MaxHeaderBytes: mostHeader,
		ErrorLog: log.New(io.Discard, "", 0), // what clients do wrong is counted, not logged
	}
}

// plain lets a browser make nothing of an answer but a text to be read, and no other
// website read it: for what has no pages and no guard of its own.
func plain(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

// serve answers until the context ends; then requests under way may end.
func (d *door) serve(ctx context.Context) error {
	stopped := make(chan struct{})
	ended := context.AfterFunc(ctx, func() {
		defer close(stopped)
		within, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainWithin)
		defer cancel()
		if d.server.Shutdown(within) != nil {
			_ = d.server.Close() // whoever still reads has had the time to
		}
	})
	err := d.server.Serve(d.listener)
	if !ended() {
		<-stopped
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return fmt.Errorf("serve on %s: %w", d.listener.Addr(), err)
}

// close gives an address up that was never served at.
func (d *door) close() { _ = d.listener.Close() }

// url is where a door is reached from this host.
func (d *door) url() string {
	address, ok := d.listener.Addr().(*net.TCPAddr)
	if !ok {
		return "http://" + d.listener.Addr().String()
	}
	host := address.IP.String()
	if address.IP.IsUnspecified() {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, fmt.Sprint(address.Port))
}
