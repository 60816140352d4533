package email

import (
	"errors"
	"net/textproto"
	"regexp"
	"strconv"
	"strings"

	gomail "github.com/wneessen/go-mail"

	"coopcloud.tech/goodstanding/notify"
)

// Unreachable says that no connection could be made over which a mail could
// have been handed in: nothing was sent.
type Unreachable struct{ Reason string }

func (u *Unreachable) Error() string { return u.Reason }

// codeOf is the server's answer in an error; 0 for none.
func codeOf(err error) int {
	if p, ok := errors.AsType[*textproto.Error](err); ok {
		return p.Code
	}
	return 0
}

// noStartTLS recognises the library's own words; it has no error value for it.
func noStartTLS(err error) bool {
	return err != nil && strings.Contains(err.Error(), "does not support STARTTLS")
}

// closedMeanwhile says that the connection ended before the server heard of the mail.
func closedMeanwhile(err error) bool {
	sent, ok := errors.AsType[*gomail.SendError](err)
	if !ok || sent.Reason != gomail.ErrSMTPMailFrom && sent.Reason != gomail.ErrConnCheck {
		return false
	}
	code := answerOf(sent).code
	return code == 0 || code == 421
}

// failed says what an error of the library means for the mail.
func (s *Sender) failed(err error) error {
	sent, ok := errors.AsType[*gomail.SendError](err)
	if !ok {
		s.abandon()
		return errors.New("the connection to the mail server broke before the whole mail was handed over")
	}
	a := answerOf(sent)
	switch {
	case a.code == 0:
		lost := sent.Reason == gomail.ErrSMTPDataClose && s.allLeft()
		s.abandon()
		if lost {
			return &notify.Unknown{Reason: "the mail server has the whole mail and did not say whether it takes it"}
		}
		return errors.New("the connection to the mail server broke before the whole mail was handed over")
	case a.code == 421: // it closes the connection
		s.drop()
	case sent.Reason == gomail.ErrSMTPData: // the library takes nothing back here, and the next mail would be refused
		if s.open.Reset() != nil {
			s.abandon()
		}
	}
	if a.code >= 500 {
		return &notify.Rejection{Reason: "the mail server says " + a.words() + " while " + a.stage(), Class: a.class()}
	}
	return &notify.Deferral{Reason: "the mail server cannot take it now (" + a.words() + " while " + a.stage() + ")", Domain: a.ofDomain()}
}

// answer is a server's no: its code (RFC 5321), the enhanced code (RFC 3463)
// without the class that repeats the first, and how far the mail had come.
type answer struct {
	code            int // 0 for none that can be read
	subject, detail int // -1 where it said no enhanced code
	at              gomail.SendErrReason
}

// codes are at the very beginning of an answer. The library looks for an
// enhanced code anywhere in it, and would take a part of an address for one; and
// it looks only where the server announced them, which not all do that say them.
// What follows the code is quoted or not, by the version of net/textproto.
var codes = regexp.MustCompile(`^([45]\d\d)(?:[ -]"?([45])\.(\d{1,3})\.(\d{1,3})(?:[\s"]|$))?`)

func answerOf(e *gomail.SendError) answer {
	a := answer{subject: -1, detail: -1, at: e.Reason}
	m := codes.FindStringSubmatch(strings.TrimPrefix(e.Error(), e.Reason.String()+": "))
	if m == nil {
		return a
	}
	a.code, _ = strconv.Atoi(m[1]) // these are digits
	if m[2] == m[1][:1] {
		a.subject, _ = strconv.Atoi(m[3])
		a.detail, _ = strconv.Atoi(m[4])
	}
	return a
}

// words are the codes, without what the server wrote.
func (a answer) words() string {
	code := strconv.Itoa(a.code)
	if a.subject < 0 {
		return code
	}
	return code + " " + code[:1] + "." + strconv.Itoa(a.subject) + "." + strconv.Itoa(a.detail)
}

// stage is how far the mail had come.
func (a answer) stage() string {
	switch a.at {
	case gomail.ErrSMTPMailFrom:
		return "hearing who it is from"
	case gomail.ErrSMTPRcptTo:
		return "hearing who it is for"
	}
	return "taking its content"
}

// ofDomain says that a refusal for now is probably one of all mails to the
// recipient's domain: greylisting, too many at once, a server in trouble.
func (a answer) ofDomain() bool {
	return a.at != gomail.ErrSMTPMailFrom && (a.code == 421 || a.code == 450 || a.code == 451 || a.subject == 7)
}

// class says what a refusal for good is about. An address is given up for it, so
// only what is surely about the mailbox is of the recipient: a bare 550 is also
// what a server says that does not relay for us, and then to every mail.
func (a answer) class() notify.Class {
	switch {
	case a.subject == 3 && a.detail == 4, a.subject == 2 && a.detail == 3, a.subject == 6: // too large, or what it holds
		return notify.OfMessage
	case a.at == gomail.ErrSMTPMailFrom:
		return notify.OfPolicy
	case a.subject == 1 && a.detail != 7 && a.detail != 8: // those two are about the sender's address
		return notify.OfRecipient
	case a.subject == 2:
		return notify.OfRecipient
	case a.subject > 0:
		return notify.OfPolicy
	case a.code == 551, a.code == 553 && a.at == gomail.ErrSMTPRcptTo: // not here; no name of a mailbox
		return notify.OfRecipient
	case a.code == 530, a.code == 534, a.code == 535, a.code == 538, a.at == gomail.ErrSMTPRcptTo:
		return notify.OfPolicy
	}
	return notify.OfMessage
}
