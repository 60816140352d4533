package web

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"coopcloud.tech/goodstanding/chair"
	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/roll"
)

// Memory is what the public pages are made of at an instant. It was read before,
// so the pages go on while the database is away. Nobody changes what it leads to.
type Memory struct {
	At   instant.Instant
	Book *roll.Book
	// Members are as everybody sees them, by name.
	Members []roll.PublicMember
	// Providers would be listed, whether or not the list is public yet.
	Providers []roll.Provider
	// Logos are the files of all uploaded logos by name, as a provider's Uploaded says
	// it; also of those that nobody sees yet.
	Logos     map[string][]byte
	Published bool
	Decided   *chair.Book
	Views     []chair.View // all decisions, by number; those without one first
	Voters    decisions.Roll
	// AsOf is the start of the last complete snapshot of upstream; 0 for none.
	AsOf instant.Instant
	// Stale: the data are older than the rules want, or the database is away.
	Stale bool
}

// say, sayf and count say something in the language of the answer.
func (r *reading) say(english string) string { return r.v.language().Say(english) }
func (r *reading) sayf(format string, args ...any) string {
	return r.v.language().Sayf(format, args...)
}
func (r *reading) count(n int, one, more string) string { return r.v.language().Count(n, one, more) }

// reading is one look at a public page: what is in memory, and who looks.
type reading struct {
	Memory
	p *Pages
	v *visit
	// inside: a person looks who reads what members read.
	inside bool
}

// public makes a page of what is in memory. It asks the database nothing but who
// is signed in, with his or her language, and for them whether it has moved on; it
// goes on without where that cannot be told.
func public(answer func(*reading) error) func(*Pages, *visit) error {
	return func(p *Pages, v *visit) error {
		actor, in, err := p.visitor(v)
		if err != nil {
			v.unsure = true
		}
		m, ok := p.o.Memory(p.o.Now())
		if !ok {
			v.w.Header().Set("Retry-After", "2")
			p.problem(v, http.StatusServiceUnavailable, notReadPage)
			return nil
		}
		r := &reading{Memory: m, p: p, v: v}
		r.Book = m.Book.In(v.lang)
		// Who was removed since is nobody, as everywhere.
		if person, known := m.Book.Person(member.PersonID(actor.ID)); in && known {
			v.actor = roll.ActorOf(person)
			r.inside = chair.Inside(v.actor, m.Voters)
		}
		return answer(r)
	}
}

// visitor says who is signed in, for a page of what is in memory: that has whatever
// the visitor has just written.
func (p *Pages) visitor(v *visit) (member.Actor, bool, error) {
	actor, in, err := p.whoAsks(v)
	if err == nil {
		p.catchUp(v)
	}
	return actor, in, err
}

// catchUp has what is in memory know what who is signed in has just written. It may
// have to read the roll anew, which a page of the database alone need not wait for.
func (p *Pages) catchUp(v *visit) {
	if v.in && p.o.CatchUp != nil {
		p.o.CatchUp(v.r.Context())
	}
}

// whoAsks says who is signed in, and has the page's head say so.
func (p *Pages) whoAsks(v *visit) (member.Actor, bool, error) {
	actor, in, err := p.o.SignIn.SignedIn(v.r, p.o.Now())
	v.actor, v.in = actor, in && err == nil
	p.prefer(v)
	if v.in && v.r.Method == http.MethodPost && p.o.Pace != nil && !v.paced {
		v.paced = true
		if wait := p.o.Pace(actor.ID, p.o.Now()); wait > 0 {
			return actor, in, tooOften{wait}
		}
	}
	return actor, in, err
}

// show answers with a public page. Nobody's page may be kept by a browser, if it
// asks each time whether it is still so; somebody's by none.
func (r *reading) show(status int, name, title string, body any) error {
	content, err := r.p.render(r.v, layout{Name: name, Title: title, Public: true, Body: body, Age: r.age()})
	if err != nil {
		return err
	}
	r.v.w.Header().Set("Vary", "Cookie, Accept-Language")
	r.send(status, "text/html; charset=utf-8", content)
	return nil
}

