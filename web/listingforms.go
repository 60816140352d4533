package web

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"

	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/roll"
)

// listingRoutes are where a member's entry is written.
func listingRoutes() []route {
	post := func(path string, answer func(*mine) error) route {
		return route{method: http.MethodPost, path: path, answer: signedIn(listingPath, answer), who: persons}
	}
	return []route{
		{method: http.MethodGet, path: listingPath, answer: signedIn("", (*mine).listing), who: persons},
		post(listingPath, (*mine).saveEntry),
		{method: http.MethodPost, path: listingPath + "/logo", answer: signedIn(listingPath, (*mine).saveLogo), who: persons, most: mostUpload},
		post(listingPath+"/logo/remove", (*mine).removeLogo),
		post(listingPath+"/consent", (*mine).agreeToListing),
		post(listingPath+"/consent/withdraw", (*mine).withdraw),
		post(listingPath+"/face", (*mine).saveFace),
	}
}

// listed carries out a change of a member's entry and leads back to it. done gives
// the word for what was done; a refusal is told on the page, with what was typed.
func (m *mine) listed(form string, do func(id member.ID) (done string, err error)) error {
	id, ok := m.listingOf()
	if !ok {
		m.p.problem(m.v, http.StatusForbidden, notYours)
		return nil
	}
	done, err := do(id)
	if reasons, is := refused(err); is {
		return m.entry(http.StatusUnprocessableEntity, id, m.faultOf(form, reasons))
	}
	if err != nil {
		return err
	}
	return m.p.goTo(m.v, listingAddress(id, done))
}

// faultOf sorts the reasons of a refusal by the fields that they are about.
func (m *mine) faultOf(form string, reasons []string) listingFault {
	fault := listingFault{Form: form, Fields: map[string]string{}}
	for _, reason := range reasons {
		text := strings.ReplaceAll(plainly(reason), "without contact_href: where does it lead?", "alone: where does the button lead?")
		if field, words, ok := strings.Cut(text, ": "); ok && form == "entry" && entryNames[field] != "" {
			fault.add(m, field, words)
			continue
		} else if field, words, ok := strings.Cut(text, " "); ok && form == "entry" && field == "contact_label" {
			fault.add(m, field, words)
			continue
		}
		fault.Reasons = append(fault.Reasons, sentence(told(m.v.lang, text)))
	}
	return fault
}

// add tells what is wrong with a field of the entry.
func (f *listingFault) add(m *mine, field, words string) {
	one := told(m.v.lang, words)
	f.Fields[field] = sentence(one).Text
	f.Reasons = append(f.Reasons, sentence(phrase{m.say(entryNames[field]) + ": " + one.Text, one.Lang}))
}

// typedEntry is the entry as it was typed: an address that lacks its beginning is
// given the one that everybody means.
func (m *mine) typedEntry() roll.Profile {
	p := roll.Profile{URL: m.typed("url"), Summary: m.typed("summary"), ContactLabel: m.typed("contact_label"), ContactHref: m.typed("contact_href"), Place: m.typed("place"),
		Services: items(m.sent("services"), "\n"), Languages: items(m.sent("languages"), "\n,;")}
	switch scheme, _, _ := strings.Cut(p.ContactHref, ":"); {
	case p.ContactHref == "" || scheme != p.ContactHref:
	case strings.Contains(p.ContactHref, "@"):
		p.ContactHref = "mailto:" + p.ContactHref
	default:
		p.ContactHref = webLike(p.ContactHref)
	}
	p.URL = webLike(p.URL)
	return p
}

// webLike is example.org as https://example.org; everything else is as it was.
func webLike(s string) string {
	if s == "" || strings.ContainsAny(s, ": @") || !strings.Contains(s, ".") {
		return s
	}
	return "https://" + s
}

// items are what stands between the separators.
func items(text, separators string) []string {
	return strings.FieldsFunc(strings.ReplaceAll(text, "\r\n", "\n"), func(c rune) bool { return strings.ContainsRune(separators, c) })
}

