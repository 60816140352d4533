package fakeoc

import (
	"fmt"
	"slices"
)

// collectiveVerbs are what happens to the collective and its host, and to
// upstream itself.
var collectiveVerbs = map[string]verb{
	"collective":    {"SLUG CURRENCY [host=SLUG] [admin=SLUG]", "a collective with its host and an administrator", 2, (*World).verbCollective},
	"project":       {"SLUG", "a project of the collective, with contributions of its own", 1, (*World).verbProject},
	"tier":          {"SLUG MONTHLY|YEARLY|ONETIME|FLEXIBLE AMOUNT [currency=C] [name=NAME] [type=T]", "a tier of the collective", 3, (*World).verbTier},
	"delete-tier":   {"SLUG", "the tier is deleted, which cancels its contributions and leaves their subscriptions on", 1, (*World).verbDeleteTier},
	"change-host":   {"SLUG", "the collective moves to another host: everybody's contribution is paused", 1, (*World).verbChangeHost},
	"unhost":        {"", "the collective has no host any more: everybody's contribution is paused", 0, (*World).verbUnhost},
	"freeze":        {"", "the collective is frozen: everybody's contribution is paused", 0, (*World).verbFreeze},
	"unfreeze":      {"", "the collective goes on; contributions stay paused until they are resumed", 0, (*World).verbUnfreeze},
	"pause-all":     {"[by=HOST]", "everybody's contribution is paused", 0, (*World).verbPauseAll},
	"resume-all":    {"", "every paused contribution goes on", 0, (*World).verbResumeAll},
	"currency":      {"CURRENCY", "the collective is kept in another currency", 1, (*World).verbCurrency},
	"halt-charging": {"TIME", "upstream's own charging job is out of order for so long", 1, (*World).verbHalt},
	"wait":          {"TIME", "time passes", 1, (*World).verbWait},
}

func (w *World) verbCollective(s *said) error {
	if w.find(s.at(0)) != nil {
		return fmt.Errorf("there is an account %s already", s.at(0))
	}
	host := s.option("host")
	if host == "" {
		host = "fiscal-host"
	}
	admin := s.option("admin")
	if admin == "" {
		admin = "ada-admin"
	}
	c := w.newAccount(s.at(0), accountSpec{kind: "COLLECTIVE"})
	c.Currency, c.Approved, c.Spends, c.Emails = s.at(1), true, false, nil
	c.Host = w.host(host, s.at(1))
	a := w.find(admin)
	if a == nil {
		a = w.newAccount(admin, accountSpec{kind: "INDIVIDUAL"})
	}
	c.Admins = []*Account{a}
	w.join("ADMIN", a, c, nil)
	return nil
}

func (w *World) host(slug, currency string) *Account {
	h := w.find(slug)
	if h == nil {
		h = w.newAccount(slug, accountSpec{kind: "ORGANIZATION"})
		h.Currency = currency
	}
	return h
}

// ours is the collective that the verbs are about.
func (w *World) ours() (*Account, error) {
	if c := w.collective(); c != nil {
		return c, nil
	}
	return nil, fmt.Errorf("there is no collective yet: collective SLUG CURRENCY")
}

func (w *World) verbProject(s *said) error {
	c, err := w.ours()
	if err != nil {
		return err
	}
	p := w.newAccount(s.at(0), accountSpec{kind: "PROJECT"})
	p.Parent, p.Host, p.Currency, p.Approved = c, c.Host, c.Currency, true
	return nil
}

func (w *World) verbTier(s *said) error {
	c, err := w.ours()
	if err != nil {
		return err
	}
	t := &Tier{Slug: s.at(0), Frequency: s.at(1), Name: s.option("name"), Currency: s.option("currency"), Type: s.option("type"), Of: c}
	if !slices.Contains([]string{"MONTHLY", "YEARLY", "ONETIME", "FLEXIBLE"}, t.Frequency) {
		return fmt.Errorf("%q is no frequency: write MONTHLY, YEARLY, ONETIME or FLEXIBLE", t.Frequency)
	}
	if t.Amount, err = minor(s.at(2)); err != nil {
		return err
	}
	if t.Name == "" {
		t.Name = title(t.Slug)
	}
	if t.Currency == "" {
		t.Currency = c.Currency
	}
	if t.Type == "" {
		t.Type = "MEMBERSHIP"
	}
	t.LegacyID, t.ID, _ = w.ids("tier", w.now)
	w.tiers = append(w.tiers, t)
	return nil
}

// verbDeleteTier: the contributions end and their subscriptions do not, so that
// the charging job may bring one back; those in ERROR are forgotten
// (open-collective.md, sections 3.1 and 7).
func (w *World) verbDeleteTier(s *said) error {
	c, err := w.ours()
	if err != nil {
		return err
	}
	t, err := w.tier(c, s.at(0))
	if err != nil {
		return err
	}
	t.Deleted = true
	for _, o := range w.orders {
		if o.Tier != t {
			continue
		}
		if o.Status == "ACTIVE" {
			o.Status, o.Updated = "CANCELLED", w.stamp()
		}
		o.Tier = nil
	}
	return nil
}

// everybody's contributions to the collective that recur and go on.
func (w *World) everybody(c *Account) (running []*Order) {
	for _, o := range w.orders {
		if o.To == c && o.Subscription != nil && o.Subscription.Active && (o.Status == "ACTIVE" || o.Status == "ERROR") {
			running = append(running, o)
		}
	}
	return running
}

func (w *World) pauseAll(c *Account, by string) {
	for _, o := range w.everybody(c) {
		w.pause(o, by)
	}
}

func (w *World) verbChangeHost(s *said) error {
	c, err := w.ours()
	if err != nil {
		return err
	}
	c.Host = w.host(s.at(0), c.Currency)
	w.pauseAll(c, "HOST")
	return nil
}

func (w *World) verbUnhost(*said) error {
	c, err := w.ours()
	if err != nil {
		return err
	}
	c.Host, c.Approved, c.Active = nil, false, false
	w.pauseAll(c, "HOST")
	return nil
}

func (w *World) verbFreeze(*said) error {
	c, err := w.ours()
	if err != nil {
		return err
	}
	c.Frozen = true
	w.pauseAll(c, "HOST")
	return nil
}

func (w *World) verbUnfreeze(*said) error {
	c, err := w.ours()
	if err == nil {
		c.Frozen = false
	}
	return err
}

func (w *World) verbPauseAll(s *said) error {
	by := s.option("by")
	if by == "" {
		by = "HOST"
	}
	c, err := w.ours()
	if err == nil {
		w.pauseAll(c, by)
	}
	return err
}

func (w *World) verbResumeAll(*said) error {
	for _, o := range w.orders {
		if o.Status == "PAUSED" {
			w.goOn(o)
			w.note("SUBSCRIPTION_RESUMED", o, false)
		}
	}
	return nil
}

func (w *World) verbCurrency(s *said) error {
	c, err := w.ours()
	if err == nil {
		c.Currency = s.at(0)
	}
	return err
}

func (w *World) verbHalt(s *said) error {
	d, err := span(s.at(0))
	if err == nil {
		w.halted = w.now.Add(d)
	}
	return err
}

func (w *World) verbWait(s *said) error {
	d, err := span(s.at(0))
	if err == nil {
		w.advanceTo(w.now.Add(d))
	}
	return err
}
