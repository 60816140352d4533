package web

import (
	"net/http"

	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/roll"
)

// actLine is a remedy with one press: what the button says, and what pressing it does.
type actLine struct {
	Mark, Button, Does string
	Why                string // the reason to begin with, or as it was sent
	Refused            bool   // it was sent and refused
}

// actLines are the acts as a page offers them.
func (b *board) actLines(acts []roll.DeskAct, on deedForm) (out []actLine) {
	for i := range acts {
		a := &acts[i]
		line := actLine{Mark: a.Mark, Why: told(b.v.language(), a.Why).Text}
		line.Button, line.Does = b.actWords(a)
		if on.Deed == a.Mark {
			line.Why, line.Refused = on.Sent("reason"), true
		}
		out = append(out, line)
	}
	return out
}

// actWords say what a button does: short on it, in full above it.
func (b *board) actWords(a *roll.DeskAct) (button, does string) {
	switch a.Deed {
	case roll.DeskLink:
		does = b.sayf("What this account pays counts for %s, and what it paid before, too.", a.Name)
		if a.From != 0 {
			does = b.sayf("What this account has paid since %s counts for %s.", b.day(a.From).Words, a.Name)
		}
		return b.sayf("Link it to %s", a.Name), does
	case roll.DeskSupporter:
		return b.say("Mark it as a supporter’s"), b.say("It gives, and is no member: nobody is asked about its payments any more. The mark can be taken back.")
	case roll.DeskAdopt:
		return b.say("Make it a member"), b.say("It becomes a member of its own since its first payment, linked to this account. No name becomes public by it; what members are told at their beginning waits for a yes or no.")
	case roll.DeskPay:
		return b.payWords(a)
	case roll.DeskWaive:
		until := b.day(a.Until).Words
		return b.sayf("Waive the dues until %s", until), b.sayf("The dues of %s are waived from now until %s. The member and the treasurers read that, nobody else.", a.Name, until)
	case roll.DeskMerge:
		return b.sayf("Merge it into %s", a.To), b.sayf("Links, payments, waivers, delegates and contacts of %s become those of %s, and %s has left. This cannot be taken back.", a.Name, a.To, a.Name)
	case roll.DeskDelegate:
		return b.sayf("Make %s its delegate", a.To), b.sayf("%s may vote for %s and act for it; in a decision that is open already only once the member has confirmed it.", a.To, a.Name)
	}
	return "", ""
}

func (b *board) payWords(a *roll.DeskAct) (button, does string) {
	months := b.count(a.Payment.Months, "month", "months")
	amount := ""
	if !a.Payment.Amount.Currency.IsZero() {
		amount = a.Payment.Amount.Symbol()
	}
	switch {
	case a.Payment.Charge == "":
		return b.sayf("Enter %s", amount), b.sayf("%s is entered as a payment of %s for %s from %s.", amount, a.Name, months, b.day(a.Payment.From).Words)
	case amount == "":
		return b.sayf("Let it count for %s", months), b.sayf("The charge counts as dues of %s for %s from its day on.", a.Name, months)
	}
	return b.sayf("Let it count as %s", amount), b.sayf("The charge counts as %s of dues of %s, for %s from its day on.", amount, a.Name, months)
}

// actDone says what was done, once it is.
func (b *board) actDone(a *roll.DeskAct, report roll.Report, to, link string) error {
	_, does := b.actWords(a)
	return b.done(b.say("Sorted out"), does, report, to, link)
}

// sortOut does what an entry of the desk offers.
func (b *board) sortOut() error {
	act, report, err := b.p.o.Roll.SortOut(b.v.r.Context(), b.by, b.field("entry"), b.field("act"))
	if reasons, is := refused(err); is {
		return b.sorting(http.StatusConflict, b.refusedForm(b.field("act"), reasons))
	}
	if err != nil {
		return err
	}
	return b.actDone(&act, report, deskPath, b.say("What else is to be sorted out"))
}

// payersPage is who pays and is linked to nobody.
type payersPage struct {
	Tabs   []tab
	Total  int
	Payers []payerLine
	Pager  pager
	Act    deedForm

	Supporters []supporterLine // the first ones
	More       int             // supporters that are not listed
}

type supporterLine struct {
	ID, Name string
	Since    moment
}

type payerLine struct {
	ID, Name, Sentence string
	Amount, Every      string
	Since, LastPaid    moment
	Charges            int
	Likely             []likelyLine
	Acts               []actLine
}

// likelyLine is a member that a payer looks like, and why.
type likelyLine struct {
	Name, Address string
	Why           []phrase
}

const (
	payersPath = boardPath + "/payers"
	mostPayers = 25 // on one page

	mostSupporters = 100
)

// payers shows them.
func (b *board) payers() error { return b.unmatched(http.StatusOK, deedForm{}) }

func (b *board) unmatched(status int, act deedForm) error {
	cards, err := b.p.o.Roll.Payers(b.v.r.Context())
	if err != nil {
		return err
	}
	page := payersPage{Tabs: b.tabs(payersPath), Total: len(cards), Act: act}
	cards, page.Pager = paged(b.reading, cards, mostPayers)
	for i := range cards {
		c := &cards[i]
		line := payerLine{ID: string(c.Account.ID), Name: capital(c.NameIn(b.v.lang)), Sentence: c.SentenceIn(b.v.lang), Since: b.day(c.Since), LastPaid: b.day(c.LastPaid), Charges: c.Charges, Acts: b.actLines(c.Acts, act)}
		if c.Amount != nil {
			line.Amount = c.Amount.Symbol()
		}
		if c.Every != "" {
			line.Every = b.say("pays|" + c.Every)
		}
		for _, like := range c.Likely {
			one := likelyLine{Name: like.Name, Address: memberAddress(&roll.Row{ID: like.Member})}
			for _, why := range like.Reasons {
				one.Why = append(one.Why, told(b.v.lang, why))
			}
			line.Likely = append(line.Likely, one)
		}
		page.Payers = append(page.Payers, line)
	}
	supporters, err := b.p.o.Roll.Supporters(b.v.r.Context())
	if err != nil {
		return err
	}
	for _, s := range supporters[:min(mostSupporters, len(supporters))] {
		page.Supporters = append(page.Supporters, supporterLine{string(s.Account.ID), capital(s.NameIn(b.v.lang)), b.day(s.Since)})
	}
	page.More = len(supporters) - len(page.Supporters)
	return b.page(status, "boardpayers", b.say("Payers"), page)
}

// sortOutPayer does what a payer's card offers.
func (b *board) sortOutPayer() error {
	act, report, err := b.p.o.Roll.SortOutPayer(b.v.r.Context(), b.by, member.AccountID(b.field("account")), b.field("act"))
	if reasons, is := refused(err); is {
		return b.unmatched(http.StatusConflict, b.refusedForm(b.field("act"), reasons))
	}
	if err != nil {
		return err
	}
	return b.actDone(&act, report, payersPath, b.say("The other payers"))
}

// takeMarkBack takes back that an account is a supporter's.
func (b *board) takeMarkBack() error {
	account := b.field("account")
	err := b.p.o.Roll.Supporter(b.v.r.Context(), b.by, member.AccountID(account), false)
	if reasons, is := refused(err); is {
		return b.unmatched(http.StatusConflict, b.refusedForm("take-back-"+account, reasons))
	}
	if err != nil {
		return err
	}
	return b.done(b.say("The mark is taken back"), b.say("The account is listed among the payers again, if it pays or has paid."), roll.Report{}, payersPath, b.say("Payers"))
}
