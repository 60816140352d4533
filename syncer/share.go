package syncer

import "coopcloud.tech/goodstanding/store"

// What is kept from one pull to the next is many rows that name each other and have a few
// words in common, and whoever reads or decodes them makes a copy for each. Here they come
// to share one. It changes no value.

// share does that for all that is stored.
func (st *stored) share() *stored {
	words := map[string]string{}
	word := func(text *string) {
		if w, known := words[*text]; known {
			*text = w
			return
		}
		words[*text] = *text
	}
	for id, c := range st.contributions {
		for _, text := range []*string{&c.Status, &c.Frequency, (*string)(&c.ToAccount), &c.Tier, &c.Service, &c.PaymentType} {
			word(text)
		}
		if a, known := st.accounts[c.Account]; known {
			c.Account = a.ID
		}
		st.contributions[id] = c
	}
	for id, a := range st.accounts {
		word(&a.Type)
		st.accounts[id] = a
	}
	for id, d := range st.details {
		if a, known := st.accounts[id]; known {
			d.Account = a.ID
			st.details[a.ID] = d
		}
	}
	for id, c := range st.charges {
		st.charges[id] = st.shareCharge(c)
	}
	for id, v := range st.coverages {
		if c, known := st.charges[id]; known {
			v.Charge = c.ID
			st.coverages[c.ID] = v
		}
	}
	return st
}

// shareCharge is a charge that shares its names with its contribution and its payer.
func (st *stored) shareCharge(c store.ChargeRow) store.ChargeRow {
	if of, known := st.contributions[c.Contribution]; known {
		c.Contribution = of.ID
	}
	if payer, known := st.accounts[c.Account]; known {
		c.Account = payer.ID
	}
	return c
}
