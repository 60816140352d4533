package web

import (
	"encoding/csv"
	"fmt"
	"html"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/money"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/store"
)

// TestTheBoard goes over one federation as its treasurer does.
func TestTheBoard(t *testing.T) {
	f := newFederation(t)
	for _, step := range []struct {
		name string
		test func(*testing.T, *federation)
	}{
		{"members", boardOfMembers}, {"member", boardOfOne}, {"payers", boardPayers}, {"sorting out", boardSortsOut}, {"deeds", boardDeeds}, {"desk", boardDesk}, {"holds", boardHolds}, {"notices", boardNotices}, {"letters", boardLetters}, {"pictures", boardPictures}, {"rules", boardRules}, {"set-up", boardSetUp}, {"membership", boardMembership}, {"spreadsheet", boardForSpreadsheets}, {"nothing runs", boardRunsNothing}, {"stale", boardStale}, {"many", boardOfMany},
	} {
		f.heard = nil
		f.as(f.ada)
		if step.name != "many" {
			f.heard = f.inSpanishToo
		}
		t.Run(step.name, func(t *testing.T) { step.test(t, f) })
	}
	for _, r := range boardRoutes() {
		if key := r.method + " " + r.path; r.method == http.MethodGet && !r.neutral() && r.path != lettersPath+"/{kind}.html" && !f.asked[key] {
			t.Errorf("%s was not asked in Spanish", key)
		}
	}
}

// namesOn are the members in the table, in its order.
func namesOn(p page) []string {
	var out []string
	_, table, _ := strings.Cut(p.body, `<table class="roll board">`)
	for _, m := range regexp.MustCompile(`<th scope="row"><a href="/board/members/[^"]+">([^<]*)</a>`).FindAllStringSubmatch(table, -1) {
		out = append(out, m[1])
	}
	return out
}

func boardOfMembers(t *testing.T, f *federation) {
	p := f.get("/board").want(t, 200, "<h1>Board</h1>", "7 members, 4 of them in good standing", "Open Collective was not read yet", `aria-label="4 dues waived, 2 cannot say yet, 1 have applied"`,
		`<a href="/board?state=waived">dues waived</a>`, "Zoë O&#39;Brien-Łukasz 🐝 &lt;b&gt;x&lt;/b&gt;", "Nobody lapses in the next 30 days", `<a href="/board" aria-current="page">Board</a>`, "No delegate: nobody can vote for it")
	if names := namesOn(p); len(names) != 7 || names[0] != "Ash &lt;Workers&#39;&gt; Co-op" || !slices.IsSortedFunc(names, func(a, b string) int { return strings.Compare(strings.ToLower(a), strings.ToLower(b)) }) {
		t.Errorf("the members are %q", names)
	}
	if names := namesOn(f.get("/board?state=unknown&sort=paid")); !slices.Equal(names, []string{"Fir Works", "Nora Canary"}) {
		t.Errorf("those of whom nothing is known are %q", names)
	}
	if names := namesOn(f.get("/board?find=WORKS")); !slices.Equal(names, []string{"Fir Works"}) {
		t.Errorf("found %q", names)
	}
	f.get("/board?find=%3Cscript%3E%22&state=lapsed&sort=%3Ci%3E&page=-3").want(t, 200, "0 members with “&lt;script&gt;&#34;” in the name", "There is none like that.", `href="/board.csv?find=%3Cscript%3E%22&amp;sort=%3Ci%3E&amp;state=lapsed"`)
	f.upstream()
	f.get("/board").want(t, 200, "Open Collective was read <strong>less than a minute ago</strong>")
	// Somebody pays for this month alone, and will have lapsed before its grace is looked at again.
	paid := instant.Instant(int64(f.clock())-int64(f.clock())%int64(instant.Day)) - 20*instant.Day
	_, _, err := f.roll.Pay(t.Context(), f.op, roll.PaymentEntry{Member: f.fir, Amount: money.Money{Minor: 1000, Currency: gbp}, Received: paid, Months: 1})
	f.ok(err)
	f.later(time.Second)
	f.get("/board?state=current").want(t, 200, "<h2 id=\"list\">Members: paid up</h2>", "Fir Works", "Paid up until "+f.dayOf(paid.AddMonths(1)), "1 member. <a")
	all, err := f.roll.Board(t.Context(), 40*instant.Day, nil)
	f.ok(err)
	if len(all.Lapsing) != 1 || all.Lapsing[0].Name != "Fir Works" || all.Lapsing[0].On != paid.AddMonths(1)+21*instant.Day {
		t.Errorf("who lapses within forty days: %+v", all.Lapsing)
	}
	if names := namesOn(f.get("/board?sort=next")); names[0] != "Fir Works" {
		t.Errorf("the next to change is not first: %q", names)
	}
}

