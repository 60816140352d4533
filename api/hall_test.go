package api

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/roll"
)

// personal are the scopes of a token that stands for a person.
var personal = []string{"decisions:read", "decisions:write", "ballots:write", "electorate:read", "opportunities:write"}

// voice is a person with a token.
type voice struct {
	w     *world
	by    roll.By
	token string
}

// voice adds a person, with a token that has all that one may have.
func (w *world) voice(name string, of []member.ID, roles ...member.Role) *voice {
	w.t.Helper()
	v := &voice{w: w, by: w.person(name, of, roles...)}
	v.token = w.newPersonal(v.by, name, personal...)
	return v
}

func (w *world) newPersonal(by roll.By, name string, scopes ...string) string {
	w.t.Helper()
	text, _, err := w.r.CreateTokenFor(w.t.Context(), w.by("needed"), member.PersonID(by.Actor.ID), fmt.Sprintf("%s %d", name, w.ids.Add(1)), scopes, 0)
	w.ok(err)
	return text
}

func (v *voice) auth() string { return "Authorization: Bearer " + v.token }

// send asks as the person; a body is sent as JSON.
func (v *voice) send(method, path, body string, headers ...string) reply {
	v.w.t.Helper()
	headers = append(headers, v.auth())
	if body != "" {
		headers = append(headers, "Content-Type: application/json")
	}
	return v.w.send(method, path, body, headers...)
}

// do asks as the person for what has to go well, and gives what it led to.
func (v *voice) do(method, path, body string, headers ...string) resultOfTest {
	v.w.t.Helper()
	got := v.send(method, path, body, headers...)
	var out resultOfTest
	if got.StatusCode > 201 || json.Unmarshal([]byte(got.body), &out) != nil {
		v.w.t.Fatalf("%s %s: %d %s", method, path, got.StatusCode, got.body)
	}
	if got.Header.Get("ETag") != `"`+out.Head+`"` {
		v.w.t.Errorf("%s %s: the entity tag %s is not the chain's end", method, path, got.Header.Get("ETag"))
	}
	return out
}

// resultOfTest is what an act led to, as a client reads it.
type resultOfTest struct {
	Decision, State, Stands, Head, Deadline string
	Number                                  *int
	Revision                                int
	Warnings                                []string
	Tally                                   *tallyAnswer
	Receipt                                 struct {
		Entry int64
		Hash  string
		At    instant.Instant
	}
}

// refused is a problem with exactly these reasons.
func (v *voice) refused(method, path, body string, status int, slug string, reasons ...string) problem {
	v.w.t.Helper()
	return problemOf(v.w.t, v.send(method, path, body), status, slug, reasons...)
}

func problemOf(t testing.TB, got reply, status int, slug string, reasons ...string) problem {
	t.Helper()
	var p problem
	if json.Unmarshal([]byte(got.body), &p) != nil || got.StatusCode != status || p.Type != "urn:goodstanding:problem:"+slug || strings.Join(p.Errors, "|") != strings.Join(reasons, "|") {
		t.Errorf("%d %s\nwant %d %s %q", got.StatusCode, got.body, status, slug, reasons)
	}
	return p
}

const (
	calendar = `{"size": "large", "title": "A shared calendar", "changes": "We use one.", "affects": "All members.", "channel": "the room", "link": "https://docs.example/1"}`
	tea      = `{"size": "medium", "title": "Canary tea", "changes": "Canary.", "affects": "Canary.", "channel": "#canary", "visibility": "members"}`
)

// council is what is being decided in a world: 1 is large and public, asked of
// all; 2 is medium and for members; 3 was withdrawn; there are a draft and two
// small decisions that were noted.
type council struct {
	fay, lei, zoe, flo, una *voice // fay facilitates and acts for ash as lei does, zoe for zed, flo for fir, una for nobody
	draft, spare, small     string
	noted                   string

	work, secretWork string // opportunities: one that is public, one for members
}

