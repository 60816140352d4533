package decisions

import (
	"cmp"
	"fmt"
	"slices"

	"coopcloud.tech/goodstanding/internal/arrange"
)

// Answer is what a member may say to a decision (domain.md, section 5).
type Answer string

// The answers. Abstain stands aside; against and block carry the concern in
// words; in a medium decision against is an objection.
const (
	Favour  Answer = "favour"
	Against Answer = "against"
	Abstain Answer = "abstain"
	Block   Answer = "block"
)

// Answers lists all answers in their fixed order.
func Answers() []Answer { return []Answer{Favour, Against, Abstain, Block} }

var signs = map[Answer]string{Favour: "👍", Against: "👎", Abstain: "🤷", Block: "🛑"}

// Sign is the one by which the answer is given in the room; "" for a word that is
// no answer.
func (a Answer) Sign() string { return signs[a] }

// Ballots says who may read how a member answered.
type Ballots string

// Who may read ballots (domain.md, section 4).
const (
	BallotsPublic  Ballots = "public"
	BallotsMembers Ballots = "members"
)

// PolicyChanges says what puts a new policy version in force.
type PolicyChanges string

// What puts a new policy version in force (domain.md, section 4).
const (
	ByTreasurer PolicyChanges = "by_treasurer"
	ByDecision  PolicyChanges = "by_decision"
)

// TooShort says what happens to a proposal whose deadline leaves less than
// the notice of its size.
type TooShort string

// What happens to too short a notice (domain.md, section 4).
const (
	Warn   TooShort = "warn"
	Refuse TooShort = "refuse"
)

// Rules are the rules of deciding of one policy version (domain.md, section
// 4, "decisions"). Small decisions have none: they are only logged.
type Rules struct {
	Ballots        Ballots       `json:"ballots"`
	PolicyChanges  PolicyChanges `json:"policy_changes"`
	Medium         SizeRules     `json:"medium"`
	Large          SizeRules     `json:"large"`
	NoticeTooShort TooShort      `json:"notice_too_short"`
}

// SizeRules are the rules of one size.
type SizeRules struct {
	Notice   int         `json:"notice"`    // calendar days from announcing to the deadline's day
	Answers  []Answer    `json:"answers"`   // what a member may answer, in the order of Answers
	PassesIf []Condition `json:"passes_if"` // all must hold, in the order of ConditionKind
	MoreTime int         `json:"more_time"` // days by which a request for more time moves the deadline; 0: none can be asked for
}

// Offers says whether a member may give that answer.
func (s SizeRules) Offers(a Answer) bool { return slices.Contains(s.Answers, a) }

// Normalise puts answers and conditions into their fixed order, which carries
// no meaning: all conditions must hold.
func (s *SizeRules) Normalise() {
	order := Answers()
	arrange.By(s.Answers, func(a, b Answer) int {
		return cmp.Compare(slices.Index(order, a), slices.Index(order, b))
	})
	arrange.By(s.PassesIf, func(a, b Condition) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.N, b.N), cmp.Compare(a.Of.String(), b.Of.String()))
	})
}

// Conflict is a way in which the rules of a size contradict themselves.
type Conflict struct {
	Condition int // index into PassesIf; -1 when it is about the answers
	Text      string
}

// needs are the answers without which a condition says nothing.
var needs = map[ConditionKind][]Answer{
	FavourAtLeast:      {Favour},
	FavourOverAgainst:  {Favour, Against},
	FavourOfElectorate: {Favour},
	FavourOfVoters:     {Favour},
	NoBlock:            {Block},
	NoAgainst:          {Against},
}

// Conflicts are all contradictions, the lines of passes_if first: a condition
// about an answer that nobody can give, the same line twice, and a block that
// would stop nothing.
func (s SizeRules) Conflicts() []Conflict {
	var out []Conflict
	stops := false
	for i, c := range s.PassesIf {
		stops = stops || c.Kind == NoBlock || c.Kind == NoObjection
		if slices.Contains(s.PassesIf[:i], c) {
			out = append(out, Conflict{i, fmt.Sprintf("%q stands there twice: write it once", c)})
			continue
		}
		for _, a := range needs[c.Kind] {
			if !s.Offers(a) {
				out = append(out, Conflict{i, fmt.Sprintf("%q says nothing while %q is not one of the answers: add it to answers or leave this line out", c, a)})
			}
		}
	}
	if s.Offers(Block) && !stops {
		out = append(out, Conflict{-1, `a block would stop nothing: add "no block" to passes_if, or leave block out of answers`})
	}
	return out
}
