package api

import (
	"coopcloud.tech/goodstanding/chair"
	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/roll"
)

// Memory is what answers are made of at an instant, for whoever else makes
// something of it without the database: the pages. It is shared, and nobody
// changes what it leads to.
type Memory struct {
	At   instant.Instant
	Book *roll.Book
	// Members are as everybody sees them, by name.
	Members []roll.PublicMember
	// Providers would be listed, whether or not the list is public yet.
	Providers []roll.Provider
	// Logos are the files of all uploaded logos by name, as a provider's Uploaded says
	// it; also of those that nobody sees yet.
	Logos     map[string][]byte
	Published bool
	Decided   *chair.Book
	Views     []chair.View // all decisions, by number; those without one first
	Voters    decisions.Roll
	// AsOf is the start of the last complete snapshot of upstream; 0 for none.
	AsOf instant.Instant
	// Stale: the data are older than the rules want, or the database is away.
	Stale bool
}

// Memory is what is in memory for an instant; false before the roll was read, and
// while no policy is loaded.
func (a *API) Memory(now instant.Instant) (Memory, bool) {
	s := a.at(now)
	if s == nil || s.public == nil {
		return Memory{}, false
	}
	return Memory{At: now, Book: s.book, Members: s.public.inside, Providers: s.public.listed, Logos: s.logos, Published: s.published != 0,
		Decided: s.decided, Views: s.hall.views, Voters: s.hall.voters, AsOf: s.asOf, Stale: a.cutOff.Load() || s.stale(now)}, true
}
