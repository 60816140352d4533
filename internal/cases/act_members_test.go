package cases

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"coopcloud.tech/goodstanding/internal/money"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/roll"
)

func (f *federation) admit(rest string) error {
	var adopt roll.Adopt
	for _, slug := range strings.Fields(rest) {
		id, err := f.roll.FindAccount(context.Background(), slug)
		if err != nil {
			return err
		}
		adopt.Accounts = append(adopt.Accounts, id)
	}
	_, _, err := f.roll.Adopt(context.Background(), f.by, adopt)
	return err
}

func (f *federation) admitAll(string) error {
	_, _, err := f.roll.Adopt(context.Background(), f.by, roll.Adopt{All: true})
	return err
}

func (f *federation) member(rest string) error {
	name, address, _ := strings.Cut(rest, " contact ")
	m := roll.NewMember{Name: name, Kind: member.Organisation}
	if address != "" {
		m.Contacts = []roll.Contact{{Email: address}}
	}
	_, _, err := f.roll.Add(context.Background(), f.by, m)
	return err
}

func (f *federation) link(rest string) error {
	slug, who, ok := strings.Cut(rest, " into ")
	if !ok {
		return fmt.Errorf("write link SLUG into MEMBER")
	}
	account, err := f.roll.FindAccount(context.Background(), slug)
	if err != nil {
		return err
	}
	return f.about(who, func(ctx context.Context, id member.ID) error {
		_, err := f.roll.Link(ctx, f.by, id, account, 0, 0)
		return err
	})
}

func (f *federation) waive(who string) error {
	return f.about(who, func(ctx context.Context, id member.ID) error {
		_, _, err := f.roll.Waive(ctx, f.by, id, f.w.Now(), 0, "")
		return err
	})
}

// about does something with a member.
func (f *federation) about(who string, do func(context.Context, member.ID) error) error {
	id, err := f.roll.Find(context.Background(), who)
	if err != nil {
		return err
	}
	return do(context.Background(), id)
}

func (f *federation) supporter(slug string) error {
	id, err := f.roll.FindAccount(context.Background(), slug)
	if err == nil {
		err = f.roll.Supporter(context.Background(), f.by, id, true)
	}
	return err
}

func (f *federation) leave(who string) error {
	return f.about(who, func(ctx context.Context, id member.ID) error {
		_, err := f.roll.Leave(ctx, f.by, id, 0)
		return err
	})
}

func (f *federation) pay(rest string) error {
	rest, months, _ := strings.Cut(rest, " months=")
	who, what, _ := strings.Cut(rest, " ")
	n, err := strconv.Atoi(months)
	if err != nil {
		return fmt.Errorf("write pay MEMBER GBP 120.00 months=12: %w", err)
	}
	return f.about(who, func(ctx context.Context, id member.ID) error {
		p := roll.PaymentEntry{Member: id, Months: n}
		var err error
		if what == "last-charge" {
			p.Charge, err = f.lastCharge(id)
		} else {
			p.Received = f.w.Now()
			p.Amount, err = money.Parse(what)
		}
		if err == nil {
			_, _, err = f.roll.Pay(ctx, f.by, p)
		}
		return err
	})
}

// lastCharge is the newest money of Open Collective among what is known of a
// member.
func (f *federation) lastCharge(id member.ID) (string, error) {
	x, err := f.roll.Explain(context.Background(), id, 0, 0)
	if err != nil {
		return "", err
	}
	for _, fact := range x.Facts {
		if charge, ok := strings.CutPrefix(fact.Ref, "charge:"); ok {
			return charge, nil
		}
	}
	return "", fmt.Errorf("no charge of it is known")
}

func (f *federation) list(who string) error {
	return f.about(who, func(ctx context.Context, id member.ID) error {
		if _, err := f.roll.SetProfile(ctx, f.by, id, roll.Profile{URL: "https://example.org", Summary: "An example."}); err != nil {
			return err
		}
		if _, err := f.roll.Consent(ctx, f.by, id, true, 0, "Said so at the meeting."); err != nil {
			return err
		}
		_, err := f.roll.Approve(ctx, f.by, id)
		return err
	})
}
