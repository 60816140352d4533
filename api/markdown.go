package api

import (
	"fmt"
	"net/url"
	"strings"
	"time"

	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/policy"
	"coopcloud.tech/goodstanding/roll"
)

// providersMarkdown is the provider list as the federation's documentation has
// it (federation.md, section 4): a name, its address and a contact.
func providersMarkdown(ps []roll.Provider) []byte {
	var b strings.Builder
	for _, group := range []struct {
		kind  member.Kind
		title string
	}{{member.Organisation, "Co-operatives"}, {member.Individual, "Individuals"}} {
		first := true
		for _, p := range ps {
			if p.Kind != group.kind {
				continue
			}
			if first && b.Len() > 0 {
				b.WriteString("\n")
			}
			if first {
				fmt.Fprintf(&b, "## %s\n\n", group.title)
			}
			first = false
			b.WriteString("- " + linked(p.Name, p.URL))
			if address, ok := safeAddress(p.ContactHref); ok {
				b.WriteString(" ([contact](" + address + "))")
			}
			b.WriteString("\n")
		}
	}
	if b.Len() == 0 {
		return []byte("## Co-operatives\n\nNobody is listed yet.\n")
	}
	return []byte(b.String())
}

// membersMarkdown is the membership page's table (federation.md, section 4).
func membersMarkdown(ms []roll.PublicMember, tick Tick) []byte {
	var b strings.Builder
	second := "Member"
	if tick == TickGoodStanding {
		second = "In good standing"
	}
	fmt.Fprintf(&b, "| Name | %s | Provider | Contact |\n| --- | --- | --- | --- |\n", second)
	for _, m := range ms {
		contact := "-"
		if address, ok := safeAddress(m.Contact); ok {
			contact = "[contact](" + address + ")"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", linked(m.Name, m.Website), ticked(tick == TickMember || m.GoodStanding), ticked(m.Provider), contact)
	}
	return []byte(b.String())
}

func ticked(yes bool) string {
	if yes {
		return "✓"
	}
	return "-"
}

// policyMarkdown is the rules in words.
func policyMarkdown(v policy.Version, zone *time.Location) []byte {
	var b strings.Builder
	topic := policy.Topic("")
	for _, s := range policy.Words(v, zone) {
		if s.Topic != topic {
			if topic = s.Topic; b.Len() > 0 {
				b.WriteString("\n")
			}
			fmt.Fprintf(&b, "## %s\n\n", topicTitles[topic])
		}
		b.WriteString("- " + escaped(s.Text) + "\n")
	}
	return []byte(b.String())
}

var topicTitles = map[policy.Topic]string{
	policy.AboutRules: "The rules", policy.AboutDues: "Dues", policy.AboutRights: "Rights", policy.AboutJoining: "Joining",
	policy.AboutDecisions: "Decisions", policy.AboutNotices: "Notices",
}

// linked is a name that leads to an address, where there is a safe one.
func linked(name, address string) string {
	if a, ok := safeAddress(address); ok {
		return "[" + escaped(name) + "](" + a + ")"
	}
	return escaped(name)
}

// Markdown has many dialects. A backslash before these characters is known to
// all of them; what else could be markup is written as an HTML entity.
const backslashed = "\\`*_{}[]()"

var entities = map[rune]string{'&': "&amp;", '<': "&lt;", '>': "&gt;", '|': "&#124;", '~': "&#126;"}

// escaped is a text of one line in which nothing is markup.
func escaped(s string) string {
	var b strings.Builder
	start := true // nothing but digits so far: a list, a heading or a rule could begin
	for i, r := range strings.Join(strings.Fields(s), " ") {
		entity, ok := entities[r]
		switch {
		case ok:
			b.WriteString(entity)
		case strings.ContainsRune(backslashed, r), i == 0 && strings.ContainsRune("#+-=", r), start && r == '.':
			b.WriteString("\\" + string(r))
		default:
			b.WriteRune(r)
		}
		start = start && r >= '0' && r <= '9'
	}
	return b.String()
}

// safeAddress is an address that can stand in a Markdown link and in a cell of
// a table; ok is false for none and for one of another kind than a member may
// give.
func safeAddress(s string) (string, bool) {
	u, err := url.Parse(s)
	if s == "" || err != nil {
		return "", false
	}
	switch strings.ToLower(u.Scheme) {
	case "https", "http", "mailto", "matrix":
	default:
		return "", false
	}
	var b strings.Builder
	for _, c := range []byte(s) {
		if c <= ' ' || c >= 0x7f || strings.IndexByte("()<>[]|\\`\"*{}^", c) >= 0 {
			fmt.Fprintf(&b, "%%%02X", c)
			continue
		}
		b.WriteByte(c)
	}
	return b.String(), true
}
