package main

import (
	"net/url"
	"time"

	"go.yaml.in/yaml/v3"
)

// fileKey is a key of the settings file that no flag or variable stands for.
type fileKey struct{ name, help, standard string }

// federationKeys are the keys under federation:, and codeKeys those under code:.
var (
	federationKeys = []fileKey{
		{"name", "What it is called, on pages and in mails", "none"},
		{"url", "Its website", "none"},
		{"about", "A sentence or two about it, for the first page", "none"},
		{"time_zone", "In which days and hours are told", defaultZone},
		{"languages", "A list; mails are in the first where nobody chose another", "English"},
		{"pay_url", "Where one contributes, for pages and mails", "its page on Open Collective"},
		{"rooms", "A list of where it talks; offered where a proposal says where it is discussed", "none"},
		{"code", "The code of co-operation, at the foot of every page", "none"},
	}
	codeKeys = []fileKey{
		{"name", "What it is called", "none"},
		{"url", "Where it can be read", "none"},
		{"contact_people", "A list: whom to turn to, each in one line", "none"},
	}
)

func namesOf(keys []fileKey) (out []string) {
	for _, k := range keys {
		out = append(out, k.name)
	}
	return out
}

// federation reads what the file says about the federation; without a file the
// defaults hold.
func (l *loader) federation() {
	f := &l.cfg.Federation
	f.Zone = mustZone(defaultZone)
	if l.cfg.OCSlug != "" {
		f.PayURL = "https://opencollective.com/" + l.cfg.OCSlug + "/contribute"
	}
	c := l.yaml
	if c.federation == nil {
		return
	}
	c.each(c.federation, "federation", namesOf(federationKeys), func(key string, v *yaml.Node) {
		switch key {
		case "name":
			f.Name = c.text(key, v)
		case "url":
			f.URL = c.url(key, v)
		case "about":
			f.About = c.text(key, v)
		case "time_zone":
			f.Zone = c.zone(v)
		case "languages":
			f.Languages = c.list(key, v)
		case "pay_url":
			f.PayURL = c.url(key, v)
		case "rooms":
			f.Rooms = c.list(key, v)
		case "code":
			c.code(v, &f.Code)
		}
	})
}

func (c *configFile) code(n *yaml.Node, out *CodeOfCooperation) {
	c.each(n, "code", namesOf(codeKeys), func(key string, v *yaml.Node) {
		switch key {
		case "name":
			out.Name = c.text(key, v)
		case "url":
			out.URL = c.url(key, v)
		case "contact_people":
			out.ContactPeople = c.list(key, v)
		}
	})
}

// url reads an address of a page.
func (c *configFile) url(key string, n *yaml.Node) string {
	s := c.text(key, n)
	u, err := url.Parse(s)
	if s != "" && (err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http") {
		c.fault(n, "%s is no address of a page: write it in full, https://example.org/page", key)
	}
	return s
}

func (c *configFile) zone(n *yaml.Node) *time.Location {
	name := c.text("time_zone", n)
	z, err := time.LoadLocation(name)
	if err != nil || name == "" || name == "Local" { // Local would depend on the host
		c.fault(n, "%q is no time zone: write one such as %s or Europe/Berlin", clip(name), defaultZone)
		return mustZone(defaultZone)
	}
	return z
}

// mustZone is a zone that the binary carries.
func mustZone(name string) *time.Location {
	z, err := time.LoadLocation(name)
	if err != nil {
		return time.UTC // only without the embedded zones
	}
	return z
}
