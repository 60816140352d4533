package syncer

import "fmt"

// Drift is a word of upstream's that this version does not know, and where it
// stood (domain.md, section 2: the last known interval goes on, the desk is
// told).
type Drift struct {
	// What is "status", "frequency" or "kind".
	What string
	// Word is upstream's; "" for null.
	Word string
	// IDs are the contributions (or charges) that carry it.
	IDs []string
}

// String says what the unknown word means for the dues (domain.md, section 2,
// "What upstream's statuses do").
func (d Drift) String() string {
	const newer = "look for a newer version of goodstanding"
	word := "none"
	if d.Word != wordUnspecified {
		word = fmt.Sprintf("%q", clean(d.Word))
	}
	switch d.What {
	case "frequency":
		return fmt.Sprintf("unknown frequency %s (%s): the last known interval goes on; %s", word, count(len(d.IDs), "contribution"), newer)
	case "status":
		return fmt.Sprintf("unknown status %s (%s): the money that was paid decides; %s", word, count(len(d.IDs), "contribution"), newer)
	}
	return fmt.Sprintf("unknown kind %s (%s): left out; %s", word, count(len(d.IDs), "charge"), newer)
}
