package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/notify/letter"
	"coopcloud.tech/goodstanding/web"
)

// noticesPreviewCmd is goodstanding notices preview.
type noticesPreviewCmd struct {
	Kind     string `arg:"" help:"What the notice is about, such as payment_late"`
	Language string `placeholder:"CODE" default:"en" help:"Language of the letter, such as es"`
	Several  bool   `help:"As one letter about several members"`
	HTML     string `name:"html" xor:"part" placeholder:"FILE" help:"Write the HTML of the mail to this file; - prints it"`
	Text     bool   `xor:"part" help:"Print the text of the mail alone"`
}

// Help shows how to use it.
func (noticesPreviewCmd) Help() string {
	return `
Shows the mail with the federation's name, time zone and pay link, and with
invented people; for decisions and opportunities also what the room reads. Your
own templates (MAIL_TEMPLATES) are tried, too: faults are told with file and line.

  goodstanding notices preview payment_late
  goodstanding notices preview lapsed --language es --several
  goodstanding notices preview digest --html digest.html

Kinds:
  ` + strings.Join(broken(strings.Join(noticeKinds(), " "), 74), "\n  ")
}

// Run shows a letter.
func (c noticesPreviewCmd) Run(a *app) error {
	cfg, err := a.config(needNothing)
	if err != nil {
		return err
	}
	d, err := c.data(cfg)
	if err != nil {
		return err
	}
	l, err := cfg.Letters().Render(d)
	if err != nil {
		return err
	}
	room := ""
	if letter.Announced(d.Kind) {
		if room, _, err = cfg.Letters().Announcement(d); err != nil {
			return err
		}
	}
	switch {
	case a.cli.JSON:
		return a.out.json(map[string]string{"subject": l.Subject, "text": l.Text, "html": l.HTML, "room": room})
	case c.HTML == "-":
		a.out.write(l.HTML)
	case c.HTML != "":
		return a.writePreview(c.HTML, l.HTML)
	case c.Text:
		a.out.write(l.Text)
	default:
		a.out.line("%s %s", a.out.bold("Subject:"), l.Subject)
		a.out.line("")
		a.out.write(l.Text)
		if room != "" {
			a.out.line("")
			a.out.line("%s", a.out.bold("In the room"))
			a.out.line("")
			a.out.write(room)
		}
	}
	return a.out.err
}

// data is the sample, in the federation's surroundings.
func (c noticesPreviewCmd) data(cfg *Config) (letter.Data, error) {
	kind, ok := notify.ParseKind(c.Kind)
	if !ok {
		near, _ := nearest(c.Kind, noticeKinds())
		return letter.Data{}, &usageError{fmt.Sprintf("there is no kind %q; the nearest is %s (goodstanding notices preview --help lists them)", clip(c.Kind), near)}
	}
	if all := cfg.Letters().Languages(); !slices.Contains(all, c.Language) {
		return letter.Data{}, &usageError{fmt.Sprintf("--language: there are no letters in %q; there are %s", clip(c.Language), strings.Join(all, ", "))}
	}
	return sampleOf(cfg, kind, c.Language, c.Several), nil
}

// sampleOf is a letter's data with invented people, in the federation's surroundings.
func sampleOf(cfg *Config, kind notify.Kind, language string, several bool) letter.Data {
	d := letter.Sample(kind, language)
	if several {
		d = letter.SampleOfSeveral(kind, language)
	}
	f := &cfg.Federation
	d.Federation, d.FederationURL, d.Zone = cmp.Or(f.Name, d.Federation), cmp.Or(f.URL, d.FederationURL), f.Zone
	d.PayURL = cmp.Or(f.PayURL, d.PayURL)
	return d
}

// previews are the letters for the treasurers' pages.
func previews(cfg *Config) *web.Letters {
	languages := func() []string { return cfg.Letters().Languages() }
	return &web.Letters{Languages: languages, Write: func(kind notify.Kind, language string, several bool) (web.Letter, error) {
		letters, d := cfg.Letters(), sampleOf(cfg, kind, language, several)
		l, err := letters.Render(d)
		if err != nil {
			return web.Letter{}, err
		}
		out := web.Letter{Subject: l.Subject, Text: l.Text, HTML: l.HTML}
		if letter.Announced(kind) {
			out.Room, _, err = letters.Announcement(d)
		}
		return out, err
	}}
}

// writePreview writes a page to a new file.
func (a *app) writePreview(path, page string) error {
	if err := writtenText(path, 0o644, []byte(page)); err != nil {
		return err
	}
	a.note.line("Wrote %s: open it in a browser.", path)
	return nil
}
