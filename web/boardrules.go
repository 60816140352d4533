package web

import (
	"errors"
	"io"
	"net/http"
	"regexp"
	"strings"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/tongue"
	"coopcloud.tech/goodstanding/policy"
)

// boardRulesPage is the rules in force, and what others would do.
type boardRulesPage struct {
	Tabs     []tab
	Rules    string
	Topics   []rulesTopic
	Versions []rulesVersion
	Text     string // of the form
	Version  string
	At       string
	Faults   []ruleFault // of what was sent
	Compared *comparedRules
	Act      deedForm
}

// comparedRules is what a file says, and whom it would change something for.
type comparedRules struct {
	ID, Good  string // its name, and what was checked
	Text      string
	At        moment
	Forecast  bool
	Topics    []rulesTopic
	Differ    []string // from the rules in force, a line for each
	Warning   phrase   // the zero value for none
	Who       []comparedLine
	More      int
	New       []string // ids of the versions that are not stored yet
	Against   []phrase // why they cannot be added as they are
	Backdated bool     // they can, if they may begin in the past
}

type comparedLine struct {
	Name, Address      string
	Is, WouldBe, State string
	Rights             []rightChange
	Why                string
}

// rightChange is a right that a member gains, or loses.
type rightChange struct {
	Name  string
	Worse bool
}

const (
	boardRulesPath = boardPath + "/rules"
	mostWho        = 100 // members that a comparison lists
)

// rulesInForce shows them, with the form for others.
func (b *board) rulesInForce() error {
	return b.rulesPage(http.StatusOK, boardRulesPage{})
}

func (b *board) rulesPage(status int, page boardRulesPage) error {
	now, _, err := b.p.o.Roll.PolicyInForce(b.v.r.Context())
	if err != nil {
		return err
	}
	page.Tabs = b.tabs(boardRulesPath)
	if page.Rules = now.ID(); page.Rules != "" {
		page.Topics = b.topics(now)
		versions, err := b.p.o.Roll.Policies(b.v.r.Context())
		if err != nil {
			return err
		}
		page.Versions = b.versions(versions, now.ID(), b.p.o.Now())
	}
	if page.Text == "" {
		page.Text = now.Text
	}
	return b.page(status, "boardrules", b.say("Rules"), page)
}

// compareRules compares another file with the rules in force. Nothing is stored.
func (b *board) compareRules() error {
	page, file, err := b.sentRules()
	if err != nil {
		return err
	}
	if file == nil {
		return b.rulesPage(http.StatusUnprocessableEntity, page)
	}
	if err := b.compare(&page, file); err != nil {
		return err
	}
	status := http.StatusOK
	if len(page.Faults) > 0 {
		status = http.StatusUnprocessableEntity
	}
	return b.rulesPage(status, page)
}

// addRules stores the versions of a file that are not stored yet.
func (b *board) addRules() error {
	page, file, err := b.sentRules()
	if err != nil {
		return err
	}
	if file == nil {
		return b.rulesPage(http.StatusUnprocessableEntity, page)
	}
	added, report, err := b.p.o.Roll.EnsurePolicy(b.v.r.Context(), b.by, file, b.field("backdate") != "")
	if reasons, is := refused(err); is {
		if err := b.compare(&page, file); err != nil {
			return err
		}
		page.Act = b.refusedForm("add", reasons)
		return b.rulesPage(http.StatusConflict, page)
	}
	if err != nil {
		return err
	}
	if len(added) == 0 {
		return b.done(b.say("Nothing to add"), b.say("All versions of this file are stored already."), report, boardRulesPath, b.say("Rules"))
	}
	return b.done(b.say("The rules are stored"), b.sayf("Stored: %s. A version never changes; each holds from its own day on.", strings.Join(added, ", ")), report, boardRulesPath, b.say("Rules"))
}

// sentRules reads the file that was pasted or chosen; nil where something is wrong
// with it, which the page then says.
func (b *board) sentRules() (page boardRulesPage, file *policy.File, err error) {
	if err := b.v.r.ParseMultipartForm(mostForm); err != nil && !errors.Is(err, http.ErrNotMultipart) {
		if _, big := errors.AsType[*http.MaxBytesError](err); big {
			return page, nil, err
		}
		page.Faults = []ruleFault{{Text: b.say("What was sent could not be read: choose the file again, or paste its text.")}}
		return page, nil, nil
	}
	b.by.Reason = b.field("reason")
	page.Text, page.Version, page.At = strings.ReplaceAll(b.field("text"), "\r\n", "\n"), strings.TrimSpace(b.field("version")), strings.TrimSpace(b.field("at"))
	if chosen, _, err := b.v.r.FormFile("file"); err == nil {
		defer chosen.Close()
		text, err := io.ReadAll(chosen)
		if err != nil {
			return page, nil, err
		}
		if len(text) > 0 {
			page.Text = string(text)
		}
	}
	if strings.TrimSpace(page.Text) == "" {
		page.Faults = []ruleFault{{Text: b.say("There is no text: choose a file, or paste one.")}}
		return page, nil, nil
	}
	page.Faults, file = checkRules(b.v.lang, page.Text)
	return page, file, nil
}

// ruleFault is something wrong with a file: where, and what, with its language where
// that is another one than the page's.
type ruleFault struct{ Where, Text, Lang string }

// keyOf is the key of a policy file with which a fault begins.
var keyOf = regexp.MustCompile(`^[a-z0-9_.\[\]]+: `)

// faultAt is what another part of the program said of a place in a file.
func faultAt(t *tongue.Tongue, where, english string) ruleFault {
	if where == "" {
		words := sentence(told(t, english))
		return ruleFault{"", words.Text, words.Lang}
	}
	if key := keyOf.FindString(english); key != "" {
		where, english = where+" "+strings.TrimSpace(key), english[len(key):]
	}
	words := told(t, english)
	return ruleFault{where, words.Text + ".", words.Lang}
}

// checkRules reads a file and runs its own examples, as on the command line.
func checkRules(t *tongue.Tongue, text string) (faults []ruleFault, file *policy.File) {
	file, err := policy.Parse("the file", []byte(text))
	if all, ok := errors.AsType[*policy.Faults](err); ok {
		for _, f := range all.All {
			faults = append(faults, faultAt(t, t.Sayf("Line %d, column %d:", f.Line, f.Column), plainly(f.Text)))
		}
		return faults, nil
	}
	if err != nil {
		return []ruleFault{faultAt(t, "", err.Error())}, nil
	}
	for _, f := range policy.RunExamples(file, eligibility.Policies.Assess) {
		faults = append(faults, ruleFault{Where: t.Sayf("Line %d, example “%s”:", f.Line, f.Name), Text: f.Wrong(t) + "."})
	}
	if len(faults) > 0 {
		return faults, nil
	}
	return nil, file
}
