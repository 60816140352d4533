package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// printer writes lines for people. It keeps the first error; what follows is
// dropped.
type printer struct {
	w       io.Writer
	err     error
	colours bool
	width   int // 0 for unlimited
}

func newPrinter(w io.Writer, e Env) *printer {
	return &printer{w: w, colours: e.colours(), width: e.Width}
}

func (p *printer) write(s string) {
	if p.err == nil {
		_, p.err = io.WriteString(p.w, s)
	}
}

// line prints one line.
func (p *printer) line(format string, args ...any) {
	p.write(strings.TrimRight(fmt.Sprintf(format, args...), " ") + "\n")
}

// wrap prints a text, broken into lines on a terminal, all indented.
func (p *printer) wrap(indent int, text string) {
	pad := strings.Repeat(" ", indent)
	for _, l := range broken(text, p.columns()-indent) {
		p.line("%s%s", pad, l)
	}
}

// columns is how wide running text may be.
func (p *printer) columns() int {
	if p.width == 0 {
		return 0
	}
	return min(p.width, 100)
}

// help is how wide explanations are, also where there is no terminal.
func (p *printer) help() int {
	if p.width == 0 {
		return 100
	}
	return max(p.columns(), 60)
}

// pairs prints two columns, the second one wrapped.
func (p *printer) pairs(rows [][2]string) {
	const most = 44
	left := 0
	for _, r := range rows {
		if w := textWidth(r[0]); w <= most {
			left = max(left, w)
		}
	}
	if left == 0 {
		left = most
	}
	for _, r := range rows {
		lines := broken(r[1], p.help()-left-4)
		if textWidth(r[0]) > left {
			p.line("  %s", r[0])
		} else {
			p.line("  %s  %s", padded(r[0], left), lines[0])
			lines = lines[1:]
		}
		for _, l := range lines {
			p.line("  %s  %s", strings.Repeat(" ", left), l)
		}
	}
}

// json prints a value for machines.
func (p *printer) json(v any) error {
	enc := json.NewEncoder(p.w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		return fmt.Errorf("write JSON: %w", err)
	}
	return nil
}

// The colours say nothing that the words do not say.
func (p *printer) paint(code, s string) string {
	if !p.colours || s == "" {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

func (p *printer) bold(s string) string   { return p.paint("1", s) }
func (p *printer) dim(s string) string    { return p.paint("2", s) }
func (p *printer) good(s string) string   { return p.paint("32", s) }
func (p *printer) warn(s string) string   { return p.paint("33", s) }
func (p *printer) bad(s string) string    { return p.paint("31", s) }
func (p *printer) accent(s string) string { return p.paint("36", s) }
