package letter

import (
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"coopcloud.tech/goodstanding/notify"
)

// ours are the fields that no person fills in.
var ours = []string{"Kind", "Language", "FederationURL", "RollURL", "PayURL", "Treasurers", "Unsubscribe", "ConfirmURL", "SignInURL", "JoiningURL", "Minimum"}

// oursWithin are such fields of what stands in a letter: pages and words of the program.
var oursWithin = map[reflect.Type][]string{reflect.TypeFor[Decision](): {"URL"}, reflect.TypeFor[Motion](): {"URL", "Change"}}

// rewritten is the data with every text that people write replaced.
func rewritten(d Data, text string) Data {
	v := reflect.ValueOf(&d).Elem()
	for i := range v.NumField() {
		if !slices.Contains(ours, v.Type().Field(i).Name) {
			write(v.Field(i), text)
		}
	}
	return d
}

func write(v reflect.Value, text string) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(text)
	case reflect.Slice:
		fresh := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		reflect.Copy(fresh, v)
		for i := range fresh.Len() {
			write(fresh.Index(i), text)
		}
		v.Set(fresh)
	case reflect.Struct:
		for i := range v.NumField() {
			if !slices.Contains(oursWithin[v.Type()], v.Type().Field(i).Name) {
				write(v.Field(i), text)
			}
		}
	case reflect.Pointer:
		if v.Type().Elem().PkgPath() == "time" || v.IsNil() {
			return
		}
		fresh := reflect.New(v.Type().Elem())
		fresh.Elem().Set(v.Elem())
		write(fresh.Elem(), text)
		v.Set(fresh)
	}
}

var nasty = []string{
	"[pay here](https://evil.example)", "![x](https://evil.example/x.png)", "<https://evil.example>", "[x]: https://evil.example",
	"**", "*x*", "__x__", "`x`", "``", "~~x~~", "# x", "## x ##", "===", "---", "***", "- x", "+ x", "1. x", "1) x", "> x", "    x", "| a | b |",
	"<script>alert(1)</script>", "<b>x</b>", "<!-- x -->", "<img src=x onerror=alert(1)>", "&lt;b&gt;", "&#60;", `\`, `x\`, `\[x\](y)`, `"><a href="https://evil.example">`,
	"x\n\n# Pay at once\n\n[here](https://evil.example)", "x\r\n\r\n- y", "x\u2028y", "x\n-- \ny", "\u202Egnitsoh\u202C", "\u2066x\u2069", "\u200B", "\x00\x07", "\uFEFF",
	"{{.PayURL}}", `{{printf "%s" .}}`, "javascript:alert(1)", "$&", "{subject}", "{body}",
}

var cited = regexp.MustCompile(`(?s)<blockquote.*?</blockquote>`)

// bones are the elements of a page and its links, without what stands in
// quotations: those hold as many lines as people wrote.
func bones(t *testing.T, page string) (string, string) {
	t.Helper()
	elements, links := outline(t, "<body>"+cited.ReplaceAllString(strings.TrimPrefix(page, "<!DOCTYPE html>"), "")+"</body>")
	return strings.Join(elements, " "), strings.Join(links, " ")
}

// shape is what a letter, and what the room reads, is made of.
type shape struct{ elements, links, room, roomLinks string }

// shaped writes the data's letter with a text of people wherever one can stand.
func shaped(t *testing.T, d Data, text string) (s shape, l Letter) {
	t.Helper()
	d = rewritten(d, text)
	l, err := BuiltIn().Render(d)
	if err != nil {
		t.Fatalf("%s with %q: %v", d.Kind, text, err)
	}
	s.elements, s.links = bones(t, l.HTML)
	if Announced(d.Kind) {
		_, page, err := BuiltIn().Announcement(d)
		if err != nil {
			t.Fatalf("%s with %q: %v", d.Kind, text, err)
		}
		s.room, s.roomLinks = bones(t, page)
	}
	return s, l
}

