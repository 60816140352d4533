package web

import (
	"html"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/chair"
	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/internal/tongue"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/policy"
	"coopcloud.tech/goodstanding/publish"
	"coopcloud.tech/goodstanding/roll"
)

// TestProposersAndFacilitatorsOnPages: a proposal on its way from the form to its
// end, and what takes a facilitator, or two people.
func TestProposersAndFacilitatorsOnPages(t *testing.T) {
	f := newFederation(t)
	for _, step := range []struct {
		name string
		test func(*testing.T, *federation)
	}{
		{"proposing", proposesOnThePage}, {"what may not be proposed", refusesProposals}, {"admitting and rules", proposesEffects}, {"amending", amendsOnThePage}, {"the proposer's acts", leadsOnThePage},
		{"the facilitator's acts", facilitatesOnThePage}, {"who may answer, by two people", amendsTheElectorate}, {"breaks", takesBreaks}, {"who answers", readsParticipation}, {"a draft from a file", takesUpADraft},
	} {
		f.later(time.Minute)
		t.Run(step.name, func(t *testing.T) { step.test(t, f) })
	}
}

// hidden are the hidden fields of the proposal's form.
func (p page) hidden(t *testing.T) (id, seen string) {
	t.Helper()
	for _, name := range []string{"id", "seen"} {
		m := regexp.MustCompile(`type="hidden" name="` + name + `" value="([^"]*)"`).FindStringSubmatch(p.body)
		if m == nil {
			t.Fatalf("no %s in the form:\n%s", name, p.body)
		}
		if name == "id" {
			id = m[1]
		} else {
			seen = m[1]
		}
	}
	return id, seen
}

// day is a date so many days from now.
func (f *federation) day(n int) decisions.Day { return decisions.DayOf(f.clock(), time.UTC).Add(n) }

const nastyText = `</textarea><script>alert(1)</script> "quoted" & **bold**`

