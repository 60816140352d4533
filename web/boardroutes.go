package web

import (
	"errors"
	"net/http"

	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/roll"
)

// boardPath is the first of the treasurers' pages; all others lie below.
const boardPath = "/board"

// boardRoutes are the treasurers' pages.
func boardRoutes() []route {
	get := func(path string, answer func(*board) error) route {
		return route{method: http.MethodGet, path: path, answer: forTreasurers(answer), who: treasurers}
	}
	post := func(path string, answer func(*board) error) route {
		return route{method: http.MethodPost, path: path, answer: forTreasurers(answer), who: treasurers}
	}
	return []route{
		get(boardPath, (*board).overview),
		get(boardPath+".csv", (*board).csv),
		get(memberPath+"{member}", (*board).member),
		post(memberPath+"{member}/link", (*board).link),
		post(memberPath+"{member}/unlink", (*board).unlink),
		post(memberPath+"{member}/no-account", (*board).noAccount),
		post(memberPath+"{member}/delegate", (*board).delegate),
		post(memberPath+"{member}/waive", (*board).waive),
		post(memberPath+"{member}/pay", (*board).pay),
		post(memberPath+"{member}/reverse", (*board).reverse),
		post(memberPath+"{member}/end-waiver", (*board).endWaiver),
		get(deskPath, (*board).toSort),
		post(deskPath+"/dismiss", (*board).dismiss),
		post(deskPath+"/sort-out", (*board).sortOut),
		get(payersPath, (*board).payers),
		post(payersPath+"/sort-out", (*board).sortOutPayer),
		post(payersPath+"/take-back", (*board).takeMarkBack),
		get(holdsPath, (*board).holds),
		post(holdsPath+"/acknowledge", (*board).acknowledge),
		get(noticesPath, (*board).notices),
		post(noticesPath+"/start", (*board).startNotices),
		post(noticesPath+"/stop", (*board).stopNotices),
		post(noticesPath+"/release", (*board).releaseNotices),
		post(noticesPath+"/drop", (*board).dropNotices),
		get(lettersPath, (*board).letters),
		get(lettersPath+"/{kind}", (*board).letter),
		get(lettersPath+"/{kind}.html", (*board).letterHTML),
		get(picturesPath, (*board).pictures),
		get(boardRulesPath, (*board).rulesInForce),
		post(boardRulesPath+"/compare", (*board).compareRules),
		post(boardRulesPath+"/add", (*board).addRules),
		get(setUpPath, (*board).setUp),
	}
}

// board is one look at a treasurers' page. What it shows is read from the database,
// so that who has just changed something sees it changed.
type board struct {
	*reading
	by roll.By // who looks; a form adds why
}

// The pages that say why there is nothing to see.
var (
	notTreasurerPage = notice{"For treasurers", "These pages show what members pay, so only the treasurers of the federation read them. If you should be one, another treasurer can give you the role.", "/me", "Your own page"}
	noMemberPage     = notice{"There is no such member", "It may have been merged into another one, or the address was cut off.", boardPath, "The board"}
)

// forTreasurers lets treasurers through. Who is not signed in goes to the entrance
// and comes back to the page, or, with a form in hand, to the board.
func forTreasurers(answer func(*board) error) func(*Pages, *visit) error {
	return forOffice(answer, boardPath, func(who member.Actor) bool { return who.Has(member.Treasurer) }, notTreasurerPage)
}

// forOffice lets those through who may; others read why not. back is where who has
// to sign in first comes to with a form in hand.
func forOffice(answer func(*board) error, back string, may func(member.Actor) bool, not notice) func(*Pages, *visit) error {
	return func(p *Pages, v *visit) error {
		actor, in, err := p.whoAsks(v)
		switch {
		case err != nil:
			return err
		case !in && v.r.Method == http.MethodPost:
			return p.goTo(v, withNext("/sign-in", back))
		case !in:
			return p.goTo(v, withNext("/sign-in", v.r.URL.RequestURI()))
		case !may(actor):
			p.problem(v, http.StatusForbidden, not)
			return nil
		}
		if v.r.Method == http.MethodPost {
			if err := readForm(v); err != nil {
				return err
			}
		}
		b := &board{reading: &reading{p: p, v: v}, by: roll.By{Actor: actor, Reason: v.r.PostForm.Get("reason")}}
		return answer(b)
	}
}

// page answers with one of the treasurers' pages.
func (b *board) page(status int, name, title string, body any) error {
	return b.p.show(b.v, status, name, title, body)
}

// field is what a form, or the query of an address, holds under a name.
func (b *board) field(name string) string {
	if b.v.r.Method == http.MethodPost {
		return b.v.r.PostForm.Get(name)
	}
	return b.v.r.URL.Query().Get(name)
}

// refused are the reasons of a change that may not be made; false for any other
// error, and for none.
func refused(err error) (reasons []string, is bool) {
	if one, ok := errors.AsType[*roll.Refused](err); ok {
		return one.Reasons, true
	}
	if one, ok := errors.AsType[*roll.NotFound](err); ok {
		return []string{one.Error()}, true
	}
	if one, ok := errors.AsType[*roll.Ambiguous](err); ok {
		return []string{one.Error()}, true
	}
	return nil, false
}
