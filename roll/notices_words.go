package roll

import (
	"fmt"
	"strings"
	"time"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/notify"
)

// noticeWords name each kind of notice for people.
var noticeWords = map[notify.Kind]string{
	notify.PaymentLate: "payment late", notify.BeforeGraceEnds: "rights end soon", notify.Lapsed: "lapsed",
	notify.BackInStanding: "back in good standing", notify.PayingTooLittle: "paying less than the minimum",
	notify.WaiverEnding: "waiver ending", notify.NotYetPaid: "not paid yet",
	notify.PauseComing: "a pause is coming", notify.Paused: "paused", notify.Suspended: "suspended",
	notify.DelegateWelcome: "welcome to a new delegate", notify.DelegateAdded: "a delegate was added",
	notify.DelegateRemoved: "a delegate was removed", notify.DelegateConfirm: "is this a delegate?", notify.BallotCast: "a vote was cast or changed",
	notify.DecisionOpened: "decision opened", notify.DecisionAmended: "decision amended", notify.DecisionMoreTime: "more time to decide",
	notify.DecisionEscalated: "decision escalated", notify.DecisionResult: "result of a decision",
	notify.NotVoted: "not voted yet", notify.StillMissing: "who has not voted yet", notify.Opportunity: "opportunity",
	notify.ApplicationConfirm: "confirm an application to join", notify.Application: "somebody wants to join",
	notify.Brake: "the brake holds rights", notify.HoldReminder: "a hold waits", notify.AuthenticationFailure: "Open Collective refuses the token",
	notify.SchemaDrift: "Open Collective has changed", notify.Stale: "Open Collective was not read lately", notify.PolicyFault: "the policy counts no money",
	notify.Digest: "digest", notify.DuesReview: "look at the dues again", notify.Office: "a role was given or taken",
	notify.OwnEntry: "a treasurer's entry for an own member", notify.PolicyAdded: "rules were added",
}

// NoticeWords is a kind of notice as people read it; the kind itself for one that
// this version does not know.
func NoticeWords(k notify.Kind) string {
	if words, ok := noticeWords[k]; ok {
		return words
	}
	return string(k)
}

// batchWords say why a batch waits for a yes or no (domain.md, section 6,
// "Notices start off").
var batchWords = map[notify.Batch]string{
	notify.ByImport: "an import would tell it", notify.ByAdoption: "taking payers over as members would tell it", notify.ByLink: "linking an account would tell it",
	notify.ByMerge: "merging members would tell it", notify.ByPolicy: "new rules would tell it",
	notify.ByCopy: "the database is a restored backup or a copy", notify.ByGap: "nothing could be sent for days",
	notify.ByOutcome: "three times nobody knows whether the server took it",
}

// BatchWords say why a batch waits for a yes or no.
func BatchWords(b notify.Batch) string {
	if words, ok := batchWords[b]; ok {
		return words
	}
	return "this version does not know why (" + string(b) + ")"
}

// The reasons of states and details that need nothing but themselves.
var (
	heldReasons = map[string]string{
		notify.HeldStale: "Open Collective was not read since what it speaks of happened; after the next complete reading it goes, or is not needed, by itself",
		notify.HeldBrake: "members are held, and nobody is told about dues until somebody has acknowledged that (goodstanding holds show)",
	}
	failReasons = map[string]string{
		"":                      "%s refused it for good",
		notify.RefusedRecipient: "%s knows no such mailbox, or that one takes nothing any more",
		notify.RefusedMessage:   "%s did not take this one for good, though it takes others",
		notify.RefusedPolicy:    "%s takes nothing from this sender (goodstanding check-config shows the settings)",
		notify.GaveUp:           "%s did not take it for days",
	}
	addressReasons = map[string]string{
		"":                    "no address is known",
		notify.AddressGone:    "the address that was there when it was written is gone",
		notify.AddressBounced: "mails to the address came back (goodstanding notices bounced --undo, once it works again)",
	}
	suppressReasons = map[string]string{
		notify.TooLate:     "its moment had passed before it could go",
		notify.OptedOut:    "this kind was declined (goodstanding people mails)",
		notify.Dropped:     "a treasurer said no to it",
		notify.NothingTold: "nothing bad was told before, so nothing good is",
		notify.Superseded:  "a later notice says more",
		notify.NoRoom:      "it is for the room, and no room is set up",
	}
)

// reasonOf is the reason of a detail; a detail that this version does not know
// stands for itself.
func reasonOf(reasons map[string]string, detail, otherwise string) string {
	if why, ok := reasons[detail]; ok {
		return why
	}
	return strings.TrimSpace(otherwise + " " + inBrackets(detail))
}

// spaced is a word of a closed list as people read it.
func spaced(word string) string { return strings.ReplaceAll(word, "_", " ") }

func inBrackets(detail string) string {
	if detail == "" {
		return ""
	}
	return "(" + shorten(spaced(detail)) + ")"
}

// NoticeStateWords is a state of notices in a few words, whatever its detail.
func NoticeStateWords(s notify.State) string { return stepWords(s, "") }