func proposesOnThePage(t *testing.T, f *federation) {
	f.as(f.lei)
	f.get("/decisions").want(t, 200, `href="/decisions/new">Propose a decision</a>`)
	p := f.get("/decisions/new?title=%3Cscript%3E&changes=Pay+me&kind=general").want(t, 200, "In the name of <strong>"+hostileEscaped+"</strong>.", "7 days’ notice. It passes if no objection stands", "A day of UTC.", `value="general" checked`, `value="public" checked`, "nobody is asked; a member that wants it decided can escalate it.",
		`list="rooms"><datalist id="rooms"><option value="#talk:example.org"><option value="&#34;&gt;&lt;i&gt;a"></datalist>`)
	if strings.Contains(p.body, "&lt;script&gt;") && strings.Contains(p.body, "Pay me") {
		t.Error("texts come out of an address")
	}
	id, seen := p.hidden(t)
	form := func(do string, more ...string) page {
		all := []string{"do", do, "id", id, "seen", seen, "member", string(f.birch), "kind", "general", "visibility", "public", "title", "Tea " + nastyText, "changes", "We drink.\r\n\r\n" + nastyText, "affects", "All <of> us", "channel", `https://talk.example.org/9?a="><script>`, "link", `javascript:alert("2")`, "size", "large"}
		return f.post("/decisions/new", append(all, more...)...)
	}
	escaped := html.EscapeString(nastyText)
	// Six days are one too few: told with the first day that would do.
	p = form("preview", "until", f.day(6).String()).want(t, 200, "How the members would read it", f.day(6).Words()+" is 6 of the 7 days that a large decision needs: too short. The earliest day is "+f.day(7).Words()+" (UTC). It may be opened all the same.",
		"6 members could answer; 4 of them have a vote now", "More members are in favour than against", "It is called “Large decision 3: Tea &lt;/textarea&gt;", "Hello Lei Canary", "Decision 3", `value="large" checked`, "We drink.")
	if !strings.Contains(p.body, "Tea "+strings.ReplaceAll(escaped, "&#34;", "&#34;")) || strings.Contains(p.body, "<script>") || strings.Count(p.body, "</textarea>") != 3 {
		t.Errorf("what was typed is lost, or not escaped:\n%s", p.body)
	}
	form("preview", "until", f.day(7).String()).want(t, 200, f.day(7).Words()+" (UTC) leaves 7 days; a large decision needs 7 days.")
	form("preview").want(t, 200, "No day is named, so the last day to answer is "+f.day(7).Words()+" (UTC): 7 days from today, as a large decision needs.")
	form("preview", "until", f.day(-1).String()).want(t, 200, "It cannot be opened so:", "The deadline has to be "+f.day(0).Words()+" or later.", " is past: the first day")
	if v, err := f.chair.List(t.Context()); err != nil || len(v) != 4 {
		t.Fatalf("a preview has written: %d, %v", len(v), err)
	}
	form("draft").leads(t, "/decisions/"+id+"/edit?saved=yes")
	form("draft").leads(t, "/decisions/"+id+"/edit?saved=yes") // a second press
	p = f.get("/decisions/"+id+"/edit?saved=yes").want(t, 200, "Saved as a draft. Nobody was told.", "We drink.\n\n"+escaped+"</textarea>", "All &lt;of&gt; us</textarea>", `value="https://talk.example.org/9?a=&#34;&gt;&lt;script&gt;"`, `value="javascript:alert(&#34;2&#34;)"`)
	f.post("/decisions/new", "do", "draft", "id", id, "seen", "new", "member", string(f.birch), "kind", "general", "visibility", "public", "size", "large", "title", "Other <b>words</b>").
		want(t, http.StatusConflict, "It was not saved", "This draft was saved meanwhile with another text", "Other &lt;b&gt;words")
	f.later(time.Second)
	f.get("/me").want(t, 200, ">Your drafts</h2>", `<a href="/decisions/`+id+`/edit">Tea &lt;/textarea&gt;`)
	f.get("/decisions?state=draft").want(t, 200, "Tea &lt;/textarea&gt;")
	_, seen = p.hidden(t)
	p = form("open").want(t, 200, "The opening is recorded", "<p>Decision 3 is open.</p>", "Your receipt", "Members can answer until the end of "+f.day(7).Words())
	p.receipt(t)
	form("open").leads(t, "/decisions/3") // a second press opens nothing
	if v, err := f.chair.List(t.Context()); err != nil || len(v) != 5 || f.view(chair.ID(id)).Head.Seq != 2 {
		t.Errorf("%d decisions, %v", len(v), err)
	}
	f.get("/decisions/"+id+"/edit").leads(t, "/decisions/3")
	if p := f.get("/decisions/3").want(t, 200); strings.Contains(p.body, `href="javascript`) || strings.Contains(p.body, "<script") {
		t.Errorf("what was typed is run:\n%s", p.body)
	}
	// Who has just opened it reads it, though the memory knows nothing of it yet.
	f.change = func(m *Memory) {
		m.Views = slices.DeleteFunc(slices.Clone(m.Views), func(v chair.View) bool { return v.Decision.Number == 3 })
	}
	f.get("/decisions/3").want(t, 200, "Tea &lt;/textarea&gt;")
	f.as("")
	f.get("/decisions/3").want(t, http.StatusNotFound)
	f.change = nil
	f.as(f.lei)
	// A small one is noted, and a draft can be thrown away.
	p = f.get("/decisions/new")
	id, seen = p.hidden(t)
	small := func(do string) page {
		return f.post("/decisions/new", "do", do, "id", id, "seen", seen, "member", string(f.birch), "kind", "general", "visibility", "public", "size", "small", "title", "Cups", "changes", "Six.", "affects", "us", "channel", "the room")
	}
	small("preview").want(t, 200, "A small decision is noted with its date. Nobody is asked, and nobody is told.")
	small("open").want(t, 200, "The small decision is recorded", "The decision is logged.")
	id, seen = f.get("/decisions/new").hidden(t)
	small("draft").leads(t, "/decisions/"+id+"/edit?saved=yes")
	p = f.get("/decisions/"+id).want(t, 200, "Throw the draft away", "Note it", `href="/decisions/`+id+`/edit"`)
	f.post("/decisions/"+id+"/withdraw", "member", string(f.birch), "seen", p.seen(t)).want(t, 200, "The withdrawal is recorded", "The decision is withdrawn.")
}