// saveEntry writes the entry. What the page does not show stays: the address of a
// logo elsewhere. The same again changes nothing.
func (m *mine) saveEntry() error {
	return m.listed("entry", func(id member.ID) (string, error) {
		l, err := m.p.o.Roll.Listing(m.v.r.Context(), m.actor, id)
		if err != nil {
			return "", err
		}
		p := m.typedEntry()
		if p.Logo = l.Entry.Logo; p.Same(roll.Profile{Logo: p.Logo}) {
			p.Logo = "" // nothing is left that it could stand beside
		}
		if p.Same(l.Entry.Profile) {
			return "same", nil
		}
		_, err = m.p.o.Roll.SetProfile(m.v.r.Context(), m.by(), id, p)
		return "entry", err
	})
}

// agreeToListing notes that the member agrees to be listed: its delegate by the box, in the
// words beside it; a treasurer for it, in the words that the member wrote or said.
func (m *mine) agreeToListing() error {
	return m.listed("consent", func(id member.ID) (string, error) {
		l, err := m.p.o.Roll.Listing(m.v.r.Context(), m.actor, id)
		if err != nil {
			return "", err
		}
		words := m.consentWords(&l)
		switch {
		case l.Agrees:
			return "consent", nil // pressed twice
		case !m.actor.DelegateOf(id):
			words = m.typed("words")
		case m.sent("agree") != "yes":
			return "", &roll.Refused{Reasons: []string{"it was not noted: tick the box, if the member agrees"}}
		}
		_, err = m.p.o.Roll.Consent(m.v.r.Context(), m.by(), id, true, 0, words)
		return "consent", err
	})
}

// withdraw takes the consent back, and the entry off the list at once.
func (m *mine) withdraw() error {
	return m.listed("consent", func(id member.ID) (string, error) {
		l, err := m.p.o.Roll.Listing(m.v.r.Context(), m.actor, id)
		if err != nil || !l.Agrees { // pressed twice
			return "withdrawn", err
		}
		_, err = m.p.o.Roll.Consent(m.v.r.Context(), m.by(), id, false, 0, "")
		return "withdrawn", err
	})
}

// saveFace writes what the list of members shows.
func (m *mine) saveFace() error {
	return m.listed("face", func(id member.ID) (string, error) {
		l, err := m.p.o.Roll.Listing(m.v.r.Context(), m.actor, id)
		if err != nil {
			return "", err
		}
		f := roll.Face{PublicName: m.typed("public_name"), Website: webLike(m.typed("website")), Summary: strings.ReplaceAll(m.typed("summary"), "\r\n", "\n")}
		if f == l.Face {
			return "same", nil
		}
		_, err = m.p.o.Roll.SetFace(m.v.r.Context(), m.by(), id, f)
		return "face", err
	})
}

// mostUpload is the longest request that brings a picture: more than is taken, so
// that who sends a photograph as it is reads why it is not, on the page.
const mostUpload = 8 << 20

// saveLogo takes a picture that was uploaded. Nothing of the file is kept: the
// register draws it anew.
func (m *mine) saveLogo() error {
	upload := m.upload("logo")
	return m.listed("logo", func(id member.ID) (string, error) {
		_, err := m.p.o.Roll.SetLogo(m.v.r.Context(), m.by(), id, upload)
		return "logo", err
	})
}

func (m *mine) removeLogo() error {
	return m.listed("logo", func(id member.ID) (string, error) {
		_, err := m.p.o.Roll.RemoveLogo(m.v.r.Context(), m.by(), id)
		return "logo-gone", err
	})
}

// The bounds of a form that brings a file.
const (
	mostParts = 8
	mostField = 200 // bytes of a field beside the file
)

// upload reads a form that brings a file: the file, with one byte more than is taken
// where it is longer, and the other fields as those of any form. What is no such
// form, or is cut off, has as much in it as came: the register says what is wrong.
func (m *mine) upload(name string) (file []byte) {
	parts, err := m.v.r.MultipartReader()
	if err != nil {
		return nil
	}
	m.v.r.PostForm = url.Values{}
	for range mostParts {
		part, err := parts.NextPart()
		if _, large := errors.AsType[*http.MaxBytesError](err); large {
			return make([]byte, roll.MostLogo+1)
		}
		if err != nil {
			return file
		}
		most := int64(mostField)
		if part.FormName() == name {
			most = roll.MostLogo + 1
		}
		content, _ := io.ReadAll(io.LimitReader(part, most)) // what came of it
		if part.FormName() == name {
			file = content
		} else {
			m.v.r.PostForm.Set(part.FormName(), string(content))
		}
	}
	return file
}
