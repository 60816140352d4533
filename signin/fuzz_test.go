package signin

import (
	"net/url"
	"testing"
)

// FuzzNext: whatever somebody asks for, one stays on these pages.
func FuzzNext(f *testing.F) {
	for _, seed := range []string{"/me", "/decisions/7?a=b#c", "//evil.example", "/\\evil.example", "https://evil.example", "/a/../b", "/%2f%2fevil", "", "/\t/evil.example", "javascript:x"} {
		f.Add(seed)
	}
	base, err := url.Parse("https://roll.example.org/sign-in/link")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, asked string) {
		next := Next(asked)
		if next == "" {
			return
		}
		to, err := base.Parse(next)
		if err != nil || to.Host != "roll.example.org" || to.Scheme != "https" || next != asked || Next(next) != next {
			t.Errorf("%q leads to %v, %v", asked, to, err)
		}
		secret, _ := newToken()
		if back, ok := readTrip(trip{secret, next}.cookie()); !ok || back != (trip{secret, next}) {
			t.Errorf("%q does not come back with a browser: %+v", next, back)
		}
	})
}
