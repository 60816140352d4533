package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"strings"

	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/store"
	"coopcloud.tech/goodstanding/syncer/opencollective"
)

// checkConfigCmd is goodstanding check-config.
type checkConfigCmd struct {
	Connect bool `help:"Also look at the database, read Open Collective once and try mail server, sign-in service and Matrix room; changes nothing"`
}

// Help shows how to use it.
func (checkConfigCmd) Help() string {
	return `
Lists every setting with its value and where it comes from; secrets are shown as
"set" or "not set". All faults are told at once (exit code 2).

  goodstanding check-config
  goodstanding check-config --connect`
}

// Run checks the settings.
func (c checkConfigCmd) Run(ctx context.Context, a *app) error {
	cfg, err := a.config(needUpstream)
	if err != nil {
		return err
	}
	if cfg.Policy != "" {
		if _, err := readPolicy(cfg.Policy); err != nil {
			return err
		}
	}
	if a.cli.JSON {
		if err := a.out.json(configAnswer(cfg)); err != nil {
			return err
		}
	} else {
		a.printConfig(cfg)
	}
	if !c.Connect {
		return a.out.err
	}
	return a.connect(ctx, cfg)
}

// shown are the settings as they may be shown, with where they come from.
func shown(c *Config) []struct{ name, value, from string } {
	value := map[string]string{
		"OC_SLUG": c.OCSlug, "OC_URL": c.OCURL, "OC_TOKEN": c.OCToken.String(), "SYNC_EVERY": c.Every.String(), "DATA": c.Data,
		"DATABASE": shownDatabase(string(c.Database)), "FIRST_TREASURER": secret(c.FirstTreasurer).String(), "POLICY": c.Policy,
		"DATABASE_PASSWORD": c.passwordWord("DATABASE_PASSWORD"), "SMTP_PASSWORD": c.passwordWord("SMTP_PASSWORD"),
		"LOG_LEVEL": c.LogLevel.String(), "LOG_FORMAT": c.LogFormat, "CONFIG": c.File,
		"LISTEN": c.Listen, "METRICS_LISTEN": c.metricsWord(), "PUBLIC_URL": c.PublicURL, "TRUSTED_PROXIES": c.proxyWords(),
		"HOOK_SECRET": c.HookSecret.String(), "SMTP_URL": c.smtpWord(), "MAIL_FROM": c.mailFrom(), "MAIL_REPLY_TO": c.mailReplyTo(), "SMTP_HELLO": c.smtpHello(),
		"MAIL_TEMPLATES": c.MailTemplates,
		"OIDC_ISSUER":    c.SignIn.openID().Issuer,
		"OIDC_CLIENT_ID": c.SignIn.openID().ClientID, "OIDC_CLIENT_SECRET": secret(c.SignIn.openID().ClientSecret).String(),
		"MATRIX_URL": c.matrixURL(), "MATRIX_TOKEN": secret(c.matrixOptions().Token).String(), "MATRIX_ROOM": c.matrixOptions().Room,
	}
	var out []struct{ name, value, from string }
	for _, s := range settings {
		from := string(c.from[s.name])
		v := value[s.name]
		if from == "" {
			from = "default"
			if v == "" {
				v = s.standard
			}
		}
		out = append(out, struct{ name, value, from string }{s.name, v, from})
	}
	return out
}

func (a *app) printConfig(c *Config) {
	t := &table{columns: []column{{title: "SETTING"}, {title: "VALUE", least: 20}, {title: "FROM", least: 10}}}
	for _, s := range shown(c) {
		t.add(s.name, s.value, s.from)
	}
	t.print(a.out)
	f := c.Federation
	rows := [][2]string{{"name", f.Name}, {"url", f.URL}, {"about", f.About}, {"time_zone", f.Zone.String()}, {"languages", strings.Join(f.Languages, ", ")},
		{"pay_url", f.PayURL}, {"rooms", strings.Join(f.Rooms, ", ")}, {"code", strings.TrimSpace(f.Code.Name + " " + f.Code.URL)},
		{"contact_people", strings.Join(f.Code.ContactPeople, ", ")}}
	a.out.line("")
	a.out.line("%s", a.out.bold("Federation"))
	for i, r := range rows {
		if r[1] == "" {
			rows[i][1] = "not set"
		}
	}
	a.out.pairs(rows)
	for _, w := range c.Warnings {
		a.out.line("%s %s", a.out.warn("Note:"), w)
	}
	if c.OCToken == "" {
		a.out.line("")
		a.out.wrap(0, noToken)
	}
	a.out.line("")
	a.out.line("No fault found in the settings.")
}

