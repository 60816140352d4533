package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

// healthWithin bounds the question to a daemon: whoever takes longer to say that
// it lives does not.
const healthWithin = 3 * time.Second

// askDaemon asks the daemon on LISTEN whether it lives. asked is false where no
// daemon of this program is there: nobody listens, or somebody else.
func askDaemon(ctx context.Context, cfg *Config) (asked bool, err error) {
	host, port, err := net.SplitHostPort(cfg.Listen)
	if err != nil || port == "0" {
		return false, nil
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	ctx, cancel := context.WithTimeout(ctx, healthWithin)
	defer cancel()
	address := "http://" + net.JoinHostPort(host, port) + "/healthz"
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return false, nil
	}
	alone := &http.Transport{DisableKeepAlives: true} // no proxy: the daemon is on this host
	res, err := alone.RoundTrip(req)
	if err != nil {
		if errors.Is(err, context.DeadlineExceeded) && ctx.Err() != nil {
			return true, fmt.Errorf("unhealthy: %s does not answer within %s", address, healthWithin)
		}
		return false, nil
	}
	defer res.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, 1<<16)) // what it says beside the status is for people
	switch {
	case res.Header.Get("Server") != serverWord:
		return false, nil
	case res.StatusCode != http.StatusOK:
		return true, fmt.Errorf("unhealthy: %s answers %s", address, res.Status)
	}
	return true, nil
}
