package web

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/policy"
	"coopcloud.tech/goodstanding/publish"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/signin"
)

// joinPath is where the form for joining is, and goes.
const joinPath = "/join"

// joinField is one field of the form, as the page, its JSON and its Markdown have it.
type joinField struct {
	Name     string       `json:"name"` // in the form
	Label    string       `json:"label"`
	Hint     string       `json:"hint"`
	Needed   bool         `json:"needed"`
	Longest  int          `json:"longest,omitempty"` // in characters; 0 where that means nothing
	Choices  []joinChoice `json:"choices,omitempty"`
	Input    string       `json:"-"` // how the page asks: choice, select, tick, text, area, list, or a type of input
	Rows     int          `json:"-"`
	Complete string       `json:"-"` // what browsers may fill in
	Value    string       `json:"-"` // as it was typed
}

type joinChoice struct {
	Value  string `json:"value"`
	Words  string `json:"words"`
	Chosen bool   `json:"-"`
}

// joinTrap is a field that people do not see, and programs that fill in every form do.
const joinTrap = "topic"

// joinPage is what joining means, and the form.
type joinPage struct {
	Federation Federation
	Dues       string // the first sentence about them
	Joining    string // who admits, in the rules' words
	Otherwise  bool   // the rules admit without a decision, too
	Deciding   []string
	PayURL     string
	Takes      bool // applications can be taken
	Faults     []phrase
	Fields     []joinField
	Members    []string // whom one can name as sponsor; none where they are too many for a list
	Trap       string
}

// mostSponsors bounds the list of members that the form brings along.
const mostSponsors = 200

// joinFields are the fields of the form (federation.md, section 4), with what was
// typed.
func (r *reading) joinFields(typed func(name string) string) []joinField {
	kinds := []joinChoice{{string(member.Organisation), "An organisation", false}, {string(member.Individual), "An individual", false}}
	fields := []joinField{
		{Name: "kind", Label: "Who would join", Needed: true, Input: "choice", Choices: kinds},
		{Name: "name", Label: "Name", Hint: "Of the organisation, or of the person.", Needed: true, Longest: 200, Input: "text", Complete: "organization"},
		{Name: "website", Label: "Website", Hint: "If there is one.", Longest: 500, Input: "text", Complete: "url"},
		{Name: "summary", Label: "Who you are, in two sentences", Needed: true, Longest: roll.LongestApplicationSummary, Input: "area", Rows: 3},
		{Name: "involvement", Label: "How you would use what is shared, and take part", Needed: true, Longest: roll.LongestApplicationInvolvement, Input: "area", Rows: 6},
		{Name: "sponsor", Label: "Sponsor", Hint: "A member that knows you and would speak for you. Leave it empty if there is none.", Longest: 200, Input: "list", Complete: "off"},
		{Name: "representative", Label: "Name of the representative", Hint: "Who would act for the organisation here. An individual leaves it empty.", Longest: 200, Input: "text", Complete: "name"},
		{Name: "email", Label: "E-mail address of the representative", Hint: "A link to confirm the application is sent there. It is never shown to the public.", Needed: true, Longest: 254, Input: "email", Complete: "email"},
		{Name: "matrix", Label: "Matrix name of the representative", Hint: "Such as @name:example.org, if there is one.", Longest: 255, Input: "text", Complete: "off"},
		{Name: "language", Label: "Language of mails", Needed: true, Input: "select"},
		{Name: "code", Label: roll.AgreeToCode, Needed: true, Input: "tick"},
		{Name: "read", Label: roll.AgreeToBeRead, Needed: true, Input: "tick"},
	}
	for i := range fields {
		f := &fields[i]
		f.Value = typed(f.Name)
		if f.Input == "select" {
			if f.Value == "" {
				f.Value = r.v.wanted.Code()
			}
			for _, code := range r.p.o.Roll.MailLanguages() {
				f.Choices = append(f.Choices, joinChoice{code, r.languageWords(code), false})
			}
		}
		f.Label, f.Hint = r.say(f.Label), r.say(f.Hint)
		for j := range f.Choices {
			f.Choices[j].Words = r.say(f.Choices[j].Words)
			f.Choices[j].Chosen = f.Choices[j].Value == f.Value
		}
		if f.Input == "tick" {
			f.Choices = []joinChoice{{"yes", f.Label, f.Value != ""}}
		}
	}
	return fields
}

func (r *reading) joinPage(typed func(name string) string) joinPage {
	page := joinPage{Federation: r.p.o.Federation, PayURL: leading(r.p.o.Federation.PayURL).Href, Takes: r.p.o.SignIn.TakesApplications(), Trap: joinTrap, Fields: r.joinFields(typed)}
	if version, ok := r.Book.Policy(r.At); ok {
		page.Dues, page.Joining = r.duesAndJoining(version)
		page.Deciding, page.Otherwise = aboutLarge(version, r), version.Admission != policy.AdmissionDecision
	}
	if len(r.Members) <= mostSponsors {
		for _, m := range r.Members {
			if m.Name != roll.NamelessIndividual {
				page.Members = append(page.Members, m.Name)
			}
		}
	}
	return page
}

