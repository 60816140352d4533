package decisions

import (
	"strings"

	"coopcloud.tech/goodstanding/member"
)

// Size says how much a decision asks of the members (domain.md, section 5).
type Size string

// The sizes, the smallest first.
const (
	Small  Size = "small"  // get on and do a thing; only logged
	Medium Size = "medium" // goes ahead unless a member objects or asks for more time
	Large  Size = "large"  // input from every member
)

// Sizes lists the sizes, the smallest first.
func Sizes() []Size { return []Size{Small, Medium, Large} }

func (s Size) rank() int {
	for i, t := range Sizes() {
		if s == t {
			return i
		}
	}
	return -1
}

// Kind says what a decision does when it passes.
type Kind string

// The kinds; admit and policy are always large.
const (
	General Kind = "general"
	Admit   Kind = "admit"  // makes the applicant a member
	Policy  Kind = "policy" // enacts the attached version of the policy
)

// Visibility says who may read a proposal.
type Visibility string

// Who may read it; of a decision for members public lists show the number and
// the outcome.
const (
	Public  Visibility = "public"
	Members Visibility = "members"
)

// Text is what a proposal says. Amending replaces it; each one that counted is
// a revision.
type Text struct {
	Title   string `json:"title"`
	Changes string `json:"changes"` // what changes
	Affects string `json:"affects"` // whom it affects
	Channel string `json:"channel"` // where it is discussed
	Link    string `json:"link"`    // to the write-up; "" for none
	// Attachment is the version that a decision of kind policy enacts, as a policy
	// file with this version alone; "" for all others.
	Attachment string `json:"attachment,omitempty"`
}

// Proposal is a text with what does not change about it.
type Proposal struct {
	Text
	Size       Size       `json:"size"`
	Kind       Kind       `json:"kind"`
	Visibility Visibility `json:"visibility"`
	// Applicant is whom a decision of kind admit lets in.
	Applicant member.ID `json:"applicant,omitempty"`
	// Version is the id of the policy version that a decision of kind policy enacts.
	Version string `json:"version,omitempty"`
	// Deadline is the last day on which to answer; zero for "the size's notice
	// from the opening on".
	Deadline Day `json:"deadline"`
}

// missing are the things that a proposal has to say before it can be opened.
func (p *Proposal) missing() (out []Reason) {
	for _, f := range []struct{ value, name string }{
		{p.Title, "a title"}, {p.Changes, "what changes"}, {p.Affects, "whom it affects"}, {p.Channel, "where it is discussed"},
	} {
		if strings.TrimSpace(f.value) == "" {
			out = append(out, because(TextMissing, "the proposal does not say %s", f.name))
		}
	}
	if p.Kind == Policy && p.Attachment == "" {
		out = append(out, because(TextMissing, "the version of the policy is not attached"))
	}
	return out
}

// mistakes are contradictions of a proposal, in a draft too.
func (p *Proposal) mistakes() (out []Reason) {
	add := func(code Code, format string, args ...any) { out = append(out, because(code, format, args...)) }
	if p.Size.rank() < 0 {
		add(ProposalWrong, "%q is no size: write small, medium or large", p.Size)
	}
	switch p.Kind {
	case General, Admit, Policy:
	default:
		add(ProposalWrong, "%q is no kind: write general, admit or policy", p.Kind)
	}
	switch p.Visibility {
	case Public, Members:
	default:
		add(ProposalWrong, "%q is no visibility: write public or members", p.Visibility)
	}
	if p.Kind != General && p.Size != Large && p.Size.rank() >= 0 {
		add(ProposalWrong, "a decision of kind %s is always large, not %s", p.Kind, p.Size)
	}
	if (p.Kind == Admit) != (p.Applicant != "") {
		add(ProposalWrong, "a decision of kind admit names its applicant, and no other does")
	}
	if (p.Kind == Policy) != (p.Version != "") {
		add(ProposalWrong, "a decision of kind policy has a version of the policy attached, and no other does")
	}
	return out
}