var gbp = money.Currency{'G', 'B', 'P'}

// upstream reads Open Collective now, where a payer is linked to nobody yet.
func (f *federation) upstream() {
	f.t.Helper()
	ctx, now := f.t.Context(), f.clock()
	f.ok(f.db.InTx(ctx, store.Pulls, now, func(tx *store.Tx) error {
		add := func(err error) {
			f.t.Helper()
			f.ok(err)
		}
		add(tx.AddPull(ctx, store.Pull{ID: "pl_0", Started: now - 2*instant.Day, Finished: now - 2*instant.Day, Outcome: "rate_limited", Detail: "<b>429"}))
		add(tx.AddPull(ctx, store.Pull{ID: "pl_1", Started: now, Finished: now, Outcome: "complete", Requests: 4}))
		add(tx.AddSnapshot(ctx, store.Snapshot{Number: 1, Start: now, Pull: "pl_1", Collective: "acc-us", Currency: gbp}))
		_, err := tx.AddAccounts(ctx, []store.AccountRow{{ID: "acc-elm", Type: "ORGANIZATION", PublicID: "public-elm", LegacyID: 7, Effective: now, Snapshot: 1}})
		add(err)
		_, err = tx.SetAccountDetails(ctx, []store.AccountDetail{{Account: "acc-elm", Slug: "elm", Name: "Elm <i>& Co", Seen: now}})
		add(err)
		c := store.ContributionRow{ID: "order-elm", Account: "acc-elm", Status: "ACTIVE", Interval: eligibility.Monthly, Amount: money.Money{Minor: 1000, Currency: gbp}, Total: 1000,
			Created: now - 3*instant.Day, Processed: now - 3*instant.Day, NextCharge: now + 28*instant.Day, Effective: now, Snapshot: 1}
		_, err = tx.AddContributions(ctx, []store.ContributionRow{c})
		add(err)
		_, err = tx.AddCharges(ctx, []store.ChargeRow{{ID: "charge-elm", Contribution: c.ID, Account: c.Account, Kind: eligibility.ContributionCharge, Amount: c.Amount, Created: c.Created, Snapshot: 1}})
		add(err)
		_, err = tx.AddCoverages(ctx, []store.CoverageRow{{Charge: "charge-elm", Interval: eligibility.Monthly, OrderMinor: 1000, Due: c.NextCharge, Snapshot: 1}})
		add(err)
		for i, slug := range []string{"dogwood-care", "giver", "joiner"} { // more payers
			id := member.AccountID("acc-" + slug)
			_, err := tx.AddAccounts(ctx, []store.AccountRow{{ID: id, Type: "ORGANIZATION", PublicID: "public-" + slug, LegacyID: int64(20 + i), Effective: now, Snapshot: 1}})
			add(err)
			_, err = tx.SetAccountDetails(ctx, []store.AccountDetail{{Account: id, Slug: slug, Name: map[string]string{"dogwood-care": "Dogwood Care Ltd", "giver": "A <em>Giver</em>", "joiner": "Joiner Co"}[slug], Seen: now}})
			add(err)
			more := c
			more.ID, more.Account = "order-"+slug, id
			_, err = tx.AddContributions(ctx, []store.ContributionRow{more})
			add(err)
			_, err = tx.AddCharges(ctx, []store.ChargeRow{{ID: "charge-" + slug, Contribution: more.ID, Account: id, Kind: eligibility.ContributionCharge, Amount: c.Amount, Created: c.Created, Snapshot: 1}})
			add(err)
			_, err = tx.AddCoverages(ctx, []store.CoverageRow{{Charge: "charge-" + slug, Interval: eligibility.Monthly, OrderMinor: 1000, Due: c.NextCharge, Snapshot: 1}})
			add(err)
		}
		return nil
	}))
	f.later(time.Second)
}

func (f *federation) dayOf(at instant.Instant) string { return at.Time().Format("2 January 2006") }

