package roll

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/arrange"
	"coopcloud.tech/goodstanding/store"
)

// Export writes the list of all members, by handle, so that Import reads it
// back: into the same register it changes nothing, and what an empty one that
// knows the same accounts then exports is the same, byte by byte. Members that
// were merged into another or whose names were erased are left out. Standings,
// waivers, payments, pauses and roles are no part of the list.
func (r *Roll) Export(ctx context.Context, w io.Writer, format Format) error {
	if _, err := ParseFormat(string(format)); err != nil {
		return err
	}
	var inv *inventory
	err := r.db.View(ctx, func(tx *store.Tx) (err error) {
		inv, err = takeInventory(ctx, tx, r.now())
		return err
	})
	if err != nil {
		return fmt.Errorf("export members: %w", err)
	}
	return writeSheet(w, format, inv.sheet())
}

// sheet is the list of members as cells.
func (inv *inventory) sheet() []map[string][]string {
	var shown []*standingEntry
	for _, e := range inv.members {
		if e.Detail.Handle != "" && e.MergedInto == "" {
			shown = append(shown, e)
		}
	}
	slices.SortFunc(shown, func(a, b *standingEntry) int { return cmp.Compare(a.Detail.Handle, b.Detail.Handle) })
	rows := make([]map[string][]string, len(shown))
	for i, e := range shown {
		rows[i] = inv.cells(e)
	}
	return rows
}

// cells are the cells of one member; absent ones are left out.
func (inv *inventory) cells(e *standingEntry) map[string][]string {
	row := map[string][]string{}
	put := func(column, s string) {
		if s != "" {
			row[column] = one(s)
		}
	}
	put("handle", e.Detail.Handle)
	put("name", e.Detail.Name)
	put("public_name", e.Detail.PublicName)
	put("kind", string(e.Kind))
	put("website", e.Detail.Website)
	put("summary", e.Detail.Summary)
	put("applied", eventDay(e.door.applied))
	put("since", eventDay(e.door.admitted))
	put("decision", e.Decision)
	put("left", eventDay(e.door.left))
	row["accounts"] = inv.accountCells(e)
	row["contact_email"], row["contact_matrix"] = contactCells(e.contacts)
	row["delegates"] = delegateCells(inv.delegates[e.ID])
	listingCells(e, put)
	row["profile_services"], row["profile_languages"] = e.profile.Services, e.profile.Languages
	return row
}

func listingCells(e *standingEntry, put func(column, s string)) {
	put("profile_url", e.profile.URL)
	put("profile_summary", e.profile.Summary)
	put("profile_contact_label", e.profile.ContactLabel)
	put("profile_contact_href", e.profile.ContactHref)
	put("profile_logo", e.profile.Logo)
	put("profile_place", e.profile.Place)
	if e.conditions.on(eligibility.Consents) {
		put("consent_date", dayText(e.consent.Given))
		put("consent_words", e.consent.Words)
		put("consent_by", e.consent.GivenBy)
	}
	if e.conditions.on(eligibility.Approved) {
		put("approved", dayText(e.conditions[eligibility.Approved].At))
	}
}

func eventDay(e *store.MembershipRow) string {
	if e == nil {
		return ""
	}
	return dayText(e.At)
}

// accountCells are the links of a member with their spans, also those that
// ended: they say whose payments the old ones were.
func (inv *inventory) accountCells(e *standingEntry) []string {
	var out []string
	for _, l := range e.Links {
		out = append(out, accountSpan{word: inv.accountWord(l.Account), from: l.From, until: l.Until}.String())
	}
	slices.Sort(out)
	if e.noAccount {
		out = append(out, hasNoAccount)
	}
	return out
}

func contactCells(contacts []store.Contact) (emails, matrix []string) {
	for _, c := range contacts {
		if c.Email != "" {
			emails = append(emails, c.Email)
		}
		if c.Matrix != "" {
			matrix = append(matrix, c.Matrix)
		}
	}
	slices.Sort(emails)
	slices.Sort(matrix)
	return slices.Compact(emails), slices.Compact(matrix)
}

// delegateCells are the delegates that were not erased, by address.
func delegateCells(people []store.Person) []string {
	people = slices.Clone(people)
	arrange.By(people, func(a, b store.Person) int {
		return cmp.Compare(strings.ToLower(a.Email), strings.ToLower(b.Email))
	})
	var out []string
	for _, p := range people {
		if p.Email != "" {
			out = append(out, namedAddress{name: p.Name, email: p.Email}.String())
		}
	}
	return out
}
