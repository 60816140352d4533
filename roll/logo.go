package roll

import (
	"cmp"
	"context"
	"fmt"

	"coopcloud.tech/goodstanding/internal/arrange"
	"coopcloud.tech/goodstanding/internal/logo"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/store"
)

// LogoPath is where an uploaded logo is found on this server: by its name, with the
// ending .png.
const LogoPath = "/logos/"

// MostLogo is how many bytes an uploaded picture may have.
const MostLogo = logo.MostBytes

// SetLogo draws a member's logo anew from an uploaded picture and keeps what was
// drawn; the upload itself is kept nowhere. A delegate of the member, a treasurer
// or the operator may. Like other edits of the entry it goes live.
func (r *Roll) SetLogo(ctx context.Context, by By, id member.ID, upload []byte) (Report, error) {
	// Drawing takes a moment, so no transaction waits for it; and much memory for that
	// moment, so one is drawn after the other.
	r.drawing.Lock()
	file, why := logo.Draw(upload)
	r.drawing.Unlock()
	return r.enter(ctx, by, actionLogo, "set the logo", string(id), func(a *act) error {
		if _, ok := a.member(id); !ok || !a.keeperOr(id) {
			return nil
		}
		if why != "" {
			a.refuse("%s", why)
			return nil
		}
		name := logo.Name(file)
		have, err := a.tx.LogoHashes(ctx)
		if err != nil {
			return err
		}
		if have[id] == name {
			a.refuse("this picture is its logo already")
		}
		if a.refused() {
			return nil
		}
		return a.tx.SetLogo(ctx, id, name, file)
	})
}

// RemoveLogo erases a member's logo. A delegate of the member, a treasurer or the
// operator may.
func (r *Roll) RemoveLogo(ctx context.Context, by By, id member.ID) (Report, error) {
	return r.enter(ctx, by, actionRemoveLogo, "remove the logo", string(id), func(a *act) error {
		if _, ok := a.member(id); !ok || !a.keeperOr(id) {
			return nil
		}
		have, err := a.tx.LogoHashes(ctx)
		if err != nil {
			return err
		}
		if have[id] == "" {
			a.refuse("%s has no logo", a.handle(id))
		}
		if a.refused() {
			return nil
		}
		return a.tx.RemoveLogo(ctx, id)
	})
}

// Logos are the files of all logos of a book by name, those of former ones among
// them, which are not read again: a name stands for one content. What no member
// has any more is left out.
func (r *Roll) Logos(ctx context.Context, b *Book, former map[string][]byte) (map[string][]byte, error) {
	out := make(map[string][]byte, len(b.logos))
	var unread []string
	for _, name := range b.logos {
		if file, ok := former[name]; ok {
			out[name] = file
		} else {
			unread = append(unread, name)
		}
	}
	if len(unread) == 0 {
		return out, nil
	}
	err := r.db.View(ctx, func(tx *store.Tx) error {
		for _, name := range unread {
			file, ok, err := tx.Logo(ctx, name)
			if err != nil {
				return err
			}
			if ok { // else it was replaced since the book was read
				out[name] = file
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the logos: %w", err)
	}
	return out, nil
}

// LogoFile is an uploaded logo, for taking it elsewhere.
type LogoFile struct {
	Handle string // of the member
	PNG    []byte
}

// LogoFiles are all logos that were uploaded, by handle.
func (r *Roll) LogoFiles(ctx context.Context) (out []LogoFile, err error) {
	err = r.db.View(ctx, func(tx *store.Tx) error {
		out = nil
		names, err := tx.LogoHashes(ctx)
		if err != nil || len(names) == 0 {
			return err
		}
		members, err := tx.Members(ctx)
		if err != nil {
			return err
		}
		for _, m := range members {
			if names[m.ID] == "" || m.Detail.Handle == "" {
				continue
			}
			file, ok, err := tx.Logo(ctx, names[m.ID])
			if err != nil {
				return err
			}
			if ok {
				out = append(out, LogoFile{m.Detail.Handle, file})
			}
		}
		arrange.By(out, func(a, b LogoFile) int { return cmp.Compare(a.Handle, b.Handle) })
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the logos: %w", err)
	}
	return out, nil
}

// LogoFor is the file of a logo for who edits or approves the entry that has it,
// whether or not others see it yet; ok is false for anybody else, and where there is
// none.
func (r *Roll) LogoFor(ctx context.Context, who member.Actor, name string) (file []byte, ok bool, err error) {
	err = r.db.View(ctx, func(tx *store.Tx) error {
		all, err := tx.LogoHashes(ctx)
		if err != nil {
			return err
		}
		for id, has := range all {
			if has == name && seesListing(who, id) {
				file, ok, err = tx.Logo(ctx, name)
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, false, fmt.Errorf("read a logo: %w", err)
	}
	return file, ok, nil
}

// LogoAddress is where everybody finds the provider's logo: on the server that the
// world reaches under base, an https address, if one was uploaded; else where the
// profile says. "" for none.
func (p *Provider) LogoAddress(base string) string {
	if p.Uploaded != "" && webAddress(base, "https") == "" && base != "" {
		return base + LogoPath + p.Uploaded + ".png"
	}
	return p.Logo
}
