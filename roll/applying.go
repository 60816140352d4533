package roll

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/store"
)

// How long an application is kept.
const (
	// ApplicationConfirmWithin is how long the applicant has to confirm it.
	ApplicationConfirmWithin = 7 * instant.Day
	// ApplicationKeptFor is how long it is kept once it was accepted or declined.
	ApplicationKeptFor = 90 * instant.Day
)

// How much one may apply. Whoever fills in the form has a mail sent to an address
// that may be somebody else's, so what one address gets is bounded.
const (
	mostApplicationsADay = 3
	mostApplicationsKept = 6   // of one address, within ApplicationConfirmWithin
	mostUnconfirmed      = 500 // of all addresses
)

// Bounds of what is typed, in characters. The summary is two sentences.
const (
	LongestApplicationSummary     = 600
	LongestApplicationInvolvement = longestText
)

// What an applicant agrees to, in the words of the form.
const (
	AgreeToCode   = "We have read the code of co-operation, and agree to it."
	AgreeToBeRead = "Treasurers and facilitators may read what is written here and write to us about it, and the members may be asked to decide on it."
)

// ErrManyApplications says that more applications wait for being confirmed than
// are kept.
var ErrManyApplications = errors.New("too many applications wait for being confirmed")

// NewApplication is what the form holds (federation.md, section 4: the fields of
// join.md).
type NewApplication struct {
	Kind           member.Kind
	Name           string
	Website        string // "" for none
	Summary        string // who they are
	Involvement    string // how they will use what is shared, and take part
	Sponsor        string // a member that speaks for them; "" for none
	Representative string // who acts for them; an individual does so itself
	Email          string // the representative's
	Matrix         string // likewise; "" for none
	Language       string // of mails; one of Roll.MailLanguages
	Code, Read     bool   // AgreeToCode and AgreeToBeRead
}

func (n *NewApplication) trim() {
	for _, s := range []*string{&n.Name, &n.Website, &n.Sponsor, &n.Representative, &n.Email, &n.Matrix} {
		*s = strings.TrimSpace(*s)
	}
	n.Summary, n.Involvement = strings.TrimSpace(unixLines(n.Summary)), strings.TrimSpace(unixLines(n.Involvement))
	if n.Website != "" && !strings.Contains(n.Website, "://") {
		n.Website = "https://" + n.Website
	}
	if n.Kind == member.Individual && n.Representative == "" {
		n.Representative = n.Name
	}
}

// faults are everything that is wrong with what was typed, in the order of the form.
func (n *NewApplication) faults(languages []string) []string {
	var w reasons
	need := func(text, fault string) {
		if text == "" {
			w.refuse("%s", fault)
		}
	}
	if n.Kind != member.Organisation && n.Kind != member.Individual {
		w.refuse("say whether an organisation or an individual would join")
	}
	need(n.Name, "a name is needed")
	w.refuseAll(nameFaults("the name", n.Name))
	w.refuseAll(websiteFaults(n.Website))
	need(n.Summary, "a summary is needed: two sentences about who you are")
	w.refuseAll(textFaults("the summary", n.Summary, LongestApplicationSummary, true))
	need(n.Involvement, "say how you would use what is shared, and take part")
	w.refuseAll(textFaults("how you would take part", n.Involvement, LongestApplicationInvolvement, true))
	w.refuseAll(nameFaults("the sponsor", n.Sponsor))
	if n.Kind != member.Individual {
		need(n.Representative, "the name of a representative is needed: who would act for you")
	}
	w.refuseAll(nameFaults("the name of the representative", n.Representative))
	need(n.Email, "an e-mail address is needed: a link to confirm the application is sent there")
	w.refuseAll(emailFaults("the representative's address", n.Email))
	w.refuseAll(matrixFaults("the Matrix name", n.Matrix))
	if !slices.Contains(languages, n.Language) {
		w.refuse("choose the language of mails")
	}
	if !n.Code {
		w.refuse("joining needs your agreement to the code of co-operation")
	}
	if !n.Read {
		w.refuse("without your consent nobody may read the application, or write to you about it")
	}
	return w
}

// consent is what was agreed to.
func (n *NewApplication) consent() string { return AgreeToCode + " " + AgreeToBeRead }

// CheckApplication says what is wrong with a form, as a *Refused; it looks nothing up.
func (r *Roll) CheckApplication(n NewApplication) error {
	n.trim()
	if faults := n.faults(r.MailLanguages()); len(faults) > 0 {
		return &Refused{What: "send the application", Reasons: faults}
	}
	return nil
}

// Apply keeps an application that nobody reads before it is confirmed. What is wrong
// with it is a *Refused. It leaves no trace in the audit chain: anybody on the web
// can send the form. Where the address was given too often, or the same was sent
// already, nothing is kept and nothing told, so that nobody learns who has applied.
func (r *Roll) Apply(ctx context.Context, n NewApplication) error {
	if err := r.CheckApplication(n); err != nil {
		return err
	}
	n.trim()
	row := store.Application{ID: r.newID("ap"), Kind: n.Kind, Name: n.Name, Website: n.Website, Summary: n.Summary, Involvement: n.Involvement, Sponsor: n.Sponsor,
		Representative: n.Representative, Email: n.Email, Matrix: n.Matrix, Language: n.Language, Consent: n.consent()}
	err := r.db.InTx(ctx, store.NoStream, r.now(), func(tx *store.Tx) error {
		row.Created, row.TryAt = tx.Now(), tx.Now()
		before, err := tx.ApplicationsFrom(ctx, row.Email, row.Created-ApplicationConfirmWithin)
		if err != nil || tooOften(before, &row) {
			return err
		}
		waiting, err := tx.UnconfirmedApplications(ctx)
		if err == nil && waiting >= mostUnconfirmed {
			err = ErrManyApplications
		}
		if err != nil {
			return err
		}
		return tx.SetApplication(ctx, row)
	})
	if err != nil && !errors.Is(err, ErrManyApplications) {
		return fmt.Errorf("keep an application: %w", err)
	}
	return err
}

// tooOften says that one more application from the address is one too many, or the
// same as one that was sent before.
func tooOften(before []store.Application, row *store.Application) bool {
	today := 0
	for _, b := range before {
		if b.Created > row.Created-instant.Day {
			today++
		}
		same := *row
		same.ID, same.Created, same.Tries, same.TryAt, same.Confirmed = b.ID, b.Created, b.Tries, b.TryAt, b.Confirmed
		same.Decided, same.DecidedBy, same.Outcome, same.Member, same.Reason = b.Decided, b.DecidedBy, b.Outcome, b.Member, b.Reason
		if same == b && b.Outcome == store.Undecided {
			return true
		}
	}
	return today >= mostApplicationsADay || len(before) >= mostApplicationsKept
}
