package main

import (
	"context"
	"net"
	"net/http"
	"strings"
	"time"

	"coopcloud.tech/goodstanding/api"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/notify/email"
	"coopcloud.tech/goodstanding/signin"
	"coopcloud.tech/goodstanding/web"
)

// noSignIn says on the daemon's screen that nobody can sign in by themselves.
const noSignIn = "off: set GOODSTANDING_SMTP_URL or GOODSTANDING_OIDC_ISSUER; goodstanding people sign-in-link works without"

// visitors are who signs in, and the pages they meet.
type visitors struct {
	signin *signin.Service
	pages  *web.Pages
	sender *email.Sender // nil for no mails
}

// signInOptions are how people sign in by the settings, without mails.
func (d *desk) signInOptions() signin.Options {
	c := d.cfg
	return signin.Options{Roll: d.roll, DB: d.db, Now: d.app.env.Now, NewID: d.app.env.NewID, Log: d.log, BaseURL: c.baseURL(), Federation: c.Federation.Name,
		Zone: c.Federation.Zone, OpenID: c.SignIn.OpenID, PlainCookies: signin.Loopback(c.PublicURL)}
}

// baseURL is where people reach the pages: what the settings say, else this host.
func (c *Config) baseURL() string {
	if c.PublicURL != "" {
		return c.PublicURL
	}
	host, port, err := net.SplitHostPort(c.Listen)
	if ip := net.ParseIP(host); err != nil || host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, port)
}

// sender hands mails in by the settings; nil for no mails.
func (d *desk) sender() (*email.Sender, error) {
	if d.cfg.SignIn.SMTP == nil {
		return nil, nil
	}
	o := *d.cfg.SignIn.SMTP
	o.Federation = d.cfg.Federation.Name
	o.Now = func() time.Time { return d.app.env.Now().Time().In(d.cfg.Federation.Zone) }
	return email.New(o)
}

// remembering is what the pages are made of at an instant; false while nothing was
// read.
type remembering func(now instant.Instant) (api.Memory, bool)

// visitors makes the pages of what is in memory; catchUp has that know what was just
// written (nil where nobody writes elsewhere), next says when Open Collective is read
// again (nil where nobody reads it), pace how long somebody waits before the next change
// (nil for no bound), and observe is told of every answer.
func (d *desk) visitors(o signin.Options, memory remembering, catchUp func(context.Context), next func() instant.Instant, pace func(string, instant.Instant) time.Duration,
	observe func(route, method string, status int, took time.Duration)) (*visitors, error) {
	v := &visitors{}
	var err error
	if v.sender, err = d.sender(); err != nil {
		return nil, err
	}
	if v.sender != nil {
		o.Mail, o.Confirm = v.sender, d.confirmLetter
	}
	if v.signin, err = signin.New(o); err != nil {
		return nil, err
	}
	f := d.cfg.Federation
	read := func(now instant.Instant) (web.Memory, bool) {
		m, ok := memory(now)
		return web.Memory(m), ok
	}
	v.pages, err = web.New(web.Options{SignIn: v.signin, Roll: d.roll, Chair: d.chair(), Announced: d.announced, Letters: previews(d.cfg), NextReading: next, Memory: read, CatchUp: catchUp, Now: o.Now, Zone: f.Zone, BaseURL: o.BaseURL, TrustedProxies: d.cfg.TrustedProxies, Log: d.log, Pace: pace, Observe: observe,
		Federation: web.Federation{Name: o.Federation, URL: f.URL, About: f.About, PayURL: f.PayURL, Rooms: f.Rooms, Treasurers: d.cfg.mailReplyTo(), Code: web.CodeOfCooperation{Name: f.Code.Name, URL: f.Code.URL, ContactPeople: f.Code.ContactPeople}}})
	return v, err
}

// run answers those who ask for links, until the context ends.
func (v *visitors) run(ctx context.Context) { v.signin.Run(ctx) }

// close ends the connection to the mail server.
func (v *visitors) close() {
	if v.sender != nil {
		v.sender.Close()
	}
}

// handler answers pages, and leaves the rest to the API.
func (s *shift) handler() http.Handler { return s.visitors.pages.Before(s.api.Handler()) }

// signInWords say on the daemon's screen how people sign in.
func signInWords(c *Config) string {
	if ways := c.SignIn.words(); len(ways) > 0 {
		return strings.Join(ways, ", ")
	}
	return noSignIn
}

// connectMail tries the mail server.
func (a *app) connectMail(ctx context.Context, d *desk) error {
	sender, err := d.sender()
	if err != nil || sender == nil {
		return err
	}
	defer sender.Close()
	where := d.cfg.SignIn.SMTP.Server.Where()
	if err := d.tried(ctx, "the mail server "+where, sender.Check, "SMTP_URL", "SMTP_PASSWORD"); err != nil {
		return err
	}
	a.note.line("The mail server %s takes mails from here.", where)
	return nil
}

// connectSignIn tries the provider of single sign-on.
func (a *app) connectSignIn(ctx context.Context, d *desk) error {
	o := d.cfg.SignIn.OpenID
	if o == nil {
		return nil
	}
	if err := d.tried(ctx, "the sign-in service "+o.Issuer, o.Check, "OIDC_ISSUER"); err != nil {
		return err
	}
	a.note.line("The sign-in service %s answers.", o.Issuer)
	return nil
}
