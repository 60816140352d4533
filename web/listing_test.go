package web

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"mime/multipart"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/internal/logo"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/store"
)

// TestAListing follows an entry from its writing to the public page and off it again.
func TestAListing(t *testing.T) {
	f := newFederation(t)
	for _, step := range []struct {
		name string
		test func(*testing.T, *federation)
	}{
		{"written", writesAnEntry}, {"approved", saysYesOnce}, {"edited", editsGoLive}, {"with a logo", uploadsALogo}, {"hostile pictures", refusesPictures}, {"of others", changesNoOthers},
		{"public face", choosesAFace}, {"on behalf", treasurersWriteIt}, {"withdrawn", withdrawsAtOnce}, {"without a database", logosStay},
	} {
		f.as("")
		t.Run(step.name, func(t *testing.T) { step.test(t, f) })
	}
}

// file is what a form brings.
type file struct {
	member  member.ID
	content []byte
}

// upload sends a picture, as a browser does.
func (f *federation) upload(x file) page { f.t.Helper(); return f.uploadFrom("same-origin", x) }

func (f *federation) uploadFrom(from string, x file) page {
	f.t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	f.ok(w.WriteField("member", string(x.member)))
	part, err := w.CreateFormFile("logo", `"><script>.png`)
	f.ok(err)
	_, err = part.Write(x.content)
	f.ok(err)
	f.ok(w.Close())
	r, err := http.NewRequestWithContext(f.t.Context(), http.MethodPost, f.server.URL+"/me/listing/logo", &b)
	f.ok(err)
	r.Header.Set("Content-Type", w.FormDataContentType())
	r.Header.Set("Sec-Fetch-Site", from)
	res, err := f.client.Do(r)
	f.ok(err)
	defer res.Body.Close()
	var body bytes.Buffer
	_, err = body.ReadFrom(res.Body)
	f.ok(err)
	return page{res.StatusCode, res.Header, body.String()}
}