// stepWords are a state and its detail in a few words, for tables and steps.
func stepWords(s notify.State, detail string) string {
	switch s {
	case notify.Waiting:
		return strings.TrimSpace("waiting " + inBrackets(detail))
	case notify.HeldState:
		if b, ok := notify.BatchOf(detail); ok {
			return "waits for a yes or no (" + spaced(string(b)) + ")"
		}
		return strings.TrimSpace("held " + inBrackets(detail))
	case notify.BeforeStart:
		return "notices were off"
	case notify.NoAddress:
		return strings.TrimSpace("no address " + inBrackets(detail))
	case notify.Suppressed:
		return strings.TrimSpace("not told " + inBrackets(detail))
	case notify.Recovered:
		return "no longer needed"
	}
	return strings.TrimSpace(string(s) + " " + inBrackets(detail))
}

// why answers in one sentence why somebody got a notice, or did not.
func (b *noticebook) why(n *Notice) string {
	what := "“" + n.Words + "”"
	if n.About != "" {
		what += " about " + n.About
	}
	missed := n.subject + " did not get " + what
	if n.Recipient == "" {
		missed = "Nobody got " + what
	}
	switch {
	case n.State == notify.Sent:
		return fmt.Sprintf("%s got %s on %s: %s.", n.subject, what, b.minute(n.LastStep()), b.sentReason(n))
	case n.Open(b.now, b.started != 0):
		return fmt.Sprintf("%s yet: %s.", missed, b.openReason(n))
	}
	return fmt.Sprintf("%s: %s.", missed, b.finalReason(n))
}

func (b *noticebook) sentReason(n *Notice) string {
	switch {
	case n.Channel == notify.Matrix:
		return "it stands in the room"
	case n.Letter != "" && n.Letter != n.ID:
		return "the mail server took it, in one mail with others (" + n.Letter + ")"
	}
	return "the mail server took it"
}

func (b *noticebook) openReason(n *Notice) string {
	if n.State == notify.HeldState {
		batch, ok := notify.BatchOf(n.Detail)
		if !ok {
			return reasonOf(heldReasons, n.Detail, "it is held")
		}
		return fmt.Sprintf("%s, so it waits for a treasurer's yes or no (goodstanding notices release %s, or drop)", BatchWords(batch), batch)
	}
	tried := ""
	if n.Attempts > 0 {
		tried = fmt.Sprintf("it was tried %s and not taken so far; ", timesWord(n.Attempts))
		if n.Detail == notify.OutcomeUnknown {
			tried = fmt.Sprintf("it was tried %s, and nobody knows whether it was taken; ", timesWord(n.Attempts))
		}
	}
	switch {
	case n.State == notify.BeforeStart:
		return fmt.Sprintf("notices are off; it goes on %s if a treasurer starts them before that (goodstanding notices start)", b.minute(n.DueAt))
	case n.sending > b.now:
		return "it is being sent right now"
	case b.started == 0:
		return "notices are off, and were stopped while it was on its way"
	case n.DueAt > b.now:
		return "its moment comes on " + b.minute(n.DueAt)
	case n.TryAt > b.now:
		return tried + "it is tried again on " + b.minute(n.TryAt)
	case tried != "":
		return tried + "it is tried again with the next mails"
	}
	return "it is due since " + b.minute(n.DueAt) + " and goes with the next mails (goodstanding serve sends them)"
}

func timesWord(n int) string {
	switch n {
	case 1:
		return "once"
	case 2:
		return "twice"
	}
	return fmt.Sprintf("%d times", n)
}

func (b *noticebook) finalReason(n *Notice) string {
	switch n.State {
	case notify.Failed:
		server := "the mail server"
		if n.Channel == notify.Matrix {
			server = "the room's server"
		}
		return strings.ReplaceAll(reasonOf(failReasons, n.Detail, "%s refused it for good"), "%s", server)
	case notify.Recovered:
		return "what it was about was over before it went"
	case notify.BeforeStart:
		if len(n.Steps) > 1 {
			return "notices were stopped before it went, and its moment is past"
		}
		if n.Kind == notify.DelegateWelcome { // Invite revives it
			return "notices were off when its moment came, on " + b.minute(n.DueAt) + ", so it does not go by itself; inviting the delegates lets it go (goodstanding members invite)"
		}
		return "notices were off when its moment came, on " + b.minute(n.DueAt) + ", so it is never sent"
	case notify.NoAddress:
		return reasonOf(addressReasons, n.Detail, "there is no address")
	case notify.Suppressed:
		return reasonOf(suppressReasons, n.Detail, "it was not told")
	}
	return strings.TrimSpace(string(n.State) + " " + inBrackets(n.Detail))
}

func (b *noticebook) minute(at instant.Instant) string { return minuteIn(at, b.zone) }

// minuteIn is an instant for a sentence, in the federation's time zone, which it names.
func minuteIn(at instant.Instant, zone *time.Location) string {
	return at.Time().In(zone).Format("2 January 2006, 15:04") + " (" + zone.String() + ")"
}
