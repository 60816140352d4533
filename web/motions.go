package web

import (
	"net/http"

	"coopcloud.tech/goodstanding/chair"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/store"
)

// motionRoutes are what takes two people: one asks, and one of another member agrees.
func motionRoutes() []route {
	const electorate = "/decisions/{decision}/electorate"
	return []route{
		{method: http.MethodGet, path: electorate, answer: signedIn("", (*mine).electorate), who: persons},
		{method: http.MethodPost, path: electorate, answer: signedIn(electorate, (*mine).moveElectorate), who: persons},
		{method: http.MethodPost, path: "/motions/{motion}/agree", answer: signedIn(homePath, (*mine).agreeToMotion), who: persons},
		{method: http.MethodPost, path: "/motions/{motion}/take-back", answer: signedIn(homePath, (*mine).takeMotionBack), who: persons},
	}
}

// motionNames say what somebody asks for that a second person has to agree to.
var motionNames = map[string]string{
	string(chair.AddSeat): "Add to those who may answer", string(chair.RemoveSeat): "Take out of those who may answer",
	string(chair.SettleIn): "Count all the same", string(chair.SettleOut): "Leave out of the count",
	roll.MotionPause: "Pause the member",
}

func motionWords(m *store.Motion) string { return motionNames[m.Kind] }

// motionLine is what waits for a second person.
type motionLine struct {
	ID                string
	What, About       string
	Decision, Address string // "" for a pause
	Why, By           string
	At                moment
	Seen              string
	MayAgree, MayUndo bool
	For               []postingFor // for which member one agrees, where one acts for several
	After             string       // what follows
}

// motions are those that wait and that the visitor may agree to, or as a facilitator
// read; of is a decision, "" for all.
func (m *mine) motions(r *reading, of chair.ID) (out []motionLine, err error) {
	all, err := m.p.o.Roll.Motions(m.v.r.Context())
	if err != nil {
		return nil, err
	}
	for i := range all {
		one := &all[i]
		may := r.inside && r.Book.MaySecond(one, m.actor)
		undo := m.actor.Has(member.Facilitator) || one.Person == m.person()
		if of != "" && one.Decision != string(of) || !may && !undo {
			continue
		}
		asker, _ := r.Book.Person(one.Person)
		line := motionLine{ID: one.ID, What: m.say(motionWords(one)), About: r.Book.Name(one.About), Why: one.Reason, By: asker.Name, At: m.minute(one.At), MayAgree: may, MayUndo: undo}
		if one.Decision != "" {
			v := chair.Named(r.Views, one.Decision)
			if v == nil || !v.Decision.State.Running() {
				continue
			}
			line.Decision, line.Address, line.Seen = nameOf(m.v.lang, &v.Decision), "/decisions/"+key(v), v.Head.Hash
			line.After = m.say("It is done at once, and shown with the result, with both names.")
		} else {
			line.After = m.say("The member is told, and is paused seven days after you agree. It can end the break at any time.")
		}
		if len(m.actor.Delegates) > 1 {
			for _, id := range m.actor.Delegates {
				line.For = append(line.For, postingFor{ID: id, Name: r.Book.Name(id)})
			}
		}
		out = append(out, line)
	}
	return out, nil
}

// electoratePage is where a facilitator asks for an amendment of who may answer.
type electoratePage struct {
	Address, Name, Head string
	Member              member.ID
	Facilitator         bool
	Waiting             []motionLine
	About, Why, Change  string // as it was sent
	Problem             string
	Faults              []phrase
	Changes             []sizeChoice
}

// electorateChanges are what can be asked for, with what it means.
var electorateChanges = []sizeChoice{
	{Value: string(chair.AddSeat), Words: "Add it: it was wrongly left out"}, {Value: string(chair.RemoveSeat), Words: "Take it out: it was wrongly let in"},
	{Value: string(chair.SettleIn), Words: "Count it: it left or was suspended after the deadline, and counts all the same"}, {Value: string(chair.SettleOut), Words: "Leave it out: it left or was suspended after the deadline, and does not count"},
}

func (m *mine) electorate() error {
	page, r, v, err := m.electorateOf()
	if page == nil || err != nil {
		return err
	}
	return m.electorateShown(http.StatusOK, page, r, v)
}

