package web

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/money"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/roll"
)

// pressed are what a button sends: the fields of the form whose button has these words,
// in the part of the page that begins with an id.
func pressed(t *testing.T, p page, id, button string) []string {
	t.Helper()
	_, part, found := strings.Cut(p.body, `id="`+id+`"`)
	part, _, _ = strings.Cut(part, "\n</li>")
	for _, form := range regexp.MustCompile(`(?s)<form.*?</form>`).FindAllString(part, -1) {
		if !strings.Contains(form, `">`+button+`</button>`) {
			continue
		}
		var fields []string
		for _, in := range regexp.MustCompile(`<input [^>]*name="([^"]+)"[^>]* value="([^"]*)"`).FindAllStringSubmatch(form, -1) {
			fields = append(fields, in[1], in[2])
		}
		return fields
	}
	t.Fatalf("no button %q at %s (%v):\n%s", button, id, found, p.body)
	return nil
}

// without leaves a field out.
func without(fields []string, name string) []string {
	i := slices.Index(fields, name)
	return slices.Concat(fields[:i], fields[i+2:])
}

// Who pays and is linked to nobody is linked, adopted or marked with one press, and a
// second press changes nothing.
func boardPayers(t *testing.T, f *federation) {
	p := f.get("/board/payers").want(t, 200, "4 payers are linked to nobody.", "A &lt;em&gt;Giver&lt;/em&gt; (@giver) pays and is linked to nobody.", "£10.00 monthly", "1 charge", "It looks like:", ">Dogwood Care</a>",
		"its slug is the member&#39;s handle", "Link it to Dogwood Care", "What this account pays counts for Dogwood Care, and what it paid before, too.", "Make it a member", "Mark it as a supporter’s", `value="gives, and is no member"`)
	if strings.Contains(p.body, "goodstanding ") {
		t.Error("the page names a command")
	}
	before := f.rows(t)
	giver := pressed(t, p, "acc-giver", "Mark it as a supporter’s")
	f.post("/board/payers/sort-out", without(giver, "reason")...).want(t, 409, "Nothing was changed", "<li>a reason is needed: say why</li>", "<details open><summary>Mark it as a supporter’s")
	f.post("/board/payers/sort-out", "account", "acc-giver", "act", "<b>", "reason", "x").want(t, 409, "what it is about has changed since it was shown: look at it again")
	f.post("/board/payers/sort-out", "account", "<i>", "act", "x", "reason", "x").want(t, 409, "it may be sorted out already")
	if f.rows(t) != before {
		t.Error("a refusal changed something")
	}
	for _, one := range []struct{ id, button, done string }{
		{"acc-giver", "Mark it as a supporter’s", "It gives, and is no member"}, {"acc-joiner", "Make it a member", "It becomes a member of its own"}, {"acc-dogwood-care", "Link it to Dogwood Care", "counts for Dogwood Care"},
	} {
		fields := pressed(t, p, one.id, one.button)
		f.post("/board/payers/sort-out", fields...).want(t, 200, "<h1>Sorted out</h1>", one.done)
		f.later(time.Second)
		f.post("/board/payers/sort-out", fields...).want(t, 409, "Nothing was changed", "it may be sorted out already")
	}
	if now := f.rows(t); now != before+4 { // an adoption has a row of its own beside the member's
		t.Errorf("%d rows of the audit log, want %d", now, before+4)
	}
	f.get("/board/payers").want(t, 200, "1 payer is linked to nobody.", "@elm")
	f.get("/board/members/dogwood-care").want(t, 200, "@dogwood-care")
	// Each can be taken back where it was done.
	f.get("/board/payers").want(t, 200, "<h2 id=\"supporters\">Supporters</h2>", "A &lt;em&gt;Giver&lt;/em&gt; (@giver)")
	f.post("/board/payers/take-back", "account", "acc-giver").want(t, 409, "a reason is needed: say why", "<details open><summary>Take the mark back")
	f.post("/board/payers/take-back", "account", "<b>", "reason", "x").want(t, 409, "Nothing was changed")
	f.post("/board/payers/take-back", "account", "acc-giver", "reason", "is a member").want(t, 200, "The mark is taken back")
	f.later(time.Second)
	f.post("/board/payers/take-back", "account", "acc-giver", "reason", "is a member").want(t, 409, "is not marked as supporter")
	f.get("/board/payers").want(t, 200, "2 payers are linked to nobody.")
	f.post("/board/payers/sort-out", giver...).want(t, 200, "Sorted out") // as it was
	f.later(time.Second)
	f.get("/board?find=joiner").want(t, 200, "Joiner Co")
	unlinks(t, f)
	f.as(f.fay)
	f.post("/board/payers/sort-out", giver...).want(t, 403, "only the treasurers")
}

