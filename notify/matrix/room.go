package matrix

import (
	"context"
	"errors"
	"slices"
)

// WhoAmI is the id of the account whose token it is.
func (c *Client) WhoAmI(ctx context.Context) (string, error) {
	c.mu.Lock()
	user := c.user
	c.mu.Unlock()
	if user != "" {
		return user, nil
	}
	const what = "ask whose token it is"
	var answer struct {
		User string `json:"user_id"`
	}
	if err := c.ask(ctx, get(what, "account", "whoami"), &answer); err != nil {
		return "", err
	}
	if UserFault(answer.User) != "" {
		return "", &Unreachable{what, c.Where() + " names no account"}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.user = answer.User
	return answer.User, nil
}

// RoomID is the room's id. An alias is looked up once: whoever lets it lead
// elsewhere afterwards leads nobody there.
func (c *Client) RoomID(ctx context.Context) (string, error) {
	c.mu.Lock()
	id := c.id
	c.mu.Unlock()
	if id != "" {
		return id, nil
	}
	const what = "look the room up by its alias"
	var answer struct {
		Room string `json:"room_id"`
	}
	if err := c.ask(ctx, get(what, "directory", "room", c.o.Room), &answer); err != nil {
		return "", err
	}
	if !roomID().MatchString(answer.Room) {
		return "", &Unreachable{what, c.Where() + " names no room"}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.id == "" {
		c.id = answer.Room
	}
	return c.id, nil
}

// Joined says whether the account is in the room.
func (c *Client) Joined(ctx context.Context) (bool, error) {
	id, err := c.RoomID(ctx)
	if err != nil {
		return false, err
	}
	var answer struct {
		Rooms []string `json:"joined_rooms"`
	}
	if err := c.ask(ctx, get("ask for the rooms of the account", "joined_rooms"), &answer); err != nil {
		return false, err
	}
	return slices.Contains(answer.Rooms, id), nil
}

// Join joins the room, which needs an invitation or an open door.
func (c *Client) Join(ctx context.Context) error {
	id, err := c.RoomID(ctx)
	if err != nil {
		return err
	}
	var answer struct {
		Room string `json:"room_id"`
	}
	return c.ask(ctx, post("join the room", struct{}{}, "rooms", id, "join"), &answer)
}

// Encrypted says whether messages of the room are encrypted from end to end:
// then this client can neither read nor write there.
func (c *Client) Encrypted(ctx context.Context) (bool, error) {
	id, err := c.RoomID(ctx)
	if err != nil {
		return false, err
	}
	var state map[string]any
	err = c.ask(ctx, get("ask whether the room is encrypted", "rooms", id, "state", encryption, ""), &state)
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}
