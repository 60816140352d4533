package main

import (
	"context"
	"time"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/loop"
	"coopcloud.tech/goodstanding/notify/matrix"
	"coopcloud.tech/goodstanding/reactions"
)

// matrix is the client of the federation's room; nil without one.
func (d *desk) matrix() (*matrix.Client, error) {
	if d.cfg.Matrix == nil {
		return nil, nil
	}
	return matrix.New(*d.cfg.Matrix)
}

// The pauses between two readings of the room. A reading waits itself until
// something happens, so the least one is only for homeservers that do not.
const (
	leastRoom   = 500 * time.Millisecond
	longestRoom = time.Hour
	// awayRoom is how often a copy looks whether somebody has started its notices.
	awayRoom = 2 * time.Second
)

// readRoom casts what people set in the room, while the database is at home.
func (s *shift) readRoom(r *reactions.Reader) loop.Step {
	return func(ctx context.Context) (instant.Instant, error) {
		if home, err := s.atHome(ctx); err != nil || !home {
			return s.now().Add(awayRoom), err
		}
		return r.Step(ctx)
	}
}

// reading is how the reading of the room is paced.
func (s *shift) reading() loop.Options {
	return loop.Options{Min: leastRoom, Max: longestRoom, Jitter: 0.1, Failed: s.roomFailed,
		Backoff: func(err error, n int) time.Duration {
			return max(matrix.Waits(err), loop.Exponential(time.Second, 5*time.Minute, n))
		},
	}
}

func (s *shift) roomFailed(err error, n int, pause time.Duration) {
	s.desk.log.Warn().Err(err).Int("in_a_row", n).Stringer("next_in", pause.Round(time.Second)).Msg("the Matrix room could not be read or answered")
}

// roomWords say on the daemon's screen where it speaks.
func roomWords(c *Config) string {
	if c.Matrix == nil {
		return "off: set GOODSTANDING_MATRIX_URL, GOODSTANDING_MATRIX_TOKEN and GOODSTANDING_MATRIX_ROOM"
	}
	return c.Matrix.Room + " by " + c.Matrix.URL.Host
}

// connectMatrix says whose token it is, and whether the room can be read.
func (a *app) connectMatrix(ctx context.Context, d *desk) error {
	c, err := d.matrix()
	if err != nil || c == nil {
		return err
	}
	defer c.Close()
	return d.tried(ctx, "the homeserver "+c.Where(), func(ctx context.Context) error { return a.lookAtRoom(ctx, c) }, "MATRIX_URL", "MATRIX_TOKEN", "MATRIX_ROOM")
}

func (a *app) lookAtRoom(ctx context.Context, c *matrix.Client) error {
	who, err := c.WhoAmI(ctx)
	if err != nil {
		return err
	}
	a.note.line("The homeserver %s knows the token as %s.", c.Where(), clean(who))
	joined, err := c.Joined(ctx)
	if err != nil {
		return err
	}
	if !joined {
		reading, err := c.Sync(ctx, "", 0)
		if err != nil {
			return err
		}
		if reading.Invited {
			a.note.line("It is invited to the room %s; serve takes the invitation.", c.Room())
			return nil
		}
		a.note.line("It is not in the room %s: invite it there, and serve takes the invitation.", c.Room())
		return nil
	}
	encrypted, err := c.Encrypted(ctx)
	switch {
	case err != nil:
		return err
	case encrypted:
		a.note.line("%s It is in the room %s, which is encrypted: votes by signs are off. Take a room without encryption, which cannot be turned off again.", a.note.warn("Note:"), c.Room())
	default:
		a.note.line("It is in the room %s, which is not encrypted: votes by signs are read.", c.Room())
	}
	return nil
}
