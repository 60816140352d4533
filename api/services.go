package api

import (
	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/store"
)

// servicesAnswer is who may use the shared services, for whoever keeps the
// accounts there. Members that may not, or have left, are on it, too: their
// accounts are to be closed.
type servicesAnswer struct {
	At instant.Instant `json:"at"`
	list[serviceAnswer]
}

type serviceAnswer struct {
	Member    member.ID        `json:"member"`
	Name      string           `json:"name"`
	Services  verdictAnswer    `json:"services"`
	Delegates []delegateAnswer `json:"delegates"`
}

// delegateAnswer is a person with the user name to be used for it: its name in
// small letters, digits and dashes; the person's id where that leaves nothing.
// Person is the key: two people may have one name. No address is told.
type delegateAnswer struct {
	Person member.PersonID `json:"person"`
	User   string          `json:"user"`
}

func (a *API) services(c *call) (any, error) {
	p := c.query.page()
	if err := c.query.err(); err != nil {
		return nil, err
	}
	v := c.s.book.View(roll.Query{}, c.now)
	rows, err := paged(v.Rows, func(r roll.Row) string { return string(r.ID) }, p)
	if err != nil {
		return nil, err
	}
	items := mapped(rows.Items, func(r roll.Row) serviceAnswer {
		return serviceAnswer{Member: r.ID, Name: r.Name, Services: verdictOf(&r.Standing, eligibility.Services),
			Delegates: mapped(c.s.book.Delegates(r.ID), delegateOf)}
	})
	return servicesAnswer{At: v.At, list: list[serviceAnswer]{Items: items, Next: rows.Next}}, nil
}

func delegateOf(p store.Person) delegateAnswer {
	user := member.Handle(p.Name)
	if user == "" {
		user = string(p.ID)
	}
	return delegateAnswer{Person: p.ID, User: user}
}
