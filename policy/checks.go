package policy

import (
	"time"

	"coopcloud.tech/goodstanding/eligibility"
)

// checks compare values of different parts, once all are read.
type checks struct {
	late      time.Duration
	lateOK    bool
	graces    [len(eligibility.Rights)]time.Duration // of enforced rights; 0 for none
	notices   []noticeSpan
	lateField field
}

// noticeSpan is a mail that must fit between two ends of a payment's story.
type noticeSpan struct {
	field
	span      time.Duration
	ok        bool
	afterLate bool // must exceed late
}

func (c *checks) run() {
	for i, g := range c.graces {
		if g > 0 && c.lateOK && c.late >= g {
			c.lateField.fault("%s is not shorter than the grace of %s (%s): the right would end before the payment counts as late",
				inDays(c.late), rightWords[i], inDays(g))
		}
	}
	for _, n := range c.notices {
		if !n.ok {
			continue
		}
		if n.afterLate && c.lateOK && n.span <= c.late {
			n.fault("%s must exceed late (%s): until then the payment still counts as in time", inDays(n.span), inDays(c.late))
		}
		for i, g := range c.graces {
			if g > 0 && n.span >= g {
				n.fault("%s must be shorter than the grace of %s (%s): the mail would not come while the right lasts",
					inDays(n.span), rightWords[i], inDays(g))
			}
		}
	}
}
