package main

import (
	"encoding/json"
	"io/fs"
	"net/http"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"coopcloud.tech/goodstanding/internal/dbtest"
	"coopcloud.tech/goodstanding/internal/fakematrix"
	"coopcloud.tech/goodstanding/internal/fakesmtp"
)

// canaries are secrets with a value that is found wherever it comes out: what each is,
// and its text.
type canaries struct {
	t       *testing.T
	secrets map[string]string
}

// look fails where a text holds a canary, but for those that its reader may have.
func (c *canaries) look(where, text string, may ...string) {
	c.t.Helper()
	plain := strings.ReplaceAll(text, "=\r\n", "")
	low := strings.ToLower(plain)
	for what, secret := range c.secrets {
		if secret == "" || slices.Contains(may, what) || !strings.Contains(low, strings.ToLower(secret)) && !strings.Contains(low, strings.ToLower(url.QueryEscape(secret))) {
			continue
		}
		i := max(0, strings.Index(low, strings.ToLower(secret)))
		c.t.Errorf("%s shows the %s: …%s…", where, what, plain[max(0, i-80):min(len(plain), i+80)])
	}
}

// among gives the names of the canaries that begin so, for who may read them.
func (c *canaries) among(prefix string) (names []string) {
	for what := range c.secrets {
		if strings.HasPrefix(what, prefix) {
			names = append(names, what)
		}
	}
	return names
}

// fullOfCanaries is a world with every kind of secret set to a canary; with the database's
// own password where that is PostgreSQL.
func fullOfCanaries(t *testing.T, format, engine string) (*world, *canaries, *fakesmtp.Server, string) {
	w := adopted(t)
	c := &canaries{t: t, secrets: map[string]string{
		"token for Open Collective": "canary-token-9471", "mail password": "canary-smtp-5512", "provider's secret": "canary-oidc-8806", "hook's secret": "canary-hook-secret-4711",
		"ada's address": "ada.canary@alpha.example", "bo's address": "bo.canary@bravo.example", "tara's address": "tara.canary@tango.example",
		"contact's address": "office.canary@golf.example", "applicant's address": "noor.canary@elm.example",
		"amount": "7319.00", "waiver's reason": "canary of hardship",
	}}
	if engine == "postgres" {
		w.toPostgres("canary-database-3307")
		c.secrets["database's password"] = "canary-database-3307"
	}
	mails := fakesmtp.New(t, fakesmtp.Options{User: "roll", Password: "canary-smtp-5512"})
	home := fakematrix.New(t, "example.org")
	bot, token := home.User("bot", "")
	home.Invite(home.Room("decisions", "@bo:example.org"), "@bo:example.org", bot)
	c.secrets["Matrix token"] = token
	address := freePort(t)
	for name, value := range map[string]string{
		"OC_TOKEN_FILE": w.file("oc", "canary-token-9471\n"), "OC_TOKEN": "", "SMTP_URL": "smtp://roll@" + mails.Address + "?tls=off", "SMTP_PASSWORD_FILE": w.file("smtp", "canary-smtp-5512\n"),
		"MAIL_FROM": "roll@example.org", "PUBLIC_URL": "http://" + address, "HOOK_SECRET": "canary-hook-secret-4711",
		"OIDC_ISSUER": "http://" + freePort(t), "OIDC_CLIENT_ID": "roll", "OIDC_CLIENT_SECRET": "canary-oidc-8806",
		"MATRIX_URL": home.URL, "MATRIX_TOKEN": token, "MATRIX_ROOM": "#decisions:example.org", "LOG_LEVEL": "trace", "LOG_FORMAT": format,
	} {
		if w.env["GOODSTANDING_"+name] = value; value == "" {
			delete(w.env, "GOODSTANDING_"+name)
		}
	}
	w.must("people", "add", c.secrets["tara's address"], "--name", "Tara", "--role", "treasurer")
	w.must("people", "add", c.secrets["ada's address"], "--name", "Ada", "--delegate-of", "alfa")
	w.must("people", "add", c.secrets["bo's address"], "--name", "Bo", "--delegate-of", "foxtrot")
	w.must("members", "add", "Golf Limited", "--kind", "organisation", "--contact", c.secrets["contact's address"], "--since", "2026-01-10")
	w.must("waive", "golf-limited", "--until", "2027-12-31", "--reason", c.secrets["waiver's reason"])
	w.must("pay", "alfa", "--amount", "GBP 7319.00", "--received", "2026-11-01", "--months", "12", "--reason", "bank")
	c.secrets["program's token"] = strings.TrimSpace(w.must("token", "create", "wiki", "--scope", "services:read"))
	c.secrets["program's former token"] = c.secrets["program's token"]
	c.secrets["program's token"] = strings.TrimSpace(w.must("token", "rotate", "wiki", "--reason", "a year is over"))
	c.secrets["ada's token"] = strings.TrimSpace(w.must("token", "create", "bot", "--for", "Ada", "--scope", "decisions:read"))
	w.must("notices", "start", "--yes")
	return w, c, mails, address
}

