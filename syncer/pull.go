package syncer

import "context"

func (s *Syncer) pull(ctx context.Context, dry bool) (Report, error) { panic("unwritten") }
