package fakeoc

import (
	"encoding/json"
	"fmt"
	"regexp"
	"time"
)

// view is a piece of an answer as an administrator of the collective and as
// everybody else gets it.
type view struct {
	admin, public json.RawMessage
}

func (v view) to(admin bool) json.RawMessage {
	if admin {
		return v.admin
	}
	return v.public
}

// The three things that the public's answers lack (seen on the same data:
// recorded orders-admin and orders-anonymous differ in nothing else).
var (
	mePattern     = regexp.MustCompile(`"me":\{[^{}]*\}`)
	adminPattern  = regexp.MustCompile(`"isAdmin":true`)
	emailsPattern = regexp.MustCompile(`"emails":\[[^\[\]]*\]`)
)

func viewOf(recorded json.RawMessage) view {
	public := mePattern.ReplaceAll(recorded, []byte(`"me":null`))
	public = adminPattern.ReplaceAll(public, []byte(`"isAdmin":false`))
	public = emailsPattern.ReplaceAll(public, []byte(`"emails":null`))
	return view{admin: recorded, public: public}
}

// row is one node of a list, with what it is found by.
type row struct {
	view
	ID       string
	PublicID string
	Status   string
	Created  time.Time
	Payer    *account
}

// account is what query 40 asks for, in its order.
type account struct {
	Typename    string   `json:"__typename"`
	ID          string   `json:"id"`
	PublicID    string   `json:"publicId"`
	LegacyID    int64    `json:"legacyId"`
	Slug        string   `json:"slug"`
	Name        string   `json:"name"`
	Type        string   `json:"type"`
	IsArchived  bool     `json:"isArchived"`
	IsSuspended bool     `json:"isSuspended"`
	IsIncognito bool     `json:"isIncognito"`
	Emails      []string `json:"emails"`
}

// loadRows reads the one list that a recorded answer holds.
func loadRows(name string) ([]row, error) {
	var answer struct {
		Data map[string]struct {
			TotalCount int
			Nodes      []json.RawMessage
		}
	}
	if err := readJSON(name, &answer); err != nil {
		return nil, err
	}
	if len(answer.Data) != 1 {
		return nil, fmt.Errorf("%s: want one list, it has %d", name, len(answer.Data))
	}
	var rows []row
	for _, list := range answer.Data {
		if list.TotalCount != len(list.Nodes) {
			return nil, fmt.Errorf("%s: %d rows of %d", name, len(list.Nodes), list.TotalCount)
		}
		for _, raw := range list.Nodes {
			r, err := rowOf(raw)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			rows = append(rows, r)
		}
	}
	return rows, nil
}

func rowOf(raw json.RawMessage) (row, error) {
	var key struct {
		ID          string    `json:"id"`
		PublicID    string    `json:"publicId"`
		Status      string    `json:"status"`
		CreatedAt   time.Time `json:"createdAt"`
		FromAccount *account  `json:"fromAccount"`
	}
	if err := json.Unmarshal(raw, &key); err != nil {
		return row{}, err
	}
	return row{
		view: viewOf(raw), ID: key.ID, PublicID: key.PublicID, Status: key.Status, Created: key.CreatedAt, Payer: key.FromAccount,
	}, nil
}

// collectiveIn reads the collective out of a recorded preflight.
func collectiveIn(data json.RawMessage) (account, error) {
	var p struct{ Account account }
	err := json.Unmarshal(data, &p)
	return p.Account, err
}
