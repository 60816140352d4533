package roll

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/store"
)

// What became of accounts that are linked to members. Links go by account id,
// so that none of this moves money by itself (domain.md, section 1).

// linked are the accounts that are linked now to a member who stays, by id.
func (s *sorting) linked() []member.AccountID {
	var out []member.AccountID
	for _, id := range slices.Sorted(maps.Keys(s.links)) {
		if m := s.owner(id, s.now); m != nil && m.stays {
			out = append(out, id)
		}
	}
	return out
}

// slugsTaken finds accounts that have a slug which a member's account had
// before, and of which nobody has said yet whose they are (open-collective.md,
// section 11, case 26: it must not inherit the membership).
func (s *sorting) slugsTaken() {
	for _, id := range slices.Sorted(maps.Keys(s.match.slugBefore)) {
		m := s.members[s.match.slugBefore[id]]
		_, supporter := s.supporters[id]
		if !m.stays || supporter || s.owner(id, s.now) != nil {
			continue
		}
		s.told[id] = true
		f := finding{DeskEntry: DeskEntry{Kind: DeskSlugTaken, Member: m.ID, Account: s.ref(id), Since: s.details[id].Seen},
			subject: []string{string(m.ID), string(id)}, because: "another account, nothing to do with the member"}
		f.sentence = tell("%s, which was %s on Open Collective, is another account now.", s.slug(id), owner(memberWord(m)))
		f.action = tell("Do not link it to %s for its name. Say whose it is: mark it as a supporter's, or make a member of it (goodstanding members adopt).", memberWord(m))
		if _, shown := s.accounts[id]; shown {
			f.Remedy = command("members", "supporter", s.accountArg(id))
			f.act(supporterAct(id))
		}
		s.add(f)
	}
}

// accountsGone finds linked accounts that were deleted or suspended.
func (s *sorting) accountsGone() {
	for _, id := range s.linked() {
		row, m := s.accounts[id], s.owner(id, s.now)
		what := tell("was deleted on Open Collective")
		switch {
		case row.Archived:
		case row.Suspended:
			what = tell("is suspended by Open Collective")
		default:
			continue
		}
		s.add(finding{DeskEntry: DeskEntry{Kind: DeskGone, Member: m.ID, Account: s.ref(id), Since: row.Effective,
			sentence: tell("The account %s, with which %s pays, %s.", s.slug(id), memberWord(m), what),
			action:   tell("What it paid still counts, and its link can stay. Ask the member how dues are paid from now on.")},
			subject: []string{string(id)}, rests: []any{m.ID, row.Archived, row.Suspended}, because: "asked the member"})
	}
}

// renamed finds linked accounts whose slug or name changed since they were
// linked.
func (s *sorting) renamed() {
	before := map[member.AccountID]store.FormerAccount{}
	for _, f := range s.former { // the oldest first
		before[f.Account] = f
	}
	for _, id := range s.linked() {
		was, ok := before[id]
		now, m := s.details[id], s.owner(id, s.now)
		if !ok || now.Seen <= s.linkedSince(id) {
			continue
		}
		var words said
		switch {
		case !strings.EqualFold(was.Slug, now.Slug):
			words = tell("%s pays as %s now; it was %s.", memberWord(m), s.slug(id), slugWord(was.Slug, id))
		case plainName(was.Name) != plainName(now.Name) && !looksLikeAddress(was.Name+now.Name) && was.Name != "" && now.Name != "":
			words = tell("%s, the account of %s, is called %q now; it was %q.", s.slug(id), memberWord(m), now.Name, was.Name)
		default:
			continue
		}
		s.add(finding{DeskEntry: DeskEntry{Kind: DeskRenamed, Member: m.ID, Account: s.ref(id), Since: now.Seen, sentence: words,
			action: tell("Nothing is lost: the link goes by the account's id. If the member itself has another name now, correct it (goodstanding members import).")},
			subject: []string{string(id)}, rests: []any{was.LastSeen, now.Seen}, because: "the same account under a new name"})
	}
}

// linkedSince is when the link that holds was entered.
func (s *sorting) linkedSince(id member.AccountID) instant.Instant {
	for _, l := range s.links[id] {
		if s.now.In(l.From, l.Until) {
			return l.Known
		}
	}
	return 0
}

// noDelegates finds admitted members for whom nobody can vote.
func (s *sorting) noDelegates() {
	for _, m := range s.all {
		if !m.stays || !m.history.admitted(s.now) || len(s.delegates[m.ID]) > 0 {
			continue
		}
		since := s.lost[m.ID]
		if since == 0 {
			door, _ := m.history.door(s.now)
			since = door.At
		}
		f := finding{DeskEntry: DeskEntry{Kind: DeskNoDelegate, Member: m.ID, Since: since,
			sentence: tell("Nobody can vote for %s: it has no delegate.", memberWord(m)),
			action:   tell("Ask the member who acts for it, and name that person."),
			Remedy:   s.delegateRemedy(m)},
			subject: []string{string(m.ID)}, rests: []any{s.lost[m.ID]}}
		if id := s.likelyDelegate(m); id != "" {
			f.act(DeskAct{Deed: DeskDelegate, Member: m.ID, Person: id, Why: "acts for the member"})
		}
		s.add(f)
	}
}

// delegateRemedy names the person who is the member's contact or has its
// account's address, where one is known here; else it takes a new one.
func (s *sorting) delegateRemedy(m *standingEntry) string {
	if id := s.likelyDelegate(m); id != "" {
		return command("people", "delegate", string(id), memberArg(m))
	}
	return command("people", "add", "EMAIL", "--name", "NAME", "--delegate-of", memberArg(m))
}

// likelyDelegate is the person who is the member's contact or has its account's
// address; "" where none is known here.
func (s *sorting) likelyDelegate(m *standingEntry) member.PersonID {
	var addresses []string
	for _, c := range m.contacts {
		addresses = append(addresses, c.Email)
	}
	for _, l := range m.Links {
		if len(s.details[l.Account].Emails) == 1 {
			addresses = append(addresses, s.details[l.Account].Emails[0])
		}
	}
	for _, a := range addresses {
		if p, ok := s.persons[strings.ToLower(a)]; ok && a != "" {
			return p.ID
		}
	}
	return ""
}

// noAnswers finds admitted members that had a place in all of the last large
// decisions that are over and answered none of them: with some rules nothing
// passes without them (domain.md, section 7).
func (s *sorting) noAnswers() {
	for _, m := range s.all {
		quiet, ok := s.quiet[m.ID]
		_, paused := m.history.paused(s.now)
		if !ok || paused || !m.stays || !m.history.admitted(s.now) {
			continue
		}
		numbers := make([]string, len(quiet.Numbers))
		for i, n := range quiet.Numbers {
			numbers[i] = strconv.Itoa(n)
		}
		s.add(finding{DeskEntry: DeskEntry{Kind: DeskNoAnswer, Member: m.ID, Since: quiet.Since,
			sentence: tell("%s answered none of the last %d large decisions (%s).", memberWord(m), len(numbers), strings.Join(numbers, ", ")),
			action:   tell("Ask the member. If it does not answer, a facilitator and a second person of another member can pause it, with seven days of notice; it ends the pause at any time."),
			Remedy:   command("members", "pause", memberArg(m), "--as", "FACILITATOR", "--second", "PERSON", "--reason", "answered none of the last large decisions")},
			subject: []string{string(m.ID)}, rests: []any{quiet.Numbers}})
	}
}
