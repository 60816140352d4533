package main

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/tongue"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/store"
)

// commandOf is how the command line that does a deed begins.
var commandOf = map[roll.DeskDeed]string{
	roll.DeskLink: "link ", roll.DeskSupporter: "members supporter ", roll.DeskAdopt: "members adopt ", roll.DeskPay: "pay ", roll.DeskWaive: "waive ",
	roll.DeskMerge: "members merge ", roll.DeskDelegate: "people delegate ",
}

// TestTheDeskActs: in each small world the first act of an entry is what its command
// line does, and sorts it out; every command that needs nothing filled in, and no
// talking, has one. Each deed is there once at least, and is tried of each kind once.
func TestTheDeskActs(t *testing.T) {
	done, tried := map[roll.DeskDeed]bool{}, map[string]bool{}
	for _, c := range readDeskCases(t) {
		fresh := false
		for _, e := range c.want {
			words := append(strings.Fields(e.remedy), "", "", "")[1:3]
			if words[0] != "members" && words[0] != "people" {
				words[1] = "" // whom it is about
			}
			does := e.kind + " " + words[0] + " " + words[1]
			fresh, tried[does] = fresh || !tried[does], true
		}
		if !fresh {
			continue
		}
		t.Run(strings.ReplaceAll(c.name, " ", "_"), func(t *testing.T) {
			w := c.build(t)
			db, err := store.Open(t.Context(), "sqlite://"+filepath.Join(w.env["GOODSTANDING_DATA"], databaseName), store.Options{Version: "test"})
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			s := &smallWorld{world: w, db: db, roll: roll.New(db, roll.Options{Now: func() instant.Instant { return w.clock }})}
			s.sortOut(done)
		})
	}
	for deed := range commandOf {
		if !done[deed] {
			t.Errorf("no small world is sorted out by %s", deed)
		}
	}
}

func (s *smallWorld) sortOut(done map[roll.DeskDeed]bool) {
	ctx := s.t.Context()
	entries, err := s.roll.Desk(ctx, false)
	s.ok(err)
	listed := func(id string) bool {
		now, err := s.roll.Desk(ctx, false)
		s.ok(err)
		return slices.ContainsFunc(now, func(e roll.DeskEntry) bool { return e.ID == id })
	}
	for _, e := range entries {
		s.inSpanish(&e)
		does := strings.TrimPrefix(e.Remedy, "goodstanding ")
		if len(e.Acts) == 0 {
			if !strings.HasPrefix(does, "desk dismiss ") && !strings.HasPrefix(does, "people add ") {
				s.t.Errorf("%s has no act, and the command %s", e.Kind, e.Remedy)
			}
			continue
		}
		act := e.Acts[0]
		if !strings.HasPrefix(does, commandOf[act.Deed]) || act.Why == "" {
			s.t.Errorf("%s: the act %s (%q) and the command %s", e.Kind, act.Deed, act.Why, e.Remedy)
		}
		if !listed(e.ID) {
			continue // an earlier act did for both
		}
		if _, _, err := s.roll.SortOut(ctx, s.by(), e.ID, "another"); !isRefused(err) {
			s.t.Errorf("%s is sorted out by another's mark: %v", e.Kind, err)
		}
		if _, _, err := s.roll.SortOut(ctx, s.by(), e.ID, act.Mark); err != nil {
			s.t.Errorf("%s: %v", e.Kind, err)
		}
		if done[act.Deed] = true; listed(e.ID) {
			s.t.Errorf("%s is still there after %s", e.Kind, act.Deed)
		}
		if _, _, err := s.roll.SortOut(ctx, s.by(), e.ID, act.Mark); !isRefused(err) {
			s.t.Errorf("%s is sorted out twice: %v", e.Kind, err)
		}
	}
}

// inSpanish fails where an entry tells a treasurer who reads Spanish anything in English.
func (s *smallWorld) inSpanish(e *roll.DeskEntry) {
	es := tongue.Of("es")
	if e.SentenceIn(tongue.English()) != e.Sentence || e.ActionIn(tongue.English()) != e.Action {
		s.t.Errorf("%s is told otherwise in English: %s %s", e.Kind, e.SentenceIn(tongue.English()), e.ActionIn(tongue.English()))
	}
	said := e.SentenceIn(es) + " " + e.ActionIn(es)
	for _, a := range e.Acts {
		why, known := es.Retold(a.Why)
		if said += " " + why; !known {
			s.t.Errorf("%s begins with a reason in English: %s", e.Kind, a.Why)
		}
	}
	for _, word := range strings.FieldsFunc(said, func(r rune) bool { return !unicode.IsLetter(r) }) {
		if slices.Contains([]string{"the", "and", "is", "it", "to", "for", "by", "was", "pays", "its", "contribution", "account", "member", "monthly", "yearly"}, word) {
			s.t.Errorf("%s is English (%s): %s", e.Kind, word, said)
		}
	}
}

func isRefused(err error) bool {
	_, is := errors.AsType[*roll.Refused](err)
	return is
}
