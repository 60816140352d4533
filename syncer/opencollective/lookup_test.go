package opencollective

import (
	"strings"
	"testing"

	"coopcloud.tech/goodstanding/member"
)

const charlie = "zky3xnvw-qrdzgjla-w659l0ma-8e76p4oy"

func TestLookUpByID(t *testing.T) {
	c := newClient(t, twist(t, "none", nil))
	defer c.Close()
	a, err := c.Account(t.Context(), charlie)
	if err != nil || a.ID != charlie || a.Slug != "ccf-charlie" || a.Guest || len(a.Emails) != 1 {
		t.Errorf("%+v, %v", a, err)
	}
	o, err := c.Order(t.Context(), "wk7pe08n-4y6g9j9x-dojmlda3-roxvqzw4")
	if err != nil || o.PublicID != "or_vVhwKtQc4gR6UR3i1TljM" || o.Payer.ID != charlie {
		t.Errorf("%+v, %v", o, err)
	}
}

func TestWhatCannotBeLookedUp(t *testing.T) {
	c := newClient(t, twist(t, "none", nil))
	for _, id := range []string{"", "acc_nobody"} {
		_, err := c.Account(t.Context(), member.AccountID(id))
		wantError[*NotFound](t, err)
		_, err = c.Order(t.Context(), id)
		wantError[*NotFound](t, err)
		if want := "look up an order: Open Collective knows no such order (deleted, merged into another, or never there)"; err.Error() != want {
			t.Errorf("%q: %v, want %s", id, err, want)
		}
	}
	for _, f := range faults {
		c := newClient(t, except(t, "DuesAccount", f.handler("account")))
		_, err := c.Account(t.Context(), charlie)
		clean(t, err)
		if got := ClassOf(err); got != f.class {
			t.Errorf("%s: class %s (%v), want %s", f.name, got, err, f.class)
		}
	}
	spoilt := twist(t, "DuesAccount", func(_ asked, body map[string]any) { delete(obj(body, "data", "account"), "isIncognito") })
	_, err := newClient(t, spoilt).Account(t.Context(), charlie)
	if e := wantError[*SchemaDrift](t, err); e.Path != "account.isIncognito" || !strings.HasPrefix(err.Error(), "look up an account: ") {
		t.Error(err)
	}
}
