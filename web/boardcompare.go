package web

import (
	"strings"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/money"
	"coopcloud.tech/goodstanding/policy"
	"coopcloud.tech/goodstanding/roll"
)

// compare fills in what one version of the file would change.
func (b *board) compare(page *boardRulesPage, file *policy.File) error {
	ctx := b.v.r.Context()
	v := file.Versions[len(file.Versions)-1]
	if page.Version != "" {
		var ids []string
		found := false
		for _, one := range file.Versions {
			if ids = append(ids, one.ID()); one.ID() == page.Version {
				v, found = one, true
			}
		}
		if !found {
			page.Faults = append(page.Faults, ruleFault{Text: b.sayf("The file has no version “%s”: it has %s.", clip(page.Version), strings.Join(ids, ", "))})
		}
	}
	at, err := b.dayEnd(page.At)
	if err != nil {
		page.Faults = append(page.Faults, faultAt(b.v.lang, "", err.Error()))
	}
	if len(page.Faults) > 0 {
		return nil
	}
	now, _, err := b.p.o.Roll.PolicyInForce(ctx)
	if err != nil {
		return err
	}
	who, err := b.p.o.Roll.ComparePolicy(ctx, v, at)
	if err != nil {
		return err
	}
	c := &comparedRules{ID: v.ID(), Text: page.Text, At: b.minute(at), Forecast: at > b.p.o.Now(), Topics: b.topics(v), Differ: policy.CompareIn(b.v.lang, now, v),
		Good: b.count(len(file.Versions), "version", "versions") + ", " + b.count(len(file.Examples), "example that came out as it says", "examples that came out as they say")}
	for _, one := range who {
		if len(c.Who) < mostWho {
			c.Who = append(c.Who, b.comparedLine(&one))
		} else {
			c.More++
		}
	}
	page.Compared = c
	return b.mayAdd(c, file, v)
}

func (b *board) comparedLine(one *roll.Compared) comparedLine {
	line := comparedLine{Name: one.Name, Address: memberAddress(&roll.Row{ID: one.Member}), Is: roll.WordsIn(b.v.lang, one.Before.State), WouldBe: roll.WordsIn(b.v.lang, one.After.State), State: one.After.State.String(), Why: eligibility.WhyIn(b.v.lang, one.After.Reasons, b.p.o.Zone)}
	for _, right := range eligibility.Rights {
		if had := one.Before.Has(right); had != one.After.Has(right) {
			line.Rights = append(line.Rights, rightChange{b.say(rightWords[right]), had})
		}
	}
	return line
}

// mayAdd says whether the file's versions could be stored, and what speaks against it.
func (b *board) mayAdd(c *comparedRules, file *policy.File, v policy.Version) error {
	ctx := b.v.r.Context()
	st, err := b.p.o.Roll.Status(ctx)
	if err != nil {
		return err
	}
	if currency, err := money.ParseCurrency(st.Currency); err == nil {
		if fault := policy.CheckCurrency(v, currency); fault != nil {
			c.Warning = sentence(told(b.v.lang, fault.Error()))
		}
	}
	if c.New, err = b.p.o.Roll.NewVersions(ctx, b.by, file, false); err == nil {
		return nil
	}
	if _, is := refused(err); !is {
		return err
	}
	if c.New, err = b.p.o.Roll.NewVersions(ctx, b.by, file, true); err == nil {
		c.Backdated = true
		return nil
	}
	reasons, is := refused(err)
	if !is {
		return err
	}
	for _, r := range reasons {
		c.Against = append(c.Against, sentence(told(b.v.lang, plainly(r))))
	}
	return nil
}
