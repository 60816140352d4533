package invariants

import (
	"context"
	"fmt"
	"strings"

	"coopcloud.tech/goodstanding/roll"
)

// NotRepairable says that something is broken that cannot be made anew. Nothing was
// changed, of what could have been, either: first comes a backup.
type NotRepairable struct{ Broken []Result }

func (e *NotRepairable) Error() string {
	var names []string
	for _, r := range e.Broken {
		names = append(names, string(r.Name))
	}
	return fmt.Sprintf("nothing was repaired: %s cannot be made anew from anything. Stop goodstanding, keep the database, "+
		"and restore the last backup in which they hold", strings.Join(names, ", "))
}

// Repaired is what was made anew.
type Repaired struct {
	Name  Name
	Count int // standings, counters or notices
}

// Repair makes anew what the report says is broken and what follows from something
// else, each invariant in one transaction with its row of the audit chain. It
// refuses with *NotRepairable where anything else is broken. A treasurer or the
// operator may.
func (c *Checker) Repair(ctx context.Context, by roll.By, report *Report) (done []Repaired, err error) {
	beyond := &NotRepairable{}
	for _, r := range report.Results {
		if !r.OK() && !r.Repairable {
			beyond.Broken = append(beyond.Broken, r)
		}
	}
	if len(beyond.Broken) > 0 {
		return nil, beyond
	}
	repairs := map[Name]func(context.Context, roll.By) (int, error){
		Counters: c.o.Roll.RepairCounters, Notices: c.o.Roll.RepairNotices, Standings: c.o.Roll.RepairStandings,
	}
	for _, name := range report.Broken() {
		n, err := repairs[name](ctx, by)
		if err != nil {
			return done, err
		}
		done = append(done, Repaired{name, n})
	}
	return done, nil
}
