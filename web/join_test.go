package web

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/signin"
	"coopcloud.tech/goodstanding/store"
)

// typedForm is the form as somebody fills it in, with what hostile people write.
func typedForm(pairs ...string) []string {
	form := []string{"kind", "organisation", "name", hostile, "website", "www.elm.example", "summary", `We <script>alert("x")</script> host.`, "involvement", "We share\n\n# a server [x](javascript:alert(1))", "sponsor", "fir works",
		"representative", `Noor "the" <i>Canary`, "email", "noor@elm.example", "matrix", "@noor:elm.example", "language", "es", "code", "yes", "read", "yes"}
	return append(form, pairs...)
}

// mailed waits until the mails to applicants are seen to, and gives them.
func (s *site) mailed() (out []notify.Envelope) {
	s.t.Helper()
	for range 1000 {
		due := false
		s.ok(s.db.View(s.t.Context(), func(tx *store.Tx) error {
			row, ok, err := tx.ApplicationToMail(s.t.Context())
			due = ok && row.TryAt > 0
			return err
		}))
		if !due {
			break
		}
		time.Sleep(2 * time.Millisecond)
	}
	for _, m := range s.settled() {
		if strings.Contains(m.Text, roll.ApplicationPath) {
			out = append(out, m)
		}
	}
	return out
}

