package api

import (
	"net/http"

	"coopcloud.tech/goodstanding/internal/caller"
)

// client is the address of whoever asks, for logs.
func (a *API) client(r *http.Request) string {
	return caller.Word(caller.Address(r, a.o.TrustedProxies))
}
