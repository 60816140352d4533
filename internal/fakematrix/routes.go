package fakematrix

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// call is one request under way.
type call struct {
	s    *Server
	user *user // nil where no token is asked for
	r    *http.Request
	path map[string]string
	body map[string]any
}

// failed is an error as the specification words it.
type failed struct {
	status int
	code   string
}

func bad(status int, code string) (any, *failed) { return nil, &failed{status, code} }

// route is one operation.
type route struct {
	method, path, name string
	open               bool // without a token
	serve              func(*call) (any, *failed)
}

var routes = []route{
	{"GET", "versions", "getVersions", true, (*call).versions},
	{"GET", "v3/login", "getLoginFlows", true, (*call).flows},
	{"POST", "v3/login", "login", true, (*call).login},
	{"GET", "v3/account/whoami", "getTokenOwner", false, (*call).whoami},
	{"POST", "v3/createRoom", "createRoom", false, (*call).createRoom},
	{"GET", "v3/directory/room/{alias}", "getRoomIdByAlias", false, (*call).directory},
	{"GET", "v3/joined_rooms", "getJoinedRooms", false, (*call).joined},
	{"POST", "v3/rooms/{room}/invite", "inviteUser", false, (*call).invite},
	{"POST", "v3/rooms/{room}/join", "joinRoomById", false, (*call).join},
	{"POST", "v3/join/{room}", "joinRoom", false, (*call).join},
	{"PUT", "v3/rooms/{room}/send/{type}/{txn}", "sendMessage", false, (*call).send},
	{"PUT", "v3/rooms/{room}/redact/{event}/{txn}", "redactEvent", false, (*call).redact},
	{"GET", "v3/rooms/{room}/state/{type}/{key}", "getRoomStateWithKey", false, (*call).state},
	{"GET", "v3/rooms/{room}/state/{type}", "getRoomStateWithKey", false, (*call).state},
	{"PUT", "v3/rooms/{room}/state/{type}/{key}", "setRoomStateWithKey", false, (*call).setState},
	{"PUT", "v3/rooms/{room}/state/{type}", "setRoomStateWithKey", false, (*call).setState},
	{"GET", "v3/rooms/{room}/messages", "getRoomEvents", false, (*call).messages},
	{"GET", "v3/rooms/{room}/event/{event}", "getOneRoomEvent", false, (*call).event},
	{"GET", "v1/rooms/{room}/relations/{event}", "getRelatingEvents", false, (*call).relations},
	{"GET", "v1/rooms/{room}/relations/{event}/{rel}", "getRelatingEventsWithRelType", false, (*call).relations},
	{"GET", "v1/rooms/{room}/relations/{event}/{rel}/{type}", "getRelatingEventsWithRelTypeAndEventType", false, (*call).relations},
	{"POST", "v3/user/{user}/filter", "defineFilter", false, (*call).define},
	{"GET", "v3/user/{user}/filter/{filter}", "getFilter", false, (*call).defined},
	{"GET", "v3/pushrules", "getPushRules", false, (*call).pushRules},
	{"GET", "v3/sync", "sync", false, (*call).sync},
}

// match takes the path apart; nil where it is another one.
func (rt *route) match(segments []string) map[string]string {
	own := strings.Split(rt.path, "/")
	if len(own) != len(segments) {
		return nil
	}
	found := map[string]string{}
	for i, o := range own {
		if name, is := strings.CutPrefix(o, "{"); is {
			found[strings.TrimSuffix(name, "}")] = segments[i]
		} else if o != segments[i] {
			return nil
		}
	}
	return found
}

const mostBody = 1 << 20

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Access-Control-Allow-Origin", "*")
	segments := strings.Split(strings.TrimPrefix(strings.TrimSuffix(r.URL.EscapedPath(), "/"), "/_matrix/client/"), "/")
	for i := range segments { // a segment may hold a slash that is none of the path's
		if plain, err := url.PathUnescape(segments[i]); err == nil {
			segments[i] = plain
		}
	}
	c := &call{s: s, r: r}
	for i := range routes {
		rt := &routes[i]
		if rt.method != r.Method {
			continue
		}
		if c.path = rt.match(segments); c.path != nil {
			c.answer(w, rt)
			return
		}
	}
	fail(w, &failed{http.StatusNotFound, "M_UNRECOGNIZED"}, nil)
}

func (c *call) answer(w http.ResponseWriter, rt *route) {
	fault := c.s.misbehaves(rt.name)
	if fault != nil {
		select {
		case <-time.After(fault.Wait):
		case <-c.r.Context().Done():
		}
		if fault.Status != 0 {
			fail(w, &failed{fault.Status, fault.Code}, fault)
			return
		}
	}
	out, err := c.serve(rt)
	switch {
	case fault != nil && fault.Lose:
		panic(http.ErrAbortHandler) // the connection is cut without an answer
	case err != nil:
		fail(w, err, nil)
	default:
		answerJSON(w, http.StatusOK, out)
	}
}

func (s *Server) misbehaves(operation string) *Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked[operation]++
	if s.refuse == nil {
		return nil
	}
	return s.refuse(operation)
}

// serve checks the token and the body, and carries out what was asked.
func (c *call) serve(rt *route) (any, *failed) {
	if !rt.open {
		token, ok := strings.CutPrefix(c.r.Header.Get("Authorization"), "Bearer ")
		if !ok {
			return bad(http.StatusUnauthorized, "M_MISSING_TOKEN")
		}
		c.s.mu.Lock()
		c.user = c.s.tokens[token]
		c.s.mu.Unlock()
		if c.user == nil {
			return bad(http.StatusUnauthorized, "M_UNKNOWN_TOKEN")
		}
	}
	if c.r.Method != http.MethodGet {
		body, err := io.ReadAll(io.LimitReader(c.r.Body, mostBody))
		if err != nil || len(body) == mostBody {
			return bad(http.StatusRequestEntityTooLarge, "M_TOO_LARGE")
		}
		if len(body) == 0 {
			body = []byte("{}")
		}
		if json.Unmarshal(body, &c.body) != nil {
			return bad(http.StatusBadRequest, "M_NOT_JSON")
		}
	}
	return rt.serve(c)
}

func fail(w http.ResponseWriter, f *failed, fault *Fault) {
	body := map[string]any{"errcode": f.code, "error": "the fake homeserver says no"}
	if f.code == "" {
		body["errcode"] = "M_UNKNOWN"
	}
	if fault != nil && fault.RetryAfter > 0 {
		if fault.InHeader {
			w.Header().Set("Retry-After", strconv.Itoa(int(fault.RetryAfter.Seconds())))
		} else {
			body["retry_after_ms"] = fault.RetryAfter.Milliseconds()
		}
	}
	if fault != nil && fault.Body != "" {
		w.WriteHeader(f.status)
		_, _ = io.WriteString(w, fault.Body) // whoever asked has gone, at worst
		return
	}
	answerJSON(w, f.status, body)
}

func answerJSON(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(value) // whoever asked has gone, at worst
}

// text is a string of the body; "" where it is none.
func (c *call) text(key string) string {
	s, ok := c.body[key].(string)
	if !ok {
		return ""
	}
	return s
}
