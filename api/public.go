package api

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"sync"
	"time"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/roll"
)

// public is what everybody sees, rendered.
type public struct {
	// until is the first instant at which something may differ.
	until instant.Instant
	list  listMark
	ready roll.Readiness // while the provider list is not public

	listed []roll.Provider     // whoever would be listed, also before the list is public
	inside []roll.PublicMember // the members

	providers, providersArray, providersText *body // nil while the list is not public
	members, membersText                     *body
	policy, policyText                       *body
}

// body is an answer that is rendered ahead, and compressed for the first who takes it
// so: that takes a megabyte of memory for each, whatever its size.
type body struct {
	plain      *form
	compressed func() *form
	// Each form has a strong entity tag of its own, here as the header ETag has it.
	tag, compressedTag []string
	link               []string // the header Link; nil for none
}

// form is content with what headers say of it: both are made once, however often it is
// sent, and nobody changes them.
type form struct {
	kind, length []string // Content-Type and Content-Length
	content      []byte
}

func formOf(kind string, content []byte) *form {
	return &form{[]string{kind}, []string{strconv.Itoa(len(content))}, content}
}

const (
	kindJSON     = "application/json"
	kindMarkdown = "text/markdown; charset=utf-8"
	kindProblem  = "application/problem+json"
	kindSchema   = "application/schema+json"
	kindYAML     = "application/yaml"
)

func newBody(kind string, content []byte) *body {
	compressed := sync.OnceValue(func() *form {
		var z bytes.Buffer
		w, _ := gzip.NewWriterLevel(&z, gzip.BestCompression) // the level is a good one
		_, _ = w.Write(content)                               // a buffer takes everything
		_ = w.Close()
		return formOf(kind, z.Bytes())
	})
	sum := sha256.Sum256(content)
	tag := base64.RawURLEncoding.EncodeToString(sum[:18])
	return &body{plain: formOf(kind, content), compressed: compressed, tag: []string{`"` + tag + `"`}, compressedTag: []string{`"` + tag + `-gzip"`}}
}

// jsonBody is for people, too, and for files that are kept under version
// control: one line for each thing, and one at the end.
func jsonBody(v any) *body { return newBody(kindJSON, append(indented(v), '\n')) }

func indented(v any) []byte {
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		panic("api: what is rendered always marshals: " + err.Error())
	}
	return b
}

// mostRendered bounds how long a rendering is used, whatever is foreseen.
const mostRendered = time.Minute

// render fills in what everybody sees at an instant. before is the snapshot it
// follows, nil for none: a list whose entries are the same keeps its changed_at.
func (a *API) render(s, before *snapshot, now instant.Instant) (err error) {
	version, ok := s.book.Policy(now)
	if s.policy = version.ID(); !ok {
		s.public, s.hall = nil, nil
		return nil
	}
	now = max(now, s.mark.list.changed) // a replica whose clock is ahead was first
	p := &public{until: a.nextChange(s.book, now), listed: s.book.Providers(now), inside: s.book.PublicMembers(now, s.published != 0)}
	if s.published == 0 {
		p.ready = s.book.Readiness(now)
	} else {
		entries := providerEntries(p.listed, a.o.PublicURL)
		p.list = listOf(entries, s, before, now)
		p.providers = jsonBody(providerList{Schema: providersSchema, Federation: a.o.Federation.Name, ChangedAt: p.list.changed, Providers: entries})
		p.providersArray = jsonBody(entries)
		p.providers.link, p.providersArray.link = a.links(), a.links()
		p.providersText = newBody(kindMarkdown, providersMarkdown(p.listed))
	}
	p.members = jsonBody(list[memberEntry]{Items: memberEntries(p.inside)})
	p.membersText = newBody(kindMarkdown, membersMarkdown(p.inside, a.o.Tick))
	p.policy = jsonBody(policyAnswerOf(version, s.book.Policies(), a.o.Zone))
	p.policyText = newBody(kindMarkdown, policyMarkdown(version, a.o.Zone))
	s.public = p
	s.hall, err = hallOf(s, now, s.book.Voters(now, s.book.Known()))
	return err
}

// links lead from the provider list to its schema and to whose list it is.
func (a *API) links() []string {
	link := "<" + a.o.PublicURL + schemaPath + `>; rel="describedby"; type="` + kindSchema + `"`
	if a.o.Federation.URL != "" {
		link += ", <" + a.o.Federation.URL + `>; rel="author"`
	}
	return []string{link}
}

// listOf is the state of the list that has these entries: the one that is
// stored or was shown before when they are the same, else a new one, which
// began when the change was due, or now.
func listOf(entries []providerEntry, s, before *snapshot, now instant.Instant) listMark {
	sum := sha256.Sum256(indented(entries))
	m := listMark{digest: hex.EncodeToString(sum[:]), changed: now}
	if s.mark.list.digest == m.digest {
		return s.mark.list
	}
	if before == nil || before.public == nil {
		return m
	}
	if before.public.list.digest == m.digest {
		return before.public.list
	}
	if before.mark.counters == s.mark.counters && before.public.until < now {
		m.changed = before.public.until
	}
	return m
}

// nextChange is the first instant after now at which a standing or the policy
// may differ, at most mostRendered later.
func (a *API) nextChange(b *roll.Book, now instant.Instant) instant.Instant {
	next := now.Add(mostRendered)
	sooner := func(i instant.Instant) {
		if i > now {
			next = min(next, i)
		}
	}
	for _, row := range b.View(roll.Query{At: now}, now).Rows {
		sooner(row.Standing.ChangesAt)
	}
	for _, v := range b.Policies() {
		sooner(v.From())
	}
	return next
}
