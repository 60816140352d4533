package main

// noticesCmd is goodstanding notices.
type noticesCmd struct {
	Preview noticesPreviewCmd `cmd:"" help:"Show what a notice says, on invented people"`
}
