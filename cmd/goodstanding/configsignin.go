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

// mailing reads where mails are handed in.
func (l *loader) mailing() {
	server, smtp := l.lookUp(settingNamed("SMTP_URL"))
	sender, from := l.lookUp(settingNamed("MAIL_FROM"))
	o := &email.Options{}
	var err error
	if from {
		if o.From, err = email.ParseFrom(sender.value); err != nil {
			l.fault(sender.from, "%s", err)
		}
	}
	if !smtp {
		if from && l.cfg.from["SMTP_URL"] == "" {
			l.cfg.Warnings = append(l.cfg.Warnings, string(sender.from)+" changes nothing: no mail server is named in "+prefix+"SMTP_URL")
		}
		return
	}
	if o.Server, err = email.ParseURL(server.value); err != nil {
		for _, one := range unjoin(err) {
			l.fault(server.from, "%s", one)
		}
	}
	if !from {
		l.fault(prefix+"MAIL_FROM", `is not set: say who the mails are from, such as "Example Federation" <roll@example.org>`)
	}
	if o.Server.Unverified {
		l.cfg.Warnings = append(l.cfg.Warnings, "the mail server's certificate is not verified: whoever stands in between can read the mails, sign-in links among them")
	}
	l.cfg.SignIn.SMTP = o
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