// One member: why it stands as it does, now and at other dates, by what was known.
func boardOfOne(t *testing.T, f *federation) {
	address := "/board/members/" + string(f.birch)
	f.get(address).want(t, 200, "Zoë O&#39;Brien-Łukasz 🐝 &lt;b&gt;x&lt;/b&gt;", "<h2 id=\"standing\">Dues waived</h2>", "<code>waived</code>", "Vote: yes", "counts for the answer", "<dd>Lei Canary</dd>",
		"Dues waived (decision canary-7) from <time", "operator:canary: canary reason", "How it stood at another date", "Dues are £10.00 a month by the rules seed-2022", "Nothing changes by itself", "<summary>Link an account</summary>")
	f.get("/board/members/fir-works?at=2025-06-01").want(t, 200, "As of", "1 June 2025, 23:59 (UTC)", "by what was known on", "As it is now")
	f.get("/board/members/fir-works?at=2025-06-01&known=2025-06-02").want(t, 200, "Has applied")
	f.get("/board/members/fir-works?at=2098-01-01").want(t, 200, "<strong>A forecast</strong>")
	f.get("/board/members/fir-works?at=%3Cb%3E1").want(t, 422, "“&lt;b&gt;1” is no day: write it as 2026-06-01", `aria-invalid="true"`)
	f.get("/board/members/fir+works").want(t, 404, "There is no such member")
	f.get("/board/members/%3Cscript%3E").want(t, 404, "There is no member &#34;&lt;script&gt;&#34;")
	today := f.clock().Time().Format("2006-01-02")
	if p := f.get("/board/members/fir-works?at=" + today); strings.Contains(p.body, "A forecast") {
		t.Error("today is taken for a forecast")
	}
}

// What treasurers do for a member; what may not be is told with all reasons, and
// the form as it was sent.
func boardDeeds(t *testing.T, f *federation) {
	address := "/board/members/" + string(f.fir)
	f.post(address+"/link", "account", "nobody", "from", "soon", "reason", "<b>asked").want(t, 409, "Nothing was changed", "from: “soon” is no day", "there is no account &#34;nobody&#34;", `<details id="link-form" open><summary>Link an account`, `<a href="#link-form">To the form`, `value="&lt;b&gt;asked"`)
	f.post(address+"/link", "account", "elm", "reason", " ").want(t, 409, "<li>a reason is needed: say why</li>", `value="elm"`)
	f.post(address+"/link", "account", "@elm", "reason", "their <i>letter").want(t, 200, "The account is linked", "What changed", "Back to the member")
	f.get(address).want(t, 200, "@elm", "acc-elm", "Monthly charge", "£10.00")
	f.post("/board/members/"+string(f.birch)+"/link", "account", "elm", "reason", "mine").want(t, 409, "Nothing was changed")
	f.post(address+"/pay", "amount", "ten pounds", "received", "2026-13-01", "months", "x").want(t, 409, "amount: write it as GBP 120.00", "months: “x” is no whole number", "received: “2026-13-01” is no day", "a reason is needed: say why", `<details id="pay-form" open><summary>Enter a payment`)
	f.post(address+"/pay", "amount", "GBP 60.00", "received", "2025-02-01", "reason", "transfer").want(t, 409, "say what it pays for: a number of months, or from which day to which")
	pay := []string{"amount", "GBP 60.00", "received", "2025-02-01", "months", "6", "reason", "bank <u>transfer"}
	f.post(address+"/pay", pay...).want(t, 200, "The payment is entered.")
	f.post(address+"/pay", pay...).want(t, 409, "the same payment was entered already")
	f.get(address).want(t, 200, "£60.00 for 6 months from", "Ada &amp; Ödön: bank &lt;u&gt;transfer")
	if p := f.get("/board"); strings.Contains(p.body, "£60") {
		t.Error("the board shows amounts")
	}
	f.post(address+"/waive", "until", "2020-01-01", "reason", "hard times").want(t, 409, "must end after it starts", `<details id="waive-form" open><summary>Waive dues`)
	until := f.clock().Add(400 * 24 * time.Hour)
	f.post("/board/members/nora-canary/waive", "until", until.Day(), "reason", "hard <times>").want(t, 200, "Its dues are waived until", "Nora Canary", `<td data-name="Is">dues waived</td>`, `<td data-name="Was">cannot say yet</td>`)
	f.later(time.Second)
	f.get("/board/members/nora-canary").want(t, 200, "Dues waived until", "hard &lt;times&gt;")
	waiver := regexp.MustCompile(`name="waiver" value="([^"]+)"`).FindStringSubmatch(f.get("/board/members/nora-canary").body)[1]
	f.post("/board/members/nora-canary/end-waiver", "waiver", waiver).want(t, 409, "a reason is needed: say why", `<details id="`+waiver+`-form" open>`)
	f.post("/board/members/fir-works/end-waiver", "waiver", waiver, "reason", "x").want(t, 409, "fir-works has no waiver")
	f.post("/board/members/nora-canary/end-waiver", "waiver", waiver, "reason", "pays <again>").want(t, 200, "The waiver ends now.", "payment late")
	f.post("/board/members/nora-canary/end-waiver", "waiver", waiver, "reason", "again").want(t, 409, "which is no later")
	payment := regexp.MustCompile(`name="payment" value="([^"]+)"`).FindStringSubmatch(f.get(address).body)[1]
	f.post(address+"/reverse", "payment", "<s>", "reason", "x").want(t, 409, "there is no entered payment &#34;&lt;s&gt;&#34;")
	f.post("/board/members/"+string(f.birch)+"/reverse", "payment", payment, "reason", "not its own").want(t, 409, "that payment was entered for fir-works, not for ")
	f.post(address+"/reverse", "payment", payment, "reason", "entered twice").want(t, 200, "The payment is reversed")
	f.get(address).want(t, 200, "<strong>reversed</strong>")
	then := regexp.MustCompile(`href="(/board/members/[^"]+known=[^"]+)"`).FindStringSubmatch(f.get("/board/members/nora-canary").body)
	if then == nil {
		t.Fatal("no standing is on record")
	}
	f.get(html.UnescapeString(then[1])).want(t, 200, "As of", "by what was known on", "As it is now")
	f.as(f.lei) // who is delegate of a member is no treasurer for it
	f.post("/board/members/"+string(f.birch)+"/waive", "reason", "mine").want(t, 403, "only the treasurers")
	f.as("")
	f.post(address+"/waive", "reason", "mine").leads(t, "/sign-in?next=%2Fboard")
}

