package main

import "net/url"

// withPassword puts a password that stands in a setting of its own into an
// address that was found: secrets that a platform makes are passwords, not
// addresses. what is the thing that the address is of, for messages.
func (l *loader) withPassword(address raw, name, what string) string {
	found, ok := l.lookUp(settingNamed(name))
	if !ok {
		return address.value
	}
	u, err := url.Parse(address.value)
	if err != nil { // who reads the address says what is wrong with it
		return address.value
	}
	_, has := u.User.Password()
	switch {
	case has:
		l.fault(found.from, "is set, and %s has a password, too: keep one of the two", address.from)
	case u.User.Username() == "":
		l.fault(found.from, "is set, and %s names nobody whose password it is: write USER@ before the host of the %s", address.from, what)
	default:
		u.User = url.UserPassword(u.User.Username(), found.value)
	}
	return u.String()
}

// idle points out a password that nothing asks for.
func (l *loader) idle(name, why string) {
	if found, ok := l.lookUp(settingNamed(name)); ok {
		l.cfg.Warnings = append(l.cfg.Warnings, string(found.from)+" changes nothing: "+why)
	}
}

// passwordWord says whether a password stands in a setting of its own.
func (c *Config) passwordWord(name string) string { return secret(c.from[name]).String() }