// A link ends now, or is taken back whole; and that there is no account is noted.
func unlinks(t *testing.T, f *federation) {
	t.Helper()
	of, joiner := "/board/members/dogwood-care", "/board/members/joiner-co"
	f.post(of+"/unlink", "account", "acc-dogwood-care", "until", "soon", "reason", "x").want(t, 409, "until: “soon” is no day", `<details id="unlink-acc-dogwood-care-form" open>`, `name="until" type="date" value="soon"`, `maxlength="2000" value="x"`)
	f.post(of+"/unlink", "account", "acc-dogwood-care").want(t, 409, "a reason is needed: say why")
	f.post(of+"/unlink", "account", "acc-joiner", "reason", "x").want(t, 409, "is not linked to dogwood-care")
	f.post(of+"/unlink", "account", "acc-dogwood-care", "until", "2000-01-01", "reason", "a <b>mistake").want(t, 200, "The account is no longer linked to this member.")
	f.later(time.Second)
	f.post(of+"/unlink", "account", "acc-dogwood-care", "until", "2000-01-01", "reason", "a <b>mistake").want(t, 409, "Nothing was changed")
	f.get(of).want(t, 200, "None linked.", "It has none, on purpose")
	f.post(of+"/no-account", "none", "yes").want(t, 409, "a reason is needed: say why", `<details id="no-account-form" open>`)
	f.post(of+"/no-account", "none", "yes", "reason", "pays by transfer").want(t, 200, "it pays in other ways")
	f.later(time.Second)
	f.post(of+"/no-account", "none", "yes", "reason", "pays by transfer").want(t, 409, "Nothing was changed")
	f.get(of).want(t, 200, "None linked: it has none, on purpose.", "It may have one", "Has no account on Open Collective, on purpose")
	f.post(of+"/no-account", "reason", "it has").want(t, 200, "It may have an account")
	f.post(joiner+"/no-account", "none", "yes", "reason", "x").want(t, 409, "Nothing was changed")
	f.later(time.Second)
	f.post(of+"/link", "account", "dogwood-care", "reason", "its own").want(t, 200, "The account is linked")
	f.later(time.Second)
}

// An entry of the desk whose remedy is one act has its button; the others lead to where
// it is done.
func boardSortsOut(t *testing.T, f *federation) {
	p := f.get("/board/desk?kind=unmatched_payer").want(t, 200, "@elm")
	id := entryOn.FindStringSubmatch(p.body)[1]
	fields := pressed(t, p, id, "Mark it as a supporter’s")
	before := f.rows(t)
	f.post("/board/desk/sort-out", without(fields, "reason")...).want(t, 409, "Nothing was changed", "a reason is needed: say why")
	f.post("/board/desk/sort-out", "entry", id, "act", "x", "reason", "x").want(t, 409, "look at it again")
	f.post("/board/desk/sort-out", "entry", "<b>", "act", "x", "reason", "x").want(t, 409, "it is not on the desk any more: it may be sorted out already")
	if f.rows(t) != before {
		t.Error("a refusal changed something")
	}
	f.post("/board/desk/sort-out", fields...).want(t, 200, "Sorted out", "What else is to be sorted out")
	f.later(time.Second)
	f.post("/board/desk/sort-out", fields...).want(t, 409, "it is not on the desk any more")
	if now := f.rows(t); now != before+1 {
		t.Errorf("%d rows of the audit log, want %d", now, before+1)
	}
	elm, err := f.roll.FindAccount(t.Context(), "elm") // as it was, for what comes after
	f.ok(err)
	f.ok(f.roll.Supporter(t.Context(), f.op, elm, false))
	f.later(time.Second)
}

