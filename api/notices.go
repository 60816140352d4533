package api

import (
	"context"
	"errors"

	"coopcloud.tech/goodstanding/chair"
	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/roll"
)

// noticeAnswer is one notice, what became of it and why. It holds no address.
type noticeAnswer struct {
	ID         string          `json:"id"`
	Kind       notify.Kind     `json:"kind"`
	KindWords  string          `json:"kind_in_words"`
	Member     *subjectAnswer  `json:"member"` // null for one about the federation
	About      string          `json:"about"`
	Cause      string          `json:"cause"`
	Recipient  string          `json:"recipient"`
	To         string          `json:"to"`
	Channel    notify.Channel  `json:"channel"`
	Written    instant.Instant `json:"written"`
	DueAt      instant.Instant `json:"due_at"`
	State      notify.State    `json:"state"`
	Detail     string          `json:"detail"`
	StateWords string          `json:"state_in_words"`
	Why        string          `json:"why"`
	Attempts   int             `json:"attempts"`
	TryAt      instant.Instant `json:"try_at"` // null for when it is due
	Steps      []stepAnswer    `json:"steps"`
}

type stepAnswer struct {
	At     instant.Instant `json:"at"`
	State  notify.State    `json:"state"`
	Detail string          `json:"detail"`
	Words  string          `json:"words"`
}

func noticeOf(n roll.Notice) noticeAnswer {
	out := noticeAnswer{ID: n.ID, Kind: n.Kind, KindWords: n.Words, About: n.About, Cause: n.Cause, Recipient: n.Recipient, To: n.To, Channel: n.Channel,
		Written: n.Written, DueAt: n.DueAt, State: n.State, Detail: n.Detail, StateWords: n.StateWords, Why: n.Why, Attempts: n.Attempts, TryAt: n.TryAt,
		Steps: mapped(n.Steps, func(s roll.NoticeStep) stepAnswer { return stepAnswer(s) })}
	if n.Member != "" {
		out.Member = &subjectAnswer{ID: n.Member, Handle: n.Handle, Name: n.Name}
	}
	return out
}

// notices lists them, those written last first. Like all that is about notices it
// is never answered from memory: rows move without anything of the roll moving.
func (a *API) notices(c *call) (any, error) {
	p := c.query.page()
	q := roll.NoticesQuery{Since: c.query.instant("since"), After: p.after, Limit: p.limit + 1}
	q.Kind = notify.Kind(c.query.oneOf("kind", mapped(notify.Kinds(), func(k notify.Kind) string { return string(k) })...))
	q.State = notify.State(c.query.oneOf("state", mapped(notify.States(), func(s notify.State) string { return string(s) })...))
	if word := c.query.values.Get("member"); word != "" {
		var known bool
		if q.Member, known = c.s.words[word]; !known {
			c.query.fault("member names no member: give its id or handle")
		}
	}
	if err := c.query.err(); err != nil {
		return nil, err
	}
	found, err := a.o.Roll.Notices(c.ctx, q)
	if _, gone := errors.AsType[*roll.NotFound](err); gone {
		return nil, refuse(badRequest, "after names nothing on this list: begin again without it")
	}
	if err != nil {
		return nil, err
	}
	out := list[noticeAnswer]{Items: mapped(found[:min(len(found), p.limit)], noticeOf)}
	if len(found) > p.limit {
		next := found[p.limit-1].ID
		out.Next = &next
	}
	return out, nil
}

func (a *API) notice(c *call) (any, error) {
	n, err := a.o.Roll.Notice(c.ctx, c.r.PathValue("notice"))
	if _, unknown := errors.AsType[*roll.NotFound](err); unknown {
		return nil, refuse(notFound, "no notice has this id: %s lists them all", noticesPath)
	}
	if err != nil {
		return nil, err
	}
	return noticeOf(n), nil
}

// keeping is who changes something in the treasurers' place, and why: somebody who
// is signed in, or a program by its token.
func (c *call) keeping(reason string) roll.By {
	if c.who.isPerson() {
		return c.person(reason)
	}
	return roll.ByToken(c.token, reason)
}

// noticePlan is what a start lets go, or would.
type noticePlan struct {
	Confirmed bool            `json:"confirmed"` // whether it was started now
	Notices   int             `json:"notices"`   // how many wait for their moment then
	Started   instant.Instant `json:"started"`   // since when notices were on before; null while they were off
	Go        []noticeAnswer  `json:"go"`
	Missed    int             `json:"missed"` // never sent: their moment was before the start
	Batches   []batchAnswer   `json:"batches"`
	Lacking   []lackingAnswer `json:"lacking"` // decisions that are closed again then, though answers may be missing
}

