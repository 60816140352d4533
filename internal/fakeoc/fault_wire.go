package fakeoc

import (
	"bytes"
	"compress/gzip"
	"io"
	"maps"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// wireFaults spoil how an answer travels.
var wireFaults = map[string]faultKind{
	"hang": {
		words:  "nothing comes, or nothing more after a part, until the client gives up",
		params: map[string]faultParam{"at": faultShare("0")}, wire: true, patience: true,
		do: func(c *faultCall) {
			if c.share("at") > 0 {
				c.part(c.share("at"))
			}
			<-c.r.Context().Done()
		},
	},
	"delay": {
		words: "a good answer, late", params: map[string]faultParam{"for": faultWait("100ms")}, wire: true,
		do: func(c *faultCall) {
			if c.pause(c.wait("for")) {
				c.next().send(c.w)
			}
		},
	},
	"drip": {
		words: "one byte at a time", params: map[string]faultParam{"every": faultWait("20ms")}, wire: true, patience: true,
		do: func(c *faultCall) {
			a := c.next()
			c.head(a)
			for i := range a.body {
				if !c.write(a.body[i:i+1]) || !c.pause(c.wait("every")) {
					return
				}
			}
		},
	},
	"reset": {
		words:  "the connection is reset, before the answer or in the middle of it",
		params: map[string]faultParam{"at": faultShare("0.5")}, wire: true,
		do: func(c *faultCall) {
			if c.share("at") > 0 {
				c.part(c.share("at"))
			}
			c.cut(true)
		},
	},
	"cut": {
		words:  "the connection ends in good order in the middle of the answer",
		params: map[string]faultParam{"at": faultShare("0.5")}, wire: true,
		do: func(c *faultCall) {
			c.part(c.share("at"))
			c.cut(false)
		},
	},
	"length": {
		words: "the length that is stated is wrong by so many bytes", params: map[string]faultParam{"by": faultNumber("-100")}, wire: true,
		do: func(c *faultCall) {
			a := c.next()
			c.headOf(a, len(a.body)+int(c.number("by")))
			c.write(a.body)
			c.cut(false)
		},
	},
	"huge": {
		words: "an answer without end", params: map[string]faultParam{"bytes": faultNumber("1073741824")}, wire: true,
		do: func(c *faultCall) {
			c.head(faultJSONAnswer(200, ""))
			c.write([]byte(`{"data":{"` + faultRoot(c.op) + `":{"totalCount":0,"nodes":[],"more":"`))
			c.flood(c.w)
		},
	},
	"gzip-bomb": {
		words:  "a short answer that unpacks without end, where the client takes packed ones",
		params: map[string]faultParam{"bytes": faultNumber("1073741824")}, wire: true,
		do: func(c *faultCall) {
			if !strings.Contains(c.r.Header.Get("Accept-Encoding"), "gzip") {
				c.next().send(c.w)
				return
			}
			c.w.Header().Set("Content-Encoding", "gzip")
			c.head(faultJSONAnswer(200, ""))
			z := gzip.NewWriter(c.w)
			_, _ = io.WriteString(z, `{"data":{"`+faultRoot(c.op)+`":{"totalCount":0,"nodes":[],"more":"`)
			c.flood(z)
			_ = z.Close() // the client has left long ago
		},
	},
}

// head sends status and headers; the length stays open.
func (c *faultCall) head(a faultAnswer) { c.headOf(a, -1) }

func (c *faultCall) headOf(a faultAnswer, length int) {
	maps.Copy(c.w.Header(), a.header)
	if length >= 0 {
		c.w.Header().Set("Content-Length", strconv.Itoa(length))
	}
	c.w.WriteHeader(a.status)
}

// write sends bytes at once; false when the client has left.
func (c *faultCall) write(p []byte) bool {
	if _, err := c.w.Write(p); err != nil {
		return false
	}
	_ = http.NewResponseController(c.w).Flush() // where it cannot flush it sends later
	return c.r.Context().Err() == nil
}

// pause waits; false when the client left meanwhile.
func (c *faultCall) pause(d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-c.r.Context().Done():
		return false
	}
}

// part sends the first share of the good answer under its full length.
func (c *faultCall) part(share float64) {
	a := c.next()
	c.headOf(a, len(a.body))
	c.write(a.body[:int(float64(len(a.body))*share)])
}

// cut ends the connection, with a reset or by closing it.
func (c *faultCall) cut(reset bool) {
	conn, _, err := http.NewResponseController(c.w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler) // HTTP/2: only this stream is reset
	}
	if tcp, ok := conn.(*net.TCPConn); ok && reset {
		_ = tcp.SetLinger(0) // what cannot be set is closeFault in good order
	}
	_ = conn.Close()
}

// flood writes as many bytes as the parameter says without holding them.
func (c *faultCall) flood(w io.Writer) {
	block := bytes.Repeat([]byte("a"), 64<<10)
	for left := c.number("bytes"); left > 0 && c.r.Context().Err() == nil; left -= int64(len(block)) {
		if _, err := w.Write(block); err != nil {
			return
		}
	}
}
