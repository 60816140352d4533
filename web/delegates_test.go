package web

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/roll"
)

// delegates are those of a member, by the register.
func (f *federation) delegates(id member.ID) (out []string) {
	f.t.Helper()
	people, err := f.roll.People(f.t.Context())
	f.ok(err)
	for _, p := range people {
		for _, d := range p.Delegates {
			if d.Member == id {
				out = append(out, p.Name)
			}
		}
	}
	return out
}

// Delegates add and remove those of their own members, and of no others.
func whoElseActs(t *testing.T, f *federation) {
	f.as(f.zoe)
	f.get("/me/delegates").want(t, 200, "Zoe Canary <span class=\"kind\">you</span>", "Zed Canary has one delegate.")
	f.post("/me/delegates/add", "member", string(f.zed), "name", "Yun <i>Canary</i>", "email", " yun@people.example ").leads(t, "/me/delegates")
	f.later(time.Second)
	p := f.get("/me/delegates").want(t, 200, "Yun &lt;i&gt;Canary&lt;/i&gt;", "yun@people.example", "to be confirmed", `<a href="/me">Confirm who was added`)
	f.post("/me/delegates/add", "member", string(f.zed), "name", "whatever", "email", "NOO@people.example").leads(t, "/me/delegates") // Noor, who is known
	f.later(time.Second)
	if got := strings.Join(f.delegates(f.zed), ", "); got != "Noor Canary, Yun <i>Canary</i>, Zoe Canary" {
		t.Errorf("delegates: %s", got)
	}
	f.post("/me/delegates/add", "member", string(f.zed), "name", "", "email", "<nothing>").want(t, http.StatusConflict, "Nobody was added", "&lt;nothing&gt;</blockquote>", "<li>A name is needed.</li>", "<li>What is given ")
	yun := regexp.MustCompile(`name="person" value="(\w+)"><button class="second small">Remove<span class="hidden"> Yun`).FindStringSubmatch(p.body)
	if yun == nil {
		t.Fatalf("Yun cannot be removed:\n%s", p.body)
	}
	for _, of := range []member.ID{f.dogwood, "m_none", ""} {
		f.post("/me/delegates/add", "member", string(of), "name", "Yun", "email", "fay@people.example").want(t, http.StatusConflict, "Only a delegate of the member may.")
		f.post("/me/delegates/remove", "member", string(of), "person", string(f.fay)).want(t, http.StatusConflict, "Only a delegate of the member may.")
	}
	f.post("/me/delegates/remove", "member", string(f.zed), "person", yun[1]).leads(t, "/me/delegates")
	f.later(time.Second)
	f.post("/me/delegates/remove", "member", string(f.zed), "person", yun[1]).want(t, http.StatusConflict, "Nobody was removed", "is not delegate of")
	if got := strings.Join(f.delegates(f.zed), ", "); got != "Noor Canary, Zoe Canary" {
		t.Errorf("delegates: %s", got)
	}
	f.ok(f.roll.SetDelegate(t.Context(), f.op, f.noor, f.zed, false))
}

// Who speaks for a member posts an opportunity and closes it.
func postsAndCloses(t *testing.T, f *federation) {
	_, err := f.roll.PostOpportunity(t.Context(), roll.By{Actor: f.by(f.fay).Actor, Reason: "asked"}, roll.NewOpportunity{Title: "Of Dogwood", Summary: "One.", Contact: "us", Member: f.dogwood})
	f.ok(err)
	f.later(time.Second)
	f.as(f.zoe)
	f.get("/opportunities/new").want(t, 200, "In the name of <strong>Zed Canary</strong>", "Days are those of UTC.")
	f.post("/opportunities/new", "member", string(f.zed), "title", "A <b>map</b>", "closes", "soon", "public_from", "2001-01-01").want(t, http.StatusUnprocessableEntity, `value="A &lt;b&gt;map&lt;/b&gt;"`, "<li>The last day is no day: write it as 2026-07-01.</li>")
	f.post("/opportunities/new", "member", string(f.zed), "title", "A <b>map</b>", "public_from", "2001-01-01").
		want(t, http.StatusUnprocessableEntity, "<li>A summary is needed: what is to be done, for whom.</li>", "<li>A contact is needed: whom to write to.</li>", "lies in the past")
	f.post("/opportunities/new", "member", string(f.dogwood), "title", "A map", "words", "Of trees.", "contact", "us").want(t, http.StatusUnprocessableEntity, "You are no delegate of dogwood-care.")
	last := f.clock().Add(10 * 24 * time.Hour).Time().UTC()
	form := regexp.MustCompile(`name="key" value="(form_\w+)"`).FindStringSubmatch(f.get("/opportunities/new").body)
	if form == nil {
		t.Fatal("the form has no key")
	}
	post := []string{"key", form[1], "member", string(f.zed), "title", "A <b>map</b>", "words", "Of trees.", "contact", "zed@example.org", "budget", "£500.00", "closes", last.Format("2006-01-02"), "public_from", f.clock().Time().UTC().Format("2006-01-02")}
	f.post("/opportunities/new", post...).leads(t, "/opportunities?posted=yes")
	f.post("/opportunities/new", post...).leads(t, "/opportunities?posted=yes") // the second press
	post[5] = "A chart"
	if p := f.post("/opportunities/new", post...).want(t, http.StatusUnprocessableEntity, "This form has told of an opportunity already, in other words", `value="A chart"`); strings.Contains(p.body, form[1]) {
		t.Error("the form cannot be sent as another one")
	}
	f.later(2 * time.Minute)
	p := f.get("/opportunities?posted=yes").want(t, 200, "It is posted", "A &lt;b&gt;map&lt;/b&gt;", "<dd>£500.00</dd>", ">"+instant.Of(last.AddDate(0, 0, 1).Truncate(24*time.Hour)).Time().Format("2 January 2006, 15:04")+" (UTC)</time>")
	forms := regexp.MustCompile(`action="(/opportunities/\w+/close)"`).FindAllStringSubmatch(p.body, -1)
	if len(forms) != 1 || !strings.Contains(p.body, "for members alone until") {
		t.Fatalf("%v in:\n%s", forms, p.body)
	}
	f.as("")
	if q := f.get("/opportunities?posted=yes").want(t, 200, "A &lt;b&gt;map"); strings.Contains(q.body, "/close") || strings.Contains(q.body, "It is posted") {
		t.Error("everybody is offered to close it")
	}
	f.as(f.noor)
	f.post(forms[0][1]).want(t, http.StatusConflict, "Not closed", "Only who posted it")
	f.get("/opportunities/new").want(t, http.StatusForbidden, "Not for you to post")
	f.as(f.zoe)
	f.post(forms[0][1]).leads(t, "/opportunities?closed=yes")
	f.later(time.Second)
	if p := f.get("/opportunities?closed=yes").want(t, 200, "It is closed"); strings.Contains(p.body, "&lt;b&gt;map") {
		t.Error("it stands")
	}
	f.post(forms[0][1]).want(t, http.StatusConflict, "It is over already.")
}
