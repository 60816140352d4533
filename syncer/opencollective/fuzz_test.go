package opencollective

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"testing"
)

// Whatever bytes upstream sends with status 200: data that was vetted, or one
// of the client's errors; no panic, and nothing of the bytes in the error.
func FuzzAnswer(f *testing.F) {
	for _, one := range faults {
		f.Add([]byte(one.body))
	}
	recordedFiles, err := filepath.Glob("testdata/recorded/err-*.http")
	if err != nil || len(recordedFiles) == 0 {
		f.Fatalf("%d seeds, %v", len(recordedFiles), err)
	}
	for _, name := range recordedFiles {
		raw, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	c := newClient(f, "http://127.0.0.1:1/graphql/v2")
	resp := &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {jsonType}}}
	docs := map[string]document{
		"DuesPreflight": preflightDoc, "DuesOrders": ordersDoc, "DuesTransactions": transactionsDoc, "DuesRefunds": refundsDoc,
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		for query, d := range docs {
			data, err := (&guard{client: c, doc: d}).judge(resp, body)
			if err == nil {
				r := &reply{op: d.op}
				if err = r.UnmarshalJSON(data); err == nil {
					err = decodeQuery(query, r)
				}
			}
			var own interface{ Class() string }
			if err != nil && !errors.As(err, &own) {
				t.Errorf("%s: an error of no class: %v", query, err)
			}
		}
	})
}
