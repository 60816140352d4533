package caller

import (
	"context"
	"net/http/httptest"
	"testing"
	"time"
)

// Who was let wait too long has not gone: that is a fault of ours.
func TestGone(t *testing.T) {
	here, hangUp := context.WithCancel(t.Context())
	late, stop := context.WithDeadline(here, time.Time{})
	defer stop()
	gone := func(ctx context.Context) bool { return Gone(httptest.NewRequestWithContext(ctx, "GET", "/", nil)) }
	if gone(here) || gone(late) {
		t.Error("who still waits is said to have gone")
	}
	if hangUp(); !gone(here) {
		t.Error("who hung up is said to wait")
	}
}
