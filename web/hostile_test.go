package web

import (
	"net/http"
	"strings"
	"testing"

	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/roll"
)

// TestNamesOnEveryPage: a name that somebody really had (open-collective.md, section
// 13) is that of a member, of an applicant, of who looks, of a payer and of who else
// acts; every page that there is shows it as text, or not at all.
func TestNamesOnEveryPage(t *testing.T) {
	f := newFederation(t)
	ctx := t.Context()
	who, err := f.roll.AddPerson(ctx, f.op, roll.NewPerson{Email: "hostile@people.example", Name: hostile, DelegateOf: []member.ID{f.birch, f.zed},
		Roles: []member.Role{member.Treasurer, member.Facilitator, member.ContactPerson}})
	f.ok(err)
	_, err = f.roll.PostOpportunity(ctx, f.op, roll.NewOpportunity{Title: hostile, Summary: hostile, Contact: hostile, Budget: hostile, Member: f.birch})
	f.ok(err)
	_, _, err = f.roll.Add(ctx, f.op, roll.NewMember{Name: hostile + " again", Handle: "applicant", Kind: member.Organisation, Applied: true})
	f.ok(err)
	f.list(profiles(f))
	f.upstream()
	f.as(who)
	seen := map[string]bool{}
	for _, r := range routes() {
		if r.method != http.MethodGet {
			continue
		}
		address := strings.Replace(f.addressOf(r), "/board/members/nonsense", "/board/members/"+string(f.birch), 1)
		p := f.get(address)
		if !strings.HasPrefix(p.header.Get("Content-Type"), "text/html") {
			continue
		}
		for _, bad := range []string{"<b>x", "<script", "<i>", "&amp;lt;b", "ZgotmplZ", "style=", "<!--"} {
			if strings.Contains(p.body, bad) {
				t.Errorf("%s holds %q:\n%s", address, bad, p.body)
			}
		}
		seen[r.path] = strings.Contains(p.body, hostileEscaped)
	}
	for _, path := range []string{"/", "/members", "/providers", embedPath, framePath, "/decisions/{decision}", "/opportunities", homePath, delegatesPath, dataPath, postPath, boardPath, memberPath + "{member}", noticesPath, setUpPath} {
		if !seen[path] {
			t.Errorf("%s does not show the name: nothing is tried there", path)
		}
	}
}
