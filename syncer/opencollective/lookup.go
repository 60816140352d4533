package opencollective

import (
	"context"
	"fmt"

	"coopcloud.tech/goodstanding/member"
)

// Account looks one profile up by its id: a rename shows another slug; NotFound
// means that it was deleted or merged into another (open-collective.md, section 9,
// Q5). Guest is not told here.
func (c *Client) Account(ctx context.Context, id member.AccountID) (Account, error) {
	return lookUp(ctx, c, accountDoc, string(id), decodeAccount)
}

// Order looks one contribution up by its id, also one that the list leaves out
// because its payer is gone. NotFound means that it was deleted.
func (c *Client) Order(ctx context.Context, id string) (Order, error) {
	return lookUp(ctx, c, orderDoc, id, decodeOrder)
}

func lookUp[T any](ctx context.Context, c *Client, d document, id string, decode func(*node) T) (T, error) {
	var zero T
	if id == "" {
		return zero, fmt.Errorf("look up an %s: %w", d.op, &NotFound{Op: d.op})
	}
	var r reply
	if err := c.ask(ctx, d, map[string]any{"id": id}, &r, new(room)); err != nil {
		return zero, fmt.Errorf("look up an %s: %w", d.op, err)
	}
	rd := &reader{op: d.op}
	v := decode(r.top(rd, d.root))
	if err := rd.err(); err != nil {
		return zero, fmt.Errorf("look up an %s: %w", d.op, err)
	}
	return v, nil
}
