package roll

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/notify"
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

// ApplicationMail is a mail that asks an applicant whether the address is theirs.
// It holds nothing that was typed: whoever fills in the form may be nobody whom the
// address's owner knows.
type ApplicationMail struct {
	ID       string // of the application
	Email    string
	Language string
	Token    string          // of the link
	Expires  instant.Instant // the link's
}

// applicationPauses are how long to wait before the mail is tried again.
var applicationPauses = []instant.Instant{minute, 5 * minute, 15 * minute, 60 * minute, 4 * 60 * minute, 12 * 60 * minute}

const minute = instant.Day / (24 * 60)

// NextApplicationMail claims the mail that is due first, with a link of its own; ok
// is false where none is due, and next is then when one may be tried; 0 for never.
// One whose sending is not told of (ApplicationMailed) is tried again, some times.
func (r *Roll) NextApplicationMail(ctx context.Context) (m ApplicationMail, next instant.Instant, ok bool, err error) {
	err = r.db.InTx(ctx, store.NoStream, r.now(), func(tx *store.Tx) error {
		m, next, ok = ApplicationMail{}, 0, false
		row, found, err := tx.ApplicationToMail(ctx)
		if err != nil || !found {
			return err
		}
		if row.TryAt > tx.Now() {
			next = row.TryAt
			return nil
		}
		m, ok = ApplicationMail{ID: row.ID, Email: row.Email, Language: row.Language, Token: secret(), Expires: row.Created + ApplicationConfirmWithin}, true
		if row.TryAt = 0; row.Tries < int64(len(applicationPauses)) {
			row.TryAt = tx.Now() + applicationPauses[row.Tries]
		}
		row.Tries++
		if err := tx.SetApplication(ctx, row); err != nil {
			return err
		}
		return tx.AddApplicationLink(ctx, store.ApplicationLink{Hash: TokenHash(m.Token), Application: row.ID, Created: tx.Now()})
	})
	if err != nil {
		return ApplicationMail{}, 0, false, fmt.Errorf("look for an application to mail: %w", err)
	}
	return m, next, ok, nil
}

// ApplicationMailed says that a mail was taken, or refused for good: it is not tried
// again.
func (r *Roll) ApplicationMailed(ctx context.Context, id string) error {
	err := r.db.InTx(ctx, store.NoStream, r.now(), func(tx *store.Tx) error {
		row, ok, err := tx.Application(ctx, id)
		if err != nil || !ok {
			return err
		}
		row.TryAt = 0
		return tx.SetApplication(ctx, row)
	})
	if err != nil {
		return fmt.Errorf("note that an application was mailed: %w", err)
	}
	return nil
}

// PruneApplications removes what is over, in a transaction that tidies.
func PruneApplications(ctx context.Context, tx *store.Tx) error {
	_, err := tx.PruneApplications(ctx, tx.Now()-ApplicationConfirmWithin, tx.Now()-ApplicationKeptFor)
	return err
}

// ApplicationPath is where a link leads by which an applicant confirms, before its
// token.
const ApplicationPath = "/join/confirm/"

// Why a link by which an applicant confirms does nothing.
var (
	ErrNoApplicationLink   = errors.New("there is no such link")
	ErrApplicationLinkOver = errors.New("the time to confirm the application is over")
)

// actionConfirmApplication is the audit chain's word for confirming an application.
const actionConfirmApplication = "confirm_application"

// LookAtApplication says what a link confirms, or has confirmed. It changes nothing.
func (r *Roll) LookAtApplication(ctx context.Context, token string) (row store.Application, err error) {
	err = r.db.View(ctx, func(tx *store.Tx) error {
		row, err = applicationOf(ctx, tx, token, r.now())
		return err
	})
	return row, applicationLinkError(err)
}

func applicationOf(ctx context.Context, tx *store.Tx, token string, now instant.Instant) (store.Application, error) {
	row, ok, err := tx.ApplicationOf(ctx, TokenHash(token))
	switch {
	case err != nil:
		return row, err
	case !ok:
		return row, ErrNoApplicationLink
	case row.Confirmed == 0 && now >= row.Created+ApplicationConfirmWithin:
		return row, ErrApplicationLinkOver
	}
	return row, nil
}

// ConfirmApplication confirms an application by the link that was mailed to its
// address, once; afterwards it says the same. Treasurers and facilitators are told.
func (r *Roll) ConfirmApplication(ctx context.Context, token string) error {
	row, err := r.LookAtApplication(ctx, token)
	if err != nil || row.Confirmed != 0 {
		return err
	}
	by := By{Actor: member.Actor{ID: "application:" + row.ID, Label: "an applicant"}, Reason: "confirmed by the link that was mailed to the applicant"}
	_, err = r.enter(ctx, by, actionConfirmApplication, "confirm the application", row.ID, func(a *act) error {
		row, err := applicationOf(ctx, a.tx, token, a.now)
		if err != nil {
			return err
		}
		if row.Confirmed != 0 {
			return errConfirmedAlready
		}
		row.Confirmed, row.TryAt = a.now, 0
		a.tellLater(func(ctx context.Context, out *outgoing) error {
			to, err := out.holders(ctx, admitters)
			if err == nil {
				out.add(a.atOnce(notify.Application, "", row.ID), notify.Treasurers, to...)
			}
			return err
		})
		return a.tx.SetApplication(ctx, row)
	})
	if errors.Is(err, errConfirmedAlready) { // the button was pressed twice at once
		return nil
	}
	return applicationLinkError(err)
}

var errConfirmedAlready = errors.New("the application was confirmed meanwhile")

// applicationLinkError keeps the two refusals as they are.
func applicationLinkError(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, ErrNoApplicationLink):
		return ErrNoApplicationLink
	case errors.Is(err, ErrApplicationLinkOver):
		return ErrApplicationLinkOver
	}
	return fmt.Errorf("confirm an application: %w", err)
}

// ApplicationLetter is an application for the letter to those who decide about it;
// ok is false when there is nothing to tell any more.
func ApplicationLetter(ctx context.Context, tx *store.Tx, id string) (row store.Application, ok bool, err error) {
	row, ok, err = tx.Application(ctx, id)
	return row, ok && row.Confirmed != 0 && row.Outcome == store.Undecided, err
}
