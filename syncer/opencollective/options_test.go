package opencollective

import (
	"net/http"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/internal/instant"
)

func TestOptionsAreChecked(t *testing.T) {
	good := func() Options {
		return Options{Now: func() instant.Instant { return 1 }, Clock: time.Now, Token: canary}
	}
	const lead = "open collective client: "
	for _, tt := range []struct {
		name   string
		change func(*Options)
		want   string
	}{
		{"nothing", func(*Options) {}, ""},
		{"http on this machine", func(o *Options) { o.URL = "http://127.0.0.1:8080/graphql/v2" }, ""},
		{"http by name on this machine", func(o *Options) { o.URL = "http://localhost/graphql/v2" }, ""},
		{"http without a token", func(o *Options) { o.URL, o.Token = "http://oc.example.test/", "" }, ""},
		{"http with a token", func(o *Options) { o.URL = "http://oc.example.test/" },
			"GOODSTANDING_OC_URL is not https: the token would travel in the clear"},
		{"a token in the address", func(o *Options) { o.URL = "https://oc.example.test/?personalToken=" + canary },
			"GOODSTANDING_OC_URL carries a user, a query or a fragment: leave them out, a token belongs into GOODSTANDING_OC_TOKEN_FILE"},
		{"a user in the address", func(o *Options) { o.URL = "https://x:" + canary + "@oc.example.test/" },
			"GOODSTANDING_OC_URL carries a user, a query or a fragment: leave them out, a token belongs into GOODSTANDING_OC_TOKEN_FILE"},
		{"no address", func(o *Options) { o.URL = "opencollective" },
			"GOODSTANDING_OC_URL is no address: want something like https://api.opencollective.com/graphql/v2"},
		{"a file", func(o *Options) { o.URL = "file:///etc/passwd" },
			"GOODSTANDING_OC_URL is no address: want something like https://api.opencollective.com/graphql/v2"},
		{"an address that cannot be read", func(o *Options) { o.URL = "https://" + canary + "\n" },
			"GOODSTANDING_OC_URL is no address: want something like https://api.opencollective.com/graphql/v2"},
		{"a token in two lines", func(o *Options) { o.Token = canary + "\n" + canary },
			"the token contains a space, a line break or another character that no token has: copy it again, nothing else in the file"},
		{"several at once", func(o *Options) { o.URL, o.Now, o.PerMinute, o.Timeout = "x", nil, 1, -1 },
			"options need Now and Clock\nrequests a minute (PerMinute) have to be 2 or more\nneither Timeout nor MaxBytes can be negative\n" +
				"GOODSTANDING_OC_URL is no address: want something like https://api.opencollective.com/graphql/v2"},
	} {
		o := good()
		tt.change(&o)
		_, err := New(o)
		clean(t, err)
		switch {
		case tt.want == "" && err != nil:
			t.Errorf("%s: %v", tt.name, err)
		case tt.want != "" && (err == nil || err.Error() != lead+tt.want):
			t.Errorf("%s:\n got %v\nwant %s", tt.name, err, lead+tt.want)
		}
	}
}

func TestUserAgent(t *testing.T) {
	for _, tt := range []struct{ version, contact, want string }{
		{"1.2.3", "https://example.test", "goodstanding/1.2.3 (+https://example.test)"},
		{"", "", "goodstanding/dev (+https://coopcloud.tech/goodstanding)"},
		{"1\r\nX: y", "a) b(é", "goodstanding/1X: y (+a b)"},
	} {
		if got := userAgent(tt.version, tt.contact); got != tt.want {
			t.Errorf("%q, want %q", got, tt.want)
		}
	}
}

func TestWaitAsked(t *testing.T) {
	date := "Sun, 22 Nov 2026 10:08:50 GMT"
	for _, tt := range []struct {
		name, after, reset, date string
		want                     time.Duration
	}{
		{"a fraction", "37.412", "", "", 37412 * time.Millisecond},
		{"a whole number", "12", "", "", 12 * time.Second},
		{"nothing", "", "", "", time.Minute},
		{"zero", "0", "", "", time.Second},
		{"less than zero", "-5", "", "", time.Minute},
		{"no number", "soon", "", "", time.Minute},
		{"not a number", "NaN", "", "", time.Minute},
		{"without end", "+Inf", "", "", time.Minute},
		{"a number beyond all", "1e300", "", "", time.Hour},
		{"a date", "Sun, 22 Nov 2026 10:09:20 GMT", "", date, 30 * time.Second},
		{"a date that is past", "Sun, 22 Nov 2026 10:00:00 GMT", "", date, time.Second},
		{"a date by our own clock", "Sun, 22 Nov 2026 12:00:40 GMT", "", "", 40 * time.Second},
		{"the end of the window", "", "1795342175", date, 45 * time.Second},
		{"a window that is past", "", "1795342000", date, time.Second},
		{"no window", "", "0", date, time.Minute},
		{"the number before the window", "5", "1795342175", date, 5 * time.Second},
	} {
		h := http.Header{}
		for k, v := range map[string]string{"Retry-After": tt.after, "X-RateLimit-Reset": tt.reset, "Date": tt.date} {
			if v != "" {
				h.Set(k, v)
			}
		}
		if got := waitAsked(h, noon); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}
