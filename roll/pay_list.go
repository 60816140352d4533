package roll

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/money"
)

// payLine is one row of a list of payments, understood as far as it goes
// without the register.
type payLine struct {
	line           int
	member, reason string
	entry          PaymentEntry
	problems       []string
	broken         bool // into cells that do not fit the header
}

// payColumns are the columns of a list of payments.
var payColumns = []string{"member", "amount", "received", "months", "from", "to", "charge", "reference", "reason"}

// readPayments reads a CSV list of payments. Its error is a *Refused where the
// list as a whole cannot be understood.
func readPayments(in io.Reader) ([]payLine, error) {
	data, err := io.ReadAll(io.LimitReader(in, largestFile+1))
	if err != nil {
		return nil, fmt.Errorf("read the list of payments: %w", err)
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if why := unreadable(data); why != "" {
		return nil, refuseList(why)
	}
	r := csv.NewReader(bytes.NewReader(data))
	r.Comma, r.FieldsPerRecord = payComma(data), -1
	header, err := r.Read()
	if errors.Is(err, io.EOF) {
		return nil, refuseList("the file is empty: its first line names the columns " + strings.Join(payColumns, ","))
	}
	if err != nil {
		return nil, listFault(err)
	}
	for i := range header {
		header[i] = strings.ToLower(strings.TrimSpace(plainCell(header[i])))
	}
	if why := payHeaderFaults(header); len(why) > 0 {
		return nil, refuseList(why...)
	}
	return payLines(r, header)
}

func payLines(r *csv.Reader, header []string) (lines []payLine, err error) {
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, listFault(err)
		}
		if line, _ := r.FieldPos(0); !idle(cells) {
			lines = append(lines, parsePayLine(line, header, cells))
		}
	}
	if len(lines) == 0 {
		return nil, refuseList("the file names no payment")
	}
	return lines, nil
}

func refuseList(reasons ...string) error {
	return &Refused{What: importPaymentsWhat, Reasons: reasons}
}

// listFault says where the form of a file is broken; nothing after it can be
// trusted.
func listFault(err error) error {
	p, ok := errors.AsType[*csv.ParseError](err)
	if !ok {
		return fmt.Errorf("read the list of payments: %w", err)
	}
	return refuseList(fmt.Sprintf("line %d, character %d: a double quote is out of place: put the whole cell in double quotes and write a quote in it twice", p.Line, p.Column))
}

// payComma is the separator that takes the header apart into the most known
// columns.
func payComma(data []byte) rune {
	first, _, _ := bytes.Cut(data, []byte("\n"))
	best, most := ',', 0
	for _, comma := range []rune{',', ';', '\t'} {
		known := 0
		for _, name := range strings.Split(string(first), string(comma)) {
			if slices.Contains(payColumns, strings.ToLower(strings.Trim(name, "\" \r"))) {
				known++
			}
		}
		if known > most {
			best, most = comma, known
		}
	}
	return best
}

func payHeaderFaults(header []string) (why []string) {
	seen := map[string]bool{}
	for i, name := range header {
		switch {
		case !slices.Contains(payColumns, name):
			hint := "the columns are " + strings.Join(payColumns, ", ")
			if near := closest(name, payColumns); len(near) > 0 {
				hint = fmt.Sprintf("the nearest is %q", near[0])
			}
			why = append(why, fmt.Sprintf("column %d, %q, is not known; %s", i+1, shorten(name), hint))
		case seen[name]:
			why = append(why, fmt.Sprintf("column %d, %q, stands there twice", i+1, name))
		}
		seen[name] = true
	}
	for _, name := range []string{"member", "amount", "received"} {
		if !seen[name] {
			why = append(why, fmt.Sprintf("the column %q is missing", name))
		}
	}
	if !seen["months"] && !(seen["from"] && seen["to"]) {
		why = append(why, `the column "months" is missing, or the columns "from" and "to"`)
	}
	return why
}

// parsePayLine takes one row apart and notes every problem of its cells.
func parsePayLine(line int, header, cells []string) payLine {
	l := payLine{line: line}
	if len(cells) != len(header) {
		l.broken = true
		l.problems = []string{fmt.Sprintf("the row has %d cells where the header names %d columns: quote cells that hold a separator", len(cells), len(header))}
		return l
	}
	at := map[string]string{}
	for i, name := range header {
		at[name] = strings.TrimSpace(plainCell(cells[i]))
	}
	l.member, l.reason = at["member"], at["reason"]
	l.entry.Charge, l.entry.Reference = at["charge"], at["reference"]
	l.fault("reason", badText(l.reason, longestText, false))
	if len(l.reason) > longestReason {
		l.fault("reason", fmt.Sprintf("is longer than %d bytes", longestReason))
	}
	var why string
	if l.entry.Amount, why = parseAmount(at["amount"]); at["amount"] != "" {
		l.fault("amount", why)
	}
	if n := at["months"]; n != "" {
		months, err := strconv.Atoi(n)
		if err != nil {
			l.fault("months", fmt.Sprintf("%q is not a whole number", shorten(n)))
		}
		l.entry.Months = months
	}
	for name, day := range map[string]*instant.Instant{"received": &l.entry.Received, "from": &l.entry.From, "to": &l.entry.To} {
		if at[name] != "" {
			*day, why = parseDay(at[name])
			l.fault(name, why)
		}
	}
	slices.Sort(l.problems) // of a map's order nothing may depend
	return l
}

func (l *payLine) fault(column, why string) {
	if why != "" {
		l.problems = append(l.problems, column+": "+why)
	}
}

// parseAmount reads an amount; what is wrong with it is told without it.
func parseAmount(s string) (m money.Money, why string) {
	m, err := money.Parse(s)
	if err == nil {
		return m, ""
	}
	code, _, _ := strings.Cut(s, " ")
	if len(code) == 3 && strings.Trim(strings.ToUpper(code), "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == "" {
		if _, err := money.ParseCurrency(code); err != nil {
			return money.Money{}, err.Error()
		}
	}
	return money.Money{}, "is not an amount: write it as GBP 120.00"
}