func refusesProposals(t *testing.T, f *federation) {
	f.as(f.noor)
	f.get("/decisions/new").want(t, http.StatusForbidden, "You act for no member.")
	for _, form := range []string{"amend", "electorate", "edit"} { // of a decision for members
		for _, p := range []page{f.get("/decisions/2/" + form), f.post("/decisions/2/"+form, "do", "preview", "title", "x")} {
			if strings.Contains(p.body, "Canary tea") || strings.Contains(p.body, "Canary water") || p.status == http.StatusOK {
				t.Errorf("%s: who acts for nobody reads what is for members: %d\n%s", form, p.status, p.body)
			}
		}
	}
	f.as(f.cora)
	f.get("/decisions/new").want(t, http.StatusForbidden, "You cannot propose now", "<h2>Fir Works</h2>", "No right to vote: ", "No Open Collective account is linked")
	f.post("/decisions/new", "do", "open", "id", string(f.chair.NewDraft()), "member", string(f.fir), "title", "Kept all the same", "size", "small", "kind", "general", "visibility", "public").want(t, http.StatusConflict, "It was not saved", "<li>No right to vote: ", `value="Kept all the same"`)
	f.post("/decisions/new", "do", "open", "member", string(f.ash), "title", "x").want(t, http.StatusForbidden, "You cannot propose now")
	// Who acts for an applicant reads of no other, whatever the form says of itself.
	elm, _, err := f.roll.Add(t.Context(), f.op, roll.NewMember{Name: "Elm Canary", Kind: member.Organisation, Applied: true})
	f.ok(err)
	eve, err := f.roll.AddPerson(t.Context(), f.op, roll.NewPerson{Email: "eve@people.example", Name: "Eve Canary", DelegateOf: []member.ID{elm}})
	f.ok(err)
	f.later(time.Second)
	f.as(eve)
	for _, seen := range []string{"", "new", "nonsense"} {
		if p := f.post("/decisions/new", "seen", seen, "member", string(elm), "title", "Kept"); strings.Contains(p.body, "Cedar Canary") || p.status < 400 {
			t.Errorf("an applicant reads who else has applied: %d\n%s", p.status, p.body)
		}
	}
	f.ok(f.roll.RemovePerson(t.Context(), f.op, eve))
	_, err = f.roll.Leave(t.Context(), f.op, elm, 0)
	f.ok(err)
	f.later(time.Second)
	f.as(f.lei)
	id, seen := f.get("/decisions/new").hidden(t)
	send := func(pairs ...string) page {
		return f.post("/decisions/new", append([]string{"do", "open", "id", id, "seen", seen, "member", string(f.birch), "visibility", "public"}, pairs...)...)
	}
	send("title", "A\x00B", "until", "soon", "kind", "general", "changes", "Kept <i>words</i>").want(t, http.StatusUnprocessableEntity, "Nothing was saved yet", "<li>The title holds a control character (U&#43;0000): write it on one line, as plain text.</li>",
		"<li>Choose a size: small, medium or large.</li>", "<li>The deadline is no day: write it as 2026-07-01, or leave it empty.</li>", "Kept &lt;i&gt;words", `value="soon"`)
	send("size", "medium", "kind", "admit").want(t, http.StatusUnprocessableEntity, "<li>Choose the applicant whom it admits.</li>")
	send("size", "medium", "kind", "policy", "applicant", "m_x").want(t, http.StatusUnprocessableEntity, "<li>Whom it admits has not applied, or is a member already.</li>", "<li>Write the new rules that it puts in force.</li>", "<li>An applicant is chosen, and passing it would admit nobody: choose “The applicant becomes a member”, or no applicant.</li>")
	send("size", "medium", "kind", "policy", "version", "policies:\n  - id: x\n    colour: <red>\n").want(t, http.StatusUnprocessableEntity, "<li>Line 3, column 5: ", "colour: &lt;red&gt;")
	send("size", "medium", "kind", "general", "version", "x").want(t, http.StatusUnprocessableEntity, "New rules are attached, and passing it would not put them in force")
	send("size", "medium", "kind", "paint").want(t, http.StatusConflict, "It was not saved", "<li>&#34;paint&#34; is no kind: write general, admit or policy.</li>")
	send("size", "large", "kind", "general").want(t, http.StatusConflict, "It is kept as a draft, and was not opened", "<li>The proposal does not say a title.</li>", "<li>The proposal does not say what changes.</li>", "<li>The proposal does not say whom it affects.</li>", "<li>The proposal does not say where it is discussed.</li>")
	f.post("/decisions/new", "do", "draft", "id", string(f.chair.NewDraft()), "member", string(f.ash), "size", "large", "kind", "general", "visibility", "public").want(t, http.StatusConflict, "is no delegate of that member")
	f.post("/decisions/new", "do", "draft", "id", "12", "member", string(f.birch), "size", "large", "kind", "general", "visibility", "public", "title", "Lost?").want(t, http.StatusConflict, "This form is not whole any more", `value="Lost?"`)
	f.as(f.zoe)
	f.get("/decisions/"+id+"/edit").want(t, http.StatusNotFound, "There is no such decision")
	f.get("/decisions/%00/edit").want(t, http.StatusNotFound, "no page")
	f.post("/decisions/"+id+"/open", "member", string(f.zed), "seen", f.view(chair.ID(id)).Head.Hash).want(t, http.StatusNotFound, "There is no such decision")
	f.post("/decisions/new", "do", "draft", "id", id, "seen", f.view(chair.ID(id)).Head.Hash, "member", string(f.zed), "size", "large", "kind", "general", "visibility", "public").want(t, http.StatusConflict, "Only delegates of the member that proposed it may do that.")
	// Of two members, the one that may propose is the one that is offered.
	f.ok(f.roll.SetDelegate(t.Context(), f.op, f.zoe, f.fir, true))
	f.later(time.Second)
	f.as(f.zoe)
	f.get("/decisions/new").want(t, 200, "In the name of <strong>Zed Canary</strong>.")
	f.ok(f.roll.SetDelegate(t.Context(), f.op, f.zoe, f.fir, false))
	f.ok(f.roll.SetDelegate(t.Context(), f.op, f.zoe, f.dogwood, true))
	f.later(time.Second)
	f.as(f.zoe)
	f.get("/decisions/new").want(t, 200, "For which member you propose it", `<option value="`+string(f.dogwood)+`">Dogwood Care</option>`)
	f.ok(f.roll.SetDelegate(t.Context(), f.op, f.zoe, f.dogwood, false))
}

