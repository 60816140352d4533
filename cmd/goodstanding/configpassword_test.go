package main

import (
	"fmt"
	"strings"
	"testing"
)

// TestPasswordsInSettingsOfTheirOwn: a platform makes passwords, and keeps them in
// files; the addresses stand beside them.
func TestPasswordsInSettingsOfTheirOwn(t *testing.T) {
	w := newWorld(t)
	db, mail := w.file("db", "hush: 1/2@\n"), w.file("mail", "psst?\n")
	base := map[string]string{"OC_SLUG": "alfa", "DATABASE": "postgres://roll@db:5432/roll?sslmode=disable", "DATABASE_PASSWORD_FILE": db,
		"SMTP_URL": "smtp://post@mail.example.org:587", "SMTP_PASSWORD_FILE": mail, "MAIL_FROM": "roll@example.org", "PUBLIC_URL": "https://roll.example.org"}
	with := func(changes ...string) map[string]string {
		env := map[string]string{"HOME": w.dir}
		for k, v := range base {
			env[prefix+k] = v
		}
		for i := 0; i < len(changes); i += 2 {
			if env[prefix+changes[i]] = changes[i+1]; changes[i+1] == "" {
				delete(env, prefix+changes[i])
			}
		}
		return env
	}
	c, err := load(t, nil, with(), needUpstream)
	if err != nil || len(c.Warnings) > 0 {
		t.Fatal(err, c)
	}
	if got := string(c.Database); got != "postgres://roll:hush%3A%201%2F2%40@db:5432/roll?sslmode=disable" {
		t.Errorf("the database is %s", got)
	}
	if s := c.SignIn.SMTP.Server; s.User != "post" || s.Password != "psst?" {
		t.Errorf("the mail server knows %q, %q", s.User, s.Password)
	}
	for _, s := range shown(c) {
		if strings.Contains(s.value, "hush") || strings.Contains(s.value, "psst") {
			t.Errorf("%s shows the password: %s", s.name, s.value)
		}
	}
	for _, one := range []struct {
		env  map[string]string
		want string // faults, or warnings
	}{
		{with("DATABASE", "postgres://roll:other@db/roll"), "GOODSTANDING_DATABASE_PASSWORD_FILE: is set, and GOODSTANDING_DATABASE has a password, too: keep one of the two"},
		{with("DATABASE", "postgres://db/roll"), "GOODSTANDING_DATABASE_PASSWORD_FILE: is set, and GOODSTANDING_DATABASE names nobody whose password it is: " +
			"write USER@ before the host of the database"},
		{with("SMTP_URL", "smtp://post:other@mail.example.org:587"), "GOODSTANDING_SMTP_PASSWORD_FILE: is set, and GOODSTANDING_SMTP_URL has a password, too: keep one of the two"},
		{with("DATABASE", ""), "GOODSTANDING_DATABASE_PASSWORD_FILE changes nothing: the database is an SQLite file"},
		{with("SMTP_URL", "", "MAIL_FROM", ""), "GOODSTANDING_SMTP_PASSWORD_FILE changes nothing: no mail server is named in GOODSTANDING_SMTP_URL"},
		{with("DATABASE", "hush-hush"), "GOODSTANDING_DATABASE: is no address of a database: write sqlite:///absolute/path, sqlite://relative/path or postgres://user@host/database"},
	} {
		c, err := load(t, nil, one.env, needUpstream)
		got := fmt.Sprint(err)
		if err == nil {
			got = strings.Join(c.Warnings, "\n")
		}
		if got != one.want {
			t.Errorf("got  %s\nwant %s", got, one.want)
		}
	}
}
