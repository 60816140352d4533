package web

import (
	"math"
	"strconv"
	"strings"
	"testing"

	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/internal/tongue"
	"coopcloud.tech/goodstanding/member"
)

// TestPicturesOfATally: every answer is drawn once, the bars fill the width
// without a gap, and one answer among thousands is seen.
func TestPicturesOfATally(t *testing.T) {
	offered := decisions.Answers()
	for _, x := range []struct {
		tally   decisions.Tally
		waiting int
	}{
		{decisions.Tally{}, 0}, {decisions.Tally{}, 1}, {decisions.Tally{Favour: 1}, 0}, {decisions.Tally{Favour: 11, Against: 2, Abstain: 3, Block: 1}, 3},
		{decisions.Tally{Favour: 60}, 0}, {decisions.Tally{Favour: 1, Block: 1}, 4998}, {decisions.Tally{Favour: 4999, Block: 1}, 0}, {decisions.Tally{Favour: 1000, Against: 1000, Abstain: 1000, Block: 1000}, 1000},
	} {
		x.tally.Waiting = make([]member.ID, x.waiting)
		p := tallyOf(tongue.English(), &x.tally, offered, false)
		total := x.tally.Cast() + x.waiting
		sum := 0
		for _, r := range p.Rows {
			sum += r.Count
		}
		if sum != total || len(p.Rows) != 5 || p.Title == "" || p.Width < 1 || p.Height < 1 {
			t.Errorf("%+v: %+v", x, p)
		}
		switch {
		case total == 0:
			if len(p.Dots)+len(p.Bars) != 0 || p.Title != "Nobody could answer yet" {
				t.Errorf("nobody: %+v", p)
			}
		case total <= mostDots:
			if len(p.Dots) != total {
				t.Errorf("%d dots for %d", len(p.Dots), total)
			}
			for _, d := range p.Dots {
				if d.X < dotStep/2 || d.X > p.Width-dotStep/2 || d.Y < dotStep/2 || d.Y > p.Height-dotStep/2 {
					t.Errorf("a dot at %d, %d of %d by %d", d.X, d.Y, p.Width, p.Height)
				}
			}
		default:
			at := 0
			for _, b := range p.Bars {
				if b.X != at || b.Width < barLeast {
					t.Errorf("%+v: a bar at %d of %d, want at %d", x, b.X, b.Width, at)
				}
				at += b.Width
			}
			if at != barWidth {
				t.Errorf("%+v: the bars end at %d of %d", x, at, barWidth)
			}
		}
	}
	// Equal counts are of equal length, but for what dividing leaves over.
	p := tallyOf(tongue.English(), &decisions.Tally{Favour: 1000, Against: 1000, Abstain: 1000, Block: 1000, Waiting: make([]member.ID, 1000)}, offered, false)
	for _, b := range p.Bars {
		if b.Width < barWidth/5-5 || b.Width > barWidth/5+5 {
			t.Errorf("a fifth is %d of %d wide", b.Width, barWidth)
		}
	}
	if medium := tallyOf(tongue.English(), &decisions.Tally{}, []decisions.Answer{decisions.Favour, decisions.Abstain, decisions.Against}, true); medium.Title != "Nobody could answer yet" || len(medium.Rows) != 4 || medium.Rows[3].Words != "did not answer" {
		t.Errorf("%+v", medium)
	}
}

