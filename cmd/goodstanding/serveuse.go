package main

import (
	"context"
	"sync"
	"time"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/loop"
	"coopcloud.tech/goodstanding/store"
)

// uses notes in the database when tokens were last used, so that one sees whether one
// that was replaced still is. A request leaves it a word and goes on: it neither waits
// for the database nor fails with it.
type uses struct {
	note func(ctx context.Context, token string, at instant.Instant) error
	poke loop.Poker

	mu    sync.Mutex
	noted map[string]instant.Instant // by token, the use that is in the database
	todo  map[string]instant.Instant // by token, the use that is to be noted
}

// longestUse is the longest pause between two looks for what is to be noted; a use
// that is wakes the loop at once.
const longestUse = time.Hour

func newUses(note func(context.Context, string, instant.Instant) error) *uses {
	return &uses{note: note, poke: loop.NewPoker(), noted: make(map[string]instant.Instant), todo: make(map[string]instant.Instant)}
}

// add takes a use. Within store.TokenUseEvery after one that is noted there is
// nothing to do; one that waits is put in place of the one before it.
func (u *uses) add(token string, at instant.Instant) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if was, known := u.noted[token]; known && at < was.Add(store.TokenUseEvery) {
		return
	}
	u.todo[token] = max(at, u.todo[token])
	u.poke.Poke()
}

// step notes what there is. What fails is tried again.
func (u *uses) step(ctx context.Context) (instant.Instant, error) {
	within, cancel := context.WithTimeout(ctx, slowDatabase)
	defer cancel()
	for {
		token, at, ok := u.next()
		if !ok {
			return 0, nil
		}
		if err := u.note(within, token, at); err != nil {
			return 0, err
		}
		u.done(token, at)
	}
}

// done says that a use is in the database. One that came meanwhile stays to be noted,
// where it is so much later that it is to be.
func (u *uses) done(token string, at instant.Instant) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.noted[token] = at
	if u.todo[token] < at.Add(store.TokenUseEvery) {
		delete(u.todo, token)
	}
}

func (u *uses) next() (token string, at instant.Instant, ok bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for token, at := range u.todo {
		return token, at, true
	}
	return "", 0, false
}

func (s *shift) useFailed(err error, n int, pause time.Duration) {
	s.desk.log.Warn().Err(err).Int("in_a_row", n).Stringer("next_in", pause.Round(time.Second)).Msg("it could not be noted when tokens were used: requests go on")
}
