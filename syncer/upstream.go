package syncer

import (
	"slices"

	"coopcloud.tech/goodstanding/eligibility"
)

// Upstream's words that the rules depend on, as read here.
const (
	active          = "ACTIVE"
	cancelled       = "CANCELLED"
	disputed        = "DISPUTED"
	expired         = "EXPIRED"
	failing         = "ERROR"
	fresh           = "NEW"
	inReview        = "IN_REVIEW"
	paid            = "PAID"
	paused          = "PAUSED"
	pending         = "PENDING"
	processing      = "PROCESSING"
	refunded        = "REFUNDED"
	rejected        = "REJECTED"
	unconfirmed     = "REQUIRE_CLIENT_CONFIRMATION"
	servicePayPal   = "PAYPAL"
	typeCreditCard  = "CREDITCARD"
	kindPayment     = "CONTRIBUTION"
	kindAddedFunds  = "ADDED_FUNDS"
	wordUnspecified = "" // null upstream
)

// knownStatus are the fourteen statuses of upstream's OrderStatus.
var knownStatus = map[string]bool{
	active: true, cancelled: true, disputed: true, expired: true, failing: true, fresh: true, inReview: true,
	paid: true, paused: true, pending: true, processing: true, refunded: true, rejected: true, unconfirmed: true,
}

// underWay are the statuses of a first payment that has not gone through yet.
var underWay = map[string]bool{fresh: true, inReview: true, pending: true, processing: true, unconfirmed: true}

var chargeKinds = map[string]eligibility.ChargeKind{
	kindPayment: eligibility.ContributionCharge, kindAddedFunds: eligibility.AddedFunds,
}

// noteDrift adds an entity to those that carry an unknown word.
func noteDrift(all []Drift, what, word, id string) []Drift {
	i := slices.IndexFunc(all, func(d Drift) bool { return d.What == what && d.Word == word })
	if i < 0 {
		return append(all, Drift{What: what, Word: word, IDs: []string{id}})
	}
	all[i].IDs = append(all[i].IDs, id)
	return all
}
