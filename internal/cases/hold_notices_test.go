package cases

import (
	"context"
	"fmt"
	"strings"

	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/store"
)

// outbox are the notices written so far.
func (f *federation) outbox(wanted func(store.OutboxRow) bool) (n int, err error) {
	err = f.db.View(context.Background(), func(tx *store.Tx) error {
		rows, err := tx.Notices(context.Background(), store.OutboxQuery{})
		n = 0
		for _, r := range rows {
			if wanted(r) {
				n++
			}
		}
		return err
	})
	return n, err
}

func (f *federation) notices(rest string) error {
	n, err := f.outbox(func(r store.OutboxRow) bool { return r.Member != "" })
	if err != nil {
		return err
	}
	return number("notices to members", n, rest)
}

func (f *federation) treasurers(rest string) error {
	kind, wanted, _ := strings.Cut(rest, " ")
	n, err := f.outbox(func(r store.OutboxRow) bool {
		return r.Recipient == notify.Treasurers && (kind == "nothing" || string(r.Kind) == kind)
	})
	if err != nil {
		return err
	}
	if kind == "nothing" {
		wanted = "0"
	}
	return number("treasurers were told "+kind, n, wanted)
}

func (f *federation) told(rest string) error {
	word := strings.Fields(rest)
	if len(word) != 3 {
		return fmt.Errorf("write told MEMBER KIND N")
	}
	return f.about(word[0], func(_ context.Context, id member.ID) error {
		n, err := f.outbox(func(r store.OutboxRow) bool { return r.Member == id && string(r.Kind) == word[1] })
		if err != nil {
			return err
		}
		return number(word[0]+" "+word[1], n, word[2])
	})
}

// recipient says where a member's notices go: to the contact that the register
// has, or to the address of its account.
func (f *federation) recipient(rest string) error {
	word := strings.Fields(rest)
	if len(word) != 3 {
		return fmt.Errorf("write recipient MEMBER KIND contact|account")
	}
	return f.about(word[0], func(_ context.Context, id member.ID) error {
		to := func(r store.OutboxRow) bool {
			return r.Member == id && string(r.Kind) == word[1] && r.Recipient != "" && strings.HasPrefix(r.Recipient, "account:") == (word[2] == "account")
		}
		n, err := f.outbox(to)
		if err != nil {
			return err
		}
		return is("told there", n > 0, true)
	})
}