// TestPictureOfTheMembers: all are drawn, within the picture, apart from each
// other, and never more seeds than a page can hold.
func TestPictureOfTheMembers(t *testing.T) {
	for _, x := range []struct{ members, providers int }{{0, 0}, {1, 0}, {1, 1}, {2, 1}, {20, 7}, {240, 240}, {241, 3}, {5000, 40}} {
		p := seedsOf(tongue.English(), x.members, x.providers)
		if len(p.Seeds) > mostSeeds || len(p.Seeds)*p.Each < x.members || (len(p.Seeds)-1)*p.Each >= x.members && x.members > 0 {
			t.Errorf("%+v: %d seeds of %d", x, len(p.Seeds), p.Each)
		}
		providers, nearest := 0, math.Inf(1)
		for i, s := range p.Seeds {
			x1, y1 := number(t, s.X), number(t, s.Y)
			r := float64(s.R)
			if x1-r < 0 || y1-r < 0 || x1+r > seedsSize || y1+r > seedsSize {
				t.Errorf("%+v: seed %d lies outside: %+v", x, i, s)
			}
			if s.Class == "provider" {
				providers++
			}
			for _, o := range p.Seeds[:i] {
				nearest = math.Min(nearest, math.Hypot(x1-number(t, o.X), y1-number(t, o.Y))-2*r)
			}
		}
		if (providers-1)*p.Each >= x.providers && x.providers > 0 || providers*p.Each < x.providers {
			t.Errorf("%+v: %d seeds for providers", x, providers)
		}
		if nearest < 0 {
			t.Errorf("%+v: two seeds overlap by %.1f", x, -nearest)
		}
	}
	if p := seedsOf(tongue.English(), 5000, 40); p.Title != "5000 members, 40 providers among them" || p.Each != 21 {
		t.Errorf("%s, %d each", p.Title, p.Each)
	}
}

func number(t *testing.T, s string) float64 {
	t.Helper()
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// TestWriteUps: what people write is shown as text and harmless markup, whatever it holds.
func TestWriteUps(t *testing.T) {
	for text, want := range map[string]string{
		"A **b** ~~c~~":                           "<p>A <strong>b</strong> <del>c</del></p>\n",
		"<script>alert(1)</script>":               "\n",
		"a <b onclick=x>b</b>":                    "<p>a b</p>\n",
		"[x](javascript:alert(1))":                "<p>x</p>\n",
		"[x](//elsewhere.example)":                "<p>x</p>\n",
		"[x](/sign-out)":                          "<p>x</p>\n",
		"[x](data:text/html,hi)":                  "<p>x</p>\n",
		"<javascript:alert(1)>":                   "<p>javascript:alert(1)</p>\n",
		"![alt](https://e.example/a.png)":         `<p><a href="https://e.example/a.png" rel="nofollow noreferrer">alt</a></p>` + "\n",
		"![](https://e.example/a.png)":            `<p><a href="https://e.example/a.png" rel="nofollow noreferrer">a picture</a></p>` + "\n",
		"[![in](https://a.example)](https://b.e)": `<p><a href="https://b.e" rel="nofollow noreferrer">in</a></p>` + "\n",
		"### c\n# a\n### b\n###### d\n## e":       "<h3>c</h3>\n<h3>a</h3>\n<h4>b</h4>\n<h5>d</h5>\n<h4>e</h4>\n",
		"3. c\n4. d":                              "<ol start=\"3\">\n<li>c</li>\n<li>d</li>\n</ol>\n",
		"```\n<b>\n```":                           "<pre><code>&lt;b&gt;\n</code></pre>\n",
		"&lt;script&gt;":                          "<p>&lt;script&gt;</p>\n",
	} {
		got, err := writeUp(text)
		if err != nil || string(got) != want {
			t.Errorf("%q: %q %v, want %q", text, got, err, want)
		}
	}
}

func TestSideBySide(t *testing.T) {
	mark := func(ps []piece) string {
		var b strings.Builder
		for _, p := range ps {
			if p.Changed {
				b.WriteString("[" + p.Text + "]")
			} else {
				b.WriteString(p.Text)
			}
		}
		return b.String()
	}
	for _, x := range [][4]string{
		{"", "", "", ""}, {"a b", "a b", "a b", "a b"}, {"", "a", "", "[a]"}, {"a", "", "[a]", ""},
		{"We rent a host at £60 now.", "We rent a small host at £20 now.", "We rent a host at [£60] now.", "We rent a [small ]host at [£20] now."},
		{"a\n\nb", "a\n\nc\n\nb", "a\n\nb", "a\n\n[c\n\n]b"},
	} {
		left, right := sideBySide(x[0], x[1])
		if l, r := mark(left), mark(right); l != x[2] || r != x[3] {
			t.Errorf("%q and %q: %q and %q", x[0], x[1], l, r)
		}
	}
	long := strings.Repeat("word ", mostCompared)
	if left, right := sideBySide(long, "x"); len(left) != 1 || left[0].Changed || left[0].Text != long || right[0].Text != "x" {
		t.Error("a long text is cut")
	}
}
