package web

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"
)

// From which network address somebody asks is logged at debug alone, also where a page
// fails, which is logged in each log.
func TestWhoAskedIsLoggedAtDebugAlone(t *testing.T) {
	var log bytes.Buffer
	p := &Pages{o: Options{Log: zerolog.New(&log)}}
	r := httptest.NewRequest(http.MethodGet, "/members", nil)
	r.RemoteAddr = "192.0.2.77:4711"
	for status, want := range map[int]string{200: `{"level":"debug","client":"192.0.2.77",`, 503: `{"level":"warn","request":"r_1",`} {
		log.Reset()
		p.tell(&visit{w: &answer{status: status}, r: r, id: "r_1"}, "/members", time.Second)
		if got := log.String(); !strings.HasPrefix(got, want) || strings.Contains(got, "192.0.2.77") != (status == 200) {
			t.Errorf("%d is logged as %s", status, got)
		}
	}
}