func proposesEffects(t *testing.T, f *federation) {
	f.as(f.lei)
	var cedar member.ID
	memory, _ := f.memory(f.clock())
	for id, v := range memory.Voters {
		if v.Membership == decisions.Applied {
			cedar = id
		}
	}
	p := f.get("/decisions/new?kind=admit&member="+string(cedar)+"&title=Pay&changes=Pay").want(t, 200, `value="Admit Cedar Canary"`, `value="large" checked`, `value="members" checked`, `<option value="`+string(cedar)+`" selected>Cedar Canary</option>`)
	if strings.Contains(p.body, `<option value="`+string(f.fir)) {
		t.Error("a member can be admitted again")
	}
	id, seen := p.hidden(t)
	f.post("/decisions/new", "do", "open", "id", id, "seen", seen, "member", string(f.birch), "kind", "admit", "applicant", string(cedar), "size", "large", "visibility", "members", "title", "Admit Cedar", "changes", "They join.", "affects", "us", "channel", "the room").
		want(t, 200, "The opening is recorded").receipt(t)
	if d := f.view(chair.ID(id)).Decision; d.Proposal.Applicant != cedar || d.Proposal.Kind != decisions.Admit {
		t.Errorf("%+v", d.Proposal)
	}
	words, err := policy.PresetText("seed-2022")
	f.ok(err)
	version := strings.Replace(string(words), "id: seed-2022", "id: seed-2027", 1)
	id, seen = f.get("/decisions/new?kind=policy").hidden(t)
	send := func(do, version string) page {
		return f.post("/decisions/new", "do", do, "id", id, "seen", seen, "member", string(f.birch), "kind", "policy", "version", version, "size", "large", "visibility", "public", "title", "New rules", "changes", "They are better.", "affects", "us", "channel", "the room")
	}
	send("preview", strings.Replace(version, "want: {state: current", "want: {state: lapsed", 1)).want(t, http.StatusUnprocessableEntity, "came out otherwise than it says: state: wanted lapsed, got current")
	send("preview", string(words)).want(t, 200, "It cannot be opened so:", "Version seed-2022 is stored already, and a version never changes")
	send("open", version).want(t, 200, "The opening is recorded").receipt(t)
	if p := f.view(chair.ID(id)).Decision.Proposal; p.Version != "seed-2027" || !strings.Contains(p.Attachment, "seed-2027") {
		t.Errorf("%+v", p)
	}
}

func amendsOnThePage(t *testing.T, f *federation) {
	f.as(f.zoe)
	f.get("/decisions/3/amend").want(t, http.StatusForbidden, "Only delegates of the member that proposed it may do that.")
	f.as(f.lei)
	f.get("/decisions/3").want(t, 200, "For the proposer", `href="/decisions/3/amend">Amend the text</a>`)
	p := f.get("/decisions/3/amend").want(t, 200, "At least 7 days, until the end of "+f.day(7).Words()+" (UTC), are left to answer.", "any member that may answer can call it material", "We drink.")
	send := func(seen string, more ...string) page {
		return f.post("/decisions/3/amend", append([]string{"member", string(f.birch), "seen", seen, "title", "Tea and <b>cake</b>", "changes", "We eat.", "affects", "us", "channel", "the room"}, more...)...)
	}
	send(p.seen(t)).want(t, http.StatusUnprocessableEntity, "Choose whether it changes the meaning.", "Tea and &lt;b&gt;cake")
	send(p.seen(t), "do", "preview", "change", "editorial").want(t, 200, "What would change", "<ins>", "cake&lt;/b&gt;</ins>", `value="editorial" checked`)
	f.post("/decisions/3/amend", "member", string(f.birch), "seen", p.seen(t), "change", "editorial").want(t, http.StatusConflict, "The text was not amended", "The proposal does not say a title.", "The proposal does not say what changes.")
	send(p.seen(t), "change", "editorial").want(t, 200, "The amendment is recorded").receipt(t)
	f.later(time.Second)
	send(p.seen(t), "change", "editorial").want(t, http.StatusConflict, "It has moved on since you read it. Look at it", ": the text was amended.", "We eat.</textarea>")
	if n := len(f.view(f.named("3")).Decision.Revisions); n != 2 {
		t.Errorf("%d texts after a second press", n)
	}
	f.get("/decisions/3").want(t, 200, "How the text changed", "Text 1 beside text 2.")
	f.as(f.zoe)
	p = f.get("/decisions/3").want(t, 200, "For members", "Call the amendment material", "answers and objections count only once they are confirmed")
	f.post("/decisions/3/call-material", "member", string(f.zed), "seen", p.seen(t)).want(t, 200, "Calling the amendment material is recorded").receipt(t)
	if d := f.view(f.named("3")).Decision; d.Revision != 2 {
		t.Errorf("revision %d", d.Revision)
	}
	f.post("/decisions/3/call-material", "member", string(f.zed), "seen", f.view(f.named("3")).Head.Hash).want(t, http.StatusConflict, "The newest text did not come by an editorial amendment.")
}

