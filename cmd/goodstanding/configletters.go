package main

import (
	"errors"
	"path/filepath"

	"coopcloud.tech/goodstanding/notify/letter"
)

// letters reads the folder of templates that stand in for the program's own.
// What is wrong with it is told with the file and the line.
func (l *loader) letters() {
	found, ok := l.lookUp(settingNamed("MAIL_TEMPLATES"))
	if !ok {
		return
	}
	l.cfg.MailTemplates = found.value
	own, err := letter.Load(found.value)
	if faults, many := errors.AsType[*letter.Faults](err); many {
		for _, one := range faults.All {
			if one.File != "" {
				one.File = filepath.Join(found.value, one.File)
			}
			l.fault(found.from, "%s", one)
		}
		return
	}
	l.cfg.ownLetters = own
}

// Letters are the words of notices: the federation's own, else the program's.
func (c *Config) Letters() *letter.Catalogue {
	if c.ownLetters != nil {
		return c.ownLetters
	}
	return letter.BuiltIn()
}
