package letter

import (
	"errors"
	"fmt"
	"html"
	"strings"
	"text/template"

	"coopcloud.tech/goodstanding/notify"
)

// Letter is a notice in words: the parts of a notify.Envelope.
type Letter struct {
	Subject string // one line, without any amount
	Text    string // for those who read mail as plain text
	HTML    string // the same as a whole document, without anything from elsewhere
}

// Render writes the letter that the data is for. An error is a fault of a
// template, or of the data: it says the file and the line, and no text of people.
func (c *Catalogue) Render(d Data) (Letter, error) {
	l := c.language(d.Language)
	if err := members(&d); err != nil {
		return Letter{}, fmt.Errorf("write the letter %s: %w", d.Kind, err)
	}
	subject, body, err := l.write(string(d.Kind), &d)
	if err != nil {
		return Letter{}, fmt.Errorf("write the letter %s: %w", d.Kind, err)
	}
	foot, err := l.body(l.sheets[string(d.Kind)].body, "foot", &d)
	if err != nil {
		return Letter{}, fmt.Errorf("write the letter %s: %w", d.Kind, err)
	}
	text := body.text() + "\n-- \n" + foot.text()
	inner, err := body.mailHTML()
	below, footErr := foot.mailHTML()
	if err = errors.Join(err, footErr); err != nil {
		return Letter{}, fmt.Errorf("write the letter %s: %w", d.Kind, err)
	}
	return Letter{subject, text, mailPage(l.name, d.Federation, subject, inner, below)}, nil
}

// TogetherIn says that one letter of the kind can be about several members, so
// that a delegate of three gets one (domain.md, section 6).
func TogetherIn(k notify.Kind) bool {
	return k.Group() == notify.AboutDues || k.Group() == notify.AboutDelegates && k != notify.BallotCast
}

// members says what is wrong with the members that a letter is about: one that
// says nothing of some of them, or is about none, must not go.
func members(d *Data) error {
	g := d.Kind.Group()
	switch {
	case len(d.Members) > 1 && !TogetherIn(d.Kind) && (g == notify.AboutMembership || g == notify.AboutDelegates):
		return fmt.Errorf("it is about one member, and there are %d", len(d.Members))
	case len(d.Members) == 0 && (g == notify.AboutDues || g == notify.AboutMembership || g == notify.AboutDelegates):
		return errors.New("it is about a member, and there is none")
	}
	return nil
}

// Announcement writes what the room reads: as text, and as HTML of the kind that
// Matrix shows, without any style. There is one for the kinds that Announced
// names.
func (c *Catalogue) Announcement(d Data) (text, page string, err error) {
	l := c.language(d.Language)
	subject, body, err := l.write(roomPrefix+string(d.Kind), &d)
	if err == nil {
		page, err = body.roomHTML()
	}
	if err != nil {
		return "", "", fmt.Errorf("write the announcement %s: %w", d.Kind, err)
	}
	return wrap(subject, width) + "\n\n" + body.text(), "<p><strong>" + html.EscapeString(subject) + "</strong></p>\n" + page, nil
}

// write executes a letter's templates.
func (l *language) write(name string, d *Data) (subject string, body *page, err error) {
	one, ok := l.sheets[name]
	if !ok {
		return "", nil, fmt.Errorf("there is no template %q in %s", name, l.name)
	}
	if subject, err = l.execute(one.subject, "", d, false); err != nil {
		return "", nil, err
	}
	body, err = l.body(one.body, "", d)
	return flat(subject), body, err
}

func (l *language) body(t *template.Template, part string, d *Data) (*page, error) {
	source, err := l.execute(t, part, d, true)
	if err != nil {
		return nil, err
	}
	return newPage(source)
}

// execute runs a template, or a part of it, on the data; as Markdown, or as one
// line of text.
func (l *language) execute(t *template.Template, part string, d *Data, markup bool) (string, error) {
	text, safe := func(s string) any { return bare(s) }, (func(string) string)(nil)
	if markup {
		text, safe = func(s string) any { return said(s) }, escape
	}
	own, err := t.Clone() // the functions know this letter's zone
	if err != nil {
		return "", err
	}
	own.Funcs(l.funcs(d.Zone, safe))
	if part == "" {
		part = t.Name()
	}
	out := &bounded{}
	if err := own.ExecuteTemplate(out, part, d.view(text)); err != nil {
		return "", err
	}
	return out.String(), nil
}

// bounded is a buffer that no template fills the memory with.
type bounded struct{ strings.Builder }

// longest is how long a letter is at most, in bytes.
const longest = 1 << 20

func (b *bounded) Write(p []byte) (int, error) {
	if b.Len()+len(p) > longest {
		return 0, errors.New("the letter is longer than 1 MiB")
	}
	return b.Builder.Write(p)
}