var entryOn = regexp.MustCompile(`name="entry" value="(d_[0-9a-f]+)"`)

// What happened to a membership and who did what to it; why somebody was suspended is
// for contact people alone.
func boardMembership(t *testing.T, f *federation) {
	address := "/board/members/" + string(f.dogwood)
	p := f.get(address).want(t, 200, "<h2 id=\"membership\">Its membership</h2>", "Suspended until "+f.dayOf(f.clock()+5*instant.Day), "for contact people to read", "It is suspended under the code of co-operation since "+f.dayOf(f.clock())+", until ",
		"entries of the audit log about it", "Link <span class=\"fine\">by Ada &amp; Ödön</span>", "<h2 id=\"sort\">To sort out</h2>", "Name a delegate")
	for _, bad := range []string{"canary of the code", "goodstanding "} {
		if strings.Contains(p.body, bad) {
			t.Errorf("the page holds %q", bad)
		}
	}
	zed := "/board/members/" + string(f.zed)
	_, err := f.roll.Pause(t.Context(), roll.By{Actor: f.by(f.zoe).Actor, Reason: "a <year> off"}, f.zed, 0, false)
	f.ok(err)
	f.later(time.Second)
	f.get(zed).want(t, 200, "It takes a break since "+f.dayOf(f.clock())+": no vote", "Paused", "a &lt;year&gt; off")
	_, err = f.roll.Resume(t.Context(), roll.By{Actor: f.by(f.zoe).Actor, Reason: "back"}, f.zed, 0)
	f.ok(err)
	f.later(time.Second)
	if p := f.get(zed).want(t, 200, "Pause ended"); strings.Contains(p.body, "It takes a break") {
		t.Error("a pause that is over holds")
	}
	// Somebody is named who acts for a member: whoever has the address, else somebody new.
	nora := "/board/members/nora-canary/delegate"
	f.post(nora, "email", "no address", "reason", "<b>they</b> wrote").want(t, 409, "Nothing was changed", `<details id="delegate-form" open>`, `value="&lt;b&gt;they&lt;/b&gt; wrote"`, "a name is needed")
	f.post(nora, "email", "NOO@people.example").want(t, 409, "a reason is needed: say why")
	f.post(nora, "email", "NOO@people.example", "reason", "she wrote").want(t, 200, "Noor Canary is delegate of the member.")
	f.post(nora, "email", "NOO@people.example", "reason", "she wrote").want(t, 409, "Nothing was changed")
	f.later(time.Second)
	f.post(nora, "email", "nora@people.example", "name", "Nora <i>N", "reason", "she wrote").want(t, 200, "Nora &lt;i&gt;N is delegate of the member.")
	f.post(nora, "email", "ada@people.example", "reason", "me").want(t, 409, "Nothing was changed")
	f.later(time.Second)
	f.get("/board/members/nora-canary").want(t, 200, "<dd>Noor Canary</dd>", "<dd>Nora &lt;i&gt;N</dd>")
}

