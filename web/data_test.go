package web

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/notify"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/store"
)

// One reads all that is kept about oneself, and takes it away, and nobody else does.
func keptAboutOne(t *testing.T, f *federation) {
	ctx, zoe := t.Context(), roll.By{Actor: f.by(f.zoe).Actor, Reason: "wanted"}
	f.ok(f.roll.SetMatrix(ctx, zoe, f.zoe, "@zoe:example.org"))
	_, err := f.roll.SetWish(ctx, zoe, f.zoe, roll.NewWish{Language: "es", Decline: []notify.Kind{notify.Opportunity}})
	f.ok(err)
	_, err = f.roll.PostOpportunity(ctx, zoe, roll.NewOpportunity{Title: "Hedges <i>cut</i>", Summary: "One.", Contact: "us"})
	f.ok(err)
	_, token, err := f.roll.CreateTokenFor(ctx, zoe, f.zoe, "my script", []string{string(roll.ScopeBallots)}, 0)
	f.ok(err)
	f.ok(f.db.NoteTokenUse(ctx, token.ID, f.clock()))
	_, err = f.roll.Bounced(ctx, f.op, string(f.zoe))
	f.ok(err)
	f.ok(f.db.InTx(ctx, store.Entries, f.clock(), func(tx *store.Tx) error {
		return errors.Join(tx.SetConsent(ctx, store.Consent{Member: f.zed, Words: "yes", GivenBy: "Zoe Canary"}), tx.SetConsent(ctx, store.Consent{Member: f.birch, Words: "yes", GivenBy: "Lei Canary"}))
	}))
	f.ok(f.db.InTx(ctx, store.NoStream, f.clock(), func(tx *store.Tx) error {
		_, err := tx.AddRoomSign(ctx, store.RoomSign{Event: "$2", Kind: store.SignReply, Announcement: "$1", Account: store.SignAccount("@zoe:example.org"), Words: "It is too dear.", At: f.clock(), State: store.SignAnswered})
		return err
	}))
	f.later(time.Second)
	var did, about int64
	f.ok(f.db.View(ctx, func(tx *store.Tx) error {
		did, about, err = tx.AuditCount(ctx, string(f.zoe), string(f.zoe))
		return err
	}))
	if did < 4 || about < 3 {
		t.Fatalf("%d and %d links of the audit chain", did, about)
	}
	f.as(f.zoe)
	f.get("/me/data").want(t, 200, `<html lang="es">`, "<dt>Idioma</dt><dd>español</dd>")
	f.get("/language/en").leads(t, "/") // what is chosen at a page's foot comes first
	p := f.get("/me/data").want(t, 200, "<dd>Zoe Canary</dd>", "<dd>Zoe@people.example</dd>", "<dd>"+string(f.zoe)+"</dd>", "<dt>Delegate of</dt><dd>Zed Canary, ", "<dt>You agreed that it is listed as a provider:</dt><dd>Zed Canary</dd>", "<dt>in these words</dt><dd>yes</dd>", "<dt>Signs and replies</dt><dd>1</dd>", "The reasons that others wrote about you are not shown here", "<dd>@zoe:example.org</dd>", "<dt>Language</dt><dd>Spanish</dd>",
		"<dt>Declined</dt><dd>opportunity</dd>", "Hedges &lt;i&gt;cut&lt;/i&gt;", "Token “"+token.Name+"”", string(roll.ScopeBallots), "which was last used, to within an hour", "Mails to this address come back", "<dt>Decision 1</dt>", "Signed in, by ", "(UTC)", "Seen by:",
		"To have it corrected or erased", `<a href="mailto:treasurers@example.org?subject=What%20is%20kept%20about%20me">`)
	if strings.Contains(p.body, "Lei") || strings.Contains(p.body, "Fay") || strings.Contains(p.body, "ada@people.example") {
		t.Error("it tells of others")
	}
	taken := f.get("/me/data.json").want(t, 200)
	if h := taken.header; h.Get("Content-Type") != "application/json" || h.Get("Content-Disposition") != `attachment; filename="kept-about-me.json"` || h.Get("Cache-Control") != "no-store" {
		t.Errorf("%v", h)
	}
	var all struct {
		Person string
		Kept   []struct {
			Title, From, Who string
			Values           []struct{ Name, Value, At string }
		}
	}
	f.ok(json.Unmarshal([]byte(taken.body), &all))
	found := map[string]int{}
	for _, part := range all.Kept {
		if part.From == "" || part.Who == "" {
			t.Errorf("%s: from %q, seen by %q", part.Title, part.From, part.Who)
		}
		for _, v := range part.Values {
			found[part.Title+"/"+v.Name]++
			if _, err := time.Parse(time.RFC3339, v.At); v.At != "" && err != nil {
				t.Errorf("%s is at %q", v.Name, v.At)
			}
		}
	}
	for _, want := range []string{"The room/Reply in the room", "Opportunities/Summary", "Opportunities/Contact", "Offices, and whom you act for/in these words"} {
		if found[want] == 0 {
			t.Errorf("%s is not there", want)
		}
	}
	if strings.Contains(taken.body+p.body, f.op.Reason) {
		t.Error("what somebody else wrote is shown")
	}
	if all.Person != string(f.zoe) || found["Decisions/Decision 1, for Zed Canary"] < 2 || found["Mails/decision opened, about decision 1"] != 1 || found["You/E-mail address"] != 1 {
		t.Errorf("%s: %v", all.Person, found)
	}
	f.as(f.noor)
	if p := f.get("/me/data").want(t, 200, "<dd>Noor Canary</dd>"); strings.Contains(p.body, "ada@people.example") {
		t.Error("who is no delegate reads a treasurer's address")
	}
	if _, err := f.roll.Kept(ctx, f.by(f.noor).Actor, f.zoe); err == nil || !strings.Contains(err.Error(), "only the person itself or the operator may") {
		t.Errorf("of somebody else: %v", err)
	}
}
