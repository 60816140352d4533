package web

import (
	"net/http"
	"strconv"
	"strings"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/money"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/roll"
)

// deedForm is a form of a page that was sent and refused; its zero value is none.
type deedForm struct {
	Deed    string // which one, or on what
	Anchor  string // where on the page it is; "" where that is plain
	Reasons []phrase
	sent    func(name string) string
}

// Sent is what was typed into a field of the form.
func (f deedForm) Sent(name string) string {
	if f.sent == nil {
		return ""
	}
	return f.sent(name)
}

// sentTo is the form as it was sent, if it was this one; else an empty one.
func sentTo(f deedForm, deed string) *deedForm {
	if f.Deed != deed {
		return &deedForm{}
	}
	return &f
}

// donePage says what a change did.
type donePage struct {
	Tabs        []tab
	Title, Text string
	Changes     []doneLine
	Notices     int // that were written
	To, Link    string
}

type doneLine struct {
	Name, Address, From, To string
	Why                     string
}

// done shows what a change did to the roll; its words are those of the page's language.
func (b *board) done(title, text string, report roll.Report, to, link string) error {
	page := donePage{Tabs: b.tabs(""), Title: title, Text: text, To: to, Link: link}
	for _, t := range report.Transitions {
		page.Changes = append(page.Changes, doneLine{t.Name, memberAddress(&roll.Row{ID: t.Member}), roll.WordsIn(b.v.language(), t.From), roll.WordsIn(b.v.language(), t.To), eligibility.WhyIn(b.v.language(), t.Reasons, b.p.o.Zone)})
	}
	for _, n := range report.Notices {
		page.Notices += n
	}
	return b.page(http.StatusOK, "boarddone", title, page)
}

// inPageWords says on a page what the command line says of its flags.
var inPageWords = strings.NewReplacer(
	": say why with --reason", ": say why", ", or say --backdate with a reason", ", or let it begin in the past", "--months N, or --from DATE --to DATE", "a number of months, or from which day to which",
)

// deed runs a change of the member that the address names. What is refused is told
// on the member's page, with the form as it was sent.
func (b *board) deed(name string, change func(id member.ID, why *[]string) (done string, report roll.Report, err error)) error {
	id, err := b.p.o.Roll.Find(b.v.r.Context(), b.v.segment)
	if _, is := refused(err); is {
		return b.member()
	}
	if err != nil {
		return err
	}
	var why []string
	text, report, err := change(id, &why)
	if reasons, is := refused(err); is {
		why = append(why, reasons...)
	} else if err != nil {
		return err
	}
	if len(why) > 0 {
		if err == nil && strings.TrimSpace(b.by.Reason) == "" {
			why = append(why, "a reason is needed: say why")
		}
		form := b.refusedForm(name, why)
		form.Anchor = name + "-form"
		return b.card(http.StatusConflict, form)
	}
	return b.done(b.say("Done"), text, report, memberAddress(&roll.Row{ID: id}), b.say("Back to the member"))
}

// typedDay is the day in a field, as midnight UTC, as the command line reads it.
func (b *board) typedDay(name, what string, why *[]string) instant.Instant {
	text := strings.TrimSpace(b.field(name))
	if text == "" {
		return 0
	}
	at, err := instant.Parse(text)
	if err != nil || at == 0 {
		*why = append(*why, what+": “"+clip(text)+"” is no day: write it as 2026-06-01")
	}
	return at
}

// link links an account to the member.
func (b *board) link() error {
	return b.deed("link", func(id member.ID, why *[]string) (string, roll.Report, error) {
		ctx := b.v.r.Context()
		from, until := b.typedDay("from", "from", why), b.typedDay("until", "until", why)
		account, err := b.p.o.Roll.FindAccount(ctx, b.field("account"))
		if reasons, is := refused(err); is {
			*why = append(*why, reasons...)
		} else if err != nil {
			return "", roll.Report{}, err
		}
		if len(*why) > 0 {
			return "", roll.Report{}, nil
		}
		report, err := b.p.o.Roll.Link(ctx, b.by, id, account, from, until)
		return b.say("The account is linked: what it pays counts for this member."), report, err
	})
}

// unlink ends the link of an account to the member, now or at a day: what was paid until
// then still counts for it.
func (b *board) unlink() error {
	account := member.AccountID(b.field("account"))
	return b.deed("unlink-"+string(account), func(id member.ID, why *[]string) (string, roll.Report, error) {
		until := b.typedDay("until", "until", why)
		if len(*why) > 0 {
			return "", roll.Report{}, nil
		}
		report, err := b.p.o.Roll.Unlink(b.v.r.Context(), b.by, id, account, until)
		return b.say("The account is no longer linked to this member."), report, err
	})
}