// What is to be sorted out, and leaving it as it is.
func boardDesk(t *testing.T, f *federation) {
	p := f.get("/board/desk").want(t, 200, "<h1>To sort out</h1>", "No delegate", "things do not fit together", `<a href="/board/members/`, "Name a delegate</a>")
	if strings.Contains(p.body, "goodstanding ") {
		t.Error("the page names a command")
	}
	entries := entryOn.FindAllStringSubmatch(p.body, -1)
	if len(entries) < 2 {
		t.Fatalf("%d entries:\n%s", len(entries), p.body)
	}
	id := entries[0][1]
	f.post("/board/desk/dismiss", "entry", id).want(t, 409, "Nothing was changed", "<li>a reason is needed: say why</li>", "<details open>")
	f.post("/board/desk/dismiss", "entry", "<b>", "reason", "x").want(t, 409, "there is no entry &#34;&lt;b&gt;&#34; on the desk")
	f.post("/board/desk/dismiss", "entry", id, "reason", "asked <them>").want(t, 200, "Left as it is", "It returns when its facts change.")
	if p := f.get("/board/desk"); strings.Contains(p.body, id) {
		t.Error("it is still listed")
	}
	f.get("/board/desk?all=yes").want(t, 200, id, "by Ada &amp; Ödön: asked &lt;them&gt;")
	f.post("/board/desk/dismiss", "entry", id, "reason", "again").want(t, 409, "it was dismissed on")
	f.get("/board/desk?kind=no_delegate").want(t, 200, "No delegate")
	f.get("/board/desk?kind=%3Cscript%3E&page=99").want(t, 200, "There is none like that.")
}

// A hold is told with its names, and ends by an acknowledgement with a reason.
func boardHolds(t *testing.T, f *federation) {
	f.get("/board/holds").want(t, 200, "Nothing is held.")
	f.ok(f.db.InTx(t.Context(), store.Pulls, f.clock(), func(tx *store.Tx) error {
		return tx.AddHold(t.Context(), store.HoldRow{ID: "h_1", Cause: "host", SetAt: f.clock(), Snapshot: 1}, []store.HoldMember{{Member: f.zed, Vote: true, Listing: true, State: eligibility.StateCurrent}})
	}))
	f.later(time.Second)
	f.get("/board/holds").want(t, 200, "<code>h_1</code>", "Likely cause:", "Zed Canary", `<td data-name="Kept as">paid up</td>`, `<label for="why-h_1">Why</label>`)
	f.post("/board/holds/acknowledge", "hold", "h_1").want(t, 409, "Nothing was changed", "a reason is needed: say why")
	f.post("/board/holds/acknowledge", "hold", "<i>", "reason", "x").want(t, 409, "there is no hold &#34;&lt;i&gt;&#34;")
	f.post("/board/holds/acknowledge", "hold", "h_1", "reason", "the <host> moved").want(t, 200, "The hold is acknowledged", "What changed")
	f.post("/board/holds/acknowledge", "hold", "h_1", "reason", "again").want(t, 409, "it was acknowledged on")
	f.get("/board/holds").want(t, 200, "Nothing is held.")
	f.get("/board/holds?all=yes").want(t, 200, "Acknowledged on", "by Ada &amp; Ödön: the &lt;host&gt; moved")
}