// named is the decision of a word.
func (f *federation) named(word string) chair.ID {
	f.t.Helper()
	id, err := f.chair.Find(f.t.Context(), word)
	f.ok(err)
	return id
}

func leadsOnThePage(t *testing.T, f *federation) {
	f.as(f.zoe)
	p := f.get("/decisions/3")
	f.post("/decisions/3/answer", "member", string(f.zed), "seen", p.seen(t), "answer", "block", "words", "Too <sweet>").receipt(t)
	f.later(time.Second)
	for _, act := range []string{"nudge", "announce", "withdraw", "stall", "end", "reply"} {
		want := map[string]string{"withdraw": "Only delegates of the member that proposed it may do that.", "reply": "Only delegates of the member that proposed it may do that.", "stall": "Only a facilitator may do that.", "end": "Its deadline is not past: until then everybody may answer."}[act]
		if want == "" {
			want = "Only a facilitator, or delegates of the member that proposed it, may do that."
		}
		f.post("/decisions/3/"+act, "member", string(f.zed), "seen", f.view(f.named("3")).Head.Hash, "concern", "1", "words", "w <i>").want(t, http.StatusConflict, want, "w &lt;i&gt;")
	}
	f.as(f.lei)
	p = f.get("/decisions/3").want(t, 200, `name="concern" value="1"`, "Remind those who are waited for", "that counts only if the members were told at least 7 days before the deadline.")
	f.post("/decisions/3/reply", "member", string(f.birch), "seen", p.seen(t), "concern", "x", "words", "Half").want(t, http.StatusConflict, "No concern with the number 0 stands.")
	f.post("/decisions/3/reply", "member", string(f.birch), "seen", p.seen(t), "concern", "1", "words", " ").want(t, http.StatusConflict, "The answer is missing.")
	f.post("/decisions/3/reply", "member", string(f.birch), "seen", p.seen(t), "concern", "1", "words", "Half the <sugar>").want(t, 200, "The answer to the concern is recorded", "Half the &lt;sugar&gt;").receipt(t)
	p = f.get("/decisions/3").want(t, 200, "Answer it anew", "Half the &lt;sugar&gt;")
	f.post("/decisions/3/announce", "member", string(f.birch), "seen", p.seen(t), "words", "the <room>").want(t, 200, "The announcement is recorded").receipt(t)
	f.post("/decisions/3/announce", "member", string(f.birch), "seen", p.seen(t), "words", "the <room>").want(t, http.StatusConflict, ": an announcement was recorded.")
	seen := func() string { return f.get("/decisions/3").seen(t) }
	f.post("/decisions/3/nudge", "member", string(f.birch), "seen", seen()).want(t, 200, "Those who are waited for get a mail, unless notices are off.").receipt(t)
	f.later(time.Second)
	f.get("/decisions/3").want(t, 200, "<li>Those waited for were reminded less than three days ago, on ")
	f.post("/decisions/3/nudge", "member", string(f.birch), "seen", seen()).want(t, http.StatusConflict, "Those waited for were reminded less than three days ago")
	f.post("/decisions/3/stall", "member", string(f.birch), "seen", seen(), "words", strings.Repeat("x", 4001)).want(t, http.StatusConflict, "What you wrote has 4001 characters, at most 4000 are taken.")
	if p := f.get("/decisions/3"); strings.Contains(p.body, "Let it rest") || strings.Contains(p.body, ">End it<") {
		t.Error("the proposer is offered what a facilitator does, or what is too early")
	}
	f.now.Add(int64(8 * 24 * time.Hour / time.Microsecond))
	p = f.get("/decisions/3").want(t, 200, "End it by the tally")
	f.post("/decisions/3/end", "member", string(f.birch), "seen", p.seen(t), "words", "No answer").want(t, http.StatusConflict, "It has moved on since you read it", "its deadline was judged.")
	f.later(time.Second)
	f.post("/decisions/3/end", "member", string(f.birch), "seen", seen(), "words", "No answer").want(t, 200, "The end of the decision is recorded", "The decision is stopped.").receipt(t)
}

