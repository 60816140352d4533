package api

import (
	"strings"
	"testing"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/roll"
)

func TestMarkdownHasNoMarkupOfOthers(t *testing.T) {
	for given, want := range map[string]string{
		"Ash Co-op":                    "Ash Co-op",
		"Autonomic (UK)":               `Autonomic \(UK\)`,
		"a|b":                          "a&#124;b",
		"[x](javascript:alert(1))":     `\[x\]\(javascript:alert\(1\)\)`,
		"<script>&amp;":                "&lt;script&gt;&amp;amp;",
		"*b* _i_ `c` ~s~ {x} \\":       "\\*b\\* \\_i\\_ \\`c\\` &#126;s&#126; \\{x\\} \\\\",
		"# head":                       `\# head`,
		"- item":                       `\- item`,
		"12. item":                     `12\. item`,
		"v1.2":                         "v1.2",
		"two\nlines\t and\r\nmore":     "two lines and more",
		"10.5 is a number, not a list": `10\.5 is a number, not a list`,
	} {
		if got := escaped(given); got != want {
			t.Errorf("%q: %q, want %q", given, got, want)
		}
	}
}

func TestOnlySafeAddressesAreLinked(t *testing.T) {
	for given, want := range map[string]string{
		"https://a.example/x":               "https://a.example/x",
		"http://a.example":                  "http://a.example",
		"mailto:x_y@a.example":              "mailto:x_y@a.example",
		"matrix:u/x:a.example":              "matrix:u/x:a.example",
		"https://a.example/a)b(c":           "https://a.example/a%29b%28c",
		"https://a.example/|":               "https://a.example/%7C",
		"https://a.example/ä b":             "https://a.example/%C3%A4%20b",
		"https://a.example/<b>\"`[x]{y}^\\": "https://a.example/%3Cb%3E%22%60%5Bx%5D%7By%7D%5E%5C",
		"javascript:alert(1)":               "",
		"data:text/html,x":                  "",
		"//a.example":                       "",
		"relative":                          "",
		"":                                  "",
		"https://%zz":                       "",
	} {
		if got, ok := safeAddress(given); got != want || ok != (want != "") {
			t.Errorf("%q: %q %v, want %q", given, got, ok, want)
		}
	}
}

// The forms of federation.md, section 4.
func TestMarkdownLists(t *testing.T) {
	entry := func(name string, kind member.Kind, url, href string) roll.Provider {
		return roll.Provider{Name: name, Kind: kind, Profile: roll.Profile{URL: url, ContactHref: href}}
	}
	got := string(providersMarkdown([]roll.Provider{
		entry("Ash", member.Organisation, "https://ash.example", "mailto:hello@ash.example"),
		entry("Zed", member.Individual, "", "matrix:u/zed:example.org"),
		entry("Birch", member.Organisation, "", ""),
	}))
	const want = "## Co-operatives\n\n- [Ash](https://ash.example) ([contact](mailto:hello@ash.example))\n- Birch\n\n" +
		"## Individuals\n\n- Zed ([contact](matrix:u/zed:example.org))\n"
	if got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
	if got := string(providersMarkdown(nil)); got != "## Co-operatives\n\nNobody is listed yet.\n" {
		t.Errorf("nobody: %s", got)
	}
}

func TestTheTickOfTheTable(t *testing.T) {
	ms := []roll.PublicMember{
		{Name: "Ash", Website: "https://ash.example", GoodStanding: true, Provider: true, Contact: "https://ash.example/contact", MemberSince: instant.Date(2025, 1, 1)},
		{Name: "Birch"},
	}
	for tick, want := range map[Tick]string{
		TickMember: "| Name | Member | Provider | Contact |\n| --- | --- | --- | --- |\n" +
			"| [Ash](https://ash.example) | ✓ | ✓ | [contact](https://ash.example/contact) |\n| Birch | ✓ | - | - |\n",
		TickGoodStanding: "| Name | In good standing | Provider | Contact |\n| --- | --- | --- | --- |\n" +
			"| [Ash](https://ash.example) | ✓ | ✓ | [contact](https://ash.example/contact) |\n| Birch | - | - | - |\n",
	} {
		if got := string(membersMarkdown(ms, tick)); got != want {
			t.Errorf("%s:\n%s", tick, got)
		}
	}
}

func TestAListWithTheTickForGoodStanding(t *testing.T) {
	w := newWorld(t)
	w.api.o.Tick = TickGoodStanding
	w.must(w.r.Leave(t.Context(), w.by("wished so"), w.dogwood, 0))
	w.refresh()
	got := w.get("/api/v1/members.md").body
	for _, line := range []string{"| an individual member | ✓ |", "| Birch | - |", "| Fir | - |", "| Zed | ✓ |"} { // grace and waived alike
		if !strings.Contains(got, line) {
			t.Errorf("%q is missing:\n%s", line, got)
		}
	}
}