func (m *mine) electorateOf() (*electoratePage, *reading, *chair.View, error) {
	r, ok := m.reading()
	if !ok {
		return nil, nil, nil, nil
	}
	v, err := m.viewedWhole(r)
	if v == nil || err != nil {
		return nil, nil, nil, err
	}
	page := &electoratePage{Address: "/decisions/" + key(v), Name: nameOf(m.v.lang, &v.Decision), Head: v.Head.Hash, Facilitator: m.actor.Has(member.Facilitator)}
	for _, one := range electorateChanges {
		page.Changes = append(page.Changes, sizeChoice{Value: one.Value, Words: m.say(one.Words)})
	}
	if len(m.actor.Delegates) > 0 {
		page.Member = r.voiceOf(&v.Decision, m.actor.Delegates[0])
	}
	return page, r, v, nil
}

func (m *mine) electorateShown(status int, page *electoratePage, r *reading, v *chair.View) error {
	var err error
	if page.Waiting, err = m.motions(r, v.ID); err != nil {
		return err
	}
	if !page.Facilitator && len(page.Waiting) == 0 && status == http.StatusOK {
		status = http.StatusForbidden
	}
	page.Faults = sentences(page.Faults)
	return m.p.show(m.v, status, "electorate", m.sayf("Who may answer: %s", page.Name), page)
}

// moveElectorate asks for the amendment.
func (m *mine) moveElectorate() error {
	page, r, v, err := m.electorateOf()
	if page == nil || err != nil {
		return err
	}
	page.About, page.Why, page.Change = m.typed("about"), m.text("words"), m.sent("change")
	by := m.acting()
	err = m.moveSeat(v, by, page)
	reasons, is := m.reasons(err)
	if err != nil && !is {
		return err
	}
	if is {
		page.Problem, page.Faults = m.say("Nothing was asked for"), reasons
		return m.electorateShown(http.StatusConflict, page, r, v)
	}
	return m.finished("It waits for a second person", "Somebody of another member has to agree, on their own page or on this decision’s. Nothing changes before.", page.Address+"/electorate", "What waits")
}

func (m *mine) moveSeat(v *chair.View, by chair.By, page *electoratePage) error {
	ctx := m.v.r.Context()
	known := false
	for _, one := range electorateChanges {
		known = known || one.Value == page.Change
	}
	switch {
	case !m.actor.Has(member.Facilitator):
		return &roll.Refused{Reasons: []string{"only a facilitator may ask for that"}}
	case !known:
		return &roll.Refused{Reasons: []string{"choose what is to be changed"}}
	case page.About == "":
		return &roll.Refused{Reasons: []string{"name the member that it is about"}}
	}
	id, err := m.p.o.Roll.Find(ctx, page.About)
	if err != nil {
		return err
	}
	_, err = m.p.o.Chair.Move(ctx, v.ID, by, chair.Seat(page.Change), id, page.Why)
	return err
}

// agreeToMotion carries out what somebody else asked for.
func (m *mine) agreeToMotion() error {
	ctx := m.v.r.Context()
	const refused = "It was not done"
	motion, err := m.p.o.Roll.WaitingMotion(ctx, m.v.segment)
	if err != nil {
		return m.refused(err, refused, "", homePath, "Your own page")
	}
	if motion.Kind == roll.MotionPause {
		if _, err = m.p.o.Roll.SecondPause(ctx, m.by(), motion.ID); err != nil {
			return m.refused(err, refused, "", homePath, "Your own page")
		}
		return m.finished("The member takes a break in seven days", "It is told now, and can end the break at any time.", homePath, "Your own page")
	}
	result, err := m.p.o.Chair.Second(ctx, motion.ID, m.acting())
	address := "/decisions/" + motion.Decision
	if err != nil {
		return m.refused(err, refused, "", address, "Read the decision as it is now")
	}
	return m.receipt(&deed{path: "electorate", done: "The amendment of the electorate"}, &result, "/decisions/"+key(&chair.View{ID: chair.ID(motion.Decision), Decision: result.Decision}), member.ID(m.sent("member")))
}

func (m *mine) takeMotionBack() error {
	if err := m.p.o.Roll.WithdrawMotion(m.v.r.Context(), m.by(), m.v.segment); err != nil {
		return m.refused(err, "It was not taken back", "", homePath, "Your own page")
	}
	return m.finished("It is taken back", "Nobody can agree to it any more.", homePath, "Your own page")
}

// finished says what was done, where it is no entry of a decision's chain.
func (m *mine) finished(title, text, to, link string) error {
	title, text, link = m.say(title), m.say(text), m.say(link)
	return m.p.show(m.v, http.StatusOK, "finished", title, notice{title, text, to, link})
}
