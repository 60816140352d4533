package roll

import (
	"strings"
	"time"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/tongue"
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
	notify.MotionWaits: "a second person is asked for",
	notify.Brake:       "the brake holds rights", notify.HoldReminder: "a hold waits", notify.AuthenticationFailure: "Open Collective refuses the token",
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
func (b *noticebook) reasonOf(reasons map[string]string, detail, otherwise string) string {
	if why, ok := reasons[detail]; ok {
		return b.in.Say(why)
	}
	return strings.TrimSpace(b.in.Say(otherwise) + " " + inBrackets(b.in, detail))
}

// spaced is a word of a closed list as people read it.
func spaced(word string) string { return strings.ReplaceAll(word, "_", " ") }

func inBrackets(t *tongue.Tongue, detail string) string {
	if detail == "" {
		return ""
	}
	return "(" + t.Say(shorten(spaced(detail))) + ")"
}

// NoticeStateWords is a state of notices in a few words, whatever its detail.
func NoticeStateWords(s notify.State) string { return stepWords(tongue.English(), s, "") }

// stepWords are a state and its detail in a few words, for tables and steps.
func stepWords(t *tongue.Tongue, s notify.State, detail string) string {
	if b, ok := notify.BatchOf(detail); ok && s == notify.HeldState {
		return t.Sayf("waits for a yes or no (%s)", t.Say("batch|"+spaced(string(b))))
	}
	words, ok := stateOfNotice[s]
	if !ok {
		words = string(s)
	}
	if s == notify.BeforeStart || s == notify.Recovered {
		return t.Say(words)
	}
	return strings.TrimSpace(t.Say(words) + " " + inBrackets(t, detail))
}

var stateOfNotice = map[notify.State]string{
	notify.Waiting: "waiting", notify.HeldState: "held", notify.BeforeStart: "notices were off", notify.NoAddress: "no address",
	notify.Suppressed: "not told", notify.Recovered: "no longer needed", notify.Sent: "sent", notify.Failed: "failed",
}

// why answers in one sentence why somebody got a notice, or did not.
func (b *noticebook) why(n *Notice) string {
	what := b.in.Sayf("“%s”", n.Words)
	if n.About != "" {
		what = b.in.Sayf("“%s” about %s", n.Words, n.About)
	}
	missed := b.in.Sayf("%s did not get %s", n.subject, what)
	if n.Recipient == "" {
		missed = b.in.Sayf("Nobody got %s", what)
	}
	switch {
	case n.State == notify.Sent:
		return b.in.Sayf("%s got %s on %s: %s.", n.subject, what, b.minute(n.LastStep()), b.sentReason(n))
	case n.Open(b.now, b.started != 0):
		return b.in.Sayf("%s yet: %s.", missed, b.openReason(n))
	}
	return missed + ": " + b.finalReason(n) + "."
}

func (b *noticebook) sentReason(n *Notice) string {
	switch {
	case n.Channel == notify.Matrix:
		return b.in.Say("it stands in the room")
	case n.Letter != "" && n.Letter != n.ID:
		return b.in.Sayf("the mail server took it, in one mail with others (%s)", n.Letter)
	}
	return b.in.Say("the mail server took it")
}

func (b *noticebook) openReason(n *Notice) string {
	if n.State == notify.HeldState {
		batch, ok := notify.BatchOf(n.Detail)
		if !ok {
			return b.reasonOf(heldReasons, n.Detail, "it is held")
		}
		return b.in.Sayf("%s, so it waits for a treasurer's yes or no (goodstanding notices release %s, or drop)", b.in.Say(BatchWords(batch)), batch)
	}
	tried := ""
	if n.Attempts > 0 {
		tried = b.in.Sayf("it was tried %s and not taken so far", timesWord(b.in, n.Attempts)) + "; "
		if n.Detail == notify.OutcomeUnknown {
			tried = b.in.Sayf("it was tried %s, and nobody knows whether it was taken", timesWord(b.in, n.Attempts)) + "; "
		}
	}
	switch {
	case n.State == notify.BeforeStart:
		return b.in.Sayf("notices are off; it goes on %s if a treasurer starts them before that (goodstanding notices start)", b.minute(n.DueAt))
	case n.sending > b.now:
		return b.in.Say("it is being sent right now")
	case b.started == 0:
		return b.in.Say("notices are off, and were stopped while it was on its way")
	case n.DueAt > b.now:
		return b.in.Sayf("its moment comes on %s", b.minute(n.DueAt))
	case n.TryAt > b.now:
		return tried + b.in.Sayf("it is tried again on %s", b.minute(n.TryAt))
	case tried != "":
		return tried + b.in.Say("it is tried again with the next mails")
	}
	return b.in.Sayf("it is due since %s and goes with the next mails (goodstanding serve sends them)", b.minute(n.DueAt))
}

func timesWord(t *tongue.Tongue, n int) string {
	switch n {
	case 1:
		return t.Say("once")
	case 2:
		return t.Say("twice")
	}
	return t.Sayf("%d times", n)
}

func (b *noticebook) finalReason(n *Notice) string {
	switch n.State {
	case notify.Failed:
		server := "the mail server"
		if n.Channel == notify.Matrix {
			server = "the room's server"
		}
		why, known := failReasons[n.Detail]
		if !known {
			return b.in.Sayf(failReasons[""], b.in.Say(server)) + " " + inBrackets(b.in, n.Detail)
		}
		return b.in.Sayf(why, b.in.Say(server))
	case notify.Recovered:
		return b.in.Say("what it was about was over before it went")
	case notify.BeforeStart:
		if len(n.Steps) > 1 {
			return b.in.Say("notices were stopped before it went, and its moment is past")
		}
		if n.Kind == notify.DelegateWelcome { // Invite revives it
			return b.in.Sayf("notices were off when its moment came, on %s, so it does not go by itself; inviting the delegates lets it go (goodstanding members invite)", b.minute(n.DueAt))
		}
		return b.in.Sayf("notices were off when its moment came, on %s, so it is never sent", b.minute(n.DueAt))
	case notify.NoAddress:
		return b.reasonOf(addressReasons, n.Detail, "there is no address")
	case notify.Suppressed:
		return b.reasonOf(suppressReasons, n.Detail, "it was not told")
	}
	return strings.TrimSpace(string(n.State) + " " + inBrackets(b.in, n.Detail))
}

func (b *noticebook) minute(at instant.Instant) string { return b.in.Minute(at, b.zone) }

// minuteIn is an instant for a sentence, in the federation's time zone, which it names.
func minuteIn(at instant.Instant, zone *time.Location) string {
	return tongue.English().Minute(at, zone)
}