// Notices are off until a treasurer starts them; a batch waits for a word.
func boardNotices(t *testing.T, f *federation) {
	f.get("/board/notices?state=%3Cb%3E&after=%3Ci%3E").want(t, 200, "Notices are off: nothing goes to anybody.", "Start the notices", "Never sent, because", "notices were off", "Nothing waits for a yes or no")
	f.post("/board/notices/start").want(t, 409, "Nothing was changed", "a reason is needed: say why")
	f.post("/board/notices/release", "batch", "import", "reason", "x").want(t, 409, "notices are off: start them first", "nothing waits for a yes or no")
	f.post("/board/notices/start", "reason", "all is ready", "seen", "0123456789abcdef").want(t, 409, "what would go has changed since this page was shown")
	seenNow := regexp.MustCompile(`action="/board/notices/start"><input type="hidden" name="seen" value="(\w+)"`).FindStringSubmatch(f.get("/board/notices").body)[1]
	f.post("/board/notices/start", "reason", "all is ready", "seen", seenNow).want(t, 200, "Notices are on", `<a class="button" href="/board/notices">Notices</a>`)
	f.post("/board/notices/start", "reason", "again").want(t, 409, "they are on since")
	f.get("/board/notices").want(t, 200, "Notices are on, since", "Stop the notices", `<a href="/board/letters">What each letter says</a>`)
	f.post("/board/notices/drop", "batch", "import", "reason", "x").want(t, 409, "nothing waits for a yes or no")
	wait := func(cause string) {
		f.ok(f.db.InTx(t.Context(), store.Entries, f.clock(), func(tx *store.Tx) error {
			return tx.Enqueue(t.Context(), notify.Message{Occasion: notify.Occasion{Kind: notify.Lapsed, Member: f.birch, Cause: cause}, Recipient: string(f.lei), Channel: notify.Email,
				DueAt: f.clock(), State: notify.HeldState, Detail: notify.ByLink.Detail()})
		}))
		f.later(time.Second)
	}
	wait("coverage:1")
	f.get("/board/notices").want(t, 200, "1 notice, because", `name="batch" value="link"`, "Zoë O&#39;Brien-Łukasz 🐝 &lt;b&gt;x", "<td data-name=\"To\">Lei Canary</td>", "Let them go", "Never send them")
	f.post("/board/notices/release", "batch", "link").want(t, 409, "a reason is needed: say why")
	f.post("/board/notices/release", "batch", "<u>", "reason", "x").want(t, 409, "nothing waits in a batch &#34;&lt;u&gt;&#34;: there is link")
	seen := regexp.MustCompile(`name="seen" value="(\w+)"><input type="hidden" name="batch" value="link"`).FindStringSubmatch(f.get("/board/notices").body)[1]
	wait("coverage:late") // meanwhile another one came into the batch
	f.post("/board/notices/release", "batch", "link", "seen", seen, "reason", "they know").want(t, 409, "Nothing was changed", "what would go has changed since this page was shown: look at it again")
	f.post("/board/notices/drop", "batch", "link", "seen", seen, "reason", "they know").want(t, 409, "look at it again")
	seen = regexp.MustCompile(`name="seen" value="(\w+)"><input type="hidden" name="batch" value="link"`).FindStringSubmatch(f.get("/board/notices").body)[1]
	f.post("/board/notices/release", "batch", "link", "seen", seen, "reason", "they know").want(t, 200, "Released", "2 notices wait for the next mails")
	f.post("/board/notices/release", "batch", "link", "seen", seen, "reason", "they know").want(t, 409, "nothing waits for a yes or no")
	f.get("/board/notices").want(t, 200, "2 notices that wait now do not go:")
	wait("coverage:2")
	f.post("/board/notices/drop", "batch", "link", "reason", "they know").want(t, 200, "Dropped", "1 notice is never sent.")
	f.post("/board/notices/stop", "reason", "too early").want(t, 200, "Notices are off")
	f.get("/board/notices?state=before_start").want(t, 200, `<a href="/board/notices?state=before_start#last" aria-current="true">notices were off</a>`)
}

