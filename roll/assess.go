package roll

import (
	"context"

	"coopcloud.tech/goodstanding/store"
)

// Assess is the assess step by itself: it writes what has changed since the
// standings were last recorded.
func (r *Roll) Assess(ctx context.Context) (Report, error) { panic("unwritten") }

// AfterSnapshot assesses inside the transaction of a pull, after the
// snapshot's rows were written, and sets a hold where the brake asks for one.
func (r *Roll) AfterSnapshot(ctx context.Context, tx *store.Tx, s SnapshotInfo) (Report, error) {
	panic("unwritten")
}

// afterEntry assesses inside the transaction of a change, as its last step.
func (r *Roll) afterEntry(ctx context.Context, tx *store.Tx) (Report, error) { panic("unwritten") }
