package letter

import (
	"strings"
	"testing"

	"coopcloud.tech/goodstanding/notify"
)

// What changed, or why there is more time, is said as it was: an amendment that a
// member called material is no editorial one, and nobody asked for the time that a
// late announcement gives. Of a decision for members alone the room reads no title.
func TestLettersAboutDecisionsSayWhatHappened(t *testing.T) {
	for _, c := range []struct {
		kind   notify.Kind
		why    string
		en, es string // in the mail and in the room
	}{
		{notify.DecisionAmended, "editorial", "Only the wording changed", "Solo ha cambiado la redacción"},
		{notify.DecisionAmended, "an editorial amendment was called material", "A member has said that more than the wording changed", "Un miembro ha dicho que cambió algo más"},
		{notify.DecisionAmended, "a new text", "The text is new", "El texto es nuevo"},
		{notify.DecisionMoreTime, "it was announced too late for the old deadline", "announced too late for the old deadline. It is now open", "se anunció demasiado tarde para el plazo anterior. Ahora está abierta"},
		{notify.DecisionMoreTime, "It is summer.", "It is summer.", "It is summer."},
	} {
		for lang, want := range map[string]string{"en": c.en, "es": c.es} {
			d := Sample(c.kind, lang)
			d.Decision.Why, d.By = c.why, ""
			l, err := BuiltIn().Render(d)
			if err != nil {
				t.Fatal(err)
			}
			room, _, err := BuiltIn().Announcement(d)
			if err != nil {
				t.Fatal(err)
			}
			for _, text := range []string{flat(l.Text), flat(room)} {
				if !strings.Contains(strings.ToLower(text), strings.ToLower(want)) || strings.Contains(text, "asked for") && c.why != "It is summer." || strings.Count(text, "late for the old") > 1 {
					t.Errorf("%s, %s: %q is not told:\n%s", lang, c.why, want, text)
				}
			}
		}
	}
	for lang, want := range map[string]string{"en": "Large decision 12 (for members only)\n", "es": "Decisión grande 12 (solo para los miembros)\n"} {
		d := Sample(notify.DecisionOpened, lang)
		d.Decision.Title, d.Decision.MembersOnly = "", true
		if room, _, err := BuiltIn().Announcement(d); err != nil || !strings.HasPrefix(room, want) {
			t.Errorf("%v, the room reads\n%s\nwant %s", err, room, want)
		}
	}
}
