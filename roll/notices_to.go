package roll

import (
	"context"
	"slices"
	"strings"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/store"
)

// outgoing gathers the notices of one transaction (domain.md, section 6). It
// reads who can be told only when somebody is to be told something.
type outgoing struct {
	tx       *store.Tx
	on       bool // a treasurer has started the notices
	read     bool
	people   []store.PersonInfo
	contacts []store.Contact
	ms       []notify.Message
}

func newOutgoing(ctx context.Context, tx *store.Tx) (*outgoing, error) {
	state, err := noticeState(ctx, tx)
	return &outgoing{tx: tx, on: state == notify.Waiting}, err
}

func (o *outgoing) addresses(ctx context.Context) (err error) {
	if o.read {
		return nil
	}
	if o.people, err = o.tx.People(ctx); err != nil {
		return err
	}
	if o.contacts, err = o.tx.Contacts(ctx); err != nil {
		return err
	}
	o.read = true
	return nil
}

// treasurers are those who can be told, by id, but for some; none: nobody has an
// address.
func (o *outgoing) treasurers(ctx context.Context, but ...string) (to []string, err error) {
	return o.holders(ctx, []member.Role{member.Treasurer}, but...)
}

// holders is treasurers for whoever holds one of some roles.
func (o *outgoing) holders(ctx context.Context, roles []member.Role, but ...string) (to []string, err error) {
	if err := o.addresses(ctx); err != nil {
		return nil, err
	}
	for _, p := range o.people {
		if p.Email != "" && slices.ContainsFunc(p.Roles, func(r member.Role) bool { return slices.Contains(roles, r) }) && !slices.Contains(but, string(p.ID)) {
			to = append(to, string(p.ID))
		}
	}
	return to, nil
}

// delegates are the member's, by id, as far as they have an address.
func (o *outgoing) delegates(ctx context.Context, id member.ID) (to []store.Person, err error) {
	if err := o.addresses(ctx); err != nil {
		return nil, err
	}
	for _, p := range o.people {
		if p.Email != "" && slices.ContainsFunc(p.Delegates, func(d store.Delegation) bool { return d.Member == id }) {
			to = append(to, p.Person)
		}
	}
	return to, nil
}

// member are those who are told about a member, each address once: its delegates
// and the contacts who are none of them, else the accounts that it is linked to,
// whose mail addresses are looked up when the notice goes.
func (o *outgoing) member(ctx context.Context, m store.MemberInfo, now instant.Instant) (to []string, err error) {
	delegates, err := o.delegates(ctx, m.ID)
	if err != nil {
		return nil, err
	}
	have := map[string]bool{"": true}
	once := func(id, email string) {
		if key := strings.ToLower(email); !have[key] {
			have[key] = true
			to = append(to, id)
		}
	}
	for _, p := range delegates {
		once(string(p.ID), p.Email)
	}
	for _, c := range o.contacts {
		if c.Member == m.ID {
			once(c.ID, c.Email)
		}
	}
	if len(to) > 0 {
		return to, nil
	}
	for _, l := range m.Links {
		if now.In(l.From, l.Until) {
			to = append(to, notify.AccountPrefix+string(l.Account))
		}
	}
	return to, nil
}

// add is one notice to each of to. Where that is nobody, the row is to nobody and
// says so; before the notices are started it says that.
func (o *outgoing) add(m notify.Message, nobody string, to ...string) {
	m.Channel = notify.Email
	if len(to) == 0 {
		m.Recipient, m.State, m.Detail = nobody, notify.NoAddress, ""
		o.ms = append(o.ms, m)
		return
	}
	if !o.on {
		m.State, m.Detail = notify.BeforeStart, ""
	}
	for _, m.Recipient = range to {
		o.ms = append(o.ms, m)
	}
}

// unheard leaves out the occasions that were told before, to anybody, and those
// that stand there twice.
func (o *outgoing) unheard(ctx context.Context) error {
	told := map[string]bool{}
	kept := o.ms[:0]
	seen := map[string]bool{}
	for _, m := range o.ms {
		key := m.Occasion.Key()
		if _, looked := told[key]; !looked {
			err := o.tx.Beside(ctx, func(tx *store.Tx) (err error) {
				told[key], err = tx.Told(ctx, m.Occasion)
				return err
			})
			if err != nil {
				return err
			}
		}
		if row := key + "\x00" + m.Recipient; !told[key] && !seen[row] {
			seen[row] = true
			kept = append(kept, m)
		}
	}
	o.ms = kept
	return nil
}

// send enqueues what nobody was told yet and counts it by kind.
func (o *outgoing) send(ctx context.Context) (map[string]int, error) {
	counts := map[string]int{}
	if err := o.unheard(ctx); err != nil {
		return nil, err
	}
	for _, m := range o.ms {
		counts[string(m.Occasion.Kind)]++
	}
	err := o.tx.Enqueue(ctx, o.ms...)
	o.ms = nil
	return counts, err
}

// toTreasurers is one notice to each treasurer but some, about what needs no
// reading of Open Collective.
func (o *outgoing) toTreasurers(ctx context.Context, k notify.Kind, about member.ID, cause string, but ...string) error {
	to, err := o.treasurers(ctx, but...)
	if err != nil {
		return err
	}
	o.add(notify.Message{Occasion: notify.Occasion{Kind: k, Member: about, Cause: cause}, DueAt: o.tx.Now(), State: notify.Waiting},
		notify.Treasurers, to...)
	return nil
}