// configAnswer is check-config --json.
func configAnswer(c *Config) map[string]any {
	values := map[string]any{}
	for _, s := range shown(c) {
		values[s.name] = map[string]string{"value": s.value, "from": s.from}
	}
	out := map[string]any{"settings": values, "warnings": filled(c.Warnings), "time_zone": c.Federation.Zone.String(), "pay_url": c.Federation.PayURL}
	if c.OCToken == "" {
		out["note"] = noToken
	}
	return out
}

// connect tries the database and every service that is named, each whatever the others
// say: one that is down hides no fault of another.
func (a *app) connect(ctx context.Context, cfg *Config) error {
	d := &desk{app: a, cfg: cfg, log: a.logger(cfg)}
	faults := []error{a.connectDatabase(ctx, d)}
	if d.db != nil {
		defer d.close()
	}
	for _, try := range []func(context.Context, *desk) error{a.connectUpstream, a.connectMail, a.connectSignIn, a.connectMatrix} {
		if faults = append(faults, try(ctx, d)); ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return errors.Join(faults...)
}

// connectDatabase looks at the database as it is, and leaves it open for who is asked next;
// one that is not there yet, or not up to date, is no fault, and nothing is read from it.
func (a *app) connectDatabase(ctx context.Context, d *desk) error {
	db, err := store.OpenAsItIs(ctx, string(d.cfg.Database), store.Options{Version: version()})
	if fault, is := errors.AsType[*store.Fault](err); is {
		noFolder := fault.Problem == store.NoFolder && d.cfg.inData() && errors.Is(fault, fs.ErrNotExist) // which is made with it
		if noFolder || fault.Problem == store.NoDatabase {
			a.note.line("There is no database yet (%s): the first command makes it.", shownDatabase(string(d.cfg.Database)))
			return nil
		}
	}
	if err != nil {
		return err
	}
	_, err = db.UpToDate(ctx)
	if err == nil {
		d.db = db
		a.note.line("The database %s can be used.", db.Where())
		return nil
	}
	if fault, is := errors.AsType[*store.Fault](err); is && fault.Problem == store.OlderSchema {
		a.note.line("%s %s.", a.note.warn("Note:"), fault)
		err = nil
	}
	return errors.Join(err, db.Close())
}

// tried asks a service for as long as people wait. Of one that cannot be used the error
// says by which settings it was asked.
func (d *desk) tried(ctx context.Context, what string, ask func(context.Context) error, settings ...string) error {
	limit, cancel := context.WithTimeout(ctx, hasty.Within)
	defer cancel()
	err := ask(limit)
	if err == nil || ctx.Err() != nil {
		return err
	}
	if errors.Is(limit.Err(), context.DeadlineExceeded) {
		err = fmt.Errorf("%s has not answered within %s", what, hasty.Within)
	}
	for i, name := range settings {
		settings[i] = d.cfg.where(name)
	}
	return fmt.Errorf("%w: see that this host reaches it, and look at %s", err, strings.Join(settings, ", "))
}

// connectUpstream reads Open Collective once.
func (a *app) connectUpstream(ctx context.Context, d *desk) error {
	request, err := d.request(ctx)
	if err != nil {
		return err
	}
	client, err := d.client()
	if err != nil {
		return err
	}
	limit, cancel := context.WithTimeout(ctx, hasty.Within)
	defer cancel()
	snap, err := client.Pull(limit, request)
	if err != nil {
		return inTime(ctx, limit, err)
	}
	who := "anonymously"
	switch {
	case snap.NotAdmin:
		who = "with a token whose owner is no administrator of the collective, so without e-mail addresses"
	case !snap.Anonymous:
		who = "as an administrator of the collective"
	}
	a.note.line("Open Collective answers for %s (%s), read %s: %s.", snap.Collective.Slug, snap.Collective.Currency, who,
		many(len(snap.Orders), "contribution", "contributions"))
	return nil
}

// request is for the collective that this store is pinned to, if there is one.
func (d *desk) request(ctx context.Context) (r opencollective.PullRequest, err error) {
	r = opencollective.PullRequest{Slug: d.cfg.OCSlug, TransactionsFrom: d.app.env.Now()} // the money itself is not asked for
	if d.db == nil {
		return r, nil
	}
	err = d.db.View(ctx, func(tx *store.Tx) error {
		last, ok, err := tx.LastSnapshot(ctx)
		if err != nil || !ok {
			return err
		}
		r.PinnedID, r.PinnedCurrency = member.AccountID(last.Collective), last.Currency
		return nil
	})
	return r, err
}

// shownDatabase is the address without what may be secret in it.
func shownDatabase(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Scheme == "" {
		return "set"
	}
	if u.Scheme == "sqlite" {
		return address
	}
	name := ""
	if u.User != nil {
		name = u.User.Username() + "@"
	}
	return u.Scheme + "://" + name + u.Host + u.Path
}
