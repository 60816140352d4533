package roll

import "strings"

// runs are the first characters that make a spreadsheet run a cell, or take it
// apart, instead of showing it.
const runs = "=+-@\t\r\n"

// safeCell makes the text of a cell harmless in a spreadsheet: one that would
// be run gets an apostrophe in front, which a spreadsheet takes for "this is a
// text". So does one that would otherwise be mistaken for such a cell, so that
// plainCell gives every text back unchanged.
func safeCell(s string) string {
	if s == "" {
		return s
	}
	if strings.IndexByte(runs, s[0]) >= 0 || shielded(s) {
		return "'" + s
	}
	return s
}

// plainCell undoes safeCell. An apostrophe that shields nothing ('t Hooft) is
// part of the text.
func plainCell(s string) string {
	if shielded(s) {
		return s[1:]
	}
	return s
}

// shielded says that the cell begins with an apostrophe before a character
// that runs, or before another apostrophe.
func shielded(s string) bool {
	return len(s) > 1 && s[0] == '\'' && strings.IndexByte(runs+"'", s[1]) >= 0
}

// splitItems takes the items of a cell apart at semicolons. An item in double
// quotes may hold semicolons; a double quote in it is written twice. ok is
// false when a quote is not closed or is followed by something else.
func splitItems(s string) (items []string, ok bool) {
	for rest := s; ; {
		rest = strings.TrimSpace(rest)
		item, after, ok := nextItem(rest)
		if !ok {
			return nil, false
		}
		if item != "" {
			items = append(items, item)
		}
		if after == "" {
			return items, true
		}
		rest = after[1:] // the semicolon
	}
}

// nextItem cuts the first item off; after is empty or begins with a semicolon.
func nextItem(s string) (item, after string, ok bool) {
	if !strings.HasPrefix(s, `"`) {
		i := strings.IndexByte(s, ';')
		if i < 0 {
			return strings.TrimSpace(s), "", true
		}
		return strings.TrimSpace(s[:i]), s[i:], true
	}
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] != '"':
			b.WriteByte(s[i])
		case i+1 < len(s) && s[i+1] == '"':
			b.WriteByte('"')
			i++
		default:
			after = strings.TrimSpace(s[i+1:])
			return b.String(), after, after == "" || after[0] == ';'
		}
	}
	return "", "", false
}

// joinItems writes items so that splitItems reads them back.
func joinItems(items []string) string {
	quoted := make([]string, len(items))
	for i, s := range items {
		if strings.Contains(s, ";") || strings.HasPrefix(s, `"`) {
			s = `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
		}
		quoted[i] = s
	}
	return strings.Join(quoted, "; ")
}
