package main

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"coopcloud.tech/goodstanding/internal/fakesmtp"
)

var confirmIn = regexp.MustCompile(`http://\S+/join/confirm/([A-Za-z0-9_-]{43})`)

// Somebody applies on the pages of a daemon whose notices are off, in Spanish: the
// link comes by mail all the same, nobody reads of it before it was used, and the
// command line takes it up, or says no.
func TestApplyingThroughTheDaemon(t *testing.T) {
	w := adopted(t)
	leakless(t)
	mails := fakesmtp.New(t, fakesmtp.Options{})
	address := freePort(t)
	w.env["GOODSTANDING_SMTP_URL"] = "smtp://" + mails.Address + "?tls=off"
	w.env["GOODSTANDING_MAIL_FROM"] = `"Example Federation" <roll@example.org>`
	w.env["GOODSTANDING_PUBLIC_URL"] = "http://" + address
	w.env["GOODSTANDING_LOG_LEVEL"] = "debug"
	s := w.serve("--listen", address)
	v := visits(t, s.url)
	form := url.Values{"kind": {"organisation"}, "name": {"Elm Web"}, "summary": {"We host <sites>."}, "involvement": {"We share a server."}, "representative": {"Noor Canary"},
		"email": {"noor@elm.example"}, "language": {"es"}, "code": {"yes"}, "read": {"yes"}}
	if to := v.posts("/join", form); to != "/join/sent" {
		t.Errorf("on to %q", to)
	}
	mail := mails.Wait(t, 1)[0]
	text := strings.ReplaceAll(mail.Data, "=\r\n", "")
	link := confirmIn.FindStringSubmatch(text)
	if mail.To[0] != "noor@elm.example" || mail.Header(t, "Auto-Submitted") != "auto-generated" || mail.Header(t, "List-Id") != "" || link == nil {
		t.Fatalf("the mail: %+v", mail)
	}
	has(t, text, "Volver a leerla y confirmarla")
	for _, typed := range []string{"Elm Web", "We host", "share a server", "Noor"} { // whoever typed it may be anybody
		if strings.Contains(text, typed) {
			t.Errorf("%q of the form is in the mail:\n%s", typed, text)
		}
	}
	has(t, w.must("members", "applications"), "Nobody has applied on the pages lately.")
	for range 2 {
		if status, _, body := v.gets("/join/confirm/" + link[1]); status != http.StatusOK || strings.Count(body, "<button") != 1 || !strings.Contains(body, "We host &lt;sites&gt;.") {
			t.Fatalf("the link's page: %d\n%s", status, body)
		}
	}
	w.must("people", "add", "fay@people.example", "--name", "Fay", "--role", "facilitator")
	w.must("notices", "start", "--yes")
	for range 2 {
		if to := v.posts("/join/confirm", url.Values{"token": {link[1]}}); to != "/join/confirmed" {
			t.Errorf("confirmed, on to %q", to)
		}
	}
	told := mails.Wait(t, 2)[1] // once: the link was confirmed twice
	if told.To[0] != "fay@people.example" {
		t.Errorf("told of it: %v", told.To)
	}
	has(t, strings.ReplaceAll(told.Data, "=\r\n", ""), "Subject: Elm Web would like to join", "We host", "http://"+address+"/admissions")
	has(t, w.must("status"), "Say yes or no to 1 application to join: goodstanding members applications")
	has(t, w.must("members", "applications"), "NAME", "Elm Web", "organisation", "Noor Canary", "waits for a yes or no")
	has(t, w.must("members", "applications", "list", "--json"), `"summary": "We host <sites>."`, `"email": "noor@elm.example"`, `"outcome": ""`)
	has(t, w.fails(exitNotFound, "members", "applications", "accept", "nobody"), `there is no application "nobody"`)
	has(t, w.must("members", "applications", "accept", "elm web"), "Elm Web is an applicant now (m_", "goodstanding decisions propose --size large --admit m_")
	has(t, w.must("members", "applications"), "accepted")
	has(t, w.fails(exitRefused, "members", "applications", "decline", "Elm Web", "--reason", "no"), "it was accepted on ")
	has(t, w.must("people", "list"), "Noor Canary")
	w.must("verify")
	s.stop()
	for _, secret := range []string{link[1], "elm.example", "Noor", "Elm Web"} {
		if strings.Contains(s.out.String()+s.errs.String(), secret) {
			t.Errorf("%s is in the daemon's output:\n%s", secret, s.errs.String())
		}
	}
	has(t, s.errs.String(), "/join/confirm/{token}") // it does log
}
