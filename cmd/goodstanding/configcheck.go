package main

import (
	"errors"
	"fmt"
	"io/fs"
	"net/mail"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/syncer/opencollective"
)

// slugForm is what Open Collective allows in an address.
var slugForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]*$`)

func (l *loader) slug(n need) {
	found, ok := l.lookUp(settingNamed("OC_SLUG"))
	switch {
	case !ok && n == needUpstream:
		l.faults.All = append(l.faults.All, noSlug(""))
	case !ok && n == needStore && l.cfg.fresh():
		l.faults.All = append(l.faults.All, noSlug(string(l.cfg.Database)))
	case ok && !slugForm.MatchString(found.value):
		hint := "write the last part of the collective's address, such as coop-cloud for https://opencollective.com/coop-cloud"
		if _, last, cut := strings.Cut(strings.TrimSuffix(found.value, "/"), "opencollective.com/"); cut && slugForm.MatchString(last) {
			hint = "write only the last part of the address: " + last
		}
		l.fault(found.from, "%q is no name of a collective: %s", clip(found.value), hint)
	}
	l.cfg.OCSlug = found.value
}

// fresh says that the database is a file that does not exist yet.
func (c *Config) fresh() bool {
	path, sqlite := strings.CutPrefix(string(c.Database), "sqlite://")
	_, err := os.Stat(path)
	return sqlite && errors.Is(err, fs.ErrNotExist)
}

// noSlug is the fault of not having said which collective it is about; place is
// the database that would be begun, "" when that is not why.
func noSlug(place string) ConfigFault {
	text := "is not set: say which collective this is about, with the last part of its address on Open Collective " +
		"(coop-cloud for https://opencollective.com/coop-cloud), here, by --oc-slug, or as oc_slug in the settings file"
	if place != "" {
		text += " (there is no roll yet in " + place + ")"
	}
	return ConfigFault{prefix + "OC_SLUG", text}
}

// leastEvery keeps a pull of four requests well under ten requests a minute.
const leastEvery = time.Minute

func (l *loader) upstream() {
	l.cfg.OCURL = opencollective.DefaultURL
	from := origin(prefix + "OC_URL")
	if found, ok := l.lookUp(settingNamed("OC_URL")); ok {
		l.cfg.OCURL, from = found.value, found.from
	}
	if found, ok := l.lookUp(settingNamed("OC_TOKEN")); ok {
		l.cfg.OCToken = secret(found.value)
	}
	// The client knows best what it cannot work with.
	_, err := opencollective.New(l.cfg.client(Env{Clock: time.Now, Now: func() instant.Instant { return 0 }}))
	for _, one := range unjoin(err) {
		where := from
		if strings.HasPrefix(one.Error(), "the token") {
			where = l.cfg.from["OC_TOKEN"]
		}
		l.fault(where, "%s", strings.TrimPrefix(one.Error(), prefix+"OC_URL "))
	}
	l.cfg.Every = 30 * time.Minute
	if found, ok := l.lookUp(settingNamed("SYNC_EVERY")); ok {
		every, err := time.ParseDuration(found.value)
		switch {
		case err != nil:
			l.fault(found.from, "%q is no duration: write 30m or 1h", clip(found.value))
		case every < leastEvery:
			l.fault(found.from, "%s is too often: Open Collective allows 10 requests a minute without a token, and one reading takes four; write 1m or more", every)
		}
		l.cfg.Every = every
	}
}

// client are the options of a client with these settings.
func (c *Config) client(e Env) opencollective.Options {
	return opencollective.Options{URL: c.OCURL, Token: string(c.OCToken), Version: version(), Contact: c.Federation.URL, Now: e.Now, Clock: e.Clock, Wall: e.Wall}
}

// unjoin takes a joined error apart.
func unjoin(err error) []error {
	if err == nil {
		return nil
	}
	if many, ok := errors.AsType[interface {
		error
		Unwrap() []error
	}](err); ok {
		return many.Unwrap()
	}
	return []error{err}
}

// schemes are the engines' addresses.
var schemes = []string{"sqlite://", "postgres://", "postgresql://"}

func (l *loader) store() {
	if found, ok := l.lookUp(settingNamed("DATA")); ok {
		l.cfg.Data = found.value
	} else {
		l.cfg.Data = dataFolder(l.env)
	}
	if found, ok := l.lookUp(settingNamed("DATABASE")); ok {
		known := false
		for _, s := range schemes {
			known = known || strings.HasPrefix(found.value, s)
		}
		if !known { // the value is not repeated: it may be a secret in the wrong place
			l.fault(found.from, "is no address of a database: write sqlite:///absolute/path, sqlite://relative/path or postgres://user@host/database")
		}
		l.cfg.Database = secret(found.value)
		if strings.HasPrefix(found.value, "postgres") {
			l.cfg.Database = secret(l.withPassword(found, "DATABASE_PASSWORD", "database"))
		}
	} else if l.cfg.Data == "" && l.cfg.from["DATABASE"] == "" {
		l.fault(prefix+"DATA", "is not set, and neither XDG_DATA_HOME nor HOME says where the user's data folder is: name a folder for the database")
	}
	if l.cfg.Database == "" {
		l.cfg.Database = secret("sqlite://" + filepath.Join(l.cfg.Data, databaseName))
	}
	if path, is := strings.CutPrefix(string(l.cfg.Database), "sqlite://"); is {
		l.idle("DATABASE_PASSWORD", "the database is an SQLite file")
		if openToOthers(path) {
			l.cfg.Warnings = append(l.cfg.Warnings, fmt.Sprintf("the database %s can be read by other users of this host; chmod 600 %s* keeps it to its owner", path, path))
		}
	}
	if found, ok := l.lookUp(settingNamed("POLICY")); ok {
		l.cfg.Policy = found.value
		if _, err := os.ReadFile(found.value); err != nil {
			l.fault(found.from, "the policy file %s cannot be read (%s): correct the path, or leave it out to work with the rules in the database", found.value, cause(err))
		}
	}
	if found, ok := l.lookUp(settingNamed("FIRST_TREASURER")); ok {
		if a, err := mail.ParseAddress(found.value); err != nil || a.Name != "" || !strings.EqualFold(a.Address, found.value) {
			l.fault(found.from, "is no e-mail address: write name@example.org, without a display name")
		}
		l.cfg.FirstTreasurer = found.value
	}
}

// openToOthers says whether somebody else than its owner can read a file, by its mode and
// those of the folders above it; false for one that is not there.
func openToOthers(path string) bool {
	path, err := filepath.Abs(path)
	if err == nil {
		path, err = filepath.EvalSymlinks(path)
	}
	if err != nil || runtime.GOOS == "windows" { // there are no modes there
		return false
	}
	need := os.FileMode(0o044)
	for {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm()&need == 0 {
			return false
		}
		above := filepath.Dir(path)
		if above == path {
			return true
		}
		path, need = above, 0o011
	}
}

// databaseName is the file that stands in the data folder.
const databaseName = "goodstanding.db"

// dataFolder is the user's own, "" when it cannot be told.
func dataFolder(e Env) string {
	if dir := e.get("XDG_DATA_HOME"); filepath.IsAbs(dir) { // the rule of the XDG specification: a relative one is ignored
		return filepath.Join(dir, "goodstanding")
	}
	if home := e.get("HOME"); home != "" {
		return filepath.Join(home, ".local", "share", "goodstanding")
	}
	return ""
}

func (l *loader) log() {
	l.cfg.LogLevel = zerolog.WarnLevel
	if found, ok := l.lookUp(settingNamed("LOG_LEVEL")); ok {
		levels := []string{"trace", "debug", "info", "warn", "error"}
		if !contains(levels, found.value) {
			near, _ := nearest(found.value, levels)
			l.fault(found.from, "%q is no log level; the nearest is %s (there are %s)", clip(found.value), near, strings.Join(levels, ", "))
		} else if level, err := zerolog.ParseLevel(found.value); err == nil {
			l.cfg.LogLevel = level
		}
	}
	if found, ok := l.lookUp(settingNamed("LOG_FORMAT")); ok {
		if !contains([]string{"console", "json"}, found.value) {
			l.fault(found.from, "%q is no log format: write console or json", clip(found.value))
		}
		l.cfg.LogFormat = found.value
	}
}

// readSecret reads the file that holds a secret.
func (l *loader) readSecret(s setting, path string, from origin, inFile bool) (raw, bool) {
	path = l.path(path, inFile)
	text, err := os.ReadFile(path)
	if err != nil {
		l.fault(from, "the file %s cannot be read (%s): correct the path, or let the user who runs goodstanding read it", path, cause(err))
		return raw{}, false
	}
	value := strings.TrimSpace(string(text))
	if value == "" {
		l.fault(from, "the file %s is empty: it has to hold the value and nothing else", path)
		return raw{}, false
	}
	if info, err := os.Stat(path); err == nil && info.Mode().Perm()&0o004 != 0 {
		l.cfg.Warnings = append(l.cfg.Warnings, fmt.Sprintf("%s can be read by everybody on this host; chmod 600 %s keeps it to its owner", path, path))
	}
	return raw{value, from}, true
}

// cause is the last cause of an error of the file system, in short.
func cause(err error) string {
	if p, ok := errors.AsType[*os.PathError](err); ok {
		return p.Err.Error()
	}
	return err.Error()
}