// harmlessLetters says that texts of people, wherever they stand, change neither
// what a letter is made of nor where its links lead.
func harmlessLetters(t *testing.T, d Data, texts ...string) {
	t.Helper()
	want, _ := shaped(t, d, "Xyz")
	for _, text := range texts {
		got, l := shaped(t, d, text)
		if got != want {
			t.Fatalf("%s with %q is another letter:\n%v\nwant\n%v\n%s", d.Kind, text, got, want, l.HTML)
		}
		if strings.ContainsAny(l.Subject, "\n\r\u2028\u202e") || strings.ContainsAny(l.Text+l.HTML, "\r\u2028\u202a\u202b\u202d\u202e\u2066\u2067\u2068\x00") {
			t.Fatalf("%s with %q holds what nobody sees: %q %q", d.Kind, text, l.Subject, l.Text)
		}
	}
}

func TestTextsOfPeopleForgeNothing(t *testing.T) {
	// Every text in the letters that hold most of what people write, and every
	// letter with some of the texts, since each is only Markdown.
	whole := []notify.Kind{notify.BeforeGraceEnds, notify.DecisionEscalated, notify.Opportunity}
	for i, lang := range BuiltIn().Languages() {
		for j, k := range notify.Kinds() {
			var texts []string
			for n, text := range nasty {
				if (i+j+n)%12 == 0 || slices.Contains(whole, k) && lang == "en" {
					texts = append(texts, text)
				}
			}
			harmlessLetters(t, samples(k, lang)[1], texts...)
		}
	}
}

// What people wrote is still read as they wrote it.
func TestTextsOfPeopleAreShown(t *testing.T) {
	d := Sample(notify.PaymentLate, "en")
	d.Members[0].Name = `Ben & Jo's [Café] <1> **new** 50_50 \o/`
	l, err := BuiltIn().Render(d)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(flat(l.Text), d.Members[0].Name) {
		t.Errorf("the name is not in the text:\n%s", l.Text)
	}
	if want := `Ben &amp; Jo's [Café] &lt;1&gt; **new** 50_50 \o/</strong>`; !strings.Contains(l.HTML, want) {
		t.Errorf("%s is not in the page:\n%s", want, l.HTML)
	}
	if want := `The dues of ` + d.Members[0].Name + `: no payment has arrived yet`; l.Subject != want {
		t.Errorf("subject %q, want %q", l.Subject, want)
	}
}

// A quotation keeps its lines, each behind its mark; a link of people's is one
// only to the web, and shows where it leads.
func TestQuotationsAndLinks(t *testing.T) {
	d := Sample(notify.Opportunity, "en")
	d.Opportunity.Summary = "First line\nSecond line\n\n\n# Pay at once\n- [here](https://evil.example)"
	d.Opportunity.URL = "javascript:alert(1)"
	l, err := BuiltIn().Render(d)
	if err != nil {
		t.Fatal(err)
	}
	if want := "> First line\n> Second line\n>\n> # Pay at once\n> - [here](https://evil.example)\n"; !strings.Contains(l.Text, want) {
		t.Errorf("the quotation is not\n%s:\n%s", want, l.Text)
	}
	if strings.Contains(l.HTML, `href="javascript`) || !strings.Contains(l.HTML, "javascript:alert(1)") {
		t.Errorf("what is no address of a page is not shown as text:\n%s", l.HTML)
	}
	for address, link := range map[string]bool{
		"https://example.org/a_b?c=d&e=(f)#g": true, "http://127.0.0.1:8080/x": true, "https://user:pw@example.org": false, "https://": false,
		"ftp://example.org": false, "https://example.org/ x": false, "https://example.org/>": false, "//example.org": false, "https://example.org/\u202e": false,
	} {
		if webAddress(address) != link {
			t.Errorf("%q is a link: %v, want %v", address, !link, link)
		}
	}
}

func FuzzTextsOfPeople(f *testing.F) {
	for _, text := range []string{"[pay here](https://evil.example)", "x\n\n# Pay at once", "<b>x", "\u202Ex", `x\`} {
		f.Add(text)
	}
	kinds := []notify.Kind{notify.Lapsed, notify.DecisionOpened, notify.Opportunity, notify.BallotCast}
	f.Fuzz(func(t *testing.T, text string) {
		if flat(text) == "" || webAddress(strings.TrimSpace(text)) || mailForm.MatchString(strings.TrimSpace(text)) {
			return
		}
		for _, k := range kinds {
			harmlessLetters(t, samples(k, "en")[1], text)
		}
	})
}