// The same list as the status has, and who did what.
func boardSetUp(t *testing.T, f *federation) {
	by := roll.By{Actor: member.Actor{ID: string(f.cora)}, Reason: "canary of the code", Second: nil}
	_, err := f.roll.Suspend(t.Context(), by, f.dogwood, 0, f.clock()+5*instant.Day)
	f.ok(err)
	f.later(time.Second)
	st, err := f.roll.Status(t.Context())
	f.ok(err)
	p := f.get("/board/set-up").want(t, 200, "<h1>Set-up</h1>", "Every member has a delegate", "What to do next", "Open Collective asked to wait</strong> (&lt;b&gt;429)", `<span class="yes">read whole</span>`, "In force is <strong>seed-2022</strong>", "in 25 minutes, ", "Nothing is held. It stops one reading that would take rights from more than 2 members and more than 10% of those in good standing, counted over 7 days.",
		"The monthly contribution of Dogwood Care no longer says how often it is paid.</dd>", `<a href="/board/payers">Who pays is linked to a member, or marked as a supporter</a>`,
		"Who did what", "Acknowledge hold", "the &lt;host&gt; moved", "for contact people to read", `<a href="/board/notices">Notices are on</a>`)
	if strings.Contains(p.body, "canary of the code") {
		t.Error("treasurers read why somebody was suspended")
	}
	if strings.Contains(p.body, "goodstanding ") && strings.Count(p.body, "goodstanding") > 1 { // the foot has its name
		t.Error("the page names a command")
	}
	for _, todo := range st.ToDo {
		words, _, _ := strings.Cut(todo, ": goodstanding ")
		p.want(t, 200, html.EscapeString(words))
	}
	if lines := strings.Count(p.body, `<td data-name="By">`); lines > 100 || lines < 20 {
		t.Errorf("%d lines of the log", lines)
	}
}

// Whatever people called themselves, nothing of it runs, on any of the pages; none
// names a command, and no browser keeps them.
func boardRunsNothing(t *testing.T, f *federation) {
	for _, r := range routes() {
		if r.who != treasurers || r.method != http.MethodGet || strings.HasSuffix(r.path, ".csv") {
			continue
		}
		if strings.HasSuffix(r.path, "{kind}.html") { // a letter alone, see boardLetters
			continue
		}
		path := strings.Replace(r.path, "{kind}", "lapsed", 1)
		for _, address := range []string{strings.Replace(path, "{member}", string(f.birch), 1), strings.Replace(path, "{member}", string(f.fir), 1) + "?all=yes&known=%22%3E%3Cscript%3E"} {
			p := f.get(address)
			if p.status != 200 && p.status != 422 {
				t.Errorf("%s: %d", address, p.status)
			}
			for _, bad := range []string{"<script", "<b>x", "<i>", "<u>", "<times>", "<host>", "<them>", "<b>429", "goodstanding ", "style=", "ZgotmplZ", `href="javascript`, "<img"} {
				if strings.Contains(p.body, bad) {
					t.Errorf("%s holds %q", address, bad)
				}
			}
			if p.header.Get("Content-Security-Policy") != contentPolicy || p.header.Get("Cache-Control") != "no-store" || !strings.Contains(p.body, `<meta name="robots" content="noindex">`) {
				t.Errorf("%s: %v", address, p.header)
			}
		}
	}
}

func boardStale(t *testing.T, f *federation) {
	f.later(49 * time.Hour)
	f.get("/board").want(t, 200, `class="warn">Open Collective was read <strong>2 days ago</strong>`, "That is stale")
	f.get("/board/set-up").want(t, 200, "That is stale: it should be read again.")
}

func boardForSpreadsheets(t *testing.T, f *federation) {
	_, _, err := f.roll.Add(t.Context(), f.op, roll.NewMember{Name: "=HYPERLINK(1)", Handle: "formula", Kind: member.Organisation})
	f.ok(err)
	f.later(time.Second)
	p := f.get("/board.csv")
	if p.header.Get("Content-Type") != "text/csv; charset=utf-8" || !strings.HasPrefix(p.header.Get("Content-Disposition"), "attachment") || p.header.Get("Cache-Control") != "no-store" {
		t.Errorf("headers: %v", p.header)
	}
	rows, err := csv.NewReader(strings.NewReader(p.body)).ReadAll()
	f.ok(err)
	if len(rows) != 11 || rows[0][0] != "member" || !slices.ContainsFunc(rows, func(r []string) bool { return r[2] == "'=HYPERLINK(1)" }) || strings.Contains(p.body, ",=") {
		t.Errorf("rows: %q", rows)
	}
	if rows, err = csv.NewReader(strings.NewReader(f.get("/board.csv?find=formula").body)).ReadAll(); err != nil || len(rows) != 2 {
		t.Errorf("%v %q", err, rows)
	}
	f.as(f.fay)
	f.get("/board.csv").want(t, 403, "only the treasurers of the federation read them")
	f.as("")
	f.get("/board?state=lapsed").leads(t, "/sign-in?next=%2Fboard%3Fstate%3Dlapsed")
}

