package store

import (
	"context"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/member"
)

// Facts assembles all facts of the members, in the order of the ids given; of
// all members by id when none is given. It takes a constant number of queries,
// however many members there are. An id that is no member's is refused with
// *NoSuchMember.
//
// A member has the charges and contributions of every account that was ever
// linked to it, also by a link since revoked, and the charges that its entered
// payments name; which of them count at an instant is for the rules to say.
func (tx *Tx) Facts(ctx context.Context, ids ...member.ID) ([]eligibility.Facts, error) {
	panic("unwritten")
}