func (w *world) decide() *council {
	w.t.Helper()
	c := &council{fay: w.voice("Fay Canaryperson", []member.ID{w.ash}, member.Facilitator), lei: w.voice("Lei Canaryperson", []member.ID{w.ash}),
		zoe: w.voice("Zoe Canaryperson", []member.ID{w.zed}), flo: w.voice("Flo Canaryperson", []member.ID{w.fir}), una: w.voice("Una Canaryperson", nil)}
	w.later(time.Second)
	w.refresh()
	opened := func(body string) string {
		id := c.lei.do("POST", decisionsPath, body).Decision
		return fmt.Sprint(*c.lei.do("POST", decisionsPath+"/"+id+"/open", "{}").Number)
	}
	one := decisionsPath + "/" + opened(calendar)
	c.lei.do("POST", one+"/announce", `{"place": "the room"}`)
	c.zoe.do("PUT", one+"/ballots/zed-canary", `{"answer": "against", "concern": "It costs too much."}`)
	c.lei.do("POST", one+"/concerns/1/answer", `{"answer": "It costs nothing."}`)
	c.fay.do("PUT", one+"/ballots/canary-ash", `{"answer": "favour"}`)
	c.zoe.do("PUT", one+"/objections/zed-canary", `{"concern": "And it leaks."}`)
	two := decisionsPath + "/" + opened(tea)
	c.zoe.do("PUT", two+"/ballots/zed-canary", `{"answer": "against", "concern": "Canary coffee."}`)
	three := decisionsPath + "/" + opened(strings.Replace(calendar, "A shared", "Another", 1))
	c.lei.do("POST", three+"/withdraw", `{"reason": "The first is enough."}`)
	c.draft = c.lei.do("POST", decisionsPath, strings.Replace(tea, "members", "public", 1)).Decision
	c.spare = c.lei.do("POST", decisionsPath, strings.Replace(calendar, "A shared", "A spare", 1)).Decision
	c.noted = c.lei.do("POST", decisionsPath, `{"size": "small", "title": "New chairs", "changes": "Four.", "affects": "All.", "channel": "the room"}`).Decision
	c.lei.do("POST", decisionsPath+"/"+c.noted+"/log", "{}")
	c.small = c.lei.do("POST", decisionsPath, `{"size": "small", "title": "New tables", "changes": "Four.", "affects": "All.", "channel": "the room"}`).Decision
	hidden := c.lei.do("POST", decisionsPath, `{"size": "small", "title": "Canary chairs", "changes": "Four.", "affects": "All.", "channel": "the room", "visibility": "members"}`).Decision
	c.lei.do("POST", decisionsPath+"/"+hidden+"/log", "{}")
	w.tell(c)
	w.refresh()
	return c
}