// Nobody, one, some and very many.
func boardOfMany(t *testing.T, f *federation) {
	var list strings.Builder
	list.WriteString("name,kind\n")
	for i := range 5000 {
		fmt.Fprintf(&list, "Member %04d,organisation\n", i)
	}
	_, _, err := f.roll.Import(t.Context(), f.op, strings.NewReader(list.String()), roll.CSV, false)
	f.ok(err)
	p := f.get("/board?sort=state&page=50").want(t, 200, "5010 members", "4901–5000 of 5010", `rel="next" href="?page=51&amp;sort=state"`)
	if size := len(p.body) + len(styleText); size > 90_000 {
		t.Errorf("the page takes %d bytes", size)
	}
	f.get("/board/pictures?months=24") // reads what is in memory
	began := time.Now()
	p = f.get("/board/pictures?months=24").want(t, 200, "5009 members now")
	if took := time.Since(began); took > 5*time.Second || len(p.body) > 60_000 {
		t.Errorf("the pictures take %s and %d bytes", took, len(p.body))
	}
	t.Logf("the pictures took %s", time.Since(began))
}

func TestBoardPictures(t *testing.T) {
	for _, n := range []int{0, 1, 20, 5000} {
		counts := map[eligibility.State]int{eligibility.StateCurrent: n}
		if n > 0 {
			counts[eligibility.StateLapsed] = 1
		}
		b := &board{reading: &reading{p: &Pages{o: Options{Zone: time.UTC}}}}
		p := b.statesOf(counts, boardQuery{})
		if n == 0 && (p.Title != "No members yet" || len(p.Rows) != 0) || n > 0 && (len(p.Rows) != 2 || p.Rows[0].Width != statesWidth || p.Rows[1].Width < 3 || p.Height != 2*stateStep) {
			t.Errorf("%d: %+v", n, p)
		}
		now := instant.Date(2026, 3, 20).Add(20 * time.Hour)
		list := make([]roll.Lapse, n)
		for i := range list {
			list[i].On = now + instant.Instant(i)*lapseWithin/instant.Instant(n)
		}
		l, sum := b.lapseOf(now, list), 0
		for _, d := range l.Days {
			sum += d.Count
			if d.X < 0 || d.X+d.Width > l.Width || d.Y < 0 || d.Height < 4 || d.Y+d.Height != l.Height {
				t.Errorf("%d: %+v", n, d)
			}
		}
		if sum != n || l.Total != n || len(l.Rows) != min(n, mostLapsing) || len(l.Ticks) != 4 || l.Ticks[3] != "19 Apr" {
			t.Errorf("%d: %d drawn, %+v", n, sum, l)
		}
	}
}

// TestNothingIsSaidOfNoMembers: a step that is about every member is not done while there
// is none, and no step else says that it is.
func TestNothingIsSaidOfNoMembers(t *testing.T) {
	done := func(st roll.Status) (out []string) {
		for _, step := range (&board{reading: &reading{p: &Pages{o: Options{Zone: time.UTC}}, v: &visit{}}}).steps(&st) {
			if step.Done {
				out = append(out, step.Words)
			} else if step.Words == "Every member has a delegate" && st.Members == 0 && step.Note != "there are no members yet" {
				t.Errorf("of no members it says %q", step.Note)
			}
		}
		return out
	}
	if got := done(roll.Status{}); !slices.Equal(got, []string{"Nothing is held", "Nothing is to be sorted out"}) {
		t.Errorf("without members done is: %v", got)
	}
	if got := done(roll.Status{Members: 2}); !slices.Contains(got, "Every member has a delegate") || !slices.Contains(got, "Members are linked to their accounts") {
		t.Errorf("with members done is: %v", got)
	}
	if got := done(roll.Status{Members: 2, NoDelegate: []string{"Ash"}}); slices.Contains(got, "Every member has a delegate") {
		t.Errorf("one has no delegate, and done is: %v", got)
	}
}
