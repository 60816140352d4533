package store

import (
	"context"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
)

// Details are what a person or an organisation could be recognised by. They
// can be changed and erased in any stream; no fact rests on them.

// MemberDetail are the names of a member.
type MemberDetail struct {
	Member member.ID `db:"member"`
	// Handle is the short name for the command line; unique.
	Handle string `db:"handle"`
	Name   string `db:"name"`
	// PublicName is the name an individual chose to be shown under; "" for none.
	PublicName string `db:"public_name"`
	Website    string `db:"website"`
	Summary    string `db:"summary"`
}

// AccountDetail are the names of an Open Collective account as last seen.
type AccountDetail struct {
	Account member.AccountID `db:"account"`
	Slug    string           `db:"slug"`
	Name    string           `db:"name"`
	Emails  []string         `db:"emails"`
	Seen    instant.Instant  `db:"seen"`
}

// FormerAccount are a slug and name that an account had before.
type FormerAccount struct {
	Account  member.AccountID `db:"account"`
	Slug     string           `db:"slug"`
	Name     string           `db:"name"`
	LastSeen instant.Instant  `db:"last_seen"`
}

// Contact is where a member can be told something.
type Contact struct {
	ID     string    `db:"id"`
	Member member.ID `db:"member"`
	Email  string    `db:"email"`
	Matrix string    `db:"matrix"`
}

// Profile is a member's entry in the provider list.
type Profile struct {
	Member       member.ID `db:"member"`
	URL          string    `db:"url"`
	Summary      string    `db:"summary"`
	ContactLabel string    `db:"contact_label"`
	ContactHref  string    `db:"contact_href"`
	Logo         string    `db:"logo"`
	Place        string    `db:"place"`
	Services     []string  `db:"services"`
	Languages    []string  `db:"languages"`
}

// Consent is a member's word that it may be listed.
type Consent struct {
	Member member.ID `db:"member"`
	// Words are what was agreed to, as said.
	Words string          `db:"words"`
	Given instant.Instant `db:"given"`
	// GivenBy says who gave it, as told.
	GivenBy string `db:"given_by"`
}

// Person is someone with an e-mail address who may sign in.
type Person struct {
	ID member.PersonID `db:"id"`
	// Email is unique, whatever its capitals; "" once unknown.
	Email string `db:"email"`
	Name  string `db:"name"`
}

// SetMemberDetail stores the names of a member.
func (tx *Tx) SetMemberDetail(ctx context.Context, d MemberDetail) error { panic("unwritten") }

// SetAccountDetails stores the names of accounts as now seen; what a slug or
// name was before is kept (Tx.FormerAccounts). It returns how many slugs,
// names or addresses changed.
func (tx *Tx) SetAccountDetails(ctx context.Context, ds []AccountDetail) (int, error) {
	panic("unwritten")
}

// AccountDetails are the names of all accounts.
func (tx *Tx) AccountDetails(ctx context.Context) (map[member.AccountID]AccountDetail, error) {
	panic("unwritten")
}

// FormerAccounts are the slugs and names that accounts had before, the oldest first.
func (tx *Tx) FormerAccounts(ctx context.Context) ([]FormerAccount, error) { panic("unwritten") }

// SetContact stores a contact of a member.
func (tx *Tx) SetContact(ctx context.Context, c Contact) error { panic("unwritten") }

// RemoveContact erases a contact.
func (tx *Tx) RemoveContact(ctx context.Context, id string) error { panic("unwritten") }

// Contacts are the contacts of all members, in order of member and id.
func (tx *Tx) Contacts(ctx context.Context) ([]Contact, error) { panic("unwritten") }

// SetProfile stores a member's entry in the provider list.
func (tx *Tx) SetProfile(ctx context.Context, p Profile) error { panic("unwritten") }

// Profiles are the entries of all members that have one.
func (tx *Tx) Profiles(ctx context.Context) (map[member.ID]Profile, error) { panic("unwritten") }

// SetConsent stores a member's word.
func (tx *Tx) SetConsent(ctx context.Context, c Consent) error { panic("unwritten") }

// Consents are the words of all members that gave theirs.
func (tx *Tx) Consents(ctx context.Context) (map[member.ID]Consent, error) { panic("unwritten") }

// SetPerson stores a person. An e-mail address of another person is refused
// with *EmailTaken.
func (tx *Tx) SetPerson(ctx context.Context, p Person) error { panic("unwritten") }

// SetActorLabel stores what people read for an actor's id.
func (tx *Tx) SetActorLabel(ctx context.Context, id, label string) error { panic("unwritten") }

// ActorLabels is what people read for actors' ids.
func (tx *Tx) ActorLabels(ctx context.Context) (map[string]string, error) { panic("unwritten") }

// AddText keeps a text about a person beside the log, under a fresh id. The
// empty text needs none: its id is "".
func (tx *Tx) AddText(ctx context.Context, body string) (TextID, error) { panic("unwritten") }

// Texts are the texts with those ids; one that was erased is absent.
func (tx *Tx) Texts(ctx context.Context, ids ...TextID) (map[TextID]string, error) {
	panic("unwritten")
}

// EraseText erases a text; the hash in a chain stays and still verifies.
func (tx *Tx) EraseText(ctx context.Context, id TextID) error { panic("unwritten") }

// ErasePerson erases everything a person could be recognised by: name,
// address and label. Roles and delegations stay, by id.
func (tx *Tx) ErasePerson(ctx context.Context, id member.PersonID) error { panic("unwritten") }

// EraseMember erases names, contacts, profile and consent of a member, and
// every text that its entries and the audit rows about it name.
func (tx *Tx) EraseMember(ctx context.Context, id member.ID) error { panic("unwritten") }

// EraseAccount erases names and addresses of an account, former ones too.
func (tx *Tx) EraseAccount(ctx context.Context, id member.AccountID) error { panic("unwritten") }

// Setting reads a setting; ok is false when it was never set.
func (tx *Tx) Setting(ctx context.Context, name string) (value string, ok bool, err error) {
	panic("unwritten")
}

// SetSetting stores a setting. See the Setting… constants for the names.
func (tx *Tx) SetSetting(ctx context.Context, name, value string) error { panic("unwritten") }

// The names of settings.
const (
	SettingCollective = "collective"         // the pinned account id of the collective
	SettingNotices    = "notices_started_at" // RFC 3339; absent while notices are off
	SettingInstance   = "instance"           // a random id of this store
	settingMigratedBy = "migrated_by"        // program version that last changed the schema
)
