package roll

import (
	"fmt"
	"net/mail"
	"strings"
	"unicode"
	"unicode/utf8"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
)

// record is one row of a list, understood. What is absent or empty is zero and
// leaves what stands.
type record struct {
	line                      int
	problems                  []string
	broken                    bool // see sheetRow
	handle, name, publicName  string
	kind                      member.Kind
	website, summary          string
	applied, since, left      instant.Instant
	decision                  string
	accounts                  []accountSpan
	noAccount                 bool
	emails, matrix            []string
	delegates                 []namedAddress
	profile                   Profile
	consentDate               instant.Instant
	consentWords, consentedBy string
	approved                  instant.Instant
}

// accountSpan is an account, by slug or id, and the span of its link.
type accountSpan struct {
	word        string
	from, until instant.Instant
}

// namedAddress is a person as a list writes it.
type namedAddress struct{ name, email string }

// Bounds of what a list may hold, in characters or items.
const (
	longestName    = 200
	longestText    = 2000
	longestAddress = 500
	longestWord    = 60
	mostItems      = 50
)

// hasNoAccount stands among the accounts of a member that has none.
const hasNoAccount = "(none)"

// parseRecord understands the cells of a row and notes every problem.
func parseRecord(row sheetRow) record {
	p := recordParser{cells: row.cells, record: record{line: row.line, problems: row.problems, broken: row.broken}}
	p.identity()
	p.membership()
	p.private()
	p.listing()
	return p.record
}

type recordParser struct {
	cells map[string][]string
	record
}

func (p *recordParser) fault(column, format string, args ...any) {
	p.problems = append(p.problems, column+": "+fmt.Sprintf(format, args...))
}

func (p *recordParser) identity() {
	p.handle = p.text("handle", longestWord, false)
	for _, why := range handleFaults(p.handle) {
		p.fault("handle", "%s", why)
	}
	p.name = p.text("name", longestName, false)
	p.publicName = p.text("public_name", longestName, false)
	if looksLikeAddress(p.publicName) {
		p.fault("public_name", "looks like an e-mail address, which must not be shown")
	}
	if kind := p.text("kind", longestName, false); kind != "" {
		var ok bool
		if p.kind, ok = member.ParseKind(strings.ToLower(kind)); !ok {
			p.fault("kind", "%q is no kind of member: write organisation or individual", shorten(kind))
		}
	}
	p.website = p.text("website", longestAddress, false)
	if why := webAddress(p.website, "https", "http"); why != "" {
		p.fault("website", "%s", why)
	}
	p.summary = p.text("summary", longestText, true)
}

func (p *recordParser) membership() {
	p.applied, p.since, p.left = p.day("applied"), p.day("since"), p.day("left")
	if p.applied != 0 && p.since != 0 && p.since < p.applied {
		p.fault("since", "the admission (%s) is before the application (%s)", p.since.Day(), p.applied.Day())
	}
	if p.left != 0 && p.since != 0 && p.left <= p.since {
		p.fault("left", "the membership ends (%s) before it begins (%s)", p.left.Day(), p.since.Day())
	}
	p.decision = p.text("decision", longestWord, false)
	for _, why := range decisionFaults(p.decision) {
		p.fault("decision", "%s", why)
	}
	for _, item := range p.list("accounts", longestAddress) {
		if item == hasNoAccount {
			p.noAccount = true
			continue
		}
		a, err := parseAccountSpan(item)
		if err != nil {
			p.fault("accounts", "%v", err)
			continue
		}
		p.accounts = append(p.accounts, a)
	}
}

func (p *recordParser) private() {
	p.emails = p.list("contact_email", longestAddress)
	for _, e := range p.emails {
		if !isEmail(e) {
			p.fault("contact_email", "this is not an e-mail address: write name@example.org")
		}
	}
	p.matrix = p.list("contact_matrix", longestAddress)
	for _, m := range p.matrix {
		if !isMatrixID(m) {
			p.fault("contact_matrix", "this is not a Matrix id: write @name:server.example")
		}
	}
	for _, item := range p.list("delegates", longestAddress) {
		d, ok := parseNamedAddress(item)
		if !ok {
			p.fault("delegates", "an item is not a name with an e-mail address: write Ada Example <ada@example.org>")
			continue
		}
		p.delegates = append(p.delegates, d)
	}
}

func (p *recordParser) listing() {
	p.profile = Profile{
		URL: p.raw("profile_url"), Summary: p.raw("profile_summary"),
		ContactLabel: p.raw("profile_contact_label"), ContactHref: p.raw("profile_contact_href"),
		Logo: p.raw("profile_logo"), Place: p.raw("profile_place"),
		Services: p.cells["profile_services"], Languages: p.cells["profile_languages"],
	}
	p.profile = p.profile.tidy()
	for _, f := range p.profile.faults() {
		p.fault("profile_"+f.field, "%s", f.text)
	}
	p.consentDate, p.approved = p.day("consent_date"), p.day("approved")
	p.consentWords = p.text("consent_words", longestText, true)
	p.consentedBy = p.text("consent_by", longestName, false)
	switch {
	case p.consentDate == 0 && (p.consentWords != "" || p.consentedBy != "") && p.raw("consent_date") == "":
		p.fault("consent_date", "is needed beside the words: on which day did the member agree?")
	case p.consentDate != 0 && p.consentWords == "":
		p.fault("consent_words", "are needed beside the date: in which words did the member agree?")
	}
}

