package web

import (
	"strings"

	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/roll"
)

// unmarked is what an applicant typed as Markdown: what would be HTML, which a
// write-up drops, stays text.
var unmarked = strings.NewReplacer("<", `\<`)

// changesOf says what changes when an applicant is admitted.
func changesOf(a *roll.Applicant) string {
	var b strings.Builder
	b.WriteString(unmarked.Replace(a.Name) + " becomes a member")
	if a.Kind == member.Individual {
		b.WriteString(", as an individual")
	}
	b.WriteString(".\n")
	part := func(title, text string) {
		if text = strings.TrimSpace(text); text != "" {
			b.WriteString("\n**" + title + "**\n\n> " + strings.ReplaceAll(unmarked.Replace(text), "\n", "\n> ") + "\n")
		}
	}
	part("Who they are, in their own words", a.Summary)
	if a.Application != nil {
		part("How they would take part", a.Application.Involvement)
		if a.Application.Sponsor != "" {
			b.WriteString("\nSponsor, as they wrote: " + unmarked.Replace(a.Application.Sponsor) + "\n")
		}
	}
	if a.Website != "" {
		b.WriteString("\nWebsite: " + a.Website + "\n")
	}
	return b.String()
}
