package main

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"coopcloud.tech/goodstanding/internal/fakesmtp"
)

var contactLinkIn = regexp.MustCompile(`/confirm-delegate/([A-Za-z0-9_-]{20,})`)

// whole is a mail's text with soft line breaks taken out.
func whole(m fakesmtp.Mail) string { return strings.ReplaceAll(m.Data, "=\r\n", "") }

// TestAContactConfirmsByMail: what the members decide and what work there is goes
// out by mail, with links to the pages; who becomes a delegate meanwhile may answer
// once the member's contact has pressed the button behind its mail's link.
func TestAContactConfirmsByMail(t *testing.T) {
	w := adopted(t)
	mails := fakesmtp.New(t, fakesmtp.Options{})
	address := freePort(t)
	w.env["GOODSTANDING_SMTP_URL"] = "smtp://" + mails.Address + "?tls=off"
	w.env["GOODSTANDING_PUBLIC_URL"] = "http://" + address
	w.env["GOODSTANDING_MAIL_FROM"] = "roll@loose-knot.example"
	w.must("people", "add", "ada@people.example", "--name", "Ada", "--delegate-of", "alfa")
	w.must("members", "add", "Golf Limited", "--kind", "organisation", "--contact", "office@golf.example", "--since", "2026-01-10")
	w.must("waive", "golf-limited", "--until", "2027-12-31", "--reason", "starting up")
	w.must("notices", "start", "--yes", "--reason", "the meeting said so")
	leakless(t)
	s := w.serve("--listen", address)
	to := func(address, part string) fakesmtp.Mail {
		t.Helper()
		var found fakesmtp.Mail
		s.until(address+" is told of "+part, func() bool {
			for _, m := range mails.Mails() {
				if slices.Contains(m.To, address) && strings.Contains(whole(m), part) {
					found = m
					return true
				}
			}
			return false
		})
		return found
	}
	w.clock += 1e6
	w.must("people", "add", "hal@people.example", "--name", "Hal", "--delegate-of", "golf-limited")
	if mail := to("office@golf.example", "Hal may now act for Golf Limited"); strings.Contains(whole(mail), "/confirm-delegate/") {
		t.Errorf("with nothing open the contact is asked:\n%s", whole(mail))
	}
	w.must("people", "delegate", "Hal", "golf-limited", "--off")
	w.clock += 1e6
	w.must("opportunities", "post", "Two chairs to mend", "--summary", "Legs.", "--contact", "the room", "--as", "Ada")
	if mail := to("ada@people.example", "Two chairs to mend"); mail.Header(t, "List-Unsubscribe") != "<http://"+address+"/me/notices>" {
		t.Errorf("an optional mail does not say where it is declined:\n%s", whole(mail))
	}

	said := w.must("decisions", "propose", "--as", "Ada", "--size", "large", "--title", "A shared calendar", "--changes", "One.", "--affects", "all", "--channel", "#general", "--until", "2027-01-20")
	id := regexp.MustCompile(`de_\w+`).FindString(said)
	w.must("decisions", "open", id, "--as", "Ada")
	if mail := to("ada@people.example", "A shared calendar"); !strings.Contains(whole(mail), "http://"+address+"/decisions/1") {
		t.Errorf("no link to the page in:\n%s", whole(mail))
	}
	to("office@golf.example", "A shared calendar") // where nobody acts for it, its contact reads it

	w.clock += 1e6
	w.must("people", "add", "gil@people.example", "--name", "Gil", "--delegate-of", "golf-limited")
	has(t, w.fails(exitRefused, "decisions", "cast", "1", "favour", "--as", "Gil"), "has to confirm that first")
	mail := to("office@golf.example", "/confirm-delegate/")
	link := contactLinkIn.FindStringSubmatch(whole(mail))
	if link == nil {
		t.Fatalf("no link in:\n%s", whole(mail))
	}
	v := visits(t, s.url)
	status, _, body := v.gets("/confirm-delegate/" + link[1])
	if status != http.StatusOK || !strings.Contains(body, "May Gil vote for Golf Limited?") {
		t.Fatalf("%d\n%s", status, body)
	}
	has(t, w.fails(exitRefused, "decisions", "cast", "1", "favour", "--as", "Gil"), "has to confirm that first") // looking is no yes
	if status, _, body = v.does(http.MethodPost, "/confirm-delegate", url.Values{"token": {link[1]}}); status != http.StatusOK || !strings.Contains(body, "may now answer for") {
		t.Fatalf("%d\n%s", status, body)
	}
	w.must("decisions", "cast", "1", "favour", "--as", "Gil")
	s.stop()
	if out := s.out.String() + s.errs.String(); strings.Contains(out, "@golf.example") || strings.Contains(out, link[1]) {
		t.Errorf("an address or a link is in the log:\n%s", out)
	}
}

// TestASecondPersonIsAskedFor by mail, once, where the pages say that one is waited for;
// whoever cannot agree gets none.
func TestASecondPersonIsAskedFor(t *testing.T) {
	w := adopted(t)
	mails := fakesmtp.New(t, fakesmtp.Options{})
	address := freePort(t)
	w.env["GOODSTANDING_SMTP_URL"] = "smtp://" + mails.Address + "?tls=off"
	w.env["GOODSTANDING_PUBLIC_URL"] = "http://" + address
	w.env["GOODSTANDING_MAIL_FROM"] = "roll@loose-knot.example"
	w.must("people", "add", "fay@people.example", "--name", "Fay", "--role", "facilitator", "--delegate-of", "alfa")
	w.must("people", "add", "bo@people.example", "--name", "Bo", "--delegate-of", "bravo")
	w.must("people", "add", "cy@people.example", "--name", "Cy", "--delegate-of", "charlie")
	w.must("notices", "start", "--yes", "--reason", "the meeting said so")
	w.clock += 1e6
	s := w.serve("--listen", address)
	v := visits(t, s.url)
	link := strings.TrimSpace(w.must("people", "sign-in-link", "Fay", "--reason", "a test"))
	v.posts("/sign-in/link", url.Values{"token": {link[strings.LastIndex(link, "/")+1:]}})
	if status, _, body := v.does(http.MethodPost, "/facilitate/pause", url.Values{"about": {"charlie"}, "words": {"No answer since May."}}); status != http.StatusOK || !strings.Contains(body, "It waits for a second person") {
		t.Fatalf("%d\n%s", status, body)
	}
	asked := func() (to []string) {
		for _, m := range mails.Mails() {
			if text := whole(m); strings.Contains(text, "A second person is asked for") {
				to = append(to, m.To...)
				for _, part := range []string{"Fay", "No answer since May.", "http://" + address + "/me"} {
					if !strings.Contains(text, part) {
						t.Errorf("the mail does not say %q:\n%s", part, text)
					}
				}
			}
		}
		return to
	}
	s.until("Bo is asked", func() bool { return len(asked()) > 0 })
	w.clock += 60e6
	if to := asked(); len(to) != 1 || to[0] != "bo@people.example" {
		t.Errorf("asked were %v", to)
	}
	s.until("that Bo was asked is noted", func() bool { return strings.Contains(w.must("notices", "--kind", "motion_waits"), "sent") })
	has(t, w.must("notices", "--kind", "motion_waits"), "a second person is asked for", "Bo", "sent")
}
