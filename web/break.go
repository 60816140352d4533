package web

import (
	"net/http"

	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/roll"
)

// breakRoutes are how a delegate lets its own member take a break, and ends that
// (domain.md, section 8).
func breakRoutes() []route {
	return []route{
		{method: http.MethodPost, path: homePath + "/break", answer: signedIn(homePath, (*mine).takeBreak), who: persons},
		{method: http.MethodPost, path: homePath + "/back", answer: signedIn(homePath, (*mine).endBreak), who: persons},
	}
}

// breakPart is what the page of a delegate offers for a member.
type breakPart struct {
	On, May bool // it takes a break now; it may take one
}

// breakOf says what a member can do about a break.
func breakOf(memory *Memory, id member.ID) breakPart {
	m := memory.Voters[id].Membership
	return breakPart{On: m == decisions.Paused, May: m == decisions.Admitted}
}

func (m *mine) takeBreak() error {
	return m.ofMine("It takes no break", func(id member.ID) error {
		_, err := m.p.o.Roll.Pause(m.v.r.Context(), m.by(), id, 0, m.sent("listing") == "yes")
		return err
	}, "%s takes a break", "It is not asked for answers, and has no vote, until one of its delegates ends the break or answers a decision.")
}

func (m *mine) endBreak() error {
	return m.ofMine("The break goes on", func(id member.ID) error {
		_, err := m.p.o.Roll.Resume(m.v.r.Context(), m.by(), id, 0)
		return err
	}, "%s is back", "It is asked for answers again, and has its vote back as its dues allow.")
}

// ofMine does something with a member that the visitor acts for.
func (m *mine) ofMine(refused string, do func(member.ID) error, done, text string) error {
	id := member.ID(m.sent("member"))
	err := error(&roll.Refused{Reasons: []string{"only a delegate of the member may"}})
	if m.actor.DelegateOf(id) {
		err = do(id)
	}
	if err != nil {
		return m.refused(err, refused, "", homePath, "Your own page")
	}
	names, err := m.names()
	if err != nil {
		return err
	}
	return m.finished(m.sayf(done, names[id]), text, homePath, "Your own page")
}
