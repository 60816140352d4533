package publish

import (
	"time"
)

var utc = time.UTC

// handwritten are files as the federation has them (federation.md, section 3),
// with invented words.
var handwritten = map[string]string{
	"in-progress/025.md":           "---\ntitle: \"Resolution 025\"\n---\n\n- Topic: Recipe maintainers\n- Date: 05-12-2024\n- Deadline:\n- Size: Large\n\n## Summary\n\nEach recipe has a maintainer.\n\n## Details\n\n- Name one.\n- Say how to reach them.\n",
	"passed/040.md":                "---\ntitle: \"Resolution 040: A voting tool\"\n---\n\ntopic: A voting tool\ndate: 2026-05-28\ndeadline: 2026-06-04\nsize: large\n\n## Summary\n\nIt is hard to keep records.\n\n## Details\n\n### Costs\n\nNone.\n",
	"passed/002.md":                "# Resolution 002\n\n- Topic: Membership & dues\n- Date: 22 March 2023\n- Deadline: Tuesday 11th April 2023\n- Passed on 13-04-2023\n- Size: Large\n\n## Summary\n\nDues.\n\n## Details\n\nSee below.\n\n## Costs\n\n10 a month.\n",
	"stalled/013.md":               "- **Size:** Medium\n* Deadline: n/a\n- Date: 2023-09-01\n- Proposer: somebody\n- Topic: Something\n\nA text without sections.\n",
	"drafts/r020-exit-criteria.md": "---\ntitle: 'Resolution 021'\n---\nTopic: Exit\nSize: small -> medium\nSize: Large\n",
}
