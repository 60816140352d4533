package chair

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/store"
)

// RecordFormat names the form of a record, and its version.
const RecordFormat = "goodstanding-record-1"

// Record is the bundle by which anybody can count a decision again, without this
// program: cmd/verify-record does, and stands on nothing of ours. It names no
// one who did not answer.
type Record struct {
	Format     string           `json:"format"`
	Decision   recordDecision   `json:"decision"`
	Rules      recordRules      `json:"rules"`
	Electorate recordElectorate `json:"electorate"`
	Entries    []recordEntry    `json:"entries"`
	Tally      recordTally      `json:"tally"`
	Outcome    recordOutcome    `json:"outcome"`
	Head       string           `json:"head"`
}

type recordDecision struct {
	ID         string               `json:"id"`
	Number     int                  `json:"number"`
	Size       decisions.Size       `json:"size"`
	Kind       decisions.Kind       `json:"kind"`
	Visibility decisions.Visibility `json:"visibility"`
	Zone       string               `json:"zone"`
	State      decisions.State      `json:"state"`
	Deadline   decisions.Day        `json:"deadline"`
}

type recordRules struct {
	Policy   string                `json:"policy"`
	Ballots  decisions.Ballots     `json:"ballots"`
	Notice   int                   `json:"notice"`
	Answers  []decisions.Answer    `json:"answers"`
	PassesIf []decisions.Condition `json:"passes_if"`
	MoreTime int                   `json:"more_time"`
}

type recordElectorate struct {
	Seats  int    `json:"seats"`
	SHA256 string `json:"sha256"`
}

// recordEntry is one link of the chain. Texts stand beside it with their salts,
// null where there is none, where it was erased, or where members alone may read it.
type recordEntry struct {
	Seq     int64           `json:"seq"`
	At      instant.Instant `json:"at"`
	Kind    string          `json:"kind"`
	Number  int64           `json:"number"`
	State   string          `json:"state"`
	Due     string          `json:"due"` // "" for none
	Public  json.RawMessage `json:"public"`
	Private string          `json:"private"` // hash
	Prev    string          `json:"prev"`
	Hash    string          `json:"hash"`
	Text    *recordText     `json:"text"`
	Words   *recordText     `json:"words"`
	Name    *recordText     `json:"name"`
}

type recordText struct {
	Salt string `json:"salt"`
	Body string `json:"body"`
}

type recordTally struct {
	Favour     int `json:"favour"`
	Against    int `json:"against"`
	Abstain    int `json:"abstain"`
	Block      int `json:"block"`
	Waiting    int `json:"waiting"`
	Objections int `json:"objections"`
	Unanswered int `json:"unanswered"`
}

type recordOutcome struct {
	State       decisions.State `json:"state"`
	At          string          `json:"at"` // "" while it is not closed
	Sensitivity string          `json:"sensitivity"`
}

// Record is the record of a decision as it is stored. Before its end there is no
// tally.
func (c *Chair) Record(ctx context.Context, id ID) (Record, error) {
	var r Record
	err := c.db.View(ctx, func(tx *store.Tx) error {
		o := &opened{c: c, tx: tx, id: id}
		err := o.read(ctx)
		if err == nil {
			r, err = o.record(ctx, nil)
		}
		return err
	})
	if err != nil {
		return Record{}, actError("record", err)
	}
	return r, nil
}

// record makes the record; known are the entries of an earlier one of the same
// chain, behind which nobody else writes.
func (o *opened) record(ctx context.Context, known []recordEntry) (Record, error) {
	d, rule := &o.d, o.d.Rule()
	r := Record{
		Format: RecordFormat,
		Decision: recordDecision{ID: string(o.id), Number: d.Number, Size: d.Size(), Kind: d.Proposal.Kind, Visibility: d.Proposal.Visibility,
			Zone: o.row.Zone, State: d.State, Deadline: d.Deadline},
		Rules: recordRules{Policy: d.Policy, Ballots: d.Rules.Ballots, Notice: rule.Notice, Answers: append([]decisions.Answer{}, rule.Answers...),
			PassesIf: append([]decisions.Condition{}, rule.PassesIf...), MoreTime: rule.MoreTime},
		Electorate: recordElectorate{len(d.Electorate), d.Electorate.Hash()},
		Outcome:    recordOutcome{State: d.State},
	}
	fresh, err := o.recordEntries(ctx, o.entries[len(known):], d.Proposal.Visibility == decisions.Public)
	if err != nil {
		return Record{}, err
	}
	r.Entries = append(known, fresh...)
	if n := len(r.Entries); n > 0 {
		r.Head = r.Entries[n-1].Hash
	}
	if d.Outcome != nil {
		t := &d.Outcome.Tally
		r.Tally = recordTally{t.Favour, t.Against, t.Abstain, t.Block, len(t.Waiting), len(t.Objections), len(t.Unanswered)}
		r.Outcome.At, r.Outcome.Sensitivity = d.Outcome.At.String(), d.Outcome.Sensitivity
	}
	return r, nil
}

// recordEntries are entries as they are published, with their texts where
// everybody may read them.
func (o *opened) recordEntries(ctx context.Context, entries []store.DecisionEntry, readable bool) ([]recordEntry, error) {
	out := make([]recordEntry, len(entries))
	places := map[store.TextID]**recordText{}
	for i := range entries {
		e := &entries[i]
		out[i] = recordEntry{Seq: e.Seq, At: e.At, Kind: e.Kind, Number: e.Number, State: e.State, Public: json.RawMessage(e.Public), Private: e.PrivateHash(), Prev: e.Prev, Hash: e.Hash}
		if e.Due != 0 {
			out[i].Due = e.Due.String()
		}
		if !readable {
			continue
		}
		var p private
		if err := json.Unmarshal([]byte(e.Private), &p); err != nil {
			return nil, fmt.Errorf("entry %d of decision %s cannot be read: %w", e.Seq, e.Decision, err)
		}
		for _, x := range []struct {
			of *chained
			to **recordText
		}{{p.Text, &out[i].Text}, {p.Words, &out[i].Words}, {p.Name, &out[i].Name}} {
			if x.of != nil {
				places[x.of.ID] = x.to
			}
		}
	}
	texts, err := o.tx.SaltedTexts(ctx, slices.Collect(maps.Keys(places))...)
	if err != nil {
		return nil, err
	}
	for id, to := range places {
		if t, kept := texts[id]; kept {
			*to = &recordText{t.Salt, t.Body}
		}
	}
	return out, nil
}

// JSON is the record as it is published: the same bytes as long as nothing changed.
func (r *Record) JSON() ([]byte, error) {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(r); err != nil {
		return nil, fmt.Errorf("write a record: %w", err)
	}
	return out.Bytes(), nil
}