func facilitatesOnThePage(t *testing.T, f *federation) {
	ctx := t.Context()
	f.as(f.fay)
	if p := f.get("/facilitate").want(t, 200, `<a href="/facilitate" aria-current="page">Facilitate</a>`, "Overdue", "Decision 1: A host", " overdue."); strings.Contains(p.body, "too short a notice") {
		t.Error("no draft has too short a notice")
	}
	f.get("/decisions/1").want(t, 200, "For a facilitator", "Let it rest")
	f.post("/decisions/1/stall", "member", string(f.dogwood), "seen", f.view(f.open).Head.Hash).want(t, http.StatusConflict)
	f.later(time.Second)
	seen := func(n string) string { return f.view(f.named(n)).Head.Hash }
	f.post("/decisions/1/stall", "member", string(f.dogwood), "seen", seen("1"), "words", " ").want(t, http.StatusConflict, "The reason is missing.")
	f.post("/decisions/1/stall", "member", string(f.dogwood), "seen", seen("1"), "words", "Summer <break>").want(t, 200, "Stalling it is recorded", "The decision is stalled.").receipt(t)
	f.get("/facilitate").want(t, 200, "Resting", "Decision 1: A host")
	p := f.get("/decisions/1").want(t, 200, "Reopen it")
	f.post("/decisions/1/reopen", "member", string(f.dogwood), "seen", p.seen(t), "until", "<x>").want(t, http.StatusConflict, "The new deadline is no day: write it as 2026-07-01.")
	f.post("/decisions/1/reopen", "member", string(f.dogwood), "seen", p.seen(t), "until", f.day(-1).String()).want(t, http.StatusConflict, "The deadline has to be "+f.day(0).Words()+" or later.")
	f.post("/decisions/1/reopen", "member", string(f.dogwood), "seen", p.seen(t), "until", f.day(9).String()).want(t, 200, "Reopening it is recorded", "until the end of "+f.day(9).Words()).receipt(t)
	// Too short a notice, where the rules refuse it.
	words, err := policy.PresetText("seed-2022")
	f.ok(err)
	file, err := policy.Parse("strict", []byte(strings.NewReplacer("id: seed-2022", "id: strict", "from: 2022-05-15", "from: "+f.day(1).String(), "notice_too_short: warn", "notice_too_short: refuse").Replace(string(words))))
	f.ok(err)
	_, _, err = f.roll.EnsurePolicy(ctx, f.op, file, false)
	f.ok(err)
	f.now.Add(int64(2 * 24 * time.Hour / time.Microsecond))
	f.as(f.lei)
	id, first := f.get("/decisions/new").hidden(t)
	const short = " is 6 of the 7 days that a medium decision needs"
	send := func(do string) page {
		return f.post("/decisions/new", "do", do, "id", id, "seen", first, "member", string(f.birch), "kind", "general", "size", "medium", "visibility", "public", "title", "Quick", "changes", "Now.", "affects", "us", "channel", "the room", "until", f.day(6).String())
	}
	send("preview").want(t, 200, "It cannot be opened so:", short+": the first day is "+f.day(7).Words()+"; a facilitator may open it all the same.", short+": too short. The earliest day is "+f.day(7).Words()+" (UTC).</p>")
	send("open").want(t, http.StatusConflict, "It is kept as a draft, and was not opened", short+": the first day is ")
	f.get("/decisions/"+id).want(t, 200, "The rules refuse that; a facilitator may open it all the same.")
	f.do(http.MethodGet, "/decisions", nil, "Accept-Language", "es").want(t, 200, f.day(6).WordsIn(tongue.Of("es"))+" (UTC)")
	f.as(f.fay)
	f.get("/facilitate").want(t, 200, "Drafts with too short a notice", "Draft: Quick", short+".")
	p = f.get("/decisions/"+id).want(t, 200, "The rules refuse that to the proposer; as a facilitator you may open it all the same.")
	f.post("/decisions/"+id+"/open", "member", string(f.dogwood), "seen", p.seen(t)).want(t, 200, "The opening is recorded", short+".").receipt(t)
	if f.view(chair.ID(id)).Decision.State != decisions.Opened {
		t.Error("it is not open")
	}
	f.get("/facilitate").want(t, 200, "Not announced", "Nothing is recorded yet; it needs 7 days between the two.")
}

