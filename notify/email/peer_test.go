package email

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/internal/fakesmtp"
)

// Programs of others that mails are handed in at; make peers installs them.

// absent skips the test, or fails it in CI where make peers can install the peer.
func absent(t *testing.T, what string, installable bool) {
	t.Helper()
	if installable && os.Getenv("CI") == "true" {
		t.Fatalf("%s is not installed, and can be here: make peers; in CI nothing is skipped", what)
	}
	t.Skipf("skipped: %s is not installed (make peers installs it where it can)", what)
}

// freePort is a port of this host that nobody listens at.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// certified writes a certificate for 127.0.0.1 and its key into the folder.
func certified(t *testing.T, dir string) *x509.CertPool {
	t.Helper()
	own, roots := fakesmtp.Certificate(t)
	key, err := x509.MarshalPKCS8PrivateKey(own.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	for name, block := range map[string]*pem.Block{"cert.pem": {Type: "CERTIFICATE", Bytes: own.Certificate[0]}, "key.pem": {Type: "PRIVATE KEY", Bytes: key}} {
		if err := os.WriteFile(filepath.Join(dir, name), pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return roots
}

// output is what a peer says; it is shown when it does not start.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(b)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

// begin starts a peer that ends with the test, and waits until it is ready.
func begin(t *testing.T, c *exec.Cmd, ready func(said string) bool) {
	t.Helper()
	said := &output{}
	c.Stdout, c.Stderr = said, said
	c.WaitDelay = 5 * time.Second
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = c.Wait() // it is killed
	}()
	t.Cleanup(func() {
		_ = c.Process.Kill()
		<-ended
	})
	limit, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for !ready(said.String()) {
		select {
		case <-time.After(20 * time.Millisecond):
		case <-ended:
			t.Fatalf("%s ended:\n%s", c.Path, said)
		case <-limit.Done():
			t.Fatalf("%s is not ready after 30 seconds:\n%s", c.Path, said)
		}
	}
}

// toPeer is a sender to a peer at a port of this host.
func toPeer(t *testing.T, port string, protection TLS, roots *x509.CertPool, change func(*Options)) *Sender {
	t.Helper()
	number, err := strconv.Atoi(port)
	if err != nil {
		t.Fatal(err)
	}
	return sender(t, &fakesmtp.Server{Address: "127.0.0.1:" + port, Roots: roots}, func(o *Options) {
		o.Server.Port, o.Server.TLS, o.Hello, o.Timeout = number, protection, "roll.example.org", 20*time.Second
		if change != nil {
			change(o)
		}
	})
}

// protection is how the sender's connection is protected now.
func protection(t *testing.T, s *Sender) uint16 {
	t.Helper()
	state, err := s.open.GetTLSConnectionState()
	if err != nil {
		t.Fatal(err)
	}
	return state.Version
}

const tls13 = uint16(tls.VersionTLS13)
