package web

import (
	"fmt"
	"net/http"
	"strings"

	"coopcloud.tech/goodstanding/publish"
)

// kept is one kind of thing that is kept about members and people.
type kept struct {
	Title string `json:"title"`
	What  string `json:"what"`
	From  string `json:"from"`
	Who   string `json:"who"`
	// tables are those of the database in which it stands. A test holds them
	// against the schema, so that nothing is kept that this page does not tell of.
	tables []string
}

// keptThings is everything that is kept, true to the code: what the tables hold,
// who writes it, and to whom pages, API and command line show it (domain.md,
// section 8).
var keptThings = []kept{
	{"Membership", "The member's name and public name, whether it is an organisation or an individual, its website and summary; when it applied, was admitted, paused or suspended, or left, and the decision about it.",
		"Treasurers, the member's delegates, contact people, and decisions that admit a member.",
		"Everybody reads of each member the public name, kind, website, summary, since when it is a member, the decision that admitted it, and whether it is a listed provider. An individual without a public name appears as “an individual member”. Who has applied or left is not shown. Pauses and suspensions are seen by the member's delegates and those with an office; why somebody was suspended is read by the contact people alone.",
		[]string{"member", "member_detail", "membership_event", "membership_void", "merge"}},
	{"What waits for a second person", "What a facilitator asked for that somebody of another member has to agree to, such as a pause: about which member, why, and what became of it.",
		"Facilitators.",
		"Who asked, those who could agree, and facilitators.",
		[]string{"motion"}},
	{"Payments", "Open Collective accounts that pay the federation, with their name and, where Open Collective shows them to us, their e-mail addresses; their contributions, charges and refunds, with amounts; which account belongs to which member; payments that treasurers enter and dues that they waive, with the reason.",
		"Open Collective, which is read and never written to, and treasurers.",
		"The member's own delegates and treasurers. Never the public, and never other members.",
		[]string{"pull", "snapshot", "account_obs", "contribution_obs", "contribution_missing", "charge", "charge_payer", "coverage", "charge_obs", "refund", "elsewhere_obs", "account_detail", "account_former",
			"link", "link_end", "supporter", "payment", "payment_undo", "waiver", "waiver_end"}},
	{"Standings", "Whether a member's dues are paid and what follows from it: voting, being listed, shared services. What holds a loss of rights back, and what treasurers have looked at.",
		"Worked out from membership, payments and the rules. Nobody is scored, and nothing else goes into it.",
		"The member's own delegates, treasurers, and facilitators as far as a decision rests on it. Programs with a token that a treasurer made for that purpose, such as a shared service that asks who may use it.",
		[]string{"standing", "standing_mended", "hold", "hold_member", "hold_ack", "desk_dismissal"}},
	{"People", "The name and e-mail address of those who may sign in or are a member's contact, a Matrix name where one was given; their offices and for which members they speak; that they are signed in, and tokens of their programs, as hashes from which neither can be made.",
		"Treasurers, delegates who add other delegates, and the person.",
		"The person, the delegates of the same member, and treasurers. Contact people for the code of co-operation are named on every page, as the federation has written them down.",
		[]string{"person", "person_role", "delegate", "contact", "actor_label", "session", "sign_in_link", "confirm_link", "api_token"}},
	{"Decisions", "Proposals with all their texts, who answered what and when, objections and concerns in words, and the result.",
		"Members' delegates, when they propose and answer.",
		"Everybody reads a public decision: its texts, its concerns without names, how many answered what, and, where the rules say that ballots are public, who answered what. Nobody outside reads who has not answered. Of a decision for members everybody reads its number and its outcome. Members read all of it.",
		[]string{"decision", "decision_entry", "decision_head", "text"}},
	{"Provider profiles", "What a member writes into its entry, its logo as it was drawn anew here from the picture that was uploaded, that it agreed to be listed, in which words, and who approved it. Nothing else of the picture's file is kept, such as where a photograph was taken.",
		"The member's delegates, or a treasurer on its behalf.",
		"Everybody reads the entry and sees the logo while the member is listed. The words of the agreement are for treasurers, facilitators and the member.",
		[]string{"profile", "logo", "profile_event", "consent"}},
	{"Applications to join", "What somebody who wants to join typed: name, website and words about the organisation or person, the name of who represents it, an e-mail address and, where one was given, a Matrix name; what was agreed to; whether the address was confirmed, and what became of it. Links to confirm are kept as hashes.",
		"The applicant, through the form on these pages.",
		"Nobody before the applicant has confirmed it by a mailed link; then treasurers and facilitators. What an applicant is admitted by is a decision, which says in its text what members need to know. An application that nobody confirms is removed after seven days, one that was accepted or declined ninety days after that.",
		[]string{"application", "application_link"}},
	{"Opportunities", "Funded work that members tell of, with the contact that they write into it.",
		"Members' delegates and those with an office.",
		"Members at once; everybody from the day that its author chose, a week later unless said otherwise.",
		[]string{"opportunity"}},
	{"Mails and messages", "Which notice went to whom about what and when, or why it did not; which address sends mails back; in which language somebody wants to be written to, and what not.",
		"The program, as it sends; the person, who chooses.",
		"The person and treasurers. The texts of the mails are not kept.",
		[]string{"outbox", "ledger", "bounce", "notice_wish", "lease", "fence"}},
	{"The room", "Under which Matrix name a person votes by signs in the federation's room; which messages there announce a decision; and what somebody did about them, by the account that did it until it was answered, afterwards by a hash of it.",
		"The person, who links the name, and the room.",
		"The person and whoever runs the program. What the room itself shows is up to the room. A ballot that came from a sign is kept and shown like any other.",
		[]string{"person_matrix", "announced", "room_sign"}},
	{"Who did what", "Each change with who made it and why, in a chain that shows when somebody tampers with it. Names and reasons stand beside the chain, so that they can be erased without breaking it.",
		"The program, as people act.",
		"Treasurers, and whoever runs the program.",
		[]string{"audit", "audit_head"}},
	{"Rules and settings", "The rules with all their versions, and what the program needs for itself. Nothing about persons.",
		"Treasurers, and decisions that change the rules.",
		"Everybody reads the rules.",
		[]string{"policy_version", "setting", "counter"}},
}