func amendsTheElectorate(t *testing.T, f *federation) {
	late, _, err := f.roll.Add(t.Context(), f.op, roll.NewMember{Name: "Late <Larch>", Kind: member.Organisation})
	f.ok(err)
	f.later(time.Minute)
	f.as(f.fay)
	p := f.get("/decisions/1/electorate").want(t, 200, "two people of different members, one of them a facilitator", "Ask for an amendment")
	ask := func(about, change, why string) page {
		return f.post("/decisions/1/electorate", "member", string(f.dogwood), "seen", p.seen(t), "about", about, "change", change, "words", why)
	}
	ask("", "add", "w").want(t, http.StatusConflict, "Name the member that it is about.")
	ask("Late <Larch>", "paint", "w").want(t, http.StatusConflict, "Choose what is to be changed.", `value="Late &lt;Larch&gt;"`)
	ask("Zed", "add", "kept <why>").want(t, http.StatusConflict, "The member has a place in the electorate.", "kept &lt;why&gt;")
	ask("Late <Larch>", "add", "Its form <lost>").want(t, 200, "It waits for a second person")
	ask("Late <Larch>", "add", "Its form <lost>").want(t, http.StatusConflict, "That is asked for already, on ")
	p = f.get("/facilitate").want(t, 200, "Waiting for a second person", "Add to those who may answer: Late &lt;Larch&gt;", "Its form &lt;lost&gt;", "Asked for by Fay Canary", "Somebody of another member has to agree.")
	motion := regexp.MustCompile(`/motions/(mo_\w+)/take-back`).FindStringSubmatch(p.body)[1]
	f.post("/motions/"+motion+"/agree", "seen", f.view(f.open).Head.Hash).want(t, http.StatusConflict, "It was not done", "Two people of different members have to agree.")
	dee, err := f.roll.AddPerson(t.Context(), f.op, roll.NewPerson{Email: "dee@people.example", Name: "Dee Canary", DelegateOf: []member.ID{f.dogwood}})
	f.ok(err)
	f.ok(f.roll.ConfirmDelegate(t.Context(), roll.By{Actor: f.by(f.fay).Actor, Reason: "it is so"}, dee, f.dogwood))
	f.later(time.Second)
	f.as(dee) // of the facilitator's own member
	if p := f.get("/me").want(t, 200); strings.Contains(p.body, "second person") {
		t.Error("another delegate of the same member is asked to agree")
	}
	f.post("/motions/"+motion+"/agree", "seen", f.view(f.open).Head.Hash).want(t, http.StatusConflict, "Two people of different members have to agree.")
	f.post("/motions/"+motion+"/take-back").want(t, http.StatusConflict, "Only who asked for it, or a facilitator, may.")
	f.as(f.zoe)
	p = f.get("/me").want(t, 200, "Waiting for a second person", "Its form &lt;lost&gt;", `action="/motions/`+motion+`/agree"`)
	f.get("/decisions/1/electorate").want(t, 200, "Its form &lt;lost&gt;")
	seen := seenIn.FindStringSubmatch(p.body)[1]
	f.post("/motions/"+motion+"/agree", "seen", "x").want(t, http.StatusConflict, "It has moved on since you read it")
	f.post("/motions/"+motion+"/agree", "seen", seen).want(t, 200, "The amendment of the electorate is recorded").receipt(t)
	if !f.view(f.open).Decision.Electorate.Has(late) {
		t.Error("it has no place")
	}
	f.post("/motions/"+motion+"/agree", "seen", seen).want(t, http.StatusConflict, "Somebody has agreed already, and it is done.")
	f.get("/me/data").want(t, 200)
	f.as(f.fay)
	f.get("/me/data").want(t, 200, "Add to those who may answer", "Its form &lt;lost&gt;")
}