// TestWhoReadsWhatOfADecision: everybody, members, the proposer, and tokens.
func TestWhoReadsWhatOfADecision(t *testing.T) {
	w := newWorld(t)
	c := w.decide()
	reader := "Authorization: Bearer " + w.newToken("reader", "decisions:read")
	other := "Authorization: Bearer " + w.newToken("other", "roll:read")
	weak := "Authorization: Bearer " + w.newPersonal(c.zoe.by, "weak", "ballots:write")
	cedar := w.voice("Cleo Canaryperson", []member.ID{w.cedar}) // its member has applied, and is none yet
	gorse := w.add(roll.NewMember{Name: "Gorse Canary", Kind: member.Organisation, Since: instant.Date(2025, 1, 10)})
	gone := w.voice("Gina Canaryperson", []member.ID{gorse})
	w.must(w.r.Leave(t.Context(), w.by("wished so"), gorse, 0))
	w.refresh()
	type answer struct {
		Title   string
		State   string
		Members *struct {
			Proposer struct{ Name string }
			Waiting  []struct{ Name string }
			Ballots  []struct{ Name, By string }
		}
	}
	for _, x := range []struct {
		who                    string
		headers                []string
		inside, drafts, caster bool
	}{
		{"nobody", nil, false, false, false}, {"a token for something else", []string{other}, false, false, false}, {"a personal token without decisions:read", []string{weak}, false, false, false},
		{"a person of no member", []string{c.una.auth()}, false, false, false}, {"an applicant's", []string{cedar.auth()}, false, false, false}, {"one of who left", []string{gone.auth()}, false, false, false},
		{"a reader", []string{reader}, true, false, false}, {"a member", []string{c.zoe.auth()}, true, false, false}, {"a lapsed member", []string{c.flo.auth()}, true, false, false},
		{"the proposer", []string{c.lei.auth()}, true, true, true}, {"a facilitator", []string{c.fay.auth()}, true, true, true},
	} {
		var one, two answer
		got := w.get(decisionsPath+"/1", x.headers...)
		if json.Unmarshal([]byte(got.body), &one) != nil || got.StatusCode != 200 || one.Title != "A shared calendar" || (one.Members != nil) != x.inside || got.Header.Get("Vary") != "Authorization, Cookie" {
			t.Errorf("%s: %d %s", x.who, got.StatusCode, got.body)
			continue
		}
		if x.inside && (len(one.Members.Waiting) != 1 || one.Members.Waiting[0].Name != "Nora Canary" || one.Members.Proposer.Name != "Ash | Co-op" || len(one.Members.Ballots) != 2 ||
			(one.Members.Ballots[0].By == "Fay Canaryperson") != x.caster) {
			t.Errorf("%s reads %s", x.who, got.body)
		}
		got = w.get(decisionsPath+"/2", x.headers...)
		if json.Unmarshal([]byte(got.body), &two) != nil || two.State != "open" || (two.Title != "") != x.inside {
			t.Errorf("%s, for members: %d %s", x.who, got.StatusCode, got.body)
		}
		want := 404
		if x.drafts {
			want = 200
		}
		if got := w.get(decisionsPath+"/"+c.draft, x.headers...); got.StatusCode != want {
			t.Errorf("%s, a draft: %d %s", x.who, got.StatusCode, got.body)
		}
		want = 401
		if x.inside {
			want = 200
		}
		if got := w.get(decisionsPath+"/2/record", x.headers...); got.StatusCode != want || got.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s, a record for members: %d %s", x.who, got.StatusCode, got.body)
		}
		list := w.get(decisionsPath, x.headers...).body
		if strings.Contains(list, c.draft) != x.drafts || strings.Contains(list, "Canary chairs") != x.inside || !strings.Contains(list, "New chairs") {
			t.Errorf("%s, the list: %s", x.who, list)
		}
	}
	if got := w.get(decisionsPath+"/1", "Authorization: Bearer gs_wrong"); got.StatusCode != 401 {
		t.Errorf("a wrong token reads as everybody: %d", got.StatusCode)
	}
}

// TestTheListOfDecisions is filtered and paged as the others; what only members
// know of a decision filters nothing for everybody else.
func TestTheListOfDecisions(t *testing.T) {
	w := newWorld(t)
	c := w.decide()
	read := func(query string, headers ...string) string {
		var l struct {
			Items []struct {
				Number *int
				State  string
			}
			Next *string
		}
		got := w.get(decisionsPath+query, headers...)
		if got.StatusCode != 200 || json.Unmarshal([]byte(got.body), &l) != nil {
			return fmt.Sprint(got.StatusCode, " ", got.body)
		}
		var out []string
		for _, i := range l.Items {
			word := i.State
			if i.Number != nil {
				word = fmt.Sprintf("%d %s", *i.Number, i.State)
			}
			out = append(out, word)
		}
		if l.Next != nil {
			out = append(out, "next "+*l.Next)
		}
		return strings.Join(out, ", ")
	}
	for query, want := range map[string]string{
		"": "logged, 1 open, 2 open, 3 withdrawn", "?state=open": "1 open, 2 open", "?size=medium": "", "?size=large": "1 open, 3 withdrawn", "?state=withdrawn&size=large": "3 withdrawn",
		"?limit=2&after=1": "2 open, 3 withdrawn", "?limit=2": "logged, 1 open, next 1",
	} {
		if got := read(query); got != want {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
	}
	if got := read("?size=medium", c.zoe.auth()); got != "2 open" {
		t.Errorf("a member: %s", got)
	}
	if got := read("?state=draft", c.lei.auth()); got != "draft, draft, draft" {
		t.Errorf("the proposer: %s", got)
	}
	problemOf(t, w.get(decisionsPath+"?state=lapsed&size=huge&limit=0"), 400, "bad-request", "state is none of draft, logged, open, overdue, stalled, passed, stopped, not_carried, withdrawn, elsewhere",
		"size is none of small, medium, large", "limit is not a whole number from 1 to 1000")
	problemOf(t, w.get(decisionsPath+"?after=99"), 400, "bad-request")
}