// lackingAnswer is a decision to which answers may be missing.
type lackingAnswer struct {
	ID       chair.ID      `json:"id"`
	Number   int           `json:"number"`
	Deadline decisions.Day `json:"deadline"`
	Past     bool          `json:"past"`   // its deadline
	Stands   string        `json:"stands"` // by the answers that are here
}

// batchAnswer is what waits for a yes or no together.
type batchAnswer struct {
	Batch   notify.Batch   `json:"batch"`
	Words   string         `json:"words"`
	Notices []noticeAnswer `json:"notices"`
}

// startNotices tells what a start would let go, and starts where that is confirmed.
func (a *API) startNotices(c *call) (any, error) {
	confirmed, reason := c.body.flag("confirm"), c.body.words("reason")
	if confirmed && reason == "" {
		reason = c.body.text("reason", "say in words why they start now")
	}
	if err := c.body.err(); err != nil {
		return nil, err
	}
	plan, err := a.o.Roll.NoticesPlan(c.ctx)
	if err != nil {
		return nil, err
	}
	lacking, err := a.o.Chair.Lacking(c.ctx)
	if err != nil {
		return nil, err
	}
	out := noticePlan{Lacking: mapped(lacking, func(v chair.View) lackingAnswer {
		d := &v.Decision
		return lackingAnswer{v.ID, d.Number, d.Deadline, c.now >= d.Ends(), v.Outcome.Stands()}
	}), Confirmed: confirmed, Notices: len(plan.Go), Started: plan.Started, Go: mapped(plan.Go, noticeOf), Missed: plan.Missed,
		Batches: mapped(plan.Batches, func(b roll.NoticeBatch) batchAnswer {
			return batchAnswer{b.Batch, b.Words, mapped(b.Notices, noticeOf)}
		})}
	if confirmed {
		if out.Notices, _, err = a.o.Roll.StartNotices(c.ctx, c.keeping(reason)); err != nil {
			return nil, err
		}
		a.seeSoon(c.ctx)
	}
	return out, nil
}

// answered is how many notices a yes or no was about.
type answered struct {
	Notices int `json:"notices"`
}

func (a *API) releaseNotices(c *call) (any, error) {
	return a.answerBatch(c, "say in words why these may go", a.o.Roll.ReleaseNotices)
}

func (a *API) dropNotices(c *call) (any, error) {
	return a.answerBatch(c, "say in words why these are never sent", a.o.Roll.DropNotices)
}

// batchChange is a yes or a no of the roll's.
type batchChange func(context.Context, roll.By, notify.Batch) (int, roll.Report, error)

func (a *API) answerBatch(c *call, why string, answer batchChange) (any, error) {
	batch, reason := c.body.words("batch"), c.body.text("reason", why)
	if err := c.body.err(); err != nil {
		return nil, err
	}
	n, _, err := answer(c.ctx, c.keeping(reason), notify.Batch(batch))
	if err != nil {
		return nil, err
	}
	a.seeSoon(c.ctx)
	return answered{n}, nil
}

// noted are those to whom nothing more is sent, or again, in words.
type noted struct {
	To []string `json:"to"`
}

// noteBounce notes that mails come back. The address stands in the body alone, and
// no answer repeats it.
func (a *API) noteBounce(c *call) (any, error) {
	recipient, address, undo := c.body.words("recipient"), c.body.words("address"), c.body.flag("undo")
	reason := c.body.text("reason", "say in words what the mail server said")
	if (recipient == "") == (address == "") {
		c.body.fault("give recipient or address, one of the two")
	}
	if err := c.body.err(); err != nil {
		return nil, err
	}
	note := a.o.Roll.Bounced
	if undo {
		note = a.o.Roll.NotBounced
	}
	who, err := note(c.ctx, c.keeping(reason), recipient+address)
	if _, many := errors.AsType[*roll.Ambiguous](err); many {
		return nil, refuse(badRequest, "recipient names several people: give the id of one")
	}
	if _, none := errors.AsType[*roll.NotFound](err); none {
		return nil, refuse(notFound, "nobody has this address or id")
	}
	if err != nil {
		return nil, err
	}
	a.seeSoon(c.ctx)
	return noted{filled(who)}, nil
}
