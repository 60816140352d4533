package main

import (
	"regexp"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/store"
)

// A member tells of funded work, and a treasurer invites the delegates.
func TestOpportunitiesAndInvitations(t *testing.T) {
	w := newWorld(t)
	w.must("sync")
	w.must("members", "add", "Golf Limited", "--kind", "organisation", "--since", "2026-01-10")
	w.must("members", "add", "Hotel Co-op", "--kind", "organisation", "--since", "2026-01-10")
	w.must("people", "add", "gil@people.example", "--name", "Gil", "--delegate-of", "golf-limited")

	has(t, w.must("opportunities", "list"), "Nothing is told of now. To tell of funded work: goodstanding opportunities post TITLE")
	has(t, w.fails(exitRefused, "opportunities", "post", "Chairs", "--as", "Gil"), "a summary is needed: what is to be done, for whom", "a contact is needed: whom to write to")
	has(t, w.fails(exitUsage, "opportunities", "post", "Chairs", "--until", "soon"), "--until: ")
	has(t, w.fails(exitUsage, "opportunities", "post", "Chairs", "--public-from", "32 May"), "--public-from: ")
	said := w.must("opportunities", "post", "Two chairs to mend", "--summary", "Legs.", "--contact", "the room", "--public-from", "2027-01-10", "--until", "2027-02-28", "--as", "Gil")
	id := regexp.MustCompile(`op_\w+`).FindString(said)
	has(t, w.must("opportunities", "list"), "TITLE", "Two chairs to mend", "Golf Limited", "members", "10 Jan 2027", "28 Feb 2027", id)
	has(t, w.must("opportunities", "list", "--json"), `"public_from": "2027-01-10T00:00:00Z"`, `"closes": "2027-03-01T00:00:00Z"`, `"stand": "members"`)
	has(t, w.fails(exitRefused, "opportunities", "close", "op_none"), `there is no opportunity "op_none": see goodstanding opportunities list`)
	has(t, w.must("opportunities", "close", id, "--as", "Gil"), "It is over")
	has(t, w.must("opportunities", "list", "--all"), "over")

	has(t, w.fails(exitRefused, "members", "invite", "--all"), "notices are off, so nobody would be told: start them first (goodstanding notices start)")
	has(t, w.fails(exitUsage, "members", "invite", "golf", "--all"), "name members, or write --all for all of them, not both")
	s := newSmallWorld(t, w)
	s.ok(s.db.InTx(t.Context(), store.NoStream, w.clock, func(tx *store.Tx) error {
		return tx.SetSetting(t.Context(), store.SettingNotices, w.clock.String())
	}))
	s.ok(s.db.Close())
	has(t, w.must("members", "invite"), "MEMBER", "Golf Limited", "Gil", "not yet", "never", "1 of the delegates have never signed in; 1 of the members have no delegate")
	has(t, w.must("members", "invite", "--all"), "Gil is told, for Golf Limited.")
	has(t, w.must("members", "invite", "golf"), "All of them were told already, or there is none: goodstanding members invite shows who.")
	has(t, w.must("members", "invite"), "waiting "+day(w.clock, time.UTC))
	has(t, w.must("members", "invite", "--json"), `"notice": "waiting"`, `"signed_in": null`)
}
