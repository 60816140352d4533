package web

import (
	"html/template"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"coopcloud.tech/goodstanding/internal/tongue"
)

// skeleton is what a template holds beside its words, by the name of each part:
// its elements with their attributes in their order, and all that it asks for.
type skeleton struct{ elements, actions []string }

var (
	action     = regexp.MustCompile(`\{\{.*?\}\}`)
	marked     = regexp.MustCompile("\x01([0-9]+)\x02")
	element    = regexp.MustCompile(`<[^>]*>`)
	worded     = regexp.MustCompile(`\b(aria-label|title|data-name|lang|alt|placeholder)="([^"]*)"|(subject)=([^"&]*)`)
	wordedWith = regexp.MustCompile(`^(\{\{or .*) "[^"]*"\}\}$`)
)

func skeletons(t *testing.T, file string) map[string]skeleton {
	t.Helper()
	text, err := fs.ReadFile(files, file)
	if err != nil {
		t.Fatal(err)
	}
	whole, err := template.New("").Funcs(templateFuncs).Parse(string(text))
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	out := map[string]skeleton{}
	for _, part := range whole.Templates() {
		if part.Tree == nil || part.Name() == "" {
			continue
		}
		var s skeleton
		var asked []string
		// A tag may hold what the template asks for, and that a sign of a tag.
		source := action.ReplaceAllStringFunc(part.Tree.Root.String(), func(a string) string {
			asked = append(asked, wordedWith.ReplaceAllString(a, `$1 "…"}}`))
			return "\x01" + string(rune('0'+len(asked)/1000)) + string(rune('0'+len(asked)/100%10)) + string(rune('0'+len(asked)/10%10)) + string(rune('0'+len(asked)%10)) + "\x02"
		})
		back := func(text string) string {
			return marked.ReplaceAllStringFunc(text, func(m string) string {
				n := 0
				for _, c := range m[1 : len(m)-1] {
					n = n*10 + int(c-'0')
				}
				return asked[n-1]
			})
		}
		rest := element.ReplaceAllStringFunc(source, func(tag string) string {
			s.elements = append(s.elements, back(worded.ReplaceAllStringFunc(tag, func(attribute string) string {
				name, value, _ := strings.Cut(attribute, "=")
				in := marked.FindAllString(value, -1)
				slices.SortFunc(in, func(a, b string) int { return strings.Compare(back(a), back(b)) })
				return name + "=" + strings.Join(in, "")
			})))
			return " "
		})
		for _, m := range marked.FindAllString(rest, -1) {
			s.actions = append(s.actions, back(m))
		}
		slices.Sort(s.actions)
		out[part.Name()] = s
	}
	return out
}

// lacking are those of a that b lacks.
func lacking(a, b []string) (out []string) {
	rest := slices.Clone(b)
	for _, one := range a {
		if i := slices.Index(rest, one); i >= 0 {
			rest = slices.Delete(rest, i, i+1)
		} else {
			out = append(out, one)
		}
	}
	return out
}

// fallbacks are the words that a template says where there is nothing to show, each
// with what it would show.
func fallbacks(t *testing.T, file string) (out []string) {
	t.Helper()
	text, err := fs.ReadFile(files, file)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range action.FindAllString(string(text), -1) {
		if wordedWith.MatchString(a) {
			out = append(out, a)
		}
	}
	return out
}

// A translated page says the same as the English one: it asks for the same, and has
// the same elements, links and fields, so that it cannot fall behind.
func TestTranslatedPagesHoldTheSame(t *testing.T) {
	english, err := fs.Glob(files, "pages/*.html")
	if err != nil || len(english) < 20 {
		t.Fatal(english, err)
	}
	for _, code := range tongue.Codes()[1:] {
		folder := folderOf(code)
		theirs, err := fs.Glob(files, folder+"/*.html")
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range english {
			copied := path.Join(folder, path.Base(file))
			if !slices.Contains(theirs, copied) {
				t.Errorf("web/%s has no copy in %s: write web/%s", file, code, copied)
				continue
			}
			if text, err := fs.ReadFile(files, copied); err != nil || code == "es" {
				for _, left := range englishIn(action.ReplaceAllString(string(text), ""), []string{"Open Collective", "goodstanding", "verify-record record.json"}) {
					t.Errorf("web/%s is English (%v): %s", copied, err, left)
				}
			}
			for _, left := range fallbacks(t, copied) {
				if slices.Contains(fallbacks(t, file), left) {
					t.Errorf("web/%s falls back on English: %s", copied, left)
				}
			}
			want, got := skeletons(t, file), skeletons(t, copied)
			for name, w := range want {
				g, ok := got[name]
				if !ok {
					t.Errorf("web/%s: the part %q is missing", copied, name)
					continue
				}
				for _, one := range append(lacking(w.elements, g.elements), lacking(w.actions, g.actions)...) {
					t.Errorf("web/%s: %q lacks what web/%s has: %s", copied, name, file, one)
				}
				for _, one := range append(lacking(g.elements, w.elements), lacking(g.actions, w.actions)...) {
					t.Errorf("web/%s: %q has what web/%s lacks: %s", copied, name, file, one)
				}
				if len(lacking(w.elements, g.elements)) == 0 && !slices.Equal(w.elements, g.elements) {
					t.Errorf("web/%s: %q has its elements in another order than web/%s", copied, name, file)
				}
			}
			for name := range got {
				if _, ok := want[name]; !ok {
					t.Errorf("web/%s: the part %q is not in web/%s", copied, name, file)
				}
			}
		}
		for _, copied := range theirs {
			if !slices.Contains(english, path.Join("pages", path.Base(copied))) {
				t.Errorf("web/%s is a copy of no page", copied)
			}
		}
	}
}
