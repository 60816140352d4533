package web

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"coopcloud.tech/goodstanding/roll"
)

var noLogoPage = notice{"There is no such picture", "The member may have another one by now, or is not listed any more.", "/providers", "The list of providers"}

// logo is the picture of a provider. Everybody sees those of the entries that
// everybody sees, from memory; who edits or approves an entry sees its picture
// before. Its address is made of its content, so it may be kept, and put into the
// pages of other websites.
func (p *Pages) logo(v *visit) error {
	name, h := v.segment, v.w.Header()
	if m, ok := p.o.Memory(p.o.Now()); ok && m.Published && slices.ContainsFunc(m.Providers, func(x roll.Provider) bool { return x.Uploaded == name }) && m.Logos[name] != nil {
		h.Set("Cross-Origin-Resource-Policy", "cross-origin")
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
		h.Set("ETag", `"`+name+`"`)
		if strings.Contains(v.r.Header.Get("If-None-Match"), `"`+name+`"`) {
			v.w.WriteHeader(http.StatusNotModified)
			return nil
		}
		return p.picture(v, m.Logos[name])
	}
	actor, in, err := p.visitor(v)
	if err != nil {
		return err
	}
	if in {
		file, ok, err := p.o.Roll.LogoFor(v.r.Context(), actor, name)
		if err != nil {
			return err
		}
		if ok {
			return p.picture(v, file)
		}
	}
	p.problem(v, http.StatusNotFound, noLogoPage)
	return nil
}

func (p *Pages) picture(v *visit, file []byte) error {
	v.w.Header().Set("Content-Type", "image/png")
	v.w.Header().Set("Content-Length", strconv.Itoa(len(file)))
	v.w.WriteHeader(http.StatusOK)
	_, _ = v.w.Write(file) // a client that went away is no fault of ours
	return nil
}