// TestJoining is the whole way: a form that is refused and one that is sent, the mail,
// a scanner that opens its link, the button, the offices, a proposal that passes, and
// a member whom everybody reads. Nobody reads anything before its time.
func TestJoining(t *testing.T) {
	f := newFederation(t)
	f.heard = f.inSpanishToo
	ctx := t.Context()
	f.get("/").want(t, 200, `<a class="button" href="/join">Apply to join</a>`)
	f.get("/members").want(t, 200, `href="/join">Become a member</a>`)
	f.get("/join").want(t, 200, "Members pay £10.00 a month or more through Open Collective.", "A treasurer admits new members. The members can also be asked to decide on it, by a large decision.", "A large decision passes if every member waited for has answered", `<a href="https://pay.example.org/us"`, `<a href="/code">code of co-operation</a>`,
		`<option value="Fir Works">`, `<option value="es">Spanish</option>`, roll.AgreeToCode)

	p := f.post("/join", "kind", "individual", "name", "Bo <b>", "summary", strings.Repeat("x", 601), "email", "bo", "language", "es", "read", "yes").want(t, http.StatusUnprocessableEntity, "It was not sent yet:",
		"<li>The summary has 601 characters, at most 600 are taken.</li>", "<li>Say how you would use what is shared, and take part.</li>", "<li>The representative&#39;s address is not an e-mail address: write name@example.org.</li>",
		"<li>Joining needs your agreement to the code of co-operation.</li>", `value="Bo &lt;b&gt;"`, `value="individual" required checked`, `<option value="es" selected>`, `id="f-read" value="yes" required checked`)
	if p.header.Get("Cache-Control") != "no-store" {
		t.Error("what was typed may be kept")
	}
	f.post("/join", typedForm()...).leads(t, "/join/sent")
	mails := f.mailed()
	if len(mails) != 1 || mails[0].To != "noor@elm.example" || !strings.HasPrefix(mails[0].Text, "in es: "+f.server.URL+roll.ApplicationPath) || mails[0].List {
		t.Fatalf("mails: %+v", mails)
	}
	token := tokenIn.FindStringSubmatch(mails[0].Text)[1]
	for range 2 {
		f.get(roll.ApplicationPath+token).want(t, 200, hostileEscaped, "We &lt;script&gt;alert(&#34;x&#34;)&lt;/script&gt; host.", "https://www.elm.example", `<button autofocus>Confirm the application</button>`)
	}
	f.as(f.fay)
	f.get("/admissions").want(t, 200, "None waits for a yes or no.", `<a href="/admissions" aria-current="page">`)
	f.as("")
	for range 2 { // pressed twice
		f.post("/join/confirm", "token", token).leads(t, "/join/confirmed")
	}
	f.get("/join/confirmed").want(t, 200, "Your application is confirmed")
	f.get(roll.ApplicationPath+token).want(t, 200, "Your application is confirmed")

	f.as(f.fay)
	page := f.get("/admissions").want(t, 200, hostileEscaped, "Noor &#34;the&#34; &lt;i&gt;Canary", `<a href="mailto:noor@elm.example">`, "fir works, which is a member", "@noor:elm.example")
	id := regexp.MustCompile(`/admissions/(ap_\w+)/accept`).FindStringSubmatch(page.body)[1]
	f.post("/admissions/"+id+"/decline").want(t, http.StatusConflict, "Nothing was changed:", "A reason is needed: say why.", "<details open>")
	f.post("/admissions/"+id+"/accept", "name", "Fir Works").want(t, http.StatusConflict, "Fir-works has that name already: if it is another one, add what tells the two apart.", `value="Fir Works"`)
	for range 2 {
		f.post("/admissions/"+id+"/accept", "name", "Elm <b>Web").leads(t, "/admissions?done=accepted")
	}
	f.later(time.Second)
	page = f.get("/admissions?done=accepted").want(t, 200, "It is taken up", "Elm &lt;b&gt;Web", "No decision yet", "Represented by Noor &#34;the&#34; &lt;i&gt;Canary", "<td data-name=\"Became\">applicant</td>")
	propose := regexp.MustCompile(`/decisions/new\?kind=admit&amp;member=(m_\w+)`).FindAllStringSubmatch(page.body, -1)
	elm := propose[len(propose)-1][1] // Cedar has applied before
	address := "/decisions/new?kind=admit&member=" + elm

	f.as(f.zoe) // any delegate of a member with a vote may propose
	f.get("/admissions").want(t, http.StatusForbidden, "only treasurers and facilitators read them")
	form := f.get(address).want(t, 200, `value="Admit Elm &lt;b&gt;Web"`, "Elm \\&lt;b&gt;Web becomes a member.", "&gt; We \\&lt;script&gt;", "Sponsor, as they wrote: fir works", `value="members" checked`)
	if strings.Contains(form.body, "noor@") || strings.Contains(form.body, "@noor") {
		t.Error("a proposer reads the applicant's address")
	}
	id, seen := form.hidden(t)
	text := func(do, id, seen string, more ...string) []string {
		return append([]string{"do", do, "id", id, "seen", seen, "member", string(f.zed), "kind", "admit", "applicant", elm, "size", "large", "visibility", "members", "title", "Admit Elm",
			"changes", "Elm \\<b>Web becomes a member.\n\n> We <script>x</script> **host**", "affects", "All members", "channel", "#general"}, more...)
	}
	looked := f.post("/decisions/new", text("preview", id, seen)...).want(t, 200, "Elm &lt;b&gt;Web becomes a member.", "<strong>host</strong>")
	if strings.Contains(looked.body, "<script") {
		t.Errorf("what is looked at:\n%s", looked.body)
	}
	f.post("/decisions/new", text("open", id, seen)...).want(t, 200, "The opening is recorded", "Admit Elm", "Members can answer until the end of")
	id, seen = f.get(address).hidden(t)
	const taken = "Decision 3 about the same applicant is being taken."
	f.post("/decisions/new", text("preview", id, seen)...).want(t, 200, taken)
	f.post("/decisions/new", text("open", id, seen)...).want(t, http.StatusConflict, taken, `value="#general"`)

	f.as(f.fay)
	f.get("/admissions").want(t, 200, `<li class="next"><a href="/decisions/3">Decision 3</a> open</li>`)
	f.as("")
	for _, address := range []string{"/", "/members", "/members.json", "/decisions", "/decisions/3", "/join", "/index.json"} {
		if body := f.get(address).body; strings.Contains(body, "Elm") {
			t.Errorf("everybody reads on %s who has applied", address)
		}
	}
	f.passes(ctx, 3)
	f.get("/members").want(t, 200, "Elm &lt;b&gt;Web", `<a href="/decisions/3">Decision 3</a>`)
	f.as(f.fay)
	f.get("/admissions").want(t, 200, "member</td>", "by decision 3")
	f.as("")
	f.later(91 * 24 * time.Hour)
	f.ok(f.db.InTx(ctx, store.NoStream, f.clock(), func(tx *store.Tx) error { return roll.PruneApplications(ctx, tx) }))
	f.get(roll.ApplicationPath+token).want(t, http.StatusNotFound, "There is no such link")
}

