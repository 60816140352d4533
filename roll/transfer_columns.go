package roll

import (
	"slices"
	"strings"
)

// parting says how several items stand in one cell of a CSV file. In YAML they
// are a list.
type parting uint8

const (
	partOne        parting = iota // one text
	partSpaces                    // items without spaces, parted by spaces
	partSemicolons                // items parted by semicolons, see splitItems
)

// sheetColumn is one column of a list of members, and one key in YAML.
type sheetColumn struct {
	name    string
	parting parting
	what    string // for the template
	example []string
}

// sheetColumns are all columns in the order in which they are written.
var sheetColumns = []sheetColumn{
	{"handle", partOne, "short name for the command line: small letters, digits, dashes; made from the name when absent", one("example-coop")},
	{"name", partOne, "needed for a new member", one("Example Co-operative")},
	{"public_name", partOne, "the name an individual chose to be shown under; without one: an individual member", nil},
	{"kind", partOne, "organisation or individual; needed for a new member, never changes", one("organisation")},
	{"website", partOne, "shown to everybody", one("https://example-coop.example")},
	{"summary", partOne, "shown to everybody, a sentence or two", one("Hosts for small charities.")},
	{"applied", partOne, "day of the application, where there was one", nil},
	{"since", partOne, "day of the admission; without it and without applied: admitted now", one("2024-05-01")},
	{"decision", partOne, "number of the decision that admitted it", one("12")},
	{"left", partOne, "day on which the membership ended", nil},
	{"accounts", partSpaces, "accounts on Open Collective: slug or id; slug@2024-01-01/2025-01-01 for a span of time; (none) when it has none", one("example-coop")},
	{"contact_email", partSpaces, "private: where the member can be told something", one("office@example-coop.example")},
	{"contact_matrix", partSpaces, "private: Matrix id, @name:server", nil},
	{"delegates", partSemicolons, "who may act for the member: Name <address>", []string{"Ada Example <ada@example-coop.example>", "Bo Example <bo@example-coop.example>"}},
	{"profile_url", partOne, "provider list, shown to everybody: https address", one("https://example-coop.example/hosting")},
	{"profile_summary", partOne, "provider list: what is offered", one("Hosting and training.")},
	{"profile_contact_label", partOne, "provider list: what stands on the contact link", one("Write to us")},
	{"profile_contact_href", partOne, "provider list: https address, mailto: or a Matrix link", one("mailto:hello@example-coop.example")},
	{"profile_logo", partOne, "provider list: https address of a picture", nil},
	{"profile_place", partOne, "provider list: where it works", one("Leeds")},
	{"profile_services", partSemicolons, "provider list: what it offers, in a few words each", []string{"hosting", "training"}},
	{"profile_languages", partSemicolons, "provider list: languages", []string{"en", "cy"}},
	{"consent_date", partOne, "day on which the member agreed to be listed", one("2024-05-02")},
	{"consent_words", partOne, "in which words it agreed", one("Yes, list us (by mail).")},
	{"consent_by", partOne, "who agreed for it", one("Ada Example")},
	{"approved", partOne, "day on which a treasurer or facilitator said yes to the listing", nil},
}

func one(s string) []string { return []string{s} }

// columnNamed finds a column.
func columnNamed(name string) (sheetColumn, bool) {
	i := slices.IndexFunc(sheetColumns, func(c sheetColumn) bool { return c.name == name })
	if i < 0 {
		return sheetColumn{}, false
	}
	return sheetColumns[i], true
}

// cell writes items as one cell.
func (c sheetColumn) cell(items []string) string {
	if c.parting == partSemicolons {
		return joinItems(items)
	}
	return strings.Join(items, " ")
}

// items reads one cell; ok is false for a quote that is not closed.
func (c sheetColumn) items(cell string) (items []string, ok bool) {
	switch c.parting {
	case partSpaces:
		return strings.Fields(cell), true
	case partSemicolons:
		return splitItems(cell)
	}
	if cell = strings.TrimSpace(cell); cell == "" {
		return nil, true
	}
	return one(cell), true
}

// nearestColumn is the column that shares the most with a word that is none:
// the one that takes the fewest single-letter changes, where a part of a name
// ("mail", "url") counts as close.
func nearestColumn(word string) string {
	best, least := "", 0
	for _, c := range sheetColumns {
		d := letters(word, c.name)
		if len(word) > 2 && strings.Contains(c.name, word) {
			d = 1
		}
		if best == "" || d < least {
			best, least = c.name, d
		}
	}
	return best
}

// letters counts the letters to insert, drop or replace to turn a into b.
func letters(a, b string) int {
	x, y := []rune(shorten(a)), []rune(b)
	row := make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i, p := range x {
		corner := row[0]
		row[0] = i + 1
		for j, q := range y {
			cost := corner
			if p != q {
				cost++
			}
			corner = row[j+1]
			row[j+1] = min(cost, row[j]+1, corner+1)
		}
	}
	return row[len(y)]
}

// shorten shortens what a message quotes from a file.
func shorten(s string) string {
	const most = 60
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}