// A treasurer becomes delegate of nothing by a merge, which another one can do.
func TestTheBoardMerges(t *testing.T) {
	f := newFederation(t)
	f.upstream()
	ctx := t.Context()
	twice, _, err := f.roll.Add(ctx, f.op, roll.NewMember{Name: "Ash Workers Co-op", Kind: member.Organisation, Since: instant.Date(2024, 1, 10)})
	f.ok(err)
	for account, of := range map[member.AccountID]member.ID{"acc-giver": f.ash, "acc-joiner": twice} {
		_, err = f.roll.Link(ctx, f.op, of, account, 0, 0)
		f.ok(err)
	}
	f.ok(f.roll.SetRole(ctx, f.op, f.noor, member.Treasurer, true))
	f.later(time.Second)
	f.as(f.ada)
	p := f.get("/board/desk?kind=two_accounts").want(t, 200, "Merge it into Ash Workers Co-op")
	fields := pressed(t, p, entryOn.FindStringSubmatch(p.body)[1], "Merge it into Ash Workers Co-op")
	before := f.rows(t)
	f.post("/board/desk/sort-out", fields...).want(t, 409, "Nothing was changed",
		"a treasurer cannot make himself a delegate: you are one of ash-workers-co-op, and would become one of ash-workers-co-op-2; another treasurer or the operator can merge them")
	if f.rows(t) != before {
		t.Error("a refusal changed something")
	}
	f.as(f.noor)
	f.post("/board/desk/sort-out", fields...).want(t, 200, "<h1>Sorted out</h1>")
}

// What each button says, and what it does.
func TestActWords(t *testing.T) {
	b := drawing()
	whole := money.Money{Minor: 1000, Currency: gbp}
	for _, c := range []struct {
		act          roll.DeskAct
		button, does string
	}{
		{roll.DeskAct{Deed: roll.DeskLink, Name: "Ash", From: instant.Date(2026, 3, 1)}, "Link it to Ash", "What this account has paid since 1 March 2026 counts for Ash."},
		{roll.DeskAct{Deed: roll.DeskPay, Name: "Ash", Payment: roll.PaymentEntry{Charge: "c", Months: 3}}, "Let it count for 3 months", "The charge counts as dues of Ash for 3 months from its day on."},
		{roll.DeskAct{Deed: roll.DeskPay, Name: "Ash", Payment: roll.PaymentEntry{Charge: "c", Months: 1, Amount: whole}}, "Let it count as £10.00", "The charge counts as £10.00 of dues of Ash, for 1 month from its day on."},
		{roll.DeskAct{Deed: roll.DeskPay, Name: "Ash", Payment: roll.PaymentEntry{Months: 1, Amount: whole, From: instant.Date(2026, 3, 1)}}, "Enter £10.00", "£10.00 is entered as a payment of Ash for 1 month from 1 March 2026."},
		{roll.DeskAct{Deed: roll.DeskWaive, Name: "Ash", Until: instant.Date(2026, 3, 1)}, "Waive the dues until 1 March 2026", "The dues of Ash are waived from now until 1 March 2026. The member and the treasurers read that, nobody else."},
		{roll.DeskAct{Deed: roll.DeskMerge, Name: "Ash", To: "Birch"}, "Merge it into Birch", "Links, payments, waivers, delegates and contacts of Ash become those of Birch, and Ash has left. This cannot be taken back."},
		{roll.DeskAct{Deed: roll.DeskDelegate, Name: "Ash", To: "Dora"}, "Make Dora its delegate", "Dora may vote for Ash and act for it; in a decision that is open already only once the member has confirmed it."},
	} {
		if button, does := b.actWords(&c.act); button != c.button || does != c.does {
			t.Errorf("%+v: %q, %q", c.act, button, does)
		}
	}
	seen := map[string]bool{}
	for _, kind := range roll.DeskKinds() {
		for _, e := range []roll.DeskEntry{{Kind: kind, Member: "m"}, {Kind: kind}} {
			to := (&board{reading: &reading{}}).elsewhere(&e)
			if seen[to.Words] = true; (to.Words == "") != (to.Href == "") || e.Member != "" && to.Href == "" {
				t.Errorf("%s: %+v", kind, to)
			}
		}
	}
	if len(seen) != 5 {
		t.Errorf("links: %v", seen)
	}
}
