package roll

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"unicode"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/tongue"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/store"
)

// finding is an entry in the making.
type finding struct {
	DeskEntry
	// subject are the ids of what it is about: they make the entry's own.
	subject []string
	// rests are the further ids, instants and words of upstream's that it rests
	// on. They are digested into the log, so no name, slug or amount is among
	// them.
	rests []any
	// because is the reason of the command that dismisses it, where no other
	// remedy is given.
	because string
}

// add puts an entry on the desk.
func (s *sorting) add(f finding) {
	e := f.DeskEntry
	about := append([]string{string(e.Kind)}, f.subject...)
	e.ID = "d_" + digest(about)[:12]
	e.facts = digest(about, f.rests)
	if m := s.members[e.Member]; m != nil {
		e.Handle, e.Name = m.Detail.Handle, memberWord(m)
	}
	if e.Remedy == "" {
		e.Remedy = command("desk", "dismiss", e.ID, "--reason", f.because)
	}
	e.zone = s.zone
	e.Sentence, e.Action = e.SentenceIn(tongue.English()), e.ActionIn(tongue.English())
	s.named(e.Acts)
	s.out = append(s.out, e)
}

// digest is a short form of what does not change its meaning.
func digest(parts ...any) string {
	text, err := json.Marshal(parts)
	if err != nil { // texts, instants and numbers always marshal
		panic(fmt.Sprintf("roll: digest of an entry: %v", err))
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// command is a line that a shell reads as these words, whoever chose them:
// slugs and ids are upstream's own texts.
func command(words ...string) string {
	line := []string{"goodstanding"}
	for _, w := range words {
		line = append(line, shellWord(w))
	}
	return strings.Join(line, " ")
}

// shellWord quotes what a shell would read otherwise.
func shellWord(w string) string {
	plain := w != "" && !strings.ContainsFunc(w, func(r rune) bool {
		return r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("-_.:/=", r)
	})
	if plain {
		return w
	}
	w = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return -1
		}
		return r
	}, w)
	if !strings.ContainsAny(w, "\"$`\\!") {
		return `"` + w + `"`
	}
	return "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
}

// accountArg is the word for an account on the command line: one that leads
// back to it, and is no flag.
func (s *sorting) accountArg(id member.AccountID) string {
	if word := s.accountWord(id); !strings.HasPrefix(word, "-") {
		return word
	}
	return string(id)
}

// memberArg is the word for a member on the command line.
func memberArg(m *standingEntry) string {
	if m.Detail.Handle != "" {
		return m.Detail.Handle
	}
	return string(m.ID)
}

// memberWord is what people read for a member.
func memberWord(m *standingEntry) string {
	for _, word := range []string{m.Detail.Name, m.Detail.Handle} {
		if word != "" && !looksLikeAddress(word) {
			return word
		}
	}
	return string(m.ID)
}

// slugWord is what people read for an account: never an address.
func slugWord(slug string, id member.AccountID) said {
	if slug == "" || looksLikeAddress(slug) {
		return tell("account %s", id)
	}
	return proper("@" + slug)
}

func (s *sorting) slug(id member.AccountID) said { return slugWord(s.details[id].Slug, id) }

// payerWord is what people read for a payer: who stands behind an incognito or
// a guest account is not ours to tell.
func (s *sorting) payerWord(id member.AccountID) said {
	row, d := s.accounts[id], s.details[id]
	name := strings.TrimSpace(d.Name)
	switch {
	case id == "":
		return tell("a payer who is not shown")
	case row.Incognito:
		return tell("an incognito payer (%s)", s.slug(id))
	case row.Guest:
		return tell("a guest (%s)", s.slug(id))
	case name == "" || looksLikeAddress(name) || strings.EqualFold(name, d.Slug):
		return s.slug(id)
	}
	return tell("%s (%s)", name, s.slug(id))
}

// whenWord is an instant on the command line.
func whenWord(i instant.Instant) string {
	if i%instant.Day == 0 {
		return i.Day()
	}
	return i.String()
}

// ref is an account as an entry names it.
func (s *sorting) ref(id member.AccountID) AccountRef {
	slug := s.details[id].Slug
	if looksLikeAddress(slug) {
		slug = ""
	}
	return AccountRef{ID: id, Slug: slug}
}

// every is how often a contribution pays, in words.
func every(i eligibility.Interval) said {
	switch i {
	case eligibility.Monthly:
		return tell("contribution|monthly")
	case eligibility.Yearly:
		return tell("contribution|yearly")
	}
	return tell("contribution|one-off")
}

// ids are those of charges.
func ids(charges []store.ChargeRow) []string {
	out := make([]string, len(charges))
	for i, c := range charges {
		out[i] = c.ID
	}
	return out
}
