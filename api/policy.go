package api

import (
	"fmt"
	"time"

	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/money"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/policy"
)

// policyAnswer is the version of the rules in force, in words and as data.
type policyAnswer struct {
	ID        string          `json:"id"`
	From      instant.Instant `json:"from"`
	DecidedBy string          `json:"decided_by"` // number of the decision; "" for none
	Words     []sentence      `json:"words"`
	Rules     policyRules     `json:"rules"`
	// Versions are all versions, by from; those that are still to come, too.
	Versions []policyVersion `json:"versions"`
}

type sentence struct {
	Topic policy.Topic `json:"topic"`
	Text  string       `json:"text"`
}

type policyVersion struct {
	ID        string          `json:"id"`
	From      instant.Instant `json:"from"`
	DecidedBy string          `json:"decided_by"`
}

type policyRules struct {
	Admission policy.Admission `json:"admission"`
	Dues      duesRules        `json:"dues"`
	Rights    struct {
		Vote     rightRule `json:"vote"`
		Listing  rightRule `json:"listing"`
		Services rightRule `json:"services"`
	} `json:"rights"`
	Decisions decisionRules `json:"decisions"`
	Notices   noticeRules   `json:"notices"`
}

type duesRules struct {
	Minimums           []minimum       `json:"minimums"` // any one of them is enough
	CountTax           bool            `json:"count_tax"`
	OneOff             string          `json:"one_off"`
	LateSeconds        int64           `json:"late_seconds"`
	StaleAfterSeconds  int64           `json:"stale_after_seconds"`
	InterruptedSeconds int64           `json:"interrupted_seconds"`
	Brake              brakeRule       `json:"brake"`
	ReviewBy           instant.Instant `json:"review_by"`
}

type minimum struct {
	Amount   amount `json:"amount"`
	Interval string `json:"interval"`
}

// amount is money in hundredths of its currency.
type amount struct {
	Minor    int64          `json:"minor"`
	Currency money.Currency `json:"currency"`
}

type brakeRule struct {
	Share         string `json:"share"` // an exact fraction, "1/10"
	AtLeast       int    `json:"at_least"`
	WithinSeconds int64  `json:"within_seconds"`
}

type rightRule struct {
	Dues         string        `json:"dues"`
	Members      []member.Kind `json:"members"`
	GraceSeconds int64         `json:"grace_seconds"`
}

type decisionRules struct {
	Ballots        decisions.Ballots       `json:"ballots"`
	PolicyChanges  decisions.PolicyChanges `json:"policy_changes"`
	NoticeTooShort decisions.TooShort      `json:"notice_too_short"`
	Medium         sizeRules               `json:"medium"`
	Large          sizeRules               `json:"large"`
}

type sizeRules struct {
	NoticeDays   int                `json:"notice_days"`
	Answers      []decisions.Answer `json:"answers"`
	PassesIf     []string           `json:"passes_if"` // all must hold
	MoreTimeDays int                `json:"more_time_days"`
}

type noticeRules struct {
	PaymentLateSeconds     int64 `json:"payment_late_seconds"`
	BeforeGraceEndsSeconds int64 `json:"before_grace_ends_seconds"`
	WaiverEndsSeconds      int64 `json:"waiver_ends_seconds"`
	NotVoted               struct {
		After                 string `json:"after"` // a fraction of the time from opening to deadline
		BeforeDeadlineSeconds int64  `json:"before_deadline_seconds"`
		OverdueEverySeconds   int64  `json:"overdue_every_seconds"`
	} `json:"not_voted"`
}

func policyAnswerOf(v policy.Version, all []policy.Version, zone *time.Location) policyAnswer {
	return policyAnswer{
		ID: v.ID(), From: v.From(), DecidedBy: v.DecidedBy,
		Words: mapped(policy.Words(v, zone), func(s policy.Sentence) sentence { return sentence{s.Topic, s.Text} }),
		Rules: rulesOf(v),
		Versions: mapped(all, func(v policy.Version) policyVersion {
			return policyVersion{v.ID(), v.From(), v.DecidedBy}
		}),
	}
}

func rulesOf(v policy.Version) (r policyRules) {
	r.Admission = v.Admission
	r.Dues = duesOf(&v.Eligibility)
	r.Dues.ReviewBy = v.ReviewBy
	r.Rights.Vote = rightOf(v.Eligibility.Rules[eligibility.Vote])
	r.Rights.Listing = rightOf(v.Eligibility.Rules[eligibility.Listing])
	r.Rights.Services = rightOf(v.Eligibility.Rules[eligibility.Services])
	d := v.Decisions
	r.Decisions = decisionRules{d.Ballots, d.PolicyChanges, d.NoticeTooShort, sizeOf(d.Medium), sizeOf(d.Large)}
	n := v.Notices
	r.Notices.PaymentLateSeconds = seconds(n.PaymentLate)
	r.Notices.BeforeGraceEndsSeconds = seconds(n.BeforeGraceEnds)
	r.Notices.WaiverEndsSeconds = seconds(n.WaiverEnds)
	r.Notices.NotVoted.After = n.NotVoted.After.String()
	r.Notices.NotVoted.BeforeDeadlineSeconds = seconds(n.NotVoted.BeforeDeadline)
	r.Notices.NotVoted.OverdueEverySeconds = seconds(n.NotVoted.OverdueEvery)
	return r
}

func duesOf(p *eligibility.Policy) duesRules {
	return duesRules{
		Minimums: mapped(p.Minimums, func(m eligibility.Minimum) minimum {
			return minimum{amountOf(m.Amount), intervalWords[m.Interval]}
		}),
		CountTax: p.CountTax, OneOff: oneOffWords[p.OneOff],
		LateSeconds: seconds(p.Late), StaleAfterSeconds: seconds(p.StaleAfter), InterruptedSeconds: seconds(p.Interrupted),
		Brake: brakeRule{fmt.Sprintf("%d/%d", p.Brake.ShareNum, p.Brake.ShareDen), p.Brake.AtLeast, seconds(p.Brake.Within)},
	}
}

func rightOf(r eligibility.RightRule) rightRule {
	out := rightRule{Dues: duesWords[r.Dues], Members: []member.Kind{}, GraceSeconds: seconds(r.Grace)}
	for _, k := range []member.Kind{member.Organisation, member.Individual} {
		if r.Named(k) {
			out.Members = append(out.Members, k)
		}
	}
	return out
}

func sizeOf(r decisions.SizeRules) sizeRules {
	return sizeRules{r.Notice, filled(r.Answers), mapped(r.PassesIf, decisions.Condition.String), r.MoreTime}
}

func amountOf(m money.Money) amount { return amount{m.Minor, m.Currency} }

func seconds(d time.Duration) int64 { return int64(d / time.Second) }

// The words of the policy file.
var (
	intervalWords = map[eligibility.Interval]string{eligibility.Monthly: "monthly", eligibility.Yearly: "yearly"}
	duesWords     = map[eligibility.DuesMode]string{eligibility.Enforced: "enforced", eligibility.Advisory: "advisory", eligibility.Off: "off"}
	oneOffWords   = map[eligibility.OneOffRule]string{eligibility.IgnoreOneOff: "ignore", eligibility.AddedFundsCount: "added_funds", eligibility.OneOffBuysMonths: "buys_months"}
)

func (a *API) policy(c *call) (any, error)         { return c.s.public.policy, nil }
func (a *API) policyMarkdown(c *call) (any, error) { return c.s.public.policyText, nil }
