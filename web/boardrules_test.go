package web

import (
	"bytes"
	"html"
	"io"
	"mime/multipart"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/roll"
)

// sendFile sends a form with a file, as browsers do.
func (s *site) sendFile(path, name string, text []byte, fields ...string) page {
	s.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for i := 0; i < len(fields); i += 2 {
		s.ok(w.WriteField(fields[i], fields[i+1]))
	}
	part, err := w.CreateFormFile(name, "a <b>.yaml")
	s.ok(err)
	_, err = part.Write(text)
	s.ok(err)
	s.ok(w.Close())
	r, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, s.server.URL+path, &body)
	s.ok(err)
	r.Header.Set("Content-Type", w.FormDataContentType())
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	res, err := s.client.Do(r)
	s.ok(err)
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	s.ok(err)
	return page{res.StatusCode, res.Header, string(answer)}
}

// Other rules are checked, said in words and held against the real roll, and nothing
// is stored before somebody says so.
func boardRules(t *testing.T, f *federation) {
	p := f.get("/board/rules").want(t, 200, "<h1>Rules</h1>", "In force: seed-2022", "Members pay £10.00 a month or more", "What would other rules do?", "Nothing is stored by that.")
	text := html.UnescapeString(regexp.MustCompile(`(?s)<textarea id="text"[^>]*>(.*?)</textarea>`).FindStringSubmatch(p.body)[1])
	f.post("/board/rules/compare", "text", text).want(t, 200, "None: the rules are the same.", "Nobody: every member would stand as it does.", "All its versions are stored already.", "1 version, 0 examples that came out as they say")
	f.post("/board/rules/compare", "text", " ").want(t, 422, "There is no text: choose a file, or paste one.")
	f.post("/board/rules/compare", "text", "policies:\n  - id: <b>x\n    form: 1").want(t, 422, "These rules cannot be read as they are:", "<li>Line 2, column 9: id: &#34;&lt;b&gt;x&#34; is not a name for a version", "Line 3, column 5:", "form: 1</textarea>")
	next := f.clock().Time().AddDate(0, 2, 0).Format("2006-01-02")
	dear := strings.NewReplacer("id: seed-2022", "id: dear", "GBP 10.00", "GBP 20.00", "from: 2022-05-15", "from: "+next).Replace(text)
	before := f.rows(t)
	f.post("/board/rules/compare", "text", dear, "version", "<i>").want(t, 422, "The file has no version “&lt;i&gt;”: it has dear.")
	f.post("/board/rules/compare", "text", dear, "at", "soon").want(t, 422, "“soon” is no day: write it as 2026-06-01.")
	f.post("/board/rules/compare", "text", dear+"\ntests:\n  - name: <u>wrong\n    at: 2022-06-10\n    charges: [{paid: 2022-06-01, amount: GBP 12.00, interval: monthly}]\n    want: {state: left}\n").want(t, 422, "example “&lt;u&gt;wrong”: state: wanted left, got ")
	f.member(t, "Payer <b>One</b>", 1000)
	f.post("/board/rules/compare", "text", dear, "at", f.clock().Time().Format("2006-01-02")).want(t, 200, "What dear would change", "Minimum dues: was £10.00 a month", "becomes £20.00 a month", "Payer &lt;b&gt;One&lt;/b&gt;</a>", `<td data-name="Is">paid up</td>`, "pay too little", "<strong>loses vote</strong>", "Store these rules")
	f.post("/board/rules/compare", "text", dear, "at", "2098-01-01").want(t, 200, "<strong>A forecast</strong>")
	f.sendFile("/board/rules/compare", "file", []byte(dear), "text", text).want(t, 200, "What dear would change", "Who would gain or lose today")
	f.sendFile("/board/rules/compare", "file", nil, "text", text).want(t, 200, "None: the rules are the same.")
	f.sendFile("/board/rules/compare", "file", bytes.Repeat([]byte("x"), mostForm)).want(t, http.StatusRequestEntityTooLarge, "Too much")
	past := strings.Replace(dear, "from: "+next, "from: 2024-01-01", 1)
	f.post("/board/rules/compare", "text", past).want(t, 200, "A version begins in the past", `name="backdate"`)
	f.post("/board/rules/add", "text", past, "reason", "x").want(t, 409, "Nothing was changed", "version dear starts on 2024-01-01, which is past; give it a later from, or let it begin in the past")
	f.post("/board/rules/add", "text", dear).want(t, 409, "<li>a reason is needed: say why</li>")
	f.post("/board/rules/add", "text", strings.Replace(text, "GBP 10.00", "GBP 30.00", 1), "reason", "x").want(t, 409, "They cannot be stored as they are", "Version seed-2022 is stored with other rules")
	if now := f.rows(t); now != before+2 { // the member and its payment
		t.Errorf("%d rows of the audit log, want %d", now, before+2)
	}
	f.sendFile("/board/rules/add", "none", nil, "text", dear, "reason", "the <meeting>").want(t, 200, "The rules are stored", "Stored: dear.") // as its form is sent
	f.later(time.Second)
	f.post("/board/rules/add", "text", dear, "reason", "the <meeting>").want(t, 200, "Nothing to add", "stored already")
	if now := f.rows(t); now != before+3 {
		t.Errorf("%d rows of the audit log, want %d", now, before+3)
	}
	f.get("/board/rules").want(t, 200, "In force: seed-2022", `<th scope="row">dear</th>`, "to come")
	f.as(f.fay)
	f.post("/board/rules/add", "text", past, "reason", "mine", "backdate", "yes").want(t, 403, "only the treasurers")
}

// rows counts the audit log.
func (f *federation) rows(t *testing.T) int64 {
	t.Helper()
	lines, err := f.roll.AuditLog(t.Context(), 1)
	f.ok(err)
	return lines[0].Seq
}

// member is one that has paid so much a month for this year.
func (f *federation) member(t *testing.T, name string, minor int64) {
	t.Helper()
	id, _, err := f.roll.Add(t.Context(), f.op, roll.NewMember{Name: name, Kind: "organisation", Since: instant.Date(2025, 1, 1)})
	f.ok(err)
	entry := roll.PaymentEntry{Member: id, Received: f.clock() - 40*instant.Day, Months: 12}
	entry.Amount.Minor, entry.Amount.Currency = 12*minor, gbp
	_, _, err = f.roll.Pay(t.Context(), f.op, entry)
	f.ok(err)
	f.later(time.Second)
}
