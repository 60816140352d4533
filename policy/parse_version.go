package policy

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"coopcloud.tech/goodstanding/internal/instant"
)

// version reads one version; ids and froms hold the lines of those before.
func (f field) version(ids map[string]int, froms map[instant.Instant]int) (v Version, ok bool) {
	o, ok := f.object("id", "from", "decided_by", "admission", "dues", "rights", "decisions", "notices")
	if !ok {
		return v, false
	}
	before := len(f.r.faults.All)
	v.Eligibility.ID = o.need("id", "id: followed by a short name such as seed-2022").id(ids)
	v.Eligibility.From = o.need("from", "from: followed by the first day in force such as 2022-05-15").from(froms)
	v.DecidedBy = o.may("decided_by").decisionNumber()
	v.Admission, _ = choose(o.need("admission", "admission: treasurer (or open, or decision)"), AdmissionTreasurer, admissions)
	c := &checks{}
	o.need("dues", "dues: with at least minimums: [GBP 10.00 monthly]").dues(&v, c)
	o.need("rights", "rights: with vote, listing and services").rights(&v, c)
	v.Decisions = o.need("decisions", "decisions: with ballots, policy_changes, medium and large").decisions()
	o.may("notices").notices(&v, c)
	c.run()
	v.seal()
	return v, len(f.r.faults.All) == before
}

var admissions = words(AdmissionOpen, AdmissionTreasurer, AdmissionDecision)

// seal writes the canonical text and its hash.
func (v *Version) seal() {
	v.Text = canonical(*v)
	sum := sha256.Sum256([]byte(v.Text))
	v.SHA256 = hex.EncodeToString(sum[:])
}

const idLetters = "abcdefghijklmnopqrstuvwxyz0123456789-._"

func (f field) id(seen map[string]int) string {
	s, ok := f.text("a short name such as seed-2022")
	switch {
	case !ok:
		return ""
	case s == "" || len(s) > 64 || strings.Trim(s, idLetters) != "" || strings.Trim(s[:1]+s[len(s)-1:], "-._") == "":
		f.fault("%q is not a name for a version: write up to 64 small letters, digits, dashes or dots, such as seed-2022", clip(s))
		return ""
	case seen[s] > 0:
		f.fault("%q is the id of the version in line %d, too: every version needs its own", s, seen[s])
		return ""
	}
	seen[s] = f.at.Line
	return s
}

func (f field) from(seen map[instant.Instant]int) instant.Instant {
	t, ok := f.date()
	if !ok {
		return 0
	}
	if line := seen[t]; line > 0 {
		f.fault("the version in line %d begins at the same instant: only one of them can be in force", line)
		return 0
	}
	seen[t] = f.at.Line
	return t
}

func (f field) decisionNumber() string {
	s, ok := f.text(`the number of a decision such as "002", or ""`)
	if ok && (len(s) > 9 || strings.Trim(s, "0123456789") != "") {
		f.fault(`%q is not the number of a decision: write digits such as "002", or "" where none made these rules`, clip(s))
		return ""
	}
	return s
}
