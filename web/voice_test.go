package web

import (
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/chair"
	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/roll"
)

var (
	seenIn  = regexp.MustCompile(`name="seen" value="(\w+)"`)
	entryIn = regexp.MustCompile(`<dd>(\d+) of the decision’s chain</dd>`)
	hashIn  = regexp.MustCompile(`<dd class="hash"><code>(\w{64})</code>`)
)

// seen is the end of the chain that a page's forms carry.
func (p page) seen(t *testing.T) string {
	t.Helper()
	m := seenIn.FindStringSubmatch(p.body)
	if m == nil {
		t.Fatalf("no form carries what was seen:\n%s", p.body)
	}
	return m[1]
}

// receipt is the entry's number and hash on a receipt's page.
func (p page) receipt(t *testing.T) [2]string {
	t.Helper()
	p.want(t, http.StatusOK, "Your receipt")
	n, h := entryIn.FindStringSubmatch(p.body), hashIn.FindStringSubmatch(p.body)
	if n == nil || h == nil {
		t.Fatalf("no receipt:\n%s", p.body)
	}
	return [2]string{n[1], h[1]}
}

func (f *federation) view(id chair.ID) chair.View {
	f.t.Helper()
	v, err := f.chair.Read(f.t.Context(), id)
	f.ok(err)
	return v
}

// TestDelegatesDecideOnPages: answering and all the rest, each with a receipt that
// stands in the chain, and every refusal with every reason.
func TestDelegatesDecideOnPages(t *testing.T) {
	f := newFederation(t)
	for _, step := range []struct {
		name string
		test func(*testing.T, *federation)
	}{
		{"answering", answersOnThePage}, {"what may not be", refusedOnThePage}, {"for one of several", forOneOfSeveral}, {"objecting and time", objectsAndAsksForTime}, {"escalating", escalatesOnThePage}, {"on a break", answersOnABreak}, {"notices", onesNotices},
		{"delegates", whoElseActs}, {"opportunities", postsAndCloses}, {"what is kept", keptAboutOne},
	} {
		f.later(time.Minute)
		t.Run(step.name, func(t *testing.T) { step.test(t, f) })
	}
}

func answersOnThePage(t *testing.T, f *federation) {
	f.as(f.zoe)
	p := f.get("/decisions/1").want(t, 200, "Your answer for Zed Canary", "It stands as <strong>Against</strong>", `value="against" required checked`, ">Still too much</textarea>", "It passes only if nobody blocks, and every concern has been answered.",
		"It passes only if more members are in favour than against", "Take the answer back", "Answer anew for Zed Canary")
	old := p.seen(t)
	f.post("/decisions/1/answer", "member", string(f.zed), "seen", old, "answer", "block", "words", " ").want(t, http.StatusConflict, "Not answered", "<li>The answer block says in words what the concern is.</li>")
	f.post("/decisions/1/answer", "member", string(f.zed), "seen", old, "answer", "maybe").want(t, http.StatusConflict, "<li>&#34;maybe&#34; is no answer to this decision: answer favour, against, abstain or block.</li>")
	first := f.post("/decisions/1/answer", "member", string(f.zed), "seen", old, "answer", "block", "words", "Not <script>now</script>\r\nnever").
		want(t, 200, "The answer is recorded", "<dd>Zed Canary</dd>", "<dd>Blocks</dd>", "Not &lt;script&gt;now&lt;/script&gt;\nnever", "Until the end of ", "(UTC)").receipt(t)
	v := f.view(f.open)
	if first != [2]string{strconv.FormatInt(v.Head.Seq, 10), v.Head.Hash} {
		t.Errorf("the receipt %v is not the chain's end %d %s", first, v.Head.Seq, v.Head.Hash)
	}
	f.later(time.Second)
	again := f.post("/decisions/1/answer", "member", string(f.zed), "seen", old, "answer", "block", "words", "Not <script>now</script>\nnever").receipt(t)
	if again != first || f.view(f.open).Head.Seq != v.Head.Seq {
		t.Errorf("pressing twice: %v, then %v", first, again)
	}
	f.post("/decisions/1/answer", "member", string(f.zed), "seen", old, "answer", "against", "words", "Other <b>words</b>").
		want(t, http.StatusConflict, "It has moved on since you read it", " (UTC): a ballot was cast.</li>", "Other &lt;b&gt;words", "Read the decision as it is now")
	f.post("/decisions/1/answer", "member", string(f.zed), "answer", "favour").want(t, http.StatusConflict, "What you have seen is no state of this decision.")
	f.later(time.Second)
	f.post("/decisions/1/take-back", "member", string(f.zed), "seen", first[1]).want(t, 200, "Taking the answer back is recorded").receipt(t)
	if _, cast := f.view(f.open).Decision.Ballots[f.zed]; cast {
		t.Error("the ballot stands")
	}
	// That another member answers meanwhile refuses nobody's answer.
	old = f.get("/decisions/1").seen(t)
	f.as(f.lei)
	f.post("/decisions/1/answer", "member", string(f.birch), "seen", old, "answer", "abstain").want(t, 200, "The answer is recorded", "<dd>Abstains</dd>")
	f.later(time.Second)
	f.as(f.zoe)
	f.post("/decisions/1/answer", "member", string(f.zed), "seen", old, "answer", "favour").want(t, 200, "The answer is recorded")
	f.later(time.Second)
	f.post("/decisions/1/take-back", "member", string(f.zed), "seen", f.view(f.open).Head.Hash).want(t, 200, "Taking the answer back is recorded")
	f.later(time.Second)
	f.as(f.lei)
	f.post("/decisions/1/answer", "member", string(f.birch), "seen", f.view(f.open).Head.Hash, "answer", "favour").want(t, 200, "The answer is recorded")
	f.later(time.Second)
	f.as(f.zoe)
	f.get("/me").want(t, 200, "Waiting for its answer", `<a href="/decisions/1?for=`+string(f.zed)+`#voice">Decision 1: A host &lt;/title&gt;&lt;script&gt;</a>`)
	p = f.get("/decisions/1").want(t, 200, "Answer for Zed Canary")
	if strings.Contains(p.body, "Take the answer back") {
		t.Error("there is nothing to take back")
	}
	f.post("/decisions/1/take-back", "member", string(f.zed), "seen", p.seen(t)).want(t, http.StatusConflict, "The member has no ballot to retract.")
}

