package cases

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"coopcloud.tech/goodstanding/policy"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/syncer/opencollective"
)

// acts are what the program does and what treasurers do with it, by the first
// word; the second is what follows it.
var acts map[string]func(*federation, string) error

func init() { // reading files needs the words, and the words need files
	acts = map[string]func(*federation, string) error{
		"read":      (*federation).read,      // read, or: read fails CLASS
		"restart":   (*federation).restart,   // the daemon is stopped and started
		"reader":    (*federation).reader,    // reader TOKEN, or: reader nobody
		"policy":    (*federation).enact,     // policy PRESET [with KEY: VALUE[, KEY: VALUE]…]
		"admit":     (*federation).admit,     // admit SLUG…: payers become members, each linked to its account
		"admit-all": (*federation).admitAll,  // everybody who pays becomes a member
		"member":    (*federation).member,    // member NAME [contact ADDRESS]: one without an account
		"link":      (*federation).link,      // link SLUG into MEMBER
		"supporter": (*federation).supporter, // supporter SLUG: gives, and is no member
		"leave":     (*federation).leave,     // leave MEMBER
		"pay":       (*federation).pay,       // pay MEMBER AMOUNT CURRENCY months=N, or: pay MEMBER last-charge months=N
		"waive":     (*federation).waive,     // waive MEMBER: its dues, from now on
		"list":      (*federation).list,      // list MEMBER: consent, a profile, and the treasurer's yes
		"treasurer": (*federation).treasurer, // treasurer acknowledges
		"crowd":     (*federation).crowd,     // crowd N: so many payers more, a second after each other
		"refuses":   (*federation).refuses,   // refuses ACT…: the program refuses it
	}
}

func (f *federation) read(rest string) error {
	class, fails := strings.CutPrefix(rest, "fails ")
	if err := f.reading(); err != nil {
		return err
	}
	switch is := opencollective.ClassOf(f.err); {
	case !fails && f.err != nil:
		return fmt.Errorf("the reading failed (%s): %w", is, f.err)
	case fails && f.err == nil:
		return fmt.Errorf("the reading was complete, and had to fail as %s", class)
	case fails && is != class:
		return fmt.Errorf("the reading failed as %s, not as %s: %w", is, class, f.err)
	}
	return nil
}

func (f *federation) restart(string) error {
	if err := f.db.Close(); err != nil {
		return err
	}
	f.open()
	return nil
}

func (f *federation) reader(rest string) error {
	if f.token = rest; rest == "nobody" {
		f.token = ""
	}
	return nil
}

// enact puts a preset in force, with some of its lines said otherwise.
func (f *federation) enact(rest string) error {
	name, changes, _ := strings.Cut(rest, " with ")
	text, err := policy.PresetText(name)
	if err != nil {
		return err
	}
	for _, change := range strings.Split(changes, ", ") {
		key, _, ok := strings.Cut(change, ": ")
		if !ok {
			continue
		}
		line := regexp.MustCompile(`(?m)^([ -]*)` + regexp.QuoteMeta(key) + `: .*$`)
		if !line.Match(text) {
			return fmt.Errorf("the preset %s has no line %q", name, key)
		}
		text = line.ReplaceAll(text, []byte("${1}"+change))
	}
	if before, _, ok := strings.Cut(string(text), "\ntests:"); ok { // the preset's examples are about its own rules
		text = []byte(before + "\n")
	}
	file, err := policy.Parse(name, text)
	if err == nil {
		_, _, err = f.roll.EnsurePolicy(context.Background(), f.by, file, true)
	}
	return err
}

func (f *federation) treasurer(rest string) error {
	if rest != "acknowledges" {
		return fmt.Errorf("write treasurer acknowledges")
	}
	holds, err := f.roll.Holds(context.Background(), false)
	if err == nil && len(holds) == 0 {
		err = fmt.Errorf("no hold stands")
	}
	for _, h := range holds {
		if err == nil {
			_, err = f.roll.Acknowledge(context.Background(), f.by, h.ID)
		}
	}
	return err
}

func (f *federation) crowd(rest string) error {
	n, err := strconv.Atoi(rest)
	for i := 0; i < n && err == nil; i++ {
		err = f.w.Do(fmt.Sprintf("join payer-%d GBP 10 monthly", f.w.Now()))
		f.w.Advance(time.Second)
	}
	return err
}

func (f *federation) refuses(rest string) error {
	word, rest, _ := strings.Cut(rest, " ")
	act, ok := acts[word]
	if !ok {
		return fmt.Errorf("%q is nothing the program does", word)
	}
	var refused *roll.Refused
	if err := act(f, rest); !errors.As(err, &refused) {
		return fmt.Errorf("it had to be refused, and was not: %v", err)
	}
	return nil
}