// raw is the one text of a cell; "" when it is empty.
func (p *recordParser) raw(column string) string {
	if items := p.cells[column]; len(items) > 0 {
		return items[0]
	}
	return ""
}

// text is the one text of a cell, bounded; a long text may have several lines.
func (p *recordParser) text(column string, most int, lines bool) string {
	s := p.raw(column)
	if lines {
		s = unixLines(s)
	}
	if why := badText(s, most, lines); why != "" {
		p.fault(column, "%s", why)
	}
	return s
}

func (p *recordParser) list(column string, most int) []string {
	items := p.cells[column]
	if len(items) > mostItems {
		p.fault(column, "has %d items, at most %d are taken", len(items), mostItems)
	}
	for _, s := range items {
		if why := badText(s, most, false); why != "" {
			p.fault(column, "%s", why)
			return nil
		}
	}
	return items
}

// day reads a date or an instant; 0 when absent.
func (p *recordParser) day(column string) instant.Instant {
	s := p.raw(column)
	if s == "" {
		return 0
	}
	t, why := parseDay(s)
	if why != "" {
		p.fault(column, "%s", why)
	}
	return t
}

func parseDay(s string) (t instant.Instant, why string) {
	t, err := instant.Parse(s)
	switch {
	case err != nil:
		return 0, fmt.Sprintf("%q is not a day: write 2026-06-01", shorten(s))
	case t < firstDate || t >= lastDate:
		return 0, fmt.Sprintf("%s lies outside the years 2000 to 2099", t.Day())
	}
	return t, ""
}

// dayText writes an instant so that parseDay reads it back.
func dayText(t instant.Instant) string {
	if t%instant.Day == 0 {
		return t.Day()
	}
	return t.String()
}

// parseAccountSpan reads slug, id, or either with @from/until.
func parseAccountSpan(s string) (accountSpan, error) {
	at := strings.LastIndexByte(s, '@')
	if at <= 0 {
		return accountSpan{word: strings.TrimPrefix(s, "@")}, nil
	}
	a := accountSpan{word: strings.TrimPrefix(s[:at], "@")}
	from, until, ok := strings.Cut(s[at+1:], "/")
	var why [2]string
	if from != "" {
		a.from, why[0] = parseDay(from)
	}
	if until != "" {
		a.until, why[1] = parseDay(until)
	}
	switch {
	case !ok || from+until == "":
		return a, fmt.Errorf("%q has no span: write slug@2024-01-01/2025-01-01, either day may be absent", shorten(s))
	case why[0]+why[1] != "":
		return a, fmt.Errorf("%q: %s", shorten(s), strings.TrimSpace(why[0]+" "+why[1]))
	case a.until != 0 && a.until <= a.from:
		return a, fmt.Errorf("%q ends before it begins", shorten(s))
	}
	return a, nil
}

func (a accountSpan) String() string {
	if a.from == 0 && a.until == 0 {
		return a.word
	}
	return a.word + "@" + dayText(a.from) + "/" + dayText(a.until)
}

// parseNamedAddress reads Name <address>, or an address alone.
func parseNamedAddress(s string) (namedAddress, bool) {
	open := strings.LastIndexByte(s, '<')
	if open < 0 {
		return namedAddress{email: s}, isEmail(s)
	}
	email, ok := strings.CutSuffix(s[open+1:], ">")
	d := namedAddress{name: strings.TrimSpace(s[:open]), email: strings.TrimSpace(email)}
	return d, ok && isEmail(d.email) && utf8.RuneCountInString(d.name) <= longestName
}

func (d namedAddress) String() string { return strings.TrimSpace(d.name + " <" + d.email + ">") }

func isEmail(s string) bool {
	a, err := mail.ParseAddress(s)
	return err == nil && a.Name == "" && a.Address == s && len(s) <= 254 && !strings.ContainsAny(s, " \t\"<>")
}

func isMatrixID(s string) bool {
	local, server, ok := strings.Cut(s, ":")
	return ok && len(local) > 1 && local[0] == '@' && server != "" && len(s) <= 255 && !strings.ContainsAny(s, " /<>")
}

// badText says what is wrong with a text; "" when nothing is. Lines and tabs
// are allowed where it may have several lines.
func badText(s string, most int, lines bool) string {
	if n := utf8.RuneCountInString(s); n > most {
		return fmt.Sprintf("has %d characters, at most %d are taken", n, most)
	}
	for _, r := range s {
		if unicode.IsControl(r) && !(lines && (r == '\n' || r == '\t')) {
			return fmt.Sprintf("holds a control character (%U): write it on one line, as plain text", r)
		}
	}
	return ""
}

func unixLines(s string) string { return strings.ReplaceAll(s, "\r\n", "\n") }
