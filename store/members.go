package store

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"coopcloud.tech/goodstanding/member"
)

// Members are the members with those ids, all members when none is given, with what
// names and links them, by id.
func (tx *Tx) Members(ctx context.Context, ids ...member.ID) ([]MemberInfo, error) {
	own, args := few(ids)
	rows, err := selectRows[MemberRow](ctx, tx, `SELECT `+names[MemberRow]("")+` FROM member WHERE id `+own+` ORDER BY id`, args...)
	if err != nil {
		return nil, fmt.Errorf("read the members: %w", err)
	}
	if len(ids) > Few {
		asked := byKey(ids, func(id member.ID) member.ID { return id })
		rows = slices.DeleteFunc(rows, func(r MemberRow) bool { return asked[r.ID] == "" })
	}
	details, err := selectRows[MemberDetail](ctx, tx, `SELECT `+names[MemberDetail]("")+` FROM member_detail WHERE member `+own, args...)
	if err != nil {
		return nil, fmt.Errorf("read the members' names: %w", err)
	}
	heirs, err := tx.heirs(ctx)
	if err != nil {
		return nil, err
	}
	links, err := tx.linkStates(ctx, heirs, ids...)
	if err != nil {
		return nil, err
	}
	decisions, err := tx.admittedBy(ctx, own, args)
	if err != nil {
		return nil, err
	}
	detail := byKey(details, func(d MemberDetail) member.ID { return d.Member })
	linked := make(map[member.ID][]LinkState)
	for _, l := range links {
		linked[l.Member] = append(linked[l.Member], l)
	}
	out := make([]MemberInfo, len(rows))
	for i, r := range rows {
		out[i] = MemberInfo{MemberRow: r, Detail: detail[r.ID], Links: linked[r.ID], Decision: r.AdmittedBy}
		if d := decisions[r.ID]; d != "" {
			out[i].Decision = d
		}
		if winner := heirs.of(r.ID); winner != r.ID {
			out[i].MergedInto = winner
		}
	}
	return out, nil
}

// admittedBy is the decision that each member's last admission names, of the members
// whose id passes the filter.
func (tx *Tx) admittedBy(ctx context.Context, filter string, args []any) (map[member.ID]string, error) {
	type row struct {
		Member   member.ID `db:"member"`
		Decision string    `db:"decision"`
	}
	rows, err := selectRows[row](ctx, tx, `SELECT e.member, e.decision FROM membership_event e
		LEFT JOIN membership_void v ON v.event = e.id
		WHERE e.kind = 'admitted' AND e.decision <> '' AND v.event IS NULL AND e.member `+filter+` ORDER BY e.at, e.known, e.id`, args...)
	if err != nil {
		return nil, fmt.Errorf("read the admissions: %w", err)
	}
	last := make(map[member.ID]string, len(rows))
	for _, r := range rows {
		last[r.Member] = r.Decision
	}
	return last, nil
}

// FindMember finds a member by id, handle, slug of a linked account, or a
// beginning of its name that no other member's name has; the first of these
// that fits. Capitals do not matter. A merged member leads to the one it was
// merged into. The error is a *NoSuchMember or an *AmbiguousMember.
func (tx *Tx) FindMember(ctx context.Context, word string) (MemberInfo, error) {
	all, err := tx.Members(ctx)
	if err != nil {
		return MemberInfo{}, err
	}
	return findMember(all, word)
}

func findMember(all []MemberInfo, word string) (MemberInfo, error) {
	word = strings.TrimSpace(word)
	lower := strings.ToLower(word)
	ways := []func(MemberInfo) bool{
		func(m MemberInfo) bool { return string(m.ID) == word },
		func(m MemberInfo) bool { return strings.ToLower(m.Detail.Handle) == lower },
		func(m MemberInfo) bool {
			return slices.ContainsFunc(m.Links, func(l LinkState) bool { return strings.ToLower(l.Slug) == lower })
		},
		func(m MemberInfo) bool { return strings.ToLower(m.Detail.Name) == lower },
		func(m MemberInfo) bool { return strings.HasPrefix(strings.ToLower(m.Detail.Name), lower) },
	}
	if word == "" {
		return MemberInfo{}, &NoSuchMember{Word: word}
	}
	for _, fits := range ways {
		switch found := distinct(all, fits); len(found) {
		case 0:
		case 1:
			return found[0], nil
		default:
			return MemberInfo{}, &AmbiguousMember{Word: word, Handles: handles(found)}
		}
	}
	return MemberInfo{}, &NoSuchMember{Word: word, Nearest: nearest(all, lower)}
}

// distinct are the members that fit, each merged one replaced by its heir.
func distinct(all []MemberInfo, fits func(MemberInfo) bool) []MemberInfo {
	var found []MemberInfo
	for _, m := range all {
		if !fits(m) {
			continue
		}
		if m.MergedInto != "" {
			i := slices.IndexFunc(all, func(h MemberInfo) bool { return h.ID == m.MergedInto })
			m = all[i]
		}
		if !slices.ContainsFunc(found, func(f MemberInfo) bool { return f.ID == m.ID }) {
			found = append(found, m)
		}
	}
	return found
}

func handles(ms []MemberInfo) []string {
	out := make([]string, len(ms))
	for i, m := range ms {
		if out[i] = m.Detail.Handle; out[i] == "" {
			out[i] = string(m.ID)
		}
	}
	slices.Sort(out)
	return out
}

// nearest are the handles that are a slip of the finger away from the word, at
// most three.
func nearest(all []MemberInfo, word string) []string {
	var out []string
	for _, m := range all {
		h := m.Detail.Handle
		if h == "" || m.MergedInto != "" {
			continue
		}
		if distance(h, word) <= max(1, len(word)/4) {
			out = append(out, h)
		}
	}
	slices.Sort(out)
	return out[:min(3, len(out))]
}

// distance is the number of letters to add, drop or change (Levenshtein).
func distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	row := make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(x); i++ {
		diagonal := row[0]
		row[0] = i
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			diagonal, row[j] = row[j], min(row[j]+1, row[j-1]+1, diagonal+cost)
		}
	}
	return row[len(y)]
}
