package main

import (
	"fmt"
	"strings"
	"testing"
)

// TestTheConfigurationReference: docs/configuration.md is made from the table that
// the program reads its settings by, so it says of each what --help says.
func TestTheConfigurationReference(t *testing.T) {
	var b strings.Builder
	b.WriteString(`# Settings

Made from the program's own table (` + "`make generate`" + ` writes this page); ` + "`goodstanding --help`" + ` says the same. What each is for, with examples: [deploy.md](deploy.md).

A setting is a flag, else a variable of the environment, else a line of the settings file, which ` + "`GOODSTANDING_CONFIG`" + ` names; its keys are the same words in
small letters, and paths in it are relative to it. A secret can stand in a file of its own, which a flag, variable or key ending in ` + "`_FILE`" + ` names, and is never shown.
` + "`goodstanding check-config --connect`" + ` says what is set, from where, and what is wrong with it.

| setting | flag | means | default |
|---|---|---|---|
`)
	for _, s := range settings {
		name := "`" + s.variable() + "`"
		if s.secret {
			name += " or `" + s.variable() + "_FILE`"
		}
		flag := "`" + s.ownFlag() + "`"
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", name, flag, s.help, s.standard)
	}
	b.WriteString("\n## What only the settings file has\n\nUnder `federation:`\n\n" + fileKeys(federationKeys) + "\nUnder `code:` in it\n\n" + fileKeys(codeKeys))
	golden(t, "../../../docs/configuration.md", b.String())
}

func fileKeys(keys []fileKey) string {
	out := "| key | means | default |\n|---|---|---|\n"
	for _, k := range keys {
		out += fmt.Sprintf("| `%s` | %s | %s |\n", k.name, k.help, k.standard)
	}
	return out
}