// noAccount notes that the member has no account on Open Collective, on purpose, or
// takes that back.
func (b *board) noAccount() error {
	return b.deed("no-account", func(id member.ID, _ *[]string) (string, roll.Report, error) {
		none := b.field("none") != ""
		report, err := b.p.o.Roll.NoAccount(b.v.r.Context(), b.by, id, none)
		if none {
			return b.say("It has no account on Open Collective, on purpose: it pays in other ways."), report, err
		}
		return b.say("It may have an account on Open Collective."), report, err
	})
}

// delegate makes somebody delegate of the member: whoever has the address, else a new
// person.
func (b *board) delegate() error {
	return b.deed("delegate", func(id member.ID, _ *[]string) (string, roll.Report, error) {
		ctx, email := b.v.r.Context(), strings.TrimSpace(b.field("email"))
		people, err := b.p.o.Roll.People(ctx)
		if err != nil {
			return "", roll.Report{}, err
		}
		for _, p := range people {
			if p.Email != "" && strings.EqualFold(p.Email, email) {
				return b.sayf("%s is delegate of the member.", p.Name), roll.Report{}, b.p.o.Roll.SetDelegate(ctx, b.by, p.ID, id, true)
			}
		}
		_, err = b.p.o.Roll.AddPerson(ctx, b.by, roll.NewPerson{Email: email, Name: b.field("name"), DelegateOf: []member.ID{id}})
		return b.sayf("%s is delegate of the member.", strings.TrimSpace(b.field("name"))), roll.Report{}, err
	})
}

// waive forgives the member its dues for a time.
func (b *board) waive() error {
	return b.deed("waive", func(id member.ID, why *[]string) (string, roll.Report, error) {
		from, until := b.typedDay("from", "from", why), b.typedDay("until", "until", why)
		if len(*why) > 0 {
			return "", roll.Report{}, nil
		}
		_, report, err := b.p.o.Roll.Waive(b.v.r.Context(), b.by, id, from, until, b.field("decision"))
		text := b.say("Its dues are waived until somebody ends that.")
		if until != 0 {
			text = b.sayf("Its dues are waived until %s.", b.day(until).Words)
		}
		return text, report, err
	})
}

// pay enters money that did not come through Open Collective.
func (b *board) pay() error {
	return b.deed("pay", func(id member.ID, why *[]string) (string, roll.Report, error) {
		entry := roll.PaymentEntry{Member: id, Received: b.typedDay("received", "received", why), From: b.typedDay("from", "from", why), To: b.typedDay("to", "to", why),
			Charge: strings.TrimSpace(b.field("charge")), Reference: strings.TrimSpace(b.field("reference"))}
		if text := strings.TrimSpace(b.field("months")); text != "" {
			n, err := strconv.Atoi(text)
			if err != nil {
				*why = append(*why, "months: “"+clip(text)+"” is no whole number")
			}
			entry.Months = n
		}
		if text := strings.TrimSpace(b.field("amount")); text != "" {
			amount, err := money.Parse(text)
			if err != nil {
				*why = append(*why, "amount: write it as GBP 120.00")
			}
			entry.Amount = amount
		}
		if len(*why) > 0 {
			return "", roll.Report{}, nil
		}
		_, report, err := b.p.o.Roll.Pay(b.v.r.Context(), b.by, entry)
		return b.say("The payment is entered."), report, err
	})
}

// reverse takes an entered payment back: a mistake is reversed, never edited.
func (b *board) reverse() error {
	return b.deed(b.field("payment"), func(id member.ID, _ *[]string) (string, roll.Report, error) {
		report, err := b.p.o.Roll.UndoPaymentOf(b.v.r.Context(), b.by, id, b.field("payment"))
		return b.say("The payment is reversed: it is as if it had not been entered."), report, err
	})
}

// endWaiver ends a waiver now.
func (b *board) endWaiver() error {
	return b.deed(b.field("waiver"), func(id member.ID, _ *[]string) (string, roll.Report, error) {
		report, err := b.p.o.Roll.EndWaiver(b.v.r.Context(), b.by, id, b.field("waiver"), 0)
		return b.say("The waiver ends now."), report, err
	})
}