func takesBreaks(t *testing.T, f *federation) {
	f.as(f.zoe)
	f.get("/me").want(t, 200, "Zed Canary takes a break</button>")
	f.post("/me/break", "member", string(f.birch)).want(t, http.StatusConflict, "It takes no break", "Only a delegate of the member may.")
	f.post("/me/break", "member", string(f.zed)).want(t, 200, "Zed Canary takes a break")
	f.later(time.Second)
	f.post("/me/break", "member", string(f.zed)).want(t, http.StatusConflict, "It is paused since ")
	f.get("/me").want(t, 200, "End the break of Zed Canary")
	f.post("/me/back", "member", string(f.zed)).want(t, 200, "Zed Canary is back")
	f.later(time.Second)
	f.post("/me/back", "member", string(f.zed)).want(t, http.StatusConflict, "The break goes on", "is not paused, and no pause is planned.")
	// Another member: a facilitator asks, somebody of another member agrees.
	f.as(f.fay)
	f.post("/facilitate/pause", "about", "nobody at all", "words", "No <answer>").want(t, http.StatusConflict, "Nothing was asked for:", "There is nothing like that here.", "No &lt;answer&gt;")
	f.post("/facilitate/pause", "about", "Fir Works", "words", " ").want(t, http.StatusConflict, "<li>A reason is needed: say why.</li>")
	f.post("/facilitate/pause", "about", "Fir Works", "member", string(f.dogwood), "words", "No <answer>").want(t, 200, "is paused seven days later")
	p := f.get("/facilitate").want(t, 200, "Pause the member: Fir Works")
	motion := regexp.MustCompile(`/motions/(mo_\w+)/take-back`).FindStringSubmatch(p.body)[1]
	f.post("/motions/"+motion+"/agree").want(t, http.StatusConflict, "Only a delegate of the member may alone.", "The second person must be somebody else, and known here.")
	f.as(f.cora) // its own delegate
	f.post("/motions/"+motion+"/agree").want(t, http.StatusConflict, "You are its delegate: you can pause it alone, on your own page.")
	f.as(f.zoe)
	f.get("/me").want(t, 200, "The member is told, and is paused seven days after you agree.")
	f.post("/motions/"+motion+"/agree").want(t, 200, "The member takes a break in seven days")
	f.later(time.Second)
	memory, _ := f.memory(f.clock() + 8*24*3600*1_000_000)
	if m := memory.Voters[f.fir].Membership; m != decisions.Paused {
		t.Errorf("after eight days it is %s", m)
	}
	f.post("/motions/"+motion+"/agree").want(t, http.StatusConflict, "Somebody has agreed already, and it is done.")
}

func readsParticipation(t *testing.T, f *federation) {
	f.as(f.zoe)
	f.get("/members/participation").want(t, 200, "The one large decision that is over. Members alone read this.", "Decision 3: 1 of 6 answered", "1 of 6</td>", "<span class=\"hidden\">Decision 3: answered</span>", "Decision 3: did not answer")
	f.as(f.noor)
	f.get("/members/participation").want(t, http.StatusForbidden, "For members to read")
	f.as("")
	f.get("/members/participation").leads(t, "/sign-in?next=%2Fmembers%2Fparticipation")
	for _, n := range []int{0, 1, 20, 60} {
		var all []participated
		for i := range n {
			all = append(all, participated{Name: "Decision", Short: "1", Answered: i, Asked: 5000})
		}
		p := turnoutOf(tongue.English(), all)
		if len(p.Columns) != n || p.Title == "" || p.Width < turnoutStep*max(1, n) {
			t.Errorf("%d: %+v", n, p)
		}
		for _, c := range p.Columns {
			if c.X < 0 || c.X+c.Width > p.Width || c.TopAnswered+c.Answered != p.Base || c.Top+c.All != p.Base {
				t.Errorf("%d: a column stands beside the picture: %+v", n, c)
			}
		}
	}
	if c := turnoutOf(tongue.English(), []participated{{Answered: 1, Asked: 5000}, {Asked: 0}}).Columns; c[1].Answered != 2 || c[0].Answered != 0 {
		t.Errorf("%+v", c)
	}
}

// A draft that a file told of is taken up by whoever changes it.
func takesUpADraft(t *testing.T, f *federation) {
	file, err := publish.Read("drafts/040.md", []byte("- Topic: Exit <b>\n- Date: 2025-01-01\n- Size: Medium\n\n## Summary\n\nHow to leave.\n"))
	f.ok(err)
	_, err = f.chair.Import(t.Context(), f.op.Actor, []publish.File{file}, false)
	f.ok(err)
	f.later(time.Second)
	f.as(f.cora) // of a member without a vote
	if p := f.get("/decisions/40").want(t, 200, "Exit &lt;b&gt;"); strings.Contains(p.body, "Take the draft up") {
		t.Error("who has no vote is offered to take it up")
	}
	f.as(f.zoe)
	f.get("/decisions/40").want(t, 200, `href="/decisions/40/edit">Take the draft up: change it, and preview it</a>`)
	p := f.get("/decisions/40/edit").want(t, 200, "In the name of <strong>Zed Canary</strong>.", "How to leave.")
	id, seen := p.hidden(t)
	f.post("/decisions/new", "do", "open", "id", id, "seen", seen, "member", string(f.zed), "kind", "general", "size", "medium", "visibility", "public", "title", "Exit", "changes", "How to leave.", "affects", "us", "channel", "the room").
		want(t, 200, "Decision 40 is open.").receipt(t)
	if d := f.view(chair.ID(id)).Decision; d.Proposer != f.zed || d.Number != 40 {
		t.Errorf("%+v", d)
	}
}
