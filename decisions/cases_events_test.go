package decisions_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/member"
)

// events understands what people do: WHO … VERB ….
func (w *assembly) events(words []string) []decisions.Event {
	w.t.Helper()
	for i, verb := range words {
		make, ok := verbs[verb]
		if !ok || i == 0 && verb != "announced" {
			continue
		}
		var out []decisions.Event
		who := words[:i]
		if i == 0 {
			who = []string{"somebody"}
		}
		for _, name := range w.names(who) {
			ev := make(w, &said{w, words[i+1:]})
			ev.By = w.party(name)
			out = append(out, ev)
		}
		return out
	}
	return nil
}

// said are the words behind a verb.
type said struct {
	w     *assembly
	words []string
}

// after is the word behind a key; "" where the key is not there.
func (s *said) after(key string) string {
	if i := slices.Index(s.words, key); i >= 0 && i+1 < len(s.words) {
		return s.words[i+1]
	}
	return ""
}

func (s *said) has(word string) bool { return slices.Contains(s.words, word) }

// quoted is what stands between quotation marks; "" for nothing.
func (s *said) quoted() string {
	for _, word := range s.words {
		if strings.HasPrefix(word, `"`) {
			return strings.Trim(word, `"`)
		}
	}
	return ""
}

func (s *said) day(key string) decisions.Day {
	s.w.t.Helper()
	word := s.after(key)
	if word == "" {
		return decisions.Day{}
	}
	d, err := decisions.ParseDay(word)
	if err != nil {
		s.w.fail("%v", err)
	}
	return d
}

func (s *said) number(key string) int {
	n, _ := strconv.Atoi(s.after(key))
	return n
}

var verbs = map[string]func(*assembly, *said) decisions.Event{
	"proposes": func(w *assembly, s *said) decisions.Event {
		p := s.proposal()
		return decisions.Event{Kind: decisions.Propose, Proposal: &p}
	},
	"edits": func(w *assembly, s *said) decisions.Event {
		p := s.proposal()
		return decisions.Event{Kind: decisions.Edit, Proposal: &p}
	},
	"logs": plain(decisions.Log),
	"opens": func(w *assembly, s *said) decisions.Event {
		r, _ := w.look(w.now)
		return decisions.Event{Kind: decisions.Open, Number: max(1, s.number("as")), Policy: w.policy, Rules: &w.rules, Electorate: r.Electorate()}
	},
	"announced": worded(decisions.Announce),
	"announces": worded(decisions.Announce),
	"amends": func(w *assembly, s *said) decisions.Event {
		text := w.d.Proposal.Text
		if !s.has("nothing") {
			w.text++
			text.Changes = fmt.Sprintf("The text, amended %d times.", w.text)
		}
		return decisions.Event{Kind: decisions.Amend, Text: &text, Editorial: s.has("editorially")}
	},
	"calls-it-material":  plain(decisions.CallMaterial),
	"favour":             answer(decisions.Favour),
	"against":            answer(decisions.Against),
	"abstain":            answer(decisions.Abstain),
	"block":              answer(decisions.Block),
	"retracts":           plain(decisions.Retract),
	"objects":            worded(decisions.Object),
	"objects-no-more":    plain(decisions.Unobject),
	"asks-for-more-time": worded(decisions.MoreTime),
	"escalates": func(w *assembly, s *said) decisions.Event {
		r, _ := w.look(w.now)
		return decisions.Event{Kind: decisions.Escalate, Number: s.number("as"), Policy: w.policy, Rules: &w.rules, Electorate: r.Electorate(),
			Size: decisions.Size(s.after("to")), Words: s.quoted()}
	},
	"answers": func(w *assembly, s *said) decisions.Event {
		return decisions.Event{Kind: decisions.AnswerConcern, Concern: s.number("concern"), Words: s.quoted()}
	},
	"nudges":    plain(decisions.Nudge),
	"withdraws": plain(decisions.Withdraw),
	"stalls":    worded(decisions.Stall),
	"reopens": func(w *assembly, s *said) decisions.Event {
		ev := decisions.Event{Kind: decisions.Reopen, Deadline: s.day("until"), Anew: !w.d.Untaken() && !s.has("once")}
		if w.d.Untaken() {
			r, _ := w.look(w.now)
			ev.Policy, ev.Rules, ev.Electorate = w.policy, &w.rules, r.Electorate()
		}
		return ev
	},
	"imports": func(_ *assembly, s *said) decisions.Event {
		p := s.proposal()
		p.Deadline = decisions.Day{}
		return decisions.Event{Kind: decisions.Import, Proposal: &p, Number: s.number("as"), Words: s.quoted(), Imported: &decisions.Imported{
			State: decisions.State(s.after("state")), Date: s.day("dated"), Deadline: s.day("until"), Ended: s.day("ended")}}
	},
	"ends":    plain(decisions.End),
	"joins":   about(decisions.Join, ""),
	"adds":    about(decisions.AddSeat, "adds"),
	"removes": about(decisions.RemoveSeat, "removes"),
	"settles": about(decisions.Settle, "settles"),
	"closes":  plain(decisions.Close),
}

func plain(k decisions.EventKind) func(*assembly, *said) decisions.Event {
	return func(w *assembly, _ *said) decisions.Event {
		ev := decisions.Event{Kind: k}
		if k == decisions.Close { // which the chair never asks for, and anybody could try
			ev.Roll, _ = w.look(w.now)
		}
		return ev
	}
}

func worded(k decisions.EventKind) func(*assembly, *said) decisions.Event {
	return func(_ *assembly, s *said) decisions.Event { return decisions.Event{Kind: k, Words: s.quoted()} }
}

func answer(a decisions.Answer) func(*assembly, *said) decisions.Event {
	return func(_ *assembly, s *said) decisions.Event {
		return decisions.Event{Kind: decisions.Cast, Answer: a, Words: s.quoted()}
	}
}

// about is "fac adds elm with oak REASON"; "elm joins" is about elm itself.
func about(k decisions.EventKind, verb string) func(*assembly, *said) decisions.Event {
	return func(w *assembly, s *said) decisions.Event {
		if verb == "" {
			return decisions.Event{Kind: k, Member: member.ID(s.after("again")), Verdict: w.verdict(member.ID(s.after("again")), w.now)}
		}
		id := member.ID(s.words[0])
		ev := decisions.Event{Kind: k, Member: id, Verdict: w.verdict(id, w.now), Words: s.quoted(), Counts: s.has("counts")}
		if k == decisions.Settle && !s.has("whenever") { // as logs have it from when the deadline was not noted
			ev.Deadline = w.d.Deadline
		}
		if second := s.after("with"); second != "" {
			ev.Second = w.party(second)
		}
		return ev
	}
}

// proposal is "large until 2023-04-11 without channel admit oak".
func (s *said) proposal() decisions.Proposal {
	p := decisions.Proposal{
		Text: decisions.Text{Title: "Dues", Changes: "The text.", Affects: "All members.", Channel: "the room"},
		Size: decisions.Size(s.words[0]), Kind: decisions.General, Visibility: decisions.Public, Deadline: s.day("until"),
	}
	switch s.after("without") {
	case "channel":
		p.Channel = ""
	case "everything":
		p.Text = decisions.Text{}
	}
	if who := s.after("admit"); who != "" {
		p.Kind, p.Applicant = decisions.Admit, member.ID(who)
	}
	if id := s.after("policy"); id != "" {
		p.Kind, p.Version = decisions.Policy, id
	}
	return p
}
