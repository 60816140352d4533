package roll

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// Profile is a member's entry in the provider list. All of it is shown to
// everybody once it is listed, and nothing beside it is (domain.md, section 8).
type Profile struct {
	URL, Summary, ContactLabel, ContactHref, Logo, Place string
	Services, Languages                                  []string
}

// profileFault is one thing that is wrong with a profile.
type profileFault struct{ field, text string }

// Bounds of a profile beside those of a list, in characters and items.
const (
	longestLabel = 100
	longestItem  = 80
	mostServices = 30
)

// empty says that there is nothing to show.
func (p Profile) empty() bool {
	return p.URL+p.Summary+p.ContactLabel+p.ContactHref+p.Logo+p.Place == "" &&
		len(p.Services) == 0 && len(p.Languages) == 0
}

// tidy trims every text and leaves out empty and repeated items.
func (p Profile) tidy() Profile {
	for _, s := range []*string{&p.URL, &p.Summary, &p.ContactLabel, &p.ContactHref, &p.Logo, &p.Place} {
		*s = strings.TrimSpace(*s)
	}
	p.Summary = unixLines(p.Summary)
	p.Services, p.Languages = tidyItems(p.Services), tidyItems(p.Languages)
	return p
}

func tidyItems(items []string) []string {
	var out []string
	for _, s := range items {
		if s = strings.TrimSpace(s); s != "" && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// Same says that two profiles show the same once they are tidy.
func (p Profile) Same(q Profile) bool { return p.tidy().equal(q.tidy()) }

// equal says that two profiles show the same.
func (p Profile) equal(q Profile) bool {
	return p.URL == q.URL && p.Summary == q.Summary && p.ContactLabel == q.ContactLabel && p.ContactHref == q.ContactHref &&
		p.Logo == q.Logo && p.Place == q.Place && slices.Equal(p.Services, q.Services) && slices.Equal(p.Languages, q.Languages)
}

// over is the profile with the fields of another that are not empty.
func (p Profile) over(q Profile) Profile {
	take := func(s *string, with string) {
		if with != "" {
			*s = with
		}
	}
	take(&p.URL, q.URL)
	take(&p.Summary, q.Summary)
	take(&p.ContactLabel, q.ContactLabel)
	take(&p.ContactHref, q.ContactHref)
	take(&p.Logo, q.Logo)
	take(&p.Place, q.Place)
	if len(q.Services) > 0 {
		p.Services = q.Services
	}
	if len(q.Languages) > 0 {
		p.Languages = q.Languages
	}
	return p
}

// faults are all faults of a profile by itself.
func (p Profile) faults() []profileFault {
	var out []profileFault
	note := func(field, why string) {
		if why != "" {
			out = append(out, profileFault{field, why})
		}
	}
	either := func(first, second string) string {
		if first != "" {
			return first
		}
		return second
	}
	note("url", either(badText(p.URL, longestAddress, false), webAddress(p.URL, "https")))
	note("summary", badText(p.Summary, longestText, true))
	note("contact_label", badText(p.ContactLabel, longestLabel, false))
	note("contact_href", either(badText(p.ContactHref, longestAddress, false), contactAddress(p.ContactHref)))
	note("logo", either(badText(p.Logo, longestAddress, false), webAddress(p.Logo, "https")))
	note("place", badText(p.Place, longestName, false))
	note("services", badItems(p.Services))
	note("languages", badItems(p.Languages))
	return out
}

// gaps are what is missing in a whole profile.
func (p Profile) gaps() []profileFault {
	if p.ContactLabel != "" && p.ContactHref == "" {
		return []profileFault{{"contact_label", "stands there without contact_href: where does it lead?"}}
	}
	return nil
}

// badItems says what is wrong with a list of a profile; "" when nothing is.
func badItems(items []string) string {
	if len(items) > mostServices {
		return fmt.Sprintf("has %d items, at most %d are taken", len(items), mostServices)
	}
	for i, s := range items {
		if why := badText(s, longestItem, false); why != "" {
			return fmt.Sprintf("item %d %s", i+1, why)
		}
	}
	return ""
}

// webAddress says what is wrong with an address of the web; "" when nothing
// is, or when there is none.
func webAddress(s string, schemes ...string) string {
	if s == "" {
		return ""
	}
	u, err := url.Parse(s)
	switch {
	case err != nil, u.Scheme == "", strings.ContainsAny(s, " \t\"<>\\`"):
		return fmt.Sprintf("%q is not an address: write https://example.org/", shorten(s))
	case u.Scheme == "http" && !slices.Contains(schemes, "http"):
		return fmt.Sprintf("%q is not encrypted: write https:// instead of http://", shorten(s))
	case !slices.Contains(schemes, u.Scheme):
		return fmt.Sprintf("an address that begins with %s: is not taken here: write https://example.org/", shorten(u.Scheme))
	case u.Hostname() == "":
		return fmt.Sprintf("%q names no host: write https://example.org/", shorten(s))
	case u.User != nil:
		return "the address holds a user name or password, which everybody would see: leave it out"
	}
	return ""
}

const contactForms = "write https://…, mailto:name@example.org, https://matrix.to/#/… or matrix:u/name:server.example"

// contactAddress says what is wrong with the address of a contact link; ""
// when nothing is, or when there is none.
func contactAddress(s string) string {
	scheme, rest, _ := strings.Cut(s, ":")
	switch strings.ToLower(scheme) {
	case "":
		return ""
	case "https", "http":
		return webAddress(s, "https")
	case "mailto":
		address, _, _ := strings.Cut(rest, "?")
		if plain, err := url.PathUnescape(address); err != nil || !isEmail(plain) || strings.ContainsAny(rest, " \"<>") {
			return "mailto: is not followed by one e-mail address: write mailto:name@example.org"
		}
		return ""
	case "matrix":
		kind, id, ok := strings.Cut(rest, "/")
		if !ok || !slices.Contains([]string{"u", "r", "roomid"}, kind) || !strings.Contains(id, ":") || strings.ContainsAny(id, " \"<>") {
			return "this is not a Matrix link: write matrix:u/name:server.example or matrix:r/room:server.example"
		}
		return ""
	}
	return "this is not a way to be reached: " + contactForms
}
