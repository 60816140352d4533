package opencollective

import (
	"io"
	"slices"
)

// room is what an answer takes while it is read: its bytes, and where its values lie in
// them. The answers of one pull lend it to each other, so nothing of an answer may be
// used once the next one is asked for; what is decoded shares none of it.
type room struct {
	body   []byte
	values []value
}

// leastRead is how much room is left for one reading.
const leastRead = 4096

// mostAhead is for how many bytes room is made because an answer says that it has so many.
const mostAhead = 16 << 20

// read takes all that a reader holds, which says how much that is; -1 where it does not.
func (r *room) read(from io.Reader, length int64) ([]byte, error) {
	r.body = r.body[:0]
	if need := int(min(length, mostAhead)) + leastRead; need > cap(r.body) {
		r.body = make([]byte, 0, need)
	}
	for {
		if cap(r.body)-len(r.body) < leastRead {
			r.body = slices.Grow(r.body, leastRead+len(r.body))
		}
		n, err := from.Read(r.body[len(r.body):cap(r.body)])
		r.body = r.body[:len(r.body)+n]
		if err == io.EOF {
			return r.body, nil
		}
		if err != nil {
			return r.body, err
		}
	}
}
