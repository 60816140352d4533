package roll

import (
	"fmt"
	"strconv"
	"strings"
)

// Template is an empty list of members: its columns, and one example that is
// commented out, so that it is not imported by mistake.
func Template(format Format) string {
	if format == YAML {
		return yamlTemplate()
	}
	example := map[string][]string{}
	for _, c := range sheetColumns {
		example[c.name] = c.example
	}
	example["handle"] = one("# " + example["handle"][0])
	var b strings.Builder
	// A strings.Builder takes everything.
	_ = writeCSV(&b, []map[string][]string{example})
	return b.String()
}

const templateHead = `# A list of members, one entry for each; every key may be left out but a name
# or handle. An entry is matched to a member by its handle, else by its exact
# name, and is a new member otherwise. An import takes nothing away: a key that
# is absent or empty leaves what stands.
#
# Take the "# " off the lines below and write your own.
` + membersKey + ":\n"

func yamlTemplate() string {
	var b strings.Builder
	b.WriteString(templateHead)
	start := "# - "
	for _, c := range sheetColumns {
		fmt.Fprintf(&b, "%s%s: %s  # %s\n", start, c.name, yamlExample(c), c.what)
		start = "#   "
	}
	return b.String()
}

// yamlExample is the example of a column; the examples hold nothing that Go
// and YAML would quote differently.
func yamlExample(c sheetColumn) string {
	quoted := make([]string, len(c.example))
	for i, s := range c.example {
		quoted[i] = strconv.Quote(s)
	}
	switch {
	case c.parting != partOne:
		return "[" + strings.Join(quoted, ", ") + "]"
	case len(quoted) == 0:
		return `""`
	}
	return quoted[0]
}
