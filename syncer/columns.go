package syncer

import (
	"coopcloud.tech/goodstanding/internal/money"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/store"
)

// How the rows are packed of which there are many.
type (
	accountTable      = table[member.AccountID, store.AccountRow, accountColumns]
	detailTable       = table[member.AccountID, store.AccountDetail, detailColumns]
	contributionTable = table[string, store.ContributionRow, contributionColumns]
	chargeTable       = table[string, store.ChargeRow, chargeColumns]
	coverageTable     = table[string, store.CoverageRow, coverageColumns]

	accountColumns      struct{}
	detailColumns       struct{}
	contributionColumns struct{}
	chargeColumns       struct{}
	coverageColumns     struct{}
)

func (accountColumns) columns(p *packer, a *store.AccountRow) {
	p.key((*string)(&a.ID))
	p.text(&a.PublicID)
	p.whole(&a.LegacyID)
	p.word(&a.Type)
	p.flag(&a.Incognito)
	p.flag(&a.Guest)
	p.flag(&a.Archived)
	p.flag(&a.Suspended)
	p.at(&a.Effective)
	p.whole(&a.Snapshot)
	p.at(&a.Known)
}

func (detailColumns) columns(p *packer, d *store.AccountDetail) {
	p.key((*string)(&d.Account))
	p.text(&d.Slug)
	p.text(&d.Name)
	n := uint64(len(d.Emails))
	if p.count(&n); !p.packs && n > 0 {
		d.Emails = make([]string, n)
	}
	for i := range d.Emails {
		p.text(&d.Emails[i])
	}
	p.at(&d.Seen)
}

func (contributionColumns) columns(p *packer, c *store.ContributionRow) {
	p.key(&c.ID)
	p.text(&c.PublicID)
	p.whole(&c.LegacyID)
	p.text((*string)(&c.Account))
	p.word(&c.Status)
	p.word(&c.Frequency)
	small(p, &c.Interval)
	p.amount(&c.Amount)
	p.whole(&c.Total)
	p.whole(&c.Tax)
	p.whole(&c.Tip)
	p.at(&c.Created)
	p.at(&c.Processed)
	p.at(&c.LastCharged)
	p.at(&c.NextCharge)
	p.word((*string)(&c.ToAccount))
	p.word(&c.Tier)
	p.whole(&c.Quantity)
	p.word(&c.Service)
	p.word(&c.PaymentType)
	p.flag(&c.PausedByPayer)
	p.at(&c.Effective)
	p.whole(&c.Snapshot)
	p.at(&c.Known)
}

func (chargeColumns) columns(p *packer, c *store.ChargeRow) {
	p.key(&c.ID)
	p.text(&c.Contribution)
	p.text((*string)(&c.Account))
	small(p, &c.Kind)
	p.amount(&c.Amount)
	p.at(&c.Created)
	p.whole(&c.Snapshot)
	p.at(&c.Known)
}

func (coverageColumns) columns(p *packer, v *store.CoverageRow) {
	p.key(&v.Charge)
	small(p, &v.Interval)
	p.at(&v.Due)
	p.whole(&v.OrderMinor)
	p.whole(&v.TaxMinor)
	p.whole(&v.Snapshot)
	p.at(&v.Known)
}

// amount is an amount and its currency.
func (p *packer) amount(m *money.Money) {
	p.whole(&m.Minor)
	if p.packs {
		p.to = append(p.to, m.Currency[:]...)
		return
	}
	p.from = p.from[copy(m.Currency[:], p.from):]
}