// keptHow says the rest.
var keptHow = []string{
	"Nothing is measured about visitors: no script runs on these pages, nothing is loaded from elsewhere, and nobody is told that you were here.",
	"Two cookies can be set: one when you sign in, so that you stay so for thirty days, which signing out ends; and one when you choose a language, which holds its name for a year.",
	"The log of whoever runs the server may hold, of a request, the page, how it was answered, and the network address that it came from. It never holds names, e-mail addresses, amounts or tokens.",
	"Facts about membership, payments and decisions are only added to, never changed, because what was decided rests on them. They hold ids. Names, addresses and free texts stand apart from them and can be erased.",
	"When a person is removed, name and address are erased at once, with the reasons that were written about the person, and he or she is signed out everywhere; what was done stays under an id that says nothing.",
	"Of a member that has left, and of somebody who only gave, names, addresses, profile and reasons are erased on request. Payments and answers stay under an id, and so does a public name beside a ballot that everybody could read.",
	"What is too old to be used is removed by itself: links to sign in or to confirm something, sessions that are over, and applications that nobody confirmed.",
	"Who signs in reads what is kept about him or her, can take it away, and can have himself or herself erased (/me/data). Reasons that others wrote about somebody are not among it, since they may tell of others: whoever runs the program hands them over. To have something corrected, ask a treasurer or the contact people named at the foot of each page.",
}

type privacyPage struct {
	Federation string
	Kept       []kept
	How        []string
}

func (r *reading) privacyPage() privacyPage {
	page := privacyPage{Federation: r.p.o.Federation.Name}
	for _, k := range keptThings {
		page.Kept = append(page.Kept, kept{Title: r.say(k.Title), What: r.say(k.What), From: r.say(k.From), Who: r.say(k.Who)})
	}
	for _, line := range keptHow {
		page.How = append(page.How, r.say(line))
	}
	return page
}

func (r *reading) privacy() error {
	return r.show(http.StatusOK, "privacy", r.say("What is kept, and who sees it"), r.privacyPage())
}

func (r *reading) privacyJSON() error {
	return r.json(struct {
		Federation string   `json:"federation"`
		Kept       []kept   `json:"kept"`
		How        []string `json:"how"`
	}{r.p.o.Federation.Name, keptThings, keptHow})
}

func (r *reading) privacyMarkdown() error {
	var b strings.Builder
	b.WriteString("# What is kept, and who sees it\n")
	for _, k := range keptThings {
		fmt.Fprintf(&b, "\n## %s\n\n- Kept: %s\n- From: %s\n- Seen by: %s\n", k.Title, publish.OneLine(k.What), publish.OneLine(k.From), publish.OneLine(k.Who))
	}
	b.WriteString("\n## How it is kept\n\n")
	for _, line := range keptHow {
		b.WriteString("- " + publish.OneLine(line) + "\n")
	}
	return r.markdown(b.String())
}
