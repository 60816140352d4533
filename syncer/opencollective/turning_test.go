package opencollective

import (
	"net/http/httptest"
	"testing"

	"coopcloud.tech/goodstanding/internal/fakeoc"
)

// Rows that come and go while a list is read page by page: begun again, three
// times in all, and then given up; one shift alone is got over.
func TestRowsMoveBetweenPages(t *testing.T) {
	for text, want := range map[string]string{
		"fault grand on DuesOrdersFrom":                      ClassIncomplete,
		"fault grand by=1 on DuesTransactionsFrom":           ClassIncomplete,
		"fault total by=-1 on DuesOrdersFrom":                ClassIncomplete,
		"fault missing-matching row=-1 on DuesOrdersFrom":    ClassIncomplete,
		"fault duplicate on DuesOrdersFrom":                  ClassIncomplete,
		"fault duplicate-matches on DuesTransactionsFrom":    ClassIncomplete,
		"fault moving on DuesOrdersFrom times=1":             ClassOK,
		"fault grand on DuesTransactionsFrom nth=2":          ClassOK,
		"fault none-matching on DuesTransactionsFrom nth=1":  ClassOK,
		"fault stale on DuesOrdersFrom":                      ClassIncomplete,
		"fault other-answer of=DuesOrders on DuesOrdersFrom": ClassSchemaDrift,
	} {
		f := fakeoc.NewFaults(film(t))
		server := httptest.NewServer(f)
		c := newClient(t, server.URL+"/graphql/v2")
		c.ordersPage, c.transactionsPage = 12, 40
		whole, err := pull(t, c, everything)
		if err != nil {
			t.Fatal(err)
		}
		fault, err := fakeoc.ParseFault(text)
		if err == nil {
			err = f.Set(fault)
		}
		if err != nil {
			t.Fatal(err)
		}
		snap, err := pull(t, c, everything)
		server.Close()
		if got := ClassOf(err); got != want {
			t.Errorf("%s: %s (%v), want %s", text, got, err, want)
		}
		if f.List()[0].Struck == 0 {
			t.Errorf("%s struck nothing", text)
		}
		if err == nil {
			if snap.Requests <= whole.Requests {
				t.Errorf("%s: %d requests, no more than without it", text, snap.Requests)
			}
			if len(snap.Orders) != len(whole.Orders) || len(snap.Charges) != len(whole.Charges) || len(snap.Refunds) != len(whole.Refunds) {
				t.Errorf("%s: %d orders, %d charges", text, len(snap.Orders), len(snap.Charges))
			}
		}
	}
}

func everything(r *PullRequest) { r.TransactionsFrom = 0 }
