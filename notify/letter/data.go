// Package letter makes the words of notices: for each kind one template in each
// language, filled with plain data, as the subject, the text and the HTML of one
// mail, or as an announcement in the room.
//
// Who fills the data has looked everything up; a template reaches nothing else.
// Amounts are whole phrases made by the caller (£10.00 a month), and no subject
// holds one. Instants are UTC; letters show them in the federation's time zone,
// which they name.
package letter

import (
	"time"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/notify"
)

// Data is what one letter says. Which fields a kind uses stands beside them; the
// others are zero.
type Data struct {
	Kind     notify.Kind
	Language string // "en" or "es"; an unknown one is the first that there is
	Zone     *time.Location
	Now      instant.Instant

	Federation    string // its name
	FederationURL string
	RollURL       string // where people sign in; "" where nothing is served
	PayURL        string // the collective's page on Open Collective, to pay dues
	Treasurers    string // the mail address that answers go to; "" for none
	Minimum       string // what the policy asks for: £10.00 a month
	Unsubscribe   string // where optional mails are declined; "" for what the rules require

	To string // the name of the person, or of the member whose contact it is; "" for none

	Members     []Member // whom a letter about dues, membership or delegates is about, by name
	Person      string   // delegate_added, delegate_removed, delegate_confirm, ballot_cast, office: the person it is about
	By          string   // who did it
	Role        string   // office: the role's word; Given says whether it was given or taken
	Given       bool     // office
	Answer      string   // ballot_cast: the answer's word; "" for one that was taken back
	ConfirmURL  string   // delegate_confirm, application_confirm: the link, good until ConfirmTo
	ConfirmTo   instant.Instant
	SignInURL   string          // delegate_welcome: where to sign in
	JoiningURL  string          // application: where it is taken up or declined; "" where nothing is served
	Decision    *Decision       // kinds about decisions, and ballot_cast
	Opportunity *Opportunity    // opportunity
	Application *Application    // application
	Motion      *Motion         // motion_waits
	Digest      *Digest         // digest
	Trouble     *Trouble        // kinds for treasurers about what keeps the program from its work
	Entry       string          // own_entry: what was entered, in words; policy_added: the version's id
	ReviewBy    instant.Instant // dues_review: the day that begins then
}

// Member is a member as a letter speaks of it.
type Member struct {
	Name string
	// Happened is when what the letter is about happened: the coverage ended, the
	// rights ended, the payments became too small, it was paused.
	Happened    instant.Instant
	PaidThrough instant.Instant // until when the dues are paid; 0 for never
	RightsUntil instant.Instant // until when vote and listing stay; 0 for no end that is known
	WaiverUntil instant.Instant // waiver_ending
	ChangesAt   instant.Instant // when the standing changes next; 0 for never
	Vote        bool            // it may vote now; payment_late, before_grace_ends: and unpaid dues would take that
	Listing     bool            // it may be listed now; likewise
	State       string          // the standing in words, as the roll says it
	Reason      string          // paused, suspended: the reason that may be told; "" for none
}

// Decision is a decision as a letter and the room speak of it.
type Decision struct {
	Number     int
	Title      string
	Size       string // small, medium, large
	State      string // in words
	Changes    string
	Affects    string
	Proposer   string
	Channel    string // where it is talked about
	Link       string // to the write-up
	URL        string // its page
	Deadline   string // "the end of Thursday 26 February 2026 (Europe/London)"
	Opened     instant.Instant
	Ends       instant.Instant
	Rule       []string // what has to hold for it to pass, in words
	Answers    []Sign   // the answers that can be given, with their signs in the room
	Seats      int      // of the electorate
	Electorate string   // the SHA-256 of the electorate
	Head       string   // the end of its chain; in a result
	Outcome    string   // result: passed, stopped, …, in words
	Reasons    []string // result: why
	Tally      []Count
	Waited     []string // still_missing: the members waited for, by name; not_voted: those that the person acts for
	WaitedFor  int
	Why        string // more_time, escalated: the reason given; amended: what kind of change it was, in the words of package chair
	Revision   int
	Overdue    bool
	// MembersOnly: members alone may read the decision, and this is for everybody.
	// The words of people, the tally and the reasons are empty then, the title too.
	MembersOnly bool
}

// Sign is an answer with its sign.
type Sign struct{ Answer, Sign string }

// Count is how many gave an answer.
type Count struct {
	Answer string
	N      int
}

// Opportunity is funded work.
type Opportunity struct {
	Title, Summary, Contact, URL, Budget string
	By                                   string          // the member that tells of it
	Closes                               instant.Instant // 0 for no end
	PublicFrom                           instant.Instant
}

// Application is what somebody typed who wants to join.
type Application struct {
	Name           string
	Individual     bool
	Representative string
	Summary        string
	Sponsor        string // "" for none
}

// Motion is what a facilitator asks for, and what takes a second person.
type Motion struct {
	Change   string // add, remove, in, out: of an electorate; or pause
	About    string // the member, by name
	By       string // who asks, by name; "" for somebody who was removed
	Reason   string
	Decision int             // whose electorate; 0 for a pause
	Until    instant.Instant // since when nobody can agree any more
	URL      string          // where one agrees; "" where nothing is served
}

// Digest is what treasurers read when something changed.
type Digest struct {
	Since              instant.Instant
	Expected, Received []string // amounts by currency, as phrases
	Lapsing            []Member // within 14 days, by date
	Changed            []string // standings that changed, in words
	ToSortOut          []string // entries of the desk that are new, in words
	Open               int      // entries of the desk
	Holds              []string
	Sync               string   // how reading goes, in words
	Waiting            []string // notices that wait for a yes or no
	AuditHead          string   // the end of the audit chain
}

// Trouble is what keeps the program from its work.
type Trouble struct {
	Since   instant.Instant
	AsOf    instant.Instant // the last complete reading
	Names   []string        // brake: the members that are held
	Cause   string          // the likely cause, in words
	Detail  string          // what exactly, a word of a closed list
	Command string          // what to do on the command line
}