// A decline is read by the offices, and a treasurer admits without a decision where
// the rules say so.
func TestDecliningAndAdmitting(t *testing.T) {
	f := newFederation(t)
	f.heard = f.inSpanishToo
	for i := range 2 {
		f.post("/join", "kind", "individual", "name", fmt.Sprint("Bo ", i), "summary", "I garden.", "involvement", "Gardens.", "email", fmt.Sprintf("bo%d@elm.example", i), "language", "en", "code", "yes", "read", "yes").leads(t, "/join/sent")
		mails := f.mailed()
		f.post("/join/confirm", "token", tokenIn.FindStringSubmatch(mails[i].Text)[1]).leads(t, "/join/confirmed")
	}
	f.as(f.ada)
	ids := regexp.MustCompile(`/admissions/(ap_\w+)/accept`).FindAllStringSubmatch(f.get("/admissions").body, -1)
	for range 2 {
		f.post("/admissions/"+ids[0][1]+"/decline", "reason", "We <b>talked</b>").leads(t, "/admissions?done=declined")
	}
	f.post("/admissions/"+ids[1][1]+"/accept", "name", "").leads(t, "/admissions?done=accepted")
	f.later(time.Second)
	page := f.get("/admissions?done=declined").want(t, 200, "It is declined.", "We &lt;b&gt;talked", "Bo 1", "Admit it without a decision")
	admit := regexp.MustCompile(`/admissions/m_\w+/admit`).FindAllString(page.body, -1)
	f.post(admit[len(admit)-1]).want(t, http.StatusConflict, "A reason is needed: say why.")
	f.post(admit[len(admit)-1], "reason", "they hosted us").leads(t, "/admissions?done=admitted")
	f.later(time.Second)
	f.get("/admissions").want(t, 200, `<td data-name="Became">member</td>`)
	f.as(f.fay) // a facilitator cannot
	f.later(time.Second)
	f.post(admit[0], "reason", "x").want(t, http.StatusConflict, "Only a treasurer or the operator may.")
}

// Programs that fill in every form, clients that never tire, and a server without
// mails: nothing is sent, and people are told what they can do.
func TestApplyingTooMuch(t *testing.T) {
	s := newSite(t, nil)
	s.post("/join", typedForm(joinTrap, "cheap pills")...).leads(t, "/join/sent")
	if mails := s.mailed(); len(mails) != 0 {
		t.Fatalf("a program was answered by %d mails", len(mails))
	}
	for i := range 6 {
		s.post("/join", typedForm("name", fmt.Sprint("Elm ", i))...).leads(t, "/join/sent")
	}
	if mails := s.mailed(); len(mails) != 3 {
		t.Errorf("one address got %d mails in a day, want 3", len(mails))
	}
	s.post("/join", typedForm("name", "Once more")...).want(t, http.StatusTooManyRequests, "Many applications came from your network", `value="Once more"`)
	s.now.Add(int64(11 * time.Minute / time.Microsecond))
	s.post("/join", typedForm("email", "else@elm.example")...).leads(t, "/join/sent")
	if mails := s.mailed(); len(mails) != 4 {
		t.Errorf("%d mails, want 4: somebody else applies after a while", len(mails))
	}
	off := newSite(t, func(o *signin.Options) { o.Mail = nil })
	off.get("/join").want(t, 200, "Nobody can apply here yet")
	off.post("/join", typedForm()...).want(t, http.StatusServiceUnavailable, "this server cannot send mails yet")
}
