package store

import "testing"

func TestNextSnapshot(t *testing.T) {
	for _, c := range []struct {
		snapshot string
		own      int64
		want     string
	}{
		{"700:700:", 700, "701:701:"},
		{"695:700:695,698", 700, "695:701:695,698"}, // others run on
		{"700:700:", 701, ""},                       // another has begun meanwhile
		{"690:700:690", 695, ""},                    // it had begun before the others that are over
		{"700", 700, ""},
	} {
		if next, ok := nextSnapshot(c.snapshot, c.own); next != c.want || ok != (c.want != "") {
			t.Errorf("after %d, which sees %s: %q (%t), want %q", c.own, c.snapshot, next, ok, c.want)
		}
	}
}
