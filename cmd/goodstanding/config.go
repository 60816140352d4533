package main

import (
	"fmt"
	"net/netip"
	"path/filepath"
	"time"

	"github.com/rs/zerolog"

	"coopcloud.tech/goodstanding/notify/letter"
	"coopcloud.tech/goodstanding/notify/matrix"
)

// Config is what the settings come to.
type Config struct {
	OCSlug   string
	OCURL    string
	OCToken  secret
	Every    time.Duration
	Data     string // the folder, absolute
	Database secret // the address; it may hold a password
	Policy   string // the file, absolute; "" for none

	FirstTreasurer string
	LogLevel       zerolog.Level
	LogFormat      string // "console", "json", or "" for what fits
	File           string // the settings file, absolute; "" for none

	Listen         string         // HOST:PORT of the API
	MetricsListen  string         // HOST:PORT of the metrics; "" for off
	PublicURL      string         // where the world reaches the API; "" when nobody said
	TrustedProxies []netip.Prefix // whose word about a client's address is taken
	HookSecret     secret         // the last part of the webhook's address; "" for no webhook

	SignIn SignIn

	MailTemplates string // the folder, absolute; "" for none
	ownLetters    *letter.Catalogue

	Matrix *matrix.Options // the federation's room; nil for none

	Federation Federation

	// from says where each setting was found; absent for defaults.
	from map[string]origin
	// Warnings are remarks that stop nothing.
	Warnings []string
}

// Federation is what the file says about the federation itself.
type Federation struct {
	Name      string
	URL       string
	About     string         // what it is, in its own words
	Zone      *time.Location // Europe/London when nothing is set
	Languages []string
	PayURL    string // made from the slug when nothing is set
	Rooms     []string
	Code      CodeOfCooperation
}

// CodeOfCooperation is shown on every page's foot.
type CodeOfCooperation struct {
	Name, URL     string
	ContactPeople []string
}

// secret is a value that is never printed.
type secret string

// String says whether there is one.
func (s secret) String() string {
	if s == "" {
		return "not set"
	}
	return "set"
}

// GoString keeps it from %#v.
func (s secret) GoString() string { return s.String() }

// MarshalText keeps it from JSON and logs.
func (s secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// defaultZone is the federation's, where nothing else is set.
const defaultZone = "Europe/London"

// need says what a command needs beside good settings.
type need uint8

const (
	needNothing  need = iota
	needStore         // a store that knows its collective, or the slug for a new one
	needUpstream      // the slug: Open Collective is read
)

// loadConfig reads the settings: flags before environment before file before
// defaults. The error is a *ConfigFaults with all faults at once. flags holds
// the values by setting name.
func loadConfig(e Env, flags map[string]string, n need) (*Config, error) {
	l := &loader{env: e, flags: flags, cfg: &Config{from: map[string]origin{}}}
	l.file()
	l.environment()
	l.upstream()
	l.store()
	l.slug(n)
	l.log()
	l.serving()
	l.signIn()
	l.matrix()
	l.federation()
	l.letters()
	if len(l.faults.All) > 0 {
		l.faults.sort()
		return nil, &l.faults
	}
	return l.cfg, nil
}

// loader gathers settings and faults.
type loader struct {
	env    Env
	flags  map[string]string
	yaml   *configFile
	cfg    *Config
	faults ConfigFaults
}

func (l *loader) fault(from origin, format string, args ...any) {
	l.faults.All = append(l.faults.All, ConfigFault{Where: string(from), Text: fmt.Sprintf(format, args...)})
}

// file reads the settings file, if one is named.
func (l *loader) file() {
	l.yaml = &configFile{}
	found, ok := l.lookUp(settingNamed("CONFIG"))
	if !ok {
		return
	}
	l.cfg.File = found.value
	l.yaml = readConfigFile(found, &l.faults)
}

// lookUp finds a setting at the highest level that has it, reading its
// X_FILE; ok is false when it is nowhere, or could not be read.
func (l *loader) lookUp(s setting) (found raw, ok bool) {
	levels := []func(key string) (string, origin){
		func(name string) (string, origin) { return l.flags[name], origin("--" + dashed(name)) },
		func(name string) (string, origin) { return l.env.get(prefix + name), origin(prefix + name) },
		func(name string) (string, origin) { return l.yaml.value(name) },
	}
	for i, level := range levels {
		plain, from := level(s.name)
		if !s.secret {
			if plain != "" {
				l.cfg.from[s.name] = from
				return raw{l.absolute(s, plain, i == 2), from}, true
			}
			continue
		}
		path, fileFrom := level(s.name + "_FILE")
		switch {
		case plain != "" && path != "":
			l.fault(fileFrom, "is set, and so is %s: set one of the two", from)
			return raw{}, false
		case plain != "":
			l.cfg.from[s.name] = from
			return raw{plain, from}, true
		case path != "":
			l.cfg.from[s.name] = fileFrom
			return l.readSecret(s, path, fileFrom, i == 2)
		}
	}
	return raw{}, false
}

// absolute makes a path independent of where a command is run; in the file it
// is relative to the file's own folder.
func (l *loader) absolute(s setting, value string, inFile bool) string {
	if !s.path {
		return value
	}
	return l.path(value, inFile)
}

func (l *loader) path(value string, inFile bool) string {
	if inFile && !filepath.IsAbs(value) {
		return filepath.Join(filepath.Dir(l.cfg.File), value)
	}
	if abs, err := filepath.Abs(value); err == nil {
		return abs
	}
	return value
}

// environment refuses variables that look like a misspelt setting, and points
// out those that mean nothing to this version.
func (l *loader) environment() {
	for _, name := range l.env.names(prefix) {
		known := variables()
		if contains(known, name) {
			continue
		}
		if near, d := nearest(name, known); d <= 2 {
			l.fault(origin(name), "is no setting; did you mean %s?", near)
			continue
		}
		l.cfg.Warnings = append(l.cfg.Warnings, name+" is no setting of this version and changes nothing")
	}
}
