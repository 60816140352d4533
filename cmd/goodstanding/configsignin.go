package main

import (
	"net/url"
	"strings"

	"coopcloud.tech/goodstanding/notify/email"
	"coopcloud.tech/goodstanding/signin"
)

// SignIn is how people sign in.
type SignIn struct {
	// SMTP is where mails are handed in, From who they are from; nil for no mails.
	SMTP *email.Options
	// OpenID is the provider; nil for none.
	OpenID *signin.OpenID
}

// signIn reads how people sign in.
func (l *loader) signIn() {
	l.mailing()
	l.openID()
	if l.cfg.SignIn.SMTP == nil && l.cfg.SignIn.OpenID == nil {
		return
	}
	// Links in mails and the way back from a provider need an address that holds.
	from := l.cfg.from["PUBLIC_URL"]
	u, err := url.Parse(l.cfg.PublicURL)
	switch {
	case from == "":
		l.fault(prefix+"PUBLIC_URL", "is not set, and signing in needs it: write where the world reaches this server, such as https://roll.example.org")
	case err != nil || u.Host == "": // said already
	case u.Scheme != "https" && !signin.Loopback(l.cfg.PublicURL):
		l.fault(from, "is not https: browsers keep nobody signed in over plain http, but for addresses of this computer such as http://127.0.0.1:8080")
	case strings.Trim(u.Path, "/") != "":
		l.fault(from, "has a path, and the pages are at the root of a host: give them a name of their own, such as https://roll.example.org")
	}
}

// mailing reads where mails are handed in, and what stands in them.
func (l *loader) mailing() {
	server, smtp := l.lookUp(settingNamed("SMTP_URL"))
	o := &email.Options{}
	from := mailSetting(l, smtp, "MAIL_FROM", email.ParseFrom, &o.From)
	mailSetting(l, smtp, "MAIL_REPLY_TO", email.ParseReplyTo, &o.ReplyTo)
	hello := mailSetting(l, smtp, "SMTP_HELLO", email.ParseHello, &o.Hello)
	if !smtp {
		if l.cfg.from["SMTP_URL"] == "" {
			l.idle("SMTP_PASSWORD", "no mail server is named in "+prefix+"SMTP_URL")
		}
		return
	}
	var err error
	if o.Server, err = email.ParseURL(l.withPassword(server, "SMTP_PASSWORD", "mail server")); err != nil {
		for _, one := range unjoin(err) {
			l.fault(server.from, "%s", one)
		}
	}
	if !from {
		l.fault(prefix+"MAIL_FROM", `is not set: say who the mails are from, such as "Example Federation" <roll@example.org>`)
	}
	if !hello {
		o.Hello = helloOf(l.cfg.PublicURL)
	}
	if o.Server.Unverified {
		l.cfg.Warnings = append(l.cfg.Warnings, "the mail server's certificate is not verified: whoever stands in between can read the mails, sign-in links among them")
	}
	l.cfg.SignIn.SMTP = o
}

// mailSetting reads a setting that means nothing without a mail server, and says
// whether it is there.
func mailSetting[T any](l *loader, smtp bool, name string, parse func(string) (T, error), to *T) bool {
	found, ok := l.lookUp(settingNamed(name))
	if !ok {
		return false
	}
	value, err := parse(found.value)
	if err != nil {
		l.fault(found.from, "%s", err)
	}
	*to = value
	if !smtp && l.cfg.from["SMTP_URL"] == "" {
		l.cfg.Warnings = append(l.cfg.Warnings, string(found.from)+" changes nothing: no mail server is named in "+prefix+"SMTP_URL")
	}
	return true
}

// helloOf is what a host calls itself that has this address; "" where that is no
// name, for the one that the operating system knows.
func helloOf(public string) string {
	u, err := url.Parse(public)
	if err != nil {
		return ""
	}
	name, err := email.ParseHello(u.Hostname())
	if err != nil {
		return ""
	}
	return name
}

// openID reads which provider may say who somebody is.
func (l *loader) openID() {
	issuer, known := l.lookUp(settingNamed("OIDC_ISSUER"))
	client, named := l.lookUp(settingNamed("OIDC_CLIENT_ID"))
	secret, kept := l.lookUp(settingNamed("OIDC_CLIENT_SECRET"))
	if !known && !named && !kept {
		return
	}
	if !known {
		l.fault(prefix+"OIDC_ISSUER", "is not set, and other settings of the provider are: write its address, such as https://accounts.example.org")
	}
	if !named {
		l.fault(prefix+"OIDC_CLIENT_ID", "is not set: write the name under which the provider knows this program")
	}
	u, err := url.Parse(issuer.value)
	switch {
	case !known:
	case err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || u.Scheme != "https" && u.Scheme != "http":
		l.fault(issuer.from, "is no address of a provider: write it as the provider gives it, such as https://accounts.example.org")
	case u.Scheme != "https" && !signin.Loopback(issuer.value):
		l.fault(issuer.from, "is not https: anybody in between could say who somebody is")
	}
	l.cfg.SignIn.OpenID = &signin.OpenID{Issuer: issuer.value, ClientID: client.value, ClientSecret: secret.value}
}

// words say how one can sign in.
func (s SignIn) words() []string {
	var ways []string
	if s.SMTP != nil {
		ways = append(ways, "by a mailed link over "+s.SMTP.Server.Where())
	}
	if s.OpenID != nil {
		ways = append(ways, "by "+s.OpenID.Issuer)
	}
	return ways
}

// openID is the provider, empty for none.
func (s SignIn) openID() signin.OpenID {
	if s.OpenID == nil {
		return signin.OpenID{}
	}
	return *s.OpenID
}

// smtpWord is where mails are handed in, as it may be shown.
func (c *Config) smtpWord() string {
	if c.SignIn.SMTP == nil {
		return ""
	}
	return c.SignIn.SMTP.Server.Where()
}

// mailFrom is who the mails are from.
func (c *Config) mailFrom() string {
	if c.SignIn.SMTP == nil {
		return ""
	}
	return c.SignIn.SMTP.From.Address
}

// mailReplyTo is where answers to the mails go, "" for where they are from.
func (c *Config) mailReplyTo() string {
	if c.SignIn.SMTP == nil {
		return ""
	}
	return c.SignIn.SMTP.ReplyTo.Address
}

// smtpHello is what this host calls itself to the mail server.
func (c *Config) smtpHello() string {
	if c.SignIn.SMTP == nil {
		return ""
	}
	return c.SignIn.SMTP.Hello
}
