package opencollective

import "context"

// setPages makes pages small, so that a test of paging need not invent
// thousands of rows.
func (c *Client) setPages(orders, transactions int) {
	c.ordersPage, c.transactionsPage = orders, transactions
}

// askFor sends one query as the client does, wanting a root in the answer, and
// says only how that ended.
func (c *Client) askFor(ctx context.Context, root string) error {
	d := preflightDoc
	d.root = root
	var r reply
	return c.ask(ctx, d, map[string]any{"slug": slug}, &r, new(room))
}