// aboutLarge are the sentences of the rules about large decisions.
func aboutLarge(version policy.Version, r *reading) (out []string) {
	said := policy.WordsIn(r.v.lang, version, r.p.o.Zone)
	for i, s := range policy.Words(version, r.p.o.Zone) {
		if s.Topic == policy.AboutDecisions && strings.HasPrefix(s.Text, "A large decision") {
			out = append(out, said[i].Text)
		}
	}
	return out
}

func nothingTyped(string) string { return "" }

func (r *reading) join() error {
	return r.show(http.StatusOK, "join", r.say("Join"), r.joinPage(nothingTyped))
}

// joinSteps say what happens, in order.
var joinSteps = []string{
	"You fill in the form. A link is sent to the address that you give, and nobody reads the application before you have confirmed it there.",
	"Treasurers and facilitators read it, and may write to you with questions. One of them takes it up, or declines it.",
	"It is decided whether you are admitted. Until then you have no vote, and nobody outside reads that you have applied.",
	"Once you are admitted you have one vote, like every member, and pay dues.",
}

func (r *reading) joinJSON() error {
	page := r.joinPage(nothingTyped)
	return r.json(struct {
		Federation string      `json:"federation"`
		Form       string      `json:"form"` // where it is
		Open       bool        `json:"open"`
		Dues       string      `json:"dues"`
		PayURL     string      `json:"pay_url"` // for members, once they are admitted
		Joining    string      `json:"joining"`
		Deciding   []string    `json:"deciding"`
		Code       string      `json:"code_of_cooperation"`
		Happens    []string    `json:"what_happens"`
		Fields     []joinField `json:"fields"`
	}{page.Federation.Name, strings.TrimRight(r.p.o.BaseURL, "/") + joinPath, page.Takes, page.Dues, page.PayURL, page.Joining, append([]string{}, page.Deciding...), r.p.o.Federation.Code.URL, joinSteps, page.Fields})
}

func (r *reading) joinMarkdown() error {
	page := r.joinPage(nothingTyped)
	var b strings.Builder
	fmt.Fprintf(&b, "# Join %s\n\n%s\n", publish.OneLine(page.Federation.Name), publish.OneLine(page.Dues))
	if page.PayURL != "" {
		fmt.Fprintf(&b, "\nPay once you are admitted: <%s>\n", page.PayURL)
	}
	b.WriteString("\n## What happens\n\n")
	for i, step := range joinSteps {
		fmt.Fprintf(&b, "%d. %s\n", i+1, step)
	}
	b.WriteString("\n## How it is decided\n\n")
	for _, s := range append([]string{page.Joining}, page.Deciding...) {
		b.WriteString("- " + publish.OneLine(s) + "\n")
	}
	fmt.Fprintf(&b, "\n## The form\n\n<%s>\n\n", strings.TrimRight(r.p.o.BaseURL, "/")+joinPath)
	for _, f := range page.Fields {
		line := f.Label
		if f.Needed {
			line += " (needed)"
		}
		b.WriteString("- " + publish.OneLine(strings.TrimSpace(line+" "+f.Hint)) + "\n")
	}
	return r.markdown(b.String())
}

// What is said where no application is taken.
const (
	tooOftenFault = "Many applications came from your network in the last hours, so this one was not taken. Try again in an hour: what you typed is still here."
	tooManyFault  = "Many applications wait for being confirmed, so this one was not taken. Try again tomorrow: what you typed is still here."
)

var noApplications = notice{"Nobody can apply here yet", "An application is confirmed by a mail, and this server cannot send mails yet. Nothing was kept.", joinPath, "Back"}

// apply takes the form. The answer is the same whatever is known of the address.
func (r *reading) apply() error {
	if err := readForm(r.v); err != nil {
		return err
	}
	if !r.p.o.SignIn.TakesApplications() {
		r.p.problem(r.v, http.StatusServiceUnavailable, noApplications)
		return nil
	}
	typed := r.v.r.PostForm.Get
	if typed(joinTrap) != "" { // a program fills in forms: it is told what everybody is
		return r.p.goTo(r.v, joinPath+"/sent")
	}
	err := r.p.o.SignIn.Apply(r.v.r.Context(), roll.NewApplication{Kind: member.Kind(typed("kind")), Name: typed("name"), Website: typed("website"), Summary: typed("summary"), Involvement: typed("involvement"),
		Sponsor: typed("sponsor"), Representative: typed("representative"), Email: typed("email"), Matrix: typed("matrix"), Language: typed("language"), Code: typed("code") != "", Read: typed("read") != ""}, r.p.client(r.v))
	page, status := r.joinPage(typed), http.StatusUnprocessableEntity
	reasons, wrong := refused(err)
	switch {
	case err == nil:
		return r.p.goTo(r.v, joinPath+"/sent")
	case wrong:
		for _, reason := range reasons {
			page.Faults = append(page.Faults, sentence(told(r.v.lang, reason)))
		}
	case errors.Is(err, signin.ErrTooOften):
		status, page.Faults = http.StatusTooManyRequests, []phrase{{Text: r.say(tooOftenFault)}}
	case errors.Is(err, roll.ErrManyApplications):
		status, page.Faults = http.StatusServiceUnavailable, []phrase{{Text: r.say(tooManyFault)}}
	default:
		return err
	}
	return r.show(status, "join", r.say("Join"), page)
}