func pictureOf(t *testing.T, c color.Color) []byte {
	t.Helper()
	m := image.NewNRGBA(image.Rect(0, 0, 600, 300))
	for x := range 600 {
		for y := range 300 {
			m.Set(x, y, c)
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// nameOfLogo is how the drawn picture is called.
func nameOfLogo(t *testing.T, upload []byte) string {
	t.Helper()
	drawn, why := logo.Draw(upload)
	if why != "" {
		t.Fatal(why)
	}
	return logo.Name(drawn)
}

func (f *federation) listingOf(id member.ID) string { return "/me/listing?for=" + string(id) }

// What is wrong with an entry is told all at once, beside its fields, with what was
// typed; addresses are completed as everybody means them.
func writesAnEntry(t *testing.T, f *federation) {
	f.as(f.noor)
	f.get("/me/listing").want(t, 200, "You are delegate of no member.")
	f.as(f.lei)
	f.get("/me/listing").want(t, 200, "<h2 id=\"stands\">Not listed</h2>", "The rules list members of this kind.", "Nothing is written into the entry yet.", "The member has not agreed to be listed.", "they see that it waits",
		"The dues allow it: Dues waived.", "The list as a whole is not public yet: a treasurer publishes it.", hostileEscaped+" agrees to be shown to everybody in the list of recommended providers of Example Federation", "As everybody would see it")
	p := f.post("/me/listing", "member", string(f.birch), "url", "http://birch.example", "contact_label", "<b>Write", "place", strings.Repeat("y", 201), "services", "hosting\r\n"+strings.Repeat("z", 81), "languages", "en, cy").
		want(t, http.StatusUnprocessableEntity, "Nothing was changed:", `<li>Website: &#34;http://birch.example&#34; is not encrypted: write https:// instead of http://.</li>`, "<li>Place: has 201 characters, at most 200 are taken.</li>",
			"<li>Services: item 2 has 81 characters, at most 80 are taken.</li>", "<li>Words on the contact button: stands there alone: where does the button lead?</li>", `value="http://birch.example" aria-invalid="true" aria-describedby="f-url"`, `value="&lt;b&gt;Write" aria-invalid="true"`, `id="f-place">Has 201 characters`)
	if strings.Contains(p.body, `role="status"`) || strings.Contains(p.body, "contact_href:") {
		t.Errorf("it says both:\n%s", p.body)
	}
	entry := []string{"member", string(f.birch), "url", "birch.example", "summary", "Hosting <script>alert(1)</script> & more.\r\nFor all.", "contact_href", "hello@birch.example", "contact_label", "Write <us>", "place", "Leeds", "services", "Hosting\r\n\r\nback<b>ups\r\n", "languages", "en; cy"}
	f.post("/me/listing", entry...).leads(t, "/me/listing?done=entry&for="+string(f.birch))
	f.post("/me/listing", entry...).leads(t, "/me/listing?done=same&for="+string(f.birch)) // pressed twice
	f.get("/me/listing?done=entry&for="+string(f.birch)).want(t, 200, "The entry is saved, and shows everywhere within a few seconds.", `<a href="https://birch.example" rel="noopener">`+hostileEscaped, `href="mailto:hello@birch.example"`, "Hosting &lt;script&gt;alert(1)&lt;/script&gt; &amp; more.\nFor all.",
		">back&lt;b&gt;ups</a>", ">Welsh</a>", "The entry is written.", "Hosting\nback&lt;b&gt;ups</textarea>")
	f.post("/me/listing/consent", "member", string(f.birch)).want(t, http.StatusUnprocessableEntity, "It was not noted: tick the box, if the member agrees.")
	for range 2 {
		f.post("/me/listing/consent", "member", string(f.birch), "agree", "yes").leads(t, "/me/listing?done=consent&for="+string(f.birch))
	}
	f.get(f.listingOf(f.birch)).want(t, 200, "The member agrees to be listed.", "Given by Lei Canary on", "Withdraw the consent")
	var words string
	f.ok(f.db.View(t.Context(), func(tx *store.Tx) error {
		all, err := tx.Consents(t.Context())
		words = all[f.birch].Words
		return err
	}))
	if words != hostile+" agrees to be shown to everybody in the list of recommended providers of Example Federation, with all that its entry says, here and on websites that show the list. It may take that back at any time, and is then taken off the list here at once." {
		t.Errorf("the words are %q", words)
	}
	f.later(time.Second)
	if body := f.get("/providers").body; strings.Contains(body, "For all.") {
		t.Error("everybody sees an entry that nobody looked at")
	}
}

// A treasurer or facilitator says yes once; a treasurer publishes the list.
func saysYesOnce(t *testing.T, f *federation) {
	f.as(f.cora)
	f.get("/board/listings").want(t, 403, "For treasurers and facilitators")
	f.as(f.ada)
	f.get("/board/set-up").want(t, 200, `<a href="/board/listings">The list of providers is public</a>`, "not public, 1 entry waits for a yes", `<a href="/board/listings">Say yes or no to 1 entry of the provider list</a>`)
	f.as(f.fay)
	f.get("/providers").want(t, 200, `<a href="/board/listings">Look at the entries`)
	p := f.get("/board/listings").want(t, 200, "Waiting for a yes: 1", "Hosting &lt;script&gt;", "Say yes to this listing", "What was agreed to", "It is not public. If it were, it would show nobody yet.", "A treasurer publishes it.")
	if strings.Contains(p.body, "/board/notices") || strings.Contains(p.body, "/board/listings/publish") || strings.Contains(p.body, "waived") {
		t.Errorf("a facilitator reads what is for treasurers:\n%s", p.body)
	}
	for range 2 { // pressed twice
		f.post("/board/listings/approve", "member", string(f.birch)).leads(t, "/board/listings?done=approved")
	}
	f.get("/board/listings?done=approved").want(t, 200, "Yes is said. Later edits of the entry go live", "Nothing waits for a yes", "With a yes: 1", "it would show 1: "+hostileEscaped)
	f.post("/board/listings/approve", "member", string(f.fir)).want(t, 409, "fir-works has no profile that could be approved", "Nothing was changed")
	f.post("/board/listings/publish", "reason", "mine").want(t, 409, "only a treasurer or the operator may")
	f.as(f.ada)
	f.post("/board/listings/publish").want(t, 409, "a reason is needed: say why</li>")
	for range 2 {
		f.post("/board/listings/publish", "reason", "ready").leads(t, "/board/listings?done=published")
	}
	f.later(time.Second)
	f.get("/board/listings").want(t, 200, `It is <a href="/providers">public</a>, and shows 1: `+hostileEscaped, "Everybody sees it.", "Take the list back", `href="/me/listing?for=`+string(f.birch))
	f.as("")
	p = f.get("/providers").want(t, 200, "Hosting &lt;script&gt;alert(1)&lt;/script&gt; &amp; more.", `<svg class="monogram`, "Write &lt;us&gt;")
	if strings.Contains(p.body, "<script") || strings.Contains(p.body, "<b>") || strings.Contains(p.body, "Lei") {
		t.Errorf("the public card runs or tells something:\n%s", p.body)
	}
	approvals := 0
	f.ok(f.db.View(t.Context(), func(tx *store.Tx) error {
		rows, err := tx.AuditRows(t.Context(), store.AuditQuery{})
		for _, r := range rows {
			if r.Action == "approve_listing" || r.Action == "publish_providers" {
				approvals++
			}
		}
		return err
	}))
	if approvals != 2 {
		t.Errorf("%d rows of the audit chain, want a yes and a publishing", approvals)
	}
}

// Who edits an entry finds it on the public page, without another yes.
func editsGoLive(t *testing.T, f *federation) {
	f.as(f.lei)
	f.post("/me/listing", "member", string(f.birch), "url", "https://birch.example", "summary", "Only backups now.", "services", "backups", "languages", "en").leads(t, "/me/listing?done=entry&for="+string(f.birch))
	f.later(time.Second)
	f.get(f.listingOf(f.birch)).want(t, 200, "Listed: everybody sees it", "As everybody sees it", `href="/providers#`+string(f.birch)+`"`)
	f.as("")
	p := f.get("/providers").want(t, 200, "Only backups now.", `id="`+string(f.birch)+`"`)
	if strings.Contains(p.body, "Hosting") || strings.Contains(p.body, "mailto:hello@") {
		t.Error("the old entry is still there")
	}
}

// A picture that is uploaded shows with the entry, drawn anew, for as long as the
// entry is seen, and may be kept by whoever loads it.
func uploadsALogo(t *testing.T, f *federation) {
	f.as(f.lei)
	red := pictureOf(t, color.NRGBA{R: 255, A: 255})
	f.uploadFrom("cross-site", file{f.birch, red}).want(t, http.StatusForbidden, "That came from another site")
	f.upload(file{f.birch, red}).leads(t, "/me/listing?done=logo&for="+string(f.birch))
	f.upload(file{f.birch, red}).want(t, http.StatusUnprocessableEntity, "This picture is its logo already.")
	address := "/logos/" + nameOfLogo(t, red) + ".png"
	f.get("/me/listing?done=logo").want(t, 200, "The logo is saved, and shows", `<img class="logo" src="`+address+`" width="52" height="52" alt="">`, "Remove the logo")
	f.as("")
	f.later(time.Second)
	f.get("/providers").want(t, 200, `<img class="logo" src="`+address+`"`)
	f.get(framePath).want(t, 200, `<img class="logo" src="`+address+`"`)
	p := f.get(address)
	m, err := png.Decode(strings.NewReader(p.body))
	if err != nil || m.Bounds() != image.Rect(0, 0, 256, 128) || p.body == string(red) {
		t.Errorf("it is no picture drawn anew: %v", err)
	}
	h := p.header
	if p.status != 200 || h.Get("Content-Type") != "image/png" || h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Cache-Control") != "public, max-age=31536000, immutable" || h.Get("Cross-Origin-Resource-Policy") != "cross-origin" || h.Get("Content-Security-Policy") != contentPolicy {
		t.Errorf("%d %v", p.status, h)
	}
	if again := f.do(http.MethodGet, address, nil, "If-None-Match", h.Get("ETag")); again.status != http.StatusNotModified || again.body != "" {
		t.Errorf("asked for again: %d", again.status)
	}
	if head := f.do(http.MethodHead, address, nil); head.status != 200 || head.body != "" || head.header.Get("Content-Length") != fmt.Sprint(len(p.body)) {
		t.Errorf("HEAD: %d %v", head.status, head.header)
	}
	f.get("/logos/"+strings.Repeat("0", 32)+".png").want(t, 404, "There is no such picture")
	for _, on := range f.publicAddresses() {
		if body := f.get(on).body; strings.Contains(body, `src="`) && !regexp.MustCompile(`src="/logos/[0-9a-f]{32}\.png"`).MatchString(body) {
			t.Errorf("%s loads something else", on)
		}
	}
}

// What is no picture, or too much of one, is refused on the page, in words; and no
// other form takes as much.
func refusesPictures(t *testing.T, f *federation) {
	f.as(f.lei)
	whole := pictureOf(t, color.Black)
	for name, c := range map[string]struct {
		content []byte
		want    string
	}{
		"nothing": {nil, "There is no picture in it: choose a file first."}, "SVG": {[]byte("<svg onload='alert(1)'/>"), "An SVG drawing is not taken"},
		"HTML": {[]byte("<script>alert(1)</script>"), "choose a PNG, JPEG or GIF"}, "cut off": {whole[:100], "no picture that can be read"},
		"too large": {append(bytes.Clone(whole), make([]byte, 1<<20)...), "more than 1 MiB"}, "much too large": {make([]byte, 9<<20), "more than 1 MiB"},
	} {
		p := f.upload(file{f.birch, c.content}).want(t, http.StatusUnprocessableEntity, c.want, `role="alert"`)
		if strings.Contains(p.body, "<script") {
			t.Errorf("%s: it runs", name)
		}
	}
	long := strings.Repeat("x", 100<<10)
	f.post("/me/listing/logo", "member", string(f.birch), "logo", long).want(t, http.StatusRequestEntityTooLarge, "Too much")
	f.post("/me/listing", "member", string(f.birch), "summary", long).want(t, http.StatusRequestEntityTooLarge, "Too much")
	for _, r := range routes() {
		if (r.most > 0) != (r.method == http.MethodPost && r.path == "/me/listing/logo") {
			t.Errorf("%s takes %d bytes", r.path, r.most)
		}
	}
}

// Nobody changes the entry of another member, nor reads it before everybody does.
func changesNoOthers(t *testing.T, f *federation) {
	for _, who := range []member.PersonID{f.zoe, f.noor, f.fay} {
		f.as(who)
		f.get(f.listingOf(f.birch)).want(t, 403, "Not for you to change")
		for _, path := range []string{"", "/logo/remove", "/consent", "/consent/withdraw", "/face"} {
			f.post("/me/listing"+path, "member", string(f.birch), "agree", "yes", "public_name", "Mine").want(t, 403, "Not for you to change")
		}
		f.upload(file{f.birch, pictureOf(t, color.White)}).want(t, 403, "Not for you to change")
	}
	f.as("")
	f.post("/me/listing", "member", string(f.birch)).leads(t, "/sign-in?next=%2Fme%2Flisting")
	f.upload(file{f.birch, pictureOf(t, color.White)}).leads(t, "/sign-in?next=%2Fme%2Flisting")
	f.later(time.Second)
	f.get("/providers").want(t, 200, "Only backups now.", `<img class="logo"`)
}

// An individual appears under a public name once one was chosen, and not before.
func choosesAFace(t *testing.T, f *federation) {
	f.as(f.zoe)
	f.get("/me/listing").want(t, 200, `name="public_name" maxlength="200" autocomplete="off" value="Zed"`)
	face := func(name string) page {
		return f.post("/me/listing/face", "member", string(f.zed), "public_name", name, "website", "zed.example", "summary", "Gardens <i>&")
	}
	face("").leads(t, "/me/listing?done=face&for="+string(f.zed))
	f.later(time.Second)
	f.get("/me/listing").want(t, 200, "Zed Canary appears as “an individual member”", `value="https://zed.example"`)
	if body := f.get("/members").body; strings.Contains(body, "zed.example") || strings.Count(body, "an individual member") != 2 {
		t.Errorf("who chose no name is named:\n%s", body)
	}
	face("Fir works").want(t, http.StatusUnprocessableEntity, "The public name is that of another member: choose another one.", `value="Fir works"`, "Gardens &lt;i&gt;&amp;</textarea>")
	face("Zed <b>Gardens").leads(t, "/me/listing?done=face&for="+string(f.zed))
	face("Zed <b>Gardens").leads(t, "/me/listing?done=same&for="+string(f.zed))
	f.later(time.Second)
	f.as("")
	f.get("/members").want(t, 200, `<a href="https://zed.example" rel="noopener nofollow">Zed &lt;b&gt;Gardens</a>`, "Gardens &lt;i&gt;&amp;")
}

// A treasurer writes an entry for a member, and a consent only in its words.
func treasurersWriteIt(t *testing.T, f *federation) {
	f.as(f.ada)
	f.get(f.listingOf(f.dogwood)).want(t, 200, "You change this as a treasurer. What you save is in the name of Dogwood Care.", "In which words it agreed, and where")
	f.post("/me/listing", "member", string(f.dogwood), "summary", "Care.").leads(t, "/me/listing?done=entry&for="+string(f.dogwood))
	f.post("/me/listing/consent", "member", string(f.dogwood), "agree", "yes").want(t, http.StatusUnprocessableEntity, "The words are needed: in which words did the member agree?")
	f.post("/me/listing/consent", "member", string(f.dogwood), "words", "Kept <i>words</i>\x00").want(t, http.StatusUnprocessableEntity, "control character", "Kept &lt;i&gt;words")
	f.post("/me/listing/consent", "member", string(f.dogwood), "words", "“Do list us”, by mail").leads(t, "/me/listing?done=consent&for="+string(f.dogwood))
	f.get("/board/listings").want(t, 200, "Waiting for a yes: 1", "“Do list us”, by mail", "By Ada &amp; Ödön on")
	f.get(f.listingOf("m_none")).want(t, 403, "Not for you to change")
}

// Who withdraws the consent takes the entry off the list at once, with its logo; what
// was written is kept and comes back without another yes.
func withdrawsAtOnce(t *testing.T, f *federation) {
	f.as(f.lei)
	address := regexp.MustCompile(`/logos/\w+\.png`).FindString(f.get("/me/listing").body)
	for range 2 { // pressed twice
		f.post("/me/listing/consent/withdraw", "member", string(f.birch)).leads(t, "/me/listing?done=withdrawn&for="+string(f.birch))
	}
	f.get("/me/listing?done=withdrawn").want(t, 200, "The member is not listed any more, within a few seconds.", "The member has not agreed to be listed.", "Only backups now.")
	// Who edits the entry sees it all the same, and no cache keeps it.
	if h := f.get(address).want(t, 200).header; h.Get("Cache-Control") != "no-store" || h.Get("Content-Type") != "image/png" {
		t.Errorf("%v", h)
	}
	f.as(f.zoe)
	f.get(address).want(t, 404, "There is no such picture")
	f.as("")
	f.get(address).want(t, 404)
	if body := f.get("/providers").want(t, 200, "Nobody is listed yet.").body; strings.Contains(body, "backups") {
		t.Error("it is still listed")
	}
	f.as(f.lei)
	f.post("/me/listing/consent", "member", string(f.birch), "agree", "yes").leads(t, "/me/listing?done=consent&for="+string(f.birch))
	f.get("/providers").want(t, 200, "Only backups now.", address)
	f.post("/me/listing/logo/remove", "member", string(f.birch)).leads(t, "/me/listing?done=logo-gone&for="+string(f.birch))
	f.post("/me/listing/logo/remove", "member", string(f.birch)).want(t, http.StatusUnprocessableEntity, "has no logo.")
	f.as("")
	f.get("/providers").want(t, 200, `<svg class="monogram`)
	f.get(address).want(t, 404)
}

// Logos are shown while the database is away.
func logosStay(t *testing.T, f *federation) {
	f.as(f.lei)
	blue := pictureOf(t, color.NRGBA{B: 255, A: 255})
	f.upload(file{f.birch, blue}).leads(t, "/me/listing?done=logo&for="+string(f.birch))
	f.as("")
	address := "/logos/" + nameOfLogo(t, blue) + ".png"
	f.get("/providers").want(t, 200, address)
	f.ok(f.db.Close())
	f.get("/providers").want(t, 200, address)
	f.get(address).want(t, 200)
}
