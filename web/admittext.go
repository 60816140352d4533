package web

import (
	"strings"

	"coopcloud.tech/goodstanding/internal/tongue"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/roll"
)

// unmarked is what an applicant typed as Markdown: what would be HTML, which a
// write-up drops, stays text.
var unmarked = strings.NewReplacer("<", `\<`)

// changesOf says what changes when an applicant is admitted.
func changesOf(t *tongue.Tongue, a *roll.Applicant) string {
	var b strings.Builder
	becomes := t.Sayf("%s becomes a member.", unmarked.Replace(a.Name))
	if a.Kind == member.Individual {
		becomes = t.Sayf("%s becomes a member, as an individual.", unmarked.Replace(a.Name))
	}
	b.WriteString(becomes + "\n")
	part := func(title, text string) {
		if text = strings.TrimSpace(text); text != "" {
			b.WriteString("\n**" + title + "**\n\n> " + strings.ReplaceAll(unmarked.Replace(text), "\n", "\n> ") + "\n")
		}
	}
	part(t.Say("Who they are, in their own words"), a.Summary)
	if a.Application != nil {
		part(t.Say("How they would take part"), a.Application.Involvement)
		if a.Application.Sponsor != "" {
			b.WriteString("\n" + t.Sayf("Sponsor, as they wrote: %s", unmarked.Replace(a.Application.Sponsor)) + "\n")
		}
	}
	if a.Website != "" {
		b.WriteString("\n" + t.Say("Website") + ": " + a.Website + "\n")
	}
	return b.String()
}
