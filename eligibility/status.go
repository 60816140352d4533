package eligibility

// statusWords are upstream's words in the order of the Status constants.
var statusWords = [...]string{"", "NEW", "REQUIRE_CLIENT_CONFIRMATION", "PAID", "ERROR", "PROCESSING", "REJECTED",
	"ACTIVE", "CANCELLED", "PENDING", "EXPIRED", "DISPUTED", "REFUNDED", "PAUSED", "IN_REVIEW"}

// ParseStatus reads upstream's word for an order's status; a word that this
// version does not know is StatusUnknown, which changes nothing: what the last
// known one kept goes on (domain.md, section 2).
func ParseStatus(word string) Status {
	for i, w := range statusWords {
		if w == word {
			return Status(i)
		}
	}
	return StatusUnknown
}

func (s Status) String() string {
	if int(s) < len(statusWords) && s != StatusUnknown {
		return statusWords[s]
	}
	return "UNKNOWN"
}

// ParseInterval reads upstream's word for how often an order is paid; ok is
// false for null and for a word that this version does not know: then the last
// known interval goes on (domain.md, section 2).
func ParseInterval(frequency string) (i Interval, ok bool) {
	switch frequency {
	case "MONTHLY":
		return Monthly, true
	case "YEARLY":
		return Yearly, true
	case "ONETIME":
		return OneOff, true
	}
	return OneOff, false
}
