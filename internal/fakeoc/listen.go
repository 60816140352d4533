package fakeoc

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"
)

// Listen serves a handler on a free port of this machine only. url is the
// address of the GraphQL endpoint there; stop ends it and waits for it, also
// when called twice.
func Listen(h http.Handler) (url string, stop func(), err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, fmt.Errorf("serve a fake Open Collective: %w", err)
	}
	srv := &http.Server{Handler: h, ReadHeaderTimeout: 5 * time.Second}
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			_ = l.Close() // a listener that failed by itself has nothing left to serve
		}
	}()
	stop = sync.OnceFunc(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if srv.Shutdown(ctx) != nil {
			_ = srv.Close() // somebody keeps a connection busy; the show is over all the same
		}
		<-done
	})
	return "http://" + l.Addr().String() + endpoint, stop, nil
}