// toPostgres moves what the world has stored to a PostgreSQL of the test's, by a backup,
// and gives the program a password for it in a file. The server asks for none.
func (w *world) toPostgres(password string) {
	w.t.Helper()
	at, err := url.Parse(dbtest.EmptyPostgresDSN(w.t))
	if err != nil {
		w.t.Fatal(err)
	}
	file := filepath.Join(w.dir, "moved.jsonl.gz")
	w.must("backup", file)
	q := at.Query()
	at.User = url.User(q.Get("user")) // whose password it is has to stand there
	q.Del("user")
	at.RawQuery = q.Encode()
	w.env["GOODSTANDING_DATABASE"] = at.String()
	w.env["GOODSTANDING_DATABASE_PASSWORD_FILE"] = w.file("database", password+"\n")
	w.must("restore", file)
}

// TestNoCanaryComesOut: with every secret set to a word that is easily found, the whole
// program runs: signs people in, mails, takes an application, lets a delegate be
// confirmed, answers rightly and wrongly. No word is in log, metrics, screen, errors,
// file names, pages or answers for others, or mails to others; each is where it belongs.
// It does so once on each engine, and once with each form of the log.
func TestNoCanaryComesOut(t *testing.T) {
	for format, engine := range map[string]string{"json": "postgres", "console": "sqlite"} {
		t.Run(format+" on "+engine, func(t *testing.T) {
			w, c, mails, address := fullOfCanaries(t, format, engine)
			s := w.serve("--listen", address)
			mailed := func(to string, link *regexp.Regexp) string {
				t.Helper()
				var found []string
				s.until("a mail to "+to, func() bool {
					for _, m := range mails.Mails() {
						if slices.Contains(m.To, c.secrets[to]) {
							if found = link.FindStringSubmatch(whole(m)); found != nil {
								return true
							}
						}
					}
					return false
				})
				return found[len(found)-1]
			}
			ada, tara := visits(t, s.url), visits(t, s.url)
			for who, v := range map[string]*visitor{"ada": ada, "tara": tara} {
				v.posts("/sign-in", url.Values{"email": {c.secrets[who+"'s address"]}, "next": {"/me"}})
				link := mailed(who+"'s address", linkIn)
				c.secrets[who+"'s link"] = link
				v.posts("/sign-in/link", url.Values{"token": {link}})
				at, _ := url.Parse(s.url)
				c.secrets[who+"'s cookie"] = v.client.Jar.Cookies(at)[0].Value
			}
			ada.posts("/join", url.Values{"kind": {"organisation"}, "name": {"Elm Web"}, "summary": {"We host."}, "involvement": {"A server."}, "representative": {"Noor"},
				"email": {c.secrets["applicant's address"]}, "language": {"en"}, "code": {"yes"}, "read": {"yes"}})
			c.secrets["applicant's link"] = mailed("applicant's address", confirmIn)
			ada.posts("/join/confirm", url.Values{"token": {c.secrets["applicant's link"]}})
			id := regexp.MustCompile(`de_\w+`).FindString(w.must("decisions", "propose", "--as", "Ada", "--size", "large", "--title", "A calendar", "--changes", "One.", "--affects", "all", "--channel", "#general", "--until", "2027-01-20"))
			w.must("decisions", "open", id, "--as", "Ada")
			w.clock += 1e6
			w.must("people", "add", "gil.canary@golf.example", "--name", "Gil", "--delegate-of", "golf-limited")
			c.secrets["gil's address"] = "gil.canary@golf.example"
			c.secrets["contact's link"] = mailed("contact's address", contactLinkIn)

			// Each is where it belongs: the search can find them.
			_, _, board := tara.gets("/board/members/alfa")
			_, _, golf := tara.gets("/board/members/golf-limited")
			_, _, own := ada.gets("/me/data")
			has(t, board+golf, "£7319.00", c.secrets["waiver's reason"])
			has(t, own, c.secrets["ada's address"])

			if format == "json" { // what is answered is the same in both
				publicly(t, s, c)
				others(t, w, s, c)
			}
			for _, m := range mails.Mails() {
				for who, its := range map[string][]string{"ada": c.among("ada's"), "bo": c.among("bo's"), "tara": append(c.among("tara's"), "applicant's address"), "contact": c.among("contact's"), "applicant": c.among("applicant's"), "gil": c.among("gil's")} {
					if slices.Contains(m.To, c.secrets[who+"'s address"]) {
						c.look("a mail to "+who, m.Data, its...)
					}
				}
			}
			mayRead := append(c.among("ada's address"), "bo's address", "tara's address", "gil's address", "contact's address", "applicant's address", "waiver's reason", "amount")
			for _, command := range [][]string{{"status"}, {"verify"}, {"check-config"}, {"check-config", "--connect"}, {"sync"}, {"token", "list"}, {"people", "list"}, {"people", "sessions"}, {"notices", "list"},
				{"explain", "alfa"}, {"roll", "--json"}, {"token", "revoke", c.secrets["program's token"]}, {"members", "applications"}, {"backup", "--to", filepath.Join(w.dir, "backups")}} {
				said := w.run(command...)
				c.look("goodstanding "+command[0], said.out, mayRead...) // the operator's, who may read all but secrets
				c.look("the log and errors of goodstanding "+command[0], said.err, slices.Concat(c.among("contact's address"), c.among("gil's address"))...)
			}
			c.unreachable(w)
			w.env["GOODSTANDING_SMTP_PASSWORD_FILE"] = w.file("smtp-wrong", "canary-wrong-1\n")
			c.secrets["wrong password"] = "canary-wrong-1"
			said := w.run("check-config", "--connect")
			if said.code == exitOK {
				t.Error("a wrong password is taken")
			}
			c.look("the error of a wrong password", said.out+said.err)
			s.stop()
			c.look("what the daemon writes", s.out.String()+s.errs.String())
			has(t, s.errs.String(), "answered", "/join/confirm") // it does log
			if err := filepath.WalkDir(w.dir, func(path string, _ fs.DirEntry, err error) error {
				c.look("a file's name", path)
				return err
			}); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// unreachable looks at what is said where the database is not there, its password in the
// address or in a file.
func (c *canaries) unreachable(w *world) {
	c.t.Helper()
	database, file := w.env["GOODSTANDING_DATABASE"], w.env["GOODSTANDING_DATABASE_PASSWORD_FILE"]
	c.secrets["password in the address"], c.secrets["password of none"] = "canary-in-dsn-2290", "canary-for-none-6148"
	for dsn, password := range map[string]string{
		"postgres://roll:canary-in-dsn-2290@127.0.0.1:1/roll?connect_timeout=2&sslmode=disable": "",
		"postgres://127.0.0.1:1/roll?user=roll&password=canary-in-dsn-2290&sslmode=disable":     "",
		"postgres://roll@127.0.0.1:1/roll?connect_timeout=2&sslmode=disable":                    w.file("none", "canary-for-none-6148\n"),
		"postgres://roll:canary-in-dsn-2290@127.0.0.1:port/roll":                                "",
	} {
		w.env["GOODSTANDING_DATABASE"], w.env["GOODSTANDING_DATABASE_PASSWORD_FILE"] = dsn, password
		if password == "" {
			delete(w.env, "GOODSTANDING_DATABASE_PASSWORD_FILE")
		}
		for _, command := range [][]string{{"status"}, {"verify"}, {"check-config"}, {"check-config", "--connect"}, {"serve"}, {"backup", filepath.Join(w.dir, "none.gz")}} {
			said := w.run(command...)
			if said.code == exitOK && len(command) > 1 {
				c.t.Errorf("%s works without a database:\n%s", command, said.out)
			}
			c.look("goodstanding "+command[0]+" without a database", said.out+said.err)
		}
	}
	w.env["GOODSTANDING_DATABASE"], w.env["GOODSTANDING_DATABASE_PASSWORD_FILE"] = database, file
	for _, name := range []string{"GOODSTANDING_DATABASE", "GOODSTANDING_DATABASE_PASSWORD_FILE"} {
		if w.env[name] == "" {
			delete(w.env, name)
		}
	}
}

// publicly reads all that nobody needs to sign in for, and errors of all kinds.
func publicly(t *testing.T, s *serving, c *canaries) {
	t.Helper()
	var doc struct {
		Paths map[string]map[string]any `json:"paths"`
	}
	if err := json.Unmarshal([]byte(get(t, s.url+"/api/v1/openapi.json", "").body), &doc); err != nil {
		t.Fatal(err)
	}
	paths := []string{"/", "/members", "/members.md", "/decisions", "/decisions/1", "/decisions/1.md", "/providers", "/opportunities", "/rules", "/privacy", "/join", "/sign-in", "/me", "/board", "/nothing",
		"/sign-in/link/" + c.secrets["ada's link"] + "x", "/confirm-delegate/nonsense", "/join/confirm/nonsense"}
	for path := range doc.Paths {
		paths = append(paths, strings.NewReplacer("{decision}", "1", "{member}", "alfa", "{secret}", "wrong").Replace(path))
	}
	for _, path := range paths {
		for who, token := range map[string]string{"everybody": "", "a wrong token": "gs_wrong", "a program": c.secrets["program's token"], "a program with its former token": c.secrets["program's former token"]} {
			a := get(t, s.url+path, token)
			text := strings.ReplaceAll(a.body, c.secrets["ada's link"]+"x", "") // what was sent comes back to who sent it
			for name, values := range a.header {
				text += name + ": " + strings.Join(values, ", ") + "\n"
			}
			c.look(path+" for "+who, text)
		}
	}
	c.look("the metrics", get(t, s.metrics, "").body)
}

// others reads, as a delegate of another member, what people read.
func others(t *testing.T, w *world, s *serving, c *canaries) {
	t.Helper()
	bo := visits(t, s.url)
	link := strings.TrimSpace(w.must("people", "sign-in-link", "Bo", "--reason", "a test"))
	bo.posts("/sign-in/link", url.Values{"token": {link[strings.LastIndex(link, "/")+1:]}})
	for _, path := range []string{"/me", "/me/data", "/me/data.json", "/me/delegates", "/me/notices", "/me/standing", "/me/listing", "/decisions", "/decisions/1", "/decisions/new", "/members", "/opportunities",
		"/board", "/board/members/alfa", "/board/set-up", "/facilitate", "/admissions", "/api/v1/me", "/api/v1/decisions/1", "/api/v1/notices", "/api/v1/electorate"} {
		status, _, body := bo.gets(path)
		if strings.HasPrefix(path, "/board") && status != http.StatusForbidden {
			t.Errorf("%s is answered with %d", path, status)
		}
		c.look(path+" for another member's delegate", body, c.among("bo's")...)
	}
}