func refusedOnThePage(t *testing.T, f *federation) {
	f.as(f.zoe)
	seen := f.get("/decisions/1").seen(t)
	f.post("/decisions/1/answer", "member", string(f.birch), "seen", seen, "answer", "favour").want(t, http.StatusForbidden, "Zoe Canary is no delegate of that member: its delegates, or a treasurer, can add one.</li>")
	f.post("/decisions/"+string(f.draft)+"/answer", "member", string(f.zed), "answer", "favour").want(t, http.StatusNotFound, "There is no such decision")
	f.as(f.noor)
	if p := f.get("/decisions/1"); seenIn.MatchString(p.body) {
		t.Error("somebody who acts for nobody is offered a form")
	}
	f.post("/decisions/1/answer", "seen", seen, "answer", "favour").want(t, http.StatusConflict, "<li>The member has no place in the electorate of this decision", "<li>The member has no vote now.</li>")
	f.as(f.cora) // of Fir Works, which was never linked and never paid
	p := f.get("/decisions/1").want(t, 200, "Fir Works may not act in it now: no right to vote: ", "No Open Collective account is linked and no payment was entered")
	if strings.Contains(p.body, `name="answer"`) || strings.Contains(p.body, "goodstanding link") {
		t.Errorf("a form in vain, or a command:\n%s", p.body)
	}
	f.as("")
	f.post("/decisions/1/answer", "answer", "favour").leads(t, "/sign-in?next=%2Fdecisions%2F1")
	if p := f.get("/decisions/1"); strings.Contains(p.body, `class="voice"`) {
		t.Error("everybody is offered to answer")
	}
}

func forOneOfSeveral(t *testing.T, f *federation) {
	f.ok(f.roll.SetDelegate(t.Context(), f.op, f.lei, f.dogwood, true))
	f.later(time.Second)
	f.as(f.lei)
	f.get("/decisions/1?for="+string(f.dogwood)).want(t, 200, `<a href="?for=`+string(f.birch)+`#voice">`, `aria-current="true">Dogwood Care</a>`,
		"Dogwood Care may not act in it now: Lei Canary became a delegate while the decision was open: another delegate of the member, or its contact, has to confirm that first.")
	f.post("/decisions/1/answer", "member", string(f.dogwood), "seen", f.view(f.open).Head.Hash, "answer", "favour").want(t, http.StatusForbidden, "Lei Canary became a delegate while the decision was open")
	f.ok(f.roll.ConfirmDelegate(t.Context(), roll.By{Actor: f.by(f.fay).Actor, Reason: "it is so"}, f.lei, f.dogwood))
	f.later(time.Second)
	p := f.get("/decisions/1").want(t, 200, "Answer for Dogwood Care") // Birch has answered
	f.post("/decisions/1/answer", "member", string(f.dogwood), "seen", p.seen(t), "answer", "abstain").want(t, 200, "<dd>Dogwood Care</dd>", "<dd>Abstain").receipt(t)
	if b := f.view(f.open).Decision.Ballots[f.dogwood]; b.Answer != decisions.Abstain || b.Person != f.lei {
		t.Errorf("%+v", b)
	}
	f.post("/decisions/1/answer", "answer", "favour").want(t, http.StatusForbidden, "is delegate of 2 members: say for which one.</li>")
}

