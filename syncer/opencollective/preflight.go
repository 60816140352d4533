package opencollective

import (
	"context"
	"errors"

	"coopcloud.tech/goodstanding/member"
)

// is says whether an account id means this collective, by either form of its id.
func (c Collective) is(id member.AccountID) bool {
	return id != "" && (id == c.ID || string(id) == c.PublicID)
}

// preflight asks who the slug is and who upstream takes us for.
func (s *session) preflight(ctx context.Context, r PullRequest) (*Preflight, error) {
	if r.Slug == "" {
		return nil, &SlugUnknown{}
	}
	var out reply
	err := s.ask(ctx, preflightDoc, map[string]any{"slug": r.Slug}, &out)
	var missing *NotFound
	if errors.As(err, &missing) && !missing.Endpoint {
		return nil, &SlugUnknown{Slug: r.Slug, Now: s.slugNow(ctx, r.PinnedID)}
	}
	if err != nil {
		return nil, err
	}
	c, known, admin, err := decodePreflight(&out)
	if err != nil {
		return nil, err
	}
	if r.PinnedID != "" && !c.is(r.PinnedID) {
		return nil, &OtherAccount{
			Slug: r.Slug, Pinned: string(r.PinnedID), Found: string(c.ID), Now: s.slugNow(ctx, r.PinnedID),
		}
	}
	anonymous := s.c.Anonymous()
	switch {
	case !anonymous && !known:
		return nil, &TokenIgnored{}
	case c.Archived:
		return nil, &Archived{Slug: r.Slug}
	case !r.PinnedCurrency.IsZero() && c.Currency != r.PinnedCurrency:
		return nil, &OtherCurrency{Slug: r.Slug, Known: r.PinnedCurrency, Found: c.Currency}
	}
	return &Preflight{Collective: c, Anonymous: anonymous, NotAdmin: !anonymous && !admin}, nil
}

// slugNow finds what the pinned collective is called today, for a message; ""
// when that cannot be told.
func (s *session) slugNow(ctx context.Context, pinned member.AccountID) string {
	if pinned == "" {
		return ""
	}
	s.requests++
	a, err := s.c.Account(ctx, pinned)
	if err != nil {
		return ""
	}
	return a.Slug
}
