package api

import (
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/roll"
)

// providersSchema names the form of the provider list. What it names is never
// changed, only added to.
const providersSchema = "providers/1"

// providerList is the provider list. The order of the keys is part of it.
type providerList struct {
	Schema     string          `json:"schema"`
	Federation string          `json:"federation"`
	ChangedAt  instant.Instant `json:"changed_at"` // since when the entries are these
	Providers  []providerEntry `json:"providers"`
}

// providerEntry is one provider. Absent values are empty texts and lists, so
// that a website's template needs no case for them.
type providerEntry struct {
	ID          member.ID       `json:"id"`
	Name        string          `json:"name"`
	URL         string          `json:"url"`
	Summary     string          `json:"summary"`
	Contact     providerContact `json:"contact"`
	Logo        string          `json:"logo"`
	Place       string          `json:"place"`
	Services    []string        `json:"services"`
	Languages   []string        `json:"languages"`
	MemberSince string          `json:"member_since"` // a day in UTC, as it was entered
}

type providerContact struct {
	Label string `json:"label"`
	Href  string `json:"href"`
}

// providerEntries are the providers; a logo that was uploaded is found under base.
func providerEntries(ps []roll.Provider, base string) []providerEntry {
	return mapped(ps, func(p roll.Provider) providerEntry {
		return providerEntry{
			ID: p.ID, Name: p.Name, URL: p.URL, Summary: p.Summary, Contact: providerContact{p.ContactLabel, p.ContactHref},
			Logo: p.LogoAddress(base), Place: p.Place, Services: filled(p.Services), Languages: filled(p.Languages), MemberSince: p.MemberSince.Day(),
		}
	})
}

func (a *API) providers(c *call) (any, error) {
	format := c.query.choice("format", "object", "array")
	if err := c.query.err(); err != nil {
		return nil, err
	}
	if format == "array" {
		return c.listed(c.s.public.providersArray)
	}
	return c.listed(c.s.public.providers)
}

func (a *API) providersMarkdown(c *call) (any, error) { return c.listed(c.s.public.providersText) }

// listed is a form of the provider list, once a treasurer has published it.
func (c *call) listed(b *body) (any, error) {
	if c.s.published == 0 {
		r := c.s.public.ready
		return nil, refuse(notPublished, "%d of %d profiles are ready", r.Ready, r.Members)
	}
	return b, nil
}

// mapped is a list of what f makes of each; never nil.
func mapped[T, U any](from []T, f func(T) U) []U {
	out := make([]U, len(from))
	for i, v := range from {
		out[i] = f(v)
	}
	return out
}

// filled is a list that marshals as [] when there is nothing in it.
func filled[T any](l []T) []T {
	if l == nil {
		return []T{}
	}
	return l
}