func objectsAndAsksForTime(t *testing.T, f *federation) {
	f.as(f.zoe)
	at := "/decisions/2/"
	p := f.get("/decisions/2").want(t, 200, "It passes only if no objection stands.", "It moves the deadline by 7 days; each member may ask once in a decision.")
	f.post(at+"object", "seen", p.seen(t)).want(t, http.StatusConflict, "No objection was made", "An objection says in words what the concern is.")
	r := f.post(at+"object", "seen", p.seen(t), "words", "The <u>kettle</u>").want(t, 200, "The objection is recorded", "The &lt;u&gt;kettle").receipt(t)
	f.post(at+"object", "seen", p.seen(t), "words", "The <u>kettle</u>").want(t, http.StatusConflict, "a member objected.")
	f.get("/decisions/2").want(t, 200, "Zed Canary objects.", "Withdraw the objection")
	f.post(at+"withdraw-objection", "seen", r[1]).want(t, 200, "Withdrawing the objection is recorded").receipt(t)
	p = f.get("/decisions/2")
	before := f.view(f.secret).Decision.Deadline
	f.post(at+"more-time", "seen", p.seen(t), "words", "We meet on Monday").want(t, 200, "Asking for more time is recorded", "We meet on Monday").receipt(t)
	if after := f.view(f.secret).Decision.Deadline; before.Until(after) != 7 {
		t.Errorf("from %s to %s", before, after)
	}
	p = f.get("/decisions/2").want(t, 200, "Zed Canary has asked for more time; that is possible once")
	f.post(at+"more-time", "seen", p.seen(t), "words", "And again").want(t, http.StatusConflict, "The member has asked for more time before; that is possible once in each decision.")
}

func escalatesOnThePage(t *testing.T, f *federation) {
	f.as(f.zoe)
	p := f.get("/decisions/2").want(t, 200, "Large: it then passes if every member waited for has answered, more members are in favour than against, nobody blocks, every concern has been answered; at least 7 days", "at least 7 days are left to answer")
	f.post("/decisions/2/escalate", "seen", p.seen(t), "size", "small").want(t, http.StatusConflict, "<li>The reason is missing.</li>", "is no larger size than medium.</li>")
	f.post("/decisions/2/escalate", "seen", p.seen(t), "size", "large", "words", "It is about all of us").want(t, 200, "Escalating it is recorded").receipt(t)
	if v := f.view(f.secret); v.Decision.Size() != decisions.Large {
		t.Errorf("it is %s", v.Decision.Size())
	}
	p = f.get("/decisions/"+string(f.logged)).want(t, 200, "For Zed Canary", "Medium: it then passes if")
	f.post("/decisions/"+string(f.logged)+"/escalate", "seen", p.seen(t), "size", "medium", "words", "They are dear").want(t, 200, "Decision 3: New chairs").receipt(t)
}

func answersOnABreak(t *testing.T, f *federation) {
	_, err := f.roll.Pause(t.Context(), roll.By{Actor: f.by(f.zoe).Actor, Reason: "a rest"}, f.zed, 0, false)
	f.ok(err)
	f.later(time.Second)
	f.as(f.zoe)
	f.get("/me").want(t, 200, "Taking a break", "It may not vote now.")
	p := f.get("/decisions/1").want(t, 200, "Zed Canary is taking a break. Answering ends it.", "Answer for Zed Canary")
	f.post("/decisions/1/answer", "seen", p.seen(t), "answer", "favour").want(t, 200, "<dd>In favour</dd>").receipt(t)
	f.later(time.Second)
	if p := f.get("/me").want(t, 200, "It may vote, and you for it."); strings.Contains(p.body, "Taking a break") {
		t.Error("the break goes on")
	}
}
