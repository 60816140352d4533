package opencollective

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/internal/money"
)

// Every error: its words, its class, and whether another try makes sense.
func TestErrors(t *testing.T) {
	eur := money.Currency{'E', 'U', 'R'}
	const newToken = ": an administrator of the collective makes a new one there with the scope `transactions` and puts it into GOODSTANDING_OC_TOKEN_FILE"
	const later = "; nothing was changed, it is asked again later"
	for _, tt := range []struct {
		err   error
		class string
		after time.Duration // -1: not to be tried again
		words string
	}{
		{&RateLimited{Op: opOrders, Wait: 37412 * time.Millisecond}, ClassRateLimited, 37412 * time.Millisecond,
			"Open Collective asks for a pause of 38 s (rate limit, at orders); nothing was changed, try again then"},
		{&RateLimited{Op: opOrders, Wait: time.Hour}, ClassRateLimited, time.Hour,
			"Open Collective asks for a pause of 60 minutes (rate limit, at orders); nothing was changed, try again then"},
		{&RateLimited{Op: opOrders, Wait: time.Millisecond, Own: true}, ClassRateLimited, time.Millisecond,
			"the next request to Open Collective (orders) has to wait 1 s to stay within its limit; try again then (with a token ten times as many requests are allowed)"},
		{&Unauthorised{Op: opPreflight, Reason: "invalid"}, ClassUnauthorised, -1,
			"Open Collective does not know the personal token (at preflight)" + newToken},
		{&Unauthorised{Op: opPreflight, Reason: "expired"}, ClassUnauthorised, -1,
			"Open Collective says that the personal token has expired (at preflight)" + newToken},
		{&Unauthorised{Op: opPreflight, Reason: "suspended"}, ClassUnauthorised, -1,
			"Open Collective has suspended the personal token (at preflight)" + newToken},
		{&Unauthorised{Op: opPreflight, Reason: "refused"}, ClassUnauthorised, -1,
			"Open Collective refuses the personal token (at preflight)" + newToken},
		{&Unauthorised{Op: opPreflight, Reason: "login_needed"}, ClassUnauthorised, -1,
			"Open Collective answers this only to somebody who is signed in (at preflight)" + newToken},
		{&Unauthorised{Op: opPreflight, Reason: "wrong_api"}, ClassUnauthorised, -1,
			"this address is Open Collective's old API, which accepts no personal token: set GOODSTANDING_OC_URL to https://api.opencollective.com/graphql/v2"},
		{&Forbidden{Op: opRefunds, Scope: "transactions"}, ClassForbidden, -1,
			"Open Collective refuses the refunds: the personal token lacks the scope `transactions`; give the token that scope on Open Collective, or use no token at all"},
		{&Forbidden{Op: opAccount}, ClassForbidden, -1,
			"Open Collective refuses the account to this reader; use a token of an administrator of the collective with the scope `transactions`, or no token at all"},
		{&SchemaDrift{Op: opOrders, Path: "orders.nodes[3].id", What: "is missing"}, ClassSchemaDrift, -1,
			"Open Collective's API is not the one this version knows (orders, orders.nodes[3].id: is missing); nothing was changed, look for a newer version of goodstanding"},
		{&SchemaDrift{Op: opOrders, What: "it refuses the query", Refused: true}, ClassSchemaDrift, time.Minute,
			"Open Collective's API is not the one this version knows (orders: it refuses the query); nothing was changed, look for a newer version of goodstanding"},
		{&UpstreamDown{Op: opOrders, What: "the connection was refused"}, ClassUpstreamDown, 2 * time.Second,
			"Open Collective gives no usable answer (orders: the connection was refused)" + later},
		{&Partial{Op: opPaused}, ClassPartial, time.Minute,
			"Open Collective tells the contributions that their payers paused only in part (missing: unsaid; unsaid)" + later},
		{&NotFound{Op: opOrder}, ClassNotFound, -1, "Open Collective knows no such order (deleted, merged into another, or never there)"},
		{&NotFound{Endpoint: true}, ClassNotFound, -1,
			"there is no Open Collective API at the configured address (HTTP 404); check GOODSTANDING_OC_URL, normally https://api.opencollective.com/graphql/v2"},
		{&Incomplete{Op: opTransactions, Tries: 3, What: "a row came twice"}, ClassIncomplete, time.Minute,
			"the transactions on Open Collective changed while they were read, or came incomplete, in 3 tries (a row came twice)" + later},
		{&Incomplete{Op: opPreflight, What: "why", Ties: true}, ClassIncomplete, -1, "the collective itself on Open Collective cannot be read whole: why"},
		{&SlugUnknown{Slug: "coop"}, ClassSlugUnknown, -1,
			`Open Collective knows no collective "coop": set GOODSTANDING_OC_SLUG to the last part of the collective's address there, https://opencollective.com/SLUG`},
		{&SlugUnknown{Slug: "coop", Now: "coop-new"}, ClassSlugUnknown, -1, "coop is called coop-new on Open Collective now: set GOODSTANDING_OC_SLUG=coop-new"},
		{&OtherAccount{Slug: "coop", Pinned: "acc_1", Found: "acc_2", Now: "coop-new"}, ClassOtherAccount, -1,
			"coop now belongs to another Open Collective account (acc_2, not acc_1); nothing was changed: the collective is called coop-new today: set GOODSTANDING_OC_SLUG=coop-new"},
		{&OtherAccount{Slug: "coop", Pinned: "acc_1", Found: "acc_2"}, ClassOtherAccount, -1,
			"coop now belongs to another Open Collective account (acc_2, not acc_1); nothing was changed: find out what the collective is called today and set GOODSTANDING_OC_SLUG to that; for another collective use another database"},
		{&OtherCurrency{Slug: "coop", Known: gbp, Found: eur}, ClassOtherCurrency, -1,
			"coop is kept in EUR on Open Collective now, it was GBP; nothing was changed: ask the collective's host whether that is meant, then give the policy a minimum in EUR"},
		{&Archived{Slug: "coop"}, ClassArchived, -1,
			"coop is archived on Open Collective, which cancels every contribution; nothing was changed: an administrator can unarchive it there, or set GOODSTANDING_OC_SLUG to the collective that took over"},
		{&ClockApart{Ours: time.Date(2026, 3, 3, 10, 0, 0, 0, time.FixedZone("CET", 3600)), Theirs: time.Date(2026, 1, 20, 9, 30, 0, 0, time.UTC)}, ClassClockApart, -1,
			"the clock of this machine says 2026-03-03 09:00 and Open Collective's 2026-01-20 09:30 (UTC); nothing was changed: set the right one, by NTP for instance (timedatectl set-ntp true)"},
		{&TokenIgnored{}, ClassTokenIgnored, -1,
			"Open Collective treats the token as nobody: it has to be a personal token of a collective's administrator (not an OAuth token); put a working one into GOODSTANDING_OC_TOKEN_FILE, or remove it to read public data"},
	} {
		if got := tt.err.Error(); got != tt.words {
			t.Errorf("got  %s\nwant %s", got, tt.words)
		}
		// Through what net/http and callers wrap around it.
		wrapped := fmt.Errorf("pull: %w", &url.Error{Op: "Post", URL: "https://oc.example.test", Err: tt.err})
		if got := ClassOf(wrapped); got != tt.class || !slices.Contains(Classes(), got) {
			t.Errorf("%T: class %s, want %s", tt.err, got, tt.class)
		}
		after, again := RetryOf(wrapped)
		if again != (tt.after >= 0) || (again && after != tt.after) {
			t.Errorf("%T: retry %v after %s, want %s", tt.err, again, after, tt.after)
		}
	}
	for class, err := range map[string]error{
		ClassOK: nil, ClassCancelled: fmt.Errorf("x: %w", context.DeadlineExceeded), ClassOther: errors.New("x"),
	} {
		if got := ClassOf(err); got != class {
			t.Errorf("%v: %s, want %s", err, got, class)
		}
		if _, again := RetryOf(err); again {
			t.Errorf("%v is to be tried again", err)
		}
	}
	if n := len(Classes()); n != 17 || len(Ops()) != 7 {
		t.Errorf("%d classes, %d queries", n, len(Ops()))
	}
}
