package web

import (
	"errors"
	"net/http"
	"regexp"
	"strings"
	"time"

	"coopcloud.tech/goodstanding/chair"
	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/signin"
)

// mine is a visit of somebody who is signed in, to pages that are about himself
// or herself, or that change something.
type mine struct {
	p     *Pages
	v     *visit
	actor member.Actor
}

// signedIn makes a page for who is signed in; others go to the entrance and from
// there to the page, or to back where the request changes something.
func signedIn(back string, answer func(*mine) error) func(*Pages, *visit) error {
	return func(p *Pages, v *visit) error {
		actor, in, err := p.visitor(v)
		if err != nil {
			return err
		}
		if !in {
			to := back
			if to == "" {
				to = v.r.URL.Path
			}
			if before, after, open := strings.Cut(to, "{"); open { // the name in braces is that of the request
				_, after, _ = strings.Cut(after, "}")
				to = before + v.segment + after
			}
			return p.goTo(v, withNext("/sign-in", to))
		}
		if v.r.Method == http.MethodPost {
			if err := readForm(v); err != nil {
				return err
			}
		}
		return answer(&mine{p, v, actor})
	}
}

// only lets those through who may; others read why not.
func only(may func(member.Actor) bool, not notice, answer func(*mine) error) func(*mine) error {
	return func(m *mine) error {
		if !may(m.actor) {
			m.p.problem(m.v, http.StatusForbidden, not)
			return nil
		}
		return answer(m)
	}
}

// say, sayf and count say something in the language of the answer.
func (m *mine) say(english string) string              { return m.v.lang.Say(english) }
func (m *mine) sayf(format string, args ...any) string { return m.v.lang.Sayf(format, args...) }
func (m *mine) count(n int, one, more string) string   { return m.v.lang.Count(n, one, more) }

// person is the id of who is signed in.
func (m *mine) person() member.PersonID { return member.PersonID(m.actor.ID) }

// by is who changes something on a page.
func (m *mine) by() roll.By { return roll.By{Actor: m.actor, Reason: "on the page"} }

// sent is a field of the form.
func (m *mine) sent(name string) string { return m.v.r.PostForm.Get(name) }

// typed is a field of one line, without what surrounds it.
func (m *mine) typed(name string) string { return strings.TrimSpace(m.sent(name)) }

// text is a field of several lines, with the line ends of one line feed.
func (m *mine) text(name string) string { return strings.ReplaceAll(m.typed(name), "\r\n", "\n") }

func (m *mine) minute(t instant.Instant) moment { return (&reading{p: m.p, v: m.v}).minute(t) }
func (m *mine) day(t instant.Instant) moment    { return (&reading{p: m.p, v: m.v}).day(t) }

// refusalPage is why something was not done, with every reason.
type refusalPage struct {
	Title   string
	Reasons []phrase
	// Words are what somebody had typed, so that they are not lost; "" for none.
	Words    string
	To, Link string
}

// refused answers with every reason of a refusal; another error is given back.
func (m *mine) refused(err error, title, words, to, link string) error {
	reasons, is := m.reasons(err)
	if !is {
		return err
	}
	page := refusalPage{Title: m.say(title), Words: words, To: to, Link: m.say(link)}
	status := http.StatusConflict
	if _, ok := errors.AsType[*chair.NotYours](err); ok {
		status = http.StatusForbidden
	} else if _, ok := errors.AsType[*chair.Moved](err); ok {
		page.Title = m.say("It has moved on since you read it")
	} else if _, ok := errors.AsType[*roll.NotFound](err); ok {
		status = http.StatusNotFound
	}
	page.Reasons = sentences(reasons)
	return m.p.show(m.v, status, "refusal", page.Title, page)
}

// reasons are all reasons of a refusal, of whatever room; false for another error,
// and for none.
func (m *mine) reasons(err error) (out []phrase, is bool) {
	if reasons, ok := roll.Reasons(err); ok {
		return m.retold(reasons...), true
	}
	if e, ok := errors.AsType[*decisions.Refusal](err); ok {
		for _, reason := range e.Reasons {
			out = append(out, m.reason(reason))
		}
		return out, true
	}
	if e, ok := errors.AsType[*chair.NotYours](err); ok {
		return m.retold(e.Reason), true
	}
	if e, ok := errors.AsType[*chair.Moved](err); ok {
		for _, since := range e.Since {
			out = append(out, m.dated(since))
		}
		if len(e.Since) == 0 {
			out = m.retold("what you have seen is no state of this decision")
		}
		return out, true
	}
	if _, ok := errors.AsType[*roll.NotFound](err); ok {
		return m.retold("there is nothing like that here"), true
	}
	if _, ok := errors.AsType[*chair.NotFound](err); ok {
		return m.retold("there is no such decision"), true
	}
	if e, ok := errors.AsType[*roll.Ambiguous](err); ok {
		return m.retold(e.Error()), true
	}
	return nil, false
}

// retold are sentences of other parts of the program, as the page says them.
func (m *mine) retold(english ...string) (out []phrase) {
	for _, one := range english {
		out = append(out, told(m.v.lang, one))
	}
	return out
}

// sentences are reasons as sentences of their own, as a page says them.
func sentences(reasons []phrase) (out []phrase) {
	for _, one := range reasons {
		out = append(out, sentence(phrase{plainly(one.Text), one.Lang}))
	}
	return out
}

// sentence is a text as one of its own.
func sentence(p phrase) phrase {
	if p.Text = capital(p.Text); !strings.HasSuffix(p.Text, "?") {
		p.Text += "."
	}
	return p
}

// reason is why a decision refuses something, as the page says it.
func (m *mine) reason(reason decisions.Reason) phrase {
	memory, ok := m.p.o.Memory(m.p.o.Now())
	if !ok {
		return told(m.v.lang, reason.Text)
	}
	return (&reading{Memory: memory, p: m.p, v: m.v}).reason(reason, member.ID(m.sent("member")))
}

// reason is why a decision refuses something for a member. That a member has no
// vote is said from its standing, in the language of the page.
func (r *reading) reason(reason decisions.Reason, id member.ID) phrase {
	if reason.Code == decisions.NoVote && r.v.actor.DelegateOf(id) {
		if why := r.Book.In(r.v.lang).NoVote(id, r.At); why != "" {
			return phrase{Text: why}
		}
	}
	return told(r.v.lang, reason.Text)
}

// dated is what happened meanwhile, with its instant in the federation's zone.
func (m *mine) dated(since string) phrase {
	at, what, _ := strings.Cut(since, ": ")
	t, err := time.Parse(time.RFC3339Nano, at)
	if err != nil {
		return told(m.v.lang, since)
	}
	happened := told(m.v.lang, what)
	happened.Text = m.minute(instant.Of(t)).Words + ": " + happened.Text
	return happened
}

// commands are what texts say to those who use the command line.
var commands = regexp.MustCompile(` \((?:goodstanding|on the command line)[^)]*\)|: (?:see )?goodstanding [^;.]*`)

// plainly is a text of the house without what is for the command line.
func plainly(text string) string { return commands.ReplaceAllString(inPageWords.Replace(text), "") }

// homePath is the page of who is signed in.
const homePath = signin.HomePath