// send answers with what is public, or, to who is signed in, with what is not.
func (r *reading) send(status int, kind string, content []byte) {
	h := r.v.w.Header()
	h.Set("Content-Type", kind)
	if h.Get("Vary") == "" {
		h.Set("Vary", "Cookie")
	}
	if !r.v.in && !r.v.unsure && status == http.StatusOK {
		sum := sha256.Sum256(content)
		tag := `"` + base64.RawURLEncoding.EncodeToString(sum[:18]) + `"`
		h.Set("Cache-Control", "no-cache")
		h.Set("ETag", tag)
		if strings.Contains(r.v.r.Header.Get("If-None-Match"), tag) {
			r.v.w.WriteHeader(http.StatusNotModified)
			return
		}
	}
	h.Set("Content-Length", strconv.Itoa(len(content)))
	r.v.w.WriteHeader(status)
	_, _ = r.v.w.Write(content) // a client that went away is no fault of ours
}

// json answers with a value as JSON.
func (r *reading) json(value any) error {
	content, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		return err
	}
	r.v.w.Header().Set("Access-Control-Allow-Origin", "*")
	r.send(http.StatusOK, "application/json", append(content, '\n'))
	return nil
}

// markdown answers with Markdown.
func (r *reading) markdown(text string) error {
	r.v.w.Header().Set("Access-Control-Allow-Origin", "*")
	r.send(http.StatusOK, "text/markdown; charset=utf-8", []byte(text))
	return nil
}

// absent says that there is nothing at an address.
func (r *reading) absent(n notice) error {
	r.p.problem(r.v, http.StatusNotFound, n)
	return nil
}

// moment is an instant for people and for programs.
type moment struct{ Words, Stamp string }

// minute is an instant to the minute, with the zone; the zero value for none.
func (r *reading) minute(t instant.Instant) moment { return r.moment(t, r.v.language().Minute) }

// day is the day of an instant.
func (r *reading) day(t instant.Instant) moment { return r.moment(t, r.v.language().Date) }

func (r *reading) moment(t instant.Instant, words func(instant.Instant, *time.Location) string) moment {
	if t == 0 {
		return moment{}
	}
	return moment{words(t, r.p.o.Zone), t.Time().Format(time.RFC3339)}
}

// dataAge says how old what is shown is.
type dataAge struct {
	Read  moment // when Open Collective was last read; the zero value for never
	Stale bool
}

func (r *reading) age() *dataAge { return &dataAge{r.minute(r.AsOf), r.Stale} }

// mostOnPage bounds lists, so that each page stays small.
const mostOnPage = 100

// pager leads through a long list.
type pager struct {
	Page, Pages        int
	Before, After      string // addresses; "" for none
	First, Last, Total int    // what the page shows, counted from 1
}

// those are the items of a list that fit, where they stand: copies of thousands of them
// would take longer than the page.
func those[T any](all []T, fit func(*T) bool) []*T {
	out := make([]*T, 0, len(all))
	for i := range all {
		if fit(&all[i]) {
			out = append(out, &all[i])
		}
	}
	return out
}

// paged is the part of a list that the query asks for, most items at once. A page
// that does not exist is the nearest that does.
func paged[T any](r *reading, all []T, most int) ([]T, pager) {
	query := r.v.r.URL.Query()
	n, _ := strconv.Atoi(query.Get("page"))
	pages := max(1, (len(all)+most-1)/most)
	n = min(max(n, 1), pages)
	first, last := (n-1)*most, min(n*most, len(all))
	to := func(i int) string {
		if i < 1 || i > pages {
			return ""
		}
		query.Set("page", strconv.Itoa(i))
		return "?" + query.Encode()
	}
	return all[first:last], pager{Page: n, Pages: pages, Before: to(n - 1), After: to(n + 1), First: min(first+1, last), Last: last, Total: len(all)}
}

// many counts things in words.
func many(n int, one, more string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + more
}
