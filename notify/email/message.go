package email

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"html"
	"net/mail"
	"regexp"
	"strings"

	gomail "github.com/wneessen/go-mail"

	"coopcloud.tech/goodstanding/notify"
)

// message is an envelope as a mail. The envelope's To is an address, with a
// name or without; where it has no HTML, that is made of its text.
func (s *Sender) message(e notify.Envelope) (*gomail.Msg, error) {
	to, err := mail.ParseAddress(e.To)
	switch {
	case err != nil || control(e.To):
		return nil, &notify.Rejection{Reason: "what is stored for the recipient is no e-mail address", Class: notify.OfRecipient}
	case e.ID == "":
		return nil, errors.New("the envelope has no id")
	case control(e.Subject):
		return nil, errors.New("the subject holds a control character")
	case e.Unsubscribe != "" && !page.MatchString(e.Unsubscribe):
		return nil, errors.New("the envelope's address for saying no is none of a page")
	}
	m := gomail.NewMsg(gomail.WithNoDefaultUserAgent(), gomail.WithCharset(gomail.CharsetUTF8), gomail.WithEncoding(gomail.EncodingQP))
	m.FromMailAddress(&s.o.From)
	m.ToMailAddress(to)
	m.Subject(e.Subject)
	m.SetMessageIDWithValue(s.messageID(e.ID))
	m.SetDateWithValue(s.o.Now())
	m.SetGenHeader("Auto-Submitted", "auto-generated")
	if s.o.ReplyTo.Address != "" {
		m.ReplyToMailAddress(&s.o.ReplyTo)
	}
	if e.List {
		m.SetGenHeader("List-Id", s.listID())
	}
	if e.Unsubscribe != "" {
		m.SetListUnsubscribe(e.Unsubscribe)
	}
	m.SetBodyString(gomail.TypeTextPlain, e.Text)
	text := e.HTML
	if text == "" {
		text = asPage(e.Text)
	}
	m.AddAlternativeString(gomail.TypeTextHTML, text)
	return m, nil
}

// plainID may stand in a Message-ID as it is.
var plainID = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// messageID is the same for the same envelope, so that a copy is recognised.
func (s *Sender) messageID(id string) string {
	if !plainID.MatchString(id) {
		sum := sha256.Sum256([]byte(id))
		id = hex.EncodeToString(sum[:16])
	}
	_, domain, _ := strings.Cut(s.o.From.Address, "@")
	return fmt.Sprintf("%s@%s", id, domain)
}

// page is an address that may stand in a header as it is.
var page = regexp.MustCompile(`^https?://[!#-;=?-~]+$`)

// listID names the mails that go to many, so that people can sort them (RFC
// 2919): the federation, and a name below the domain that they are from.
func (s *Sender) listID() string {
	_, domain, _ := strings.Cut(s.o.From.Address, "@")
	id := "<goodstanding." + domain + ">"
	if s.o.Federation == "" {
		return id
	}
	named := (&mail.Address{Name: s.o.Federation, Address: "a@a"}).String() // quoted or encoded as a name has to be
	return strings.TrimSuffix(named, "<a@a>") + id
}

// beyondASCII says that an address of the mail, not a name, has other letters.
func beyondASCII(m *gomail.Msg) bool {
	for _, header := range []gomail.AddrHeader{gomail.HeaderFrom, gomail.HeaderReplyTo, gomail.HeaderTo} {
		for _, a := range m.GetAddrHeader(header) {
			if strings.ContainsFunc(a.Address, func(r rune) bool { return r > 0x7f }) {
				return true
			}
		}
	}
	return false
}

// address is a link in a text: it ends where a space does, and does not take
// the mark that ends a sentence with it.
var address = regexp.MustCompile(`https?://[^\s<>"]*[^\s<>".,;:!?)]`)

// asPage is a text as a page: paragraphs stand apart by an empty line, links can
// be clicked. Nothing is loaded from anywhere.
func asPage(text string) string {
	var b strings.Builder
	b.WriteString("<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"></head>\n" +
		"<body style=\"font-family:sans-serif;font-size:16px;line-height:1.5;max-width:40em\">\n")
	for _, paragraph := range strings.Split(strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n")), "\n\n") {
		lines := strings.Split(strings.Trim(paragraph, "\n"), "\n")
		for i, line := range lines {
			lines[i] = linked(line)
		}
		b.WriteString("<p>" + strings.Join(lines, "<br>\n") + "</p>\n")
	}
	b.WriteString("</body></html>\n")
	return b.String()
}

func linked(line string) string {
	var b strings.Builder
	last := 0
	for _, at := range address.FindAllStringIndex(line, -1) {
		link := html.EscapeString(line[at[0]:at[1]])
		b.WriteString(html.EscapeString(line[last:at[0]]) + `<a href="` + link + `">` + link + `</a>`)
		last = at[1]
	}
	b.WriteString(html.EscapeString(line[last:]))
	return b.String()
}
