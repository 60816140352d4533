package caller

import (
	"context"
	"net/http"
)

// HungUp is what metrics and logs read of a request that failed because whoever asked
// has gone: a fault of nobody's, which no alert is to count among the server's.
const HungUp = 499

// Gone says that whoever asked hung up before there was an answer.
func Gone(r *http.Request) bool { return r.Context().Err() == context.Canceled }
