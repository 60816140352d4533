package roll

import (
	"context"
	"errors"
	"fmt"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/store"
)

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
