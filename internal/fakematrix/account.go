package fakematrix

import (
	"fmt"
	"net/http"
	"strings"
)

func (c *call) versions() (any, *failed) {
	return map[string]any{"versions": []string{"v1.1", "v1.11", "v1.15"}, "unstable_features": map[string]any{}}, nil
}

func (c *call) flows() (any, *failed) {
	return map[string]any{"flows": []map[string]any{{"type": "m.login.password"}}}, nil
}

// login takes a password.
func (c *call) login() (any, *failed) {
	name := c.text("user")
	if id, ok := c.body["identifier"].(map[string]any); ok {
		if user, ok := id["user"].(string); ok {
			name = user
		}
	}
	if c.text("type") != "m.login.password" {
		return bad(http.StatusBadRequest, "M_UNKNOWN")
	}
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	if !strings.HasPrefix(name, "@") {
		name = "@" + name + ":" + c.s.Name
	}
	u := c.s.users[name]
	if u == nil || u.password == "" || u.password != c.text("password") {
		return bad(http.StatusForbidden, "M_FORBIDDEN")
	}
	return map[string]any{"user_id": u.id, "access_token": c.s.tokenFor(u), "device_id": "FAKE", "home_server": c.s.Name}, nil
}

func (c *call) whoami() (any, *failed) {
	return map[string]any{"user_id": c.user.id, "device_id": "FAKE", "is_guest": false}, nil
}

// define keeps a filter of the account.
func (c *call) define() (any, *failed) {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	c.s.ids++
	id := fmt.Sprint(c.s.ids)
	c.s.filters[id] = readFilter(c.body)
	return map[string]any{"filter_id": id}, nil
}

func (c *call) defined() (any, *failed) {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	f, known := c.s.filters[c.path["filter"]]
	if !known {
		return bad(http.StatusNotFound, "M_NOT_FOUND")
	}
	return f.whole, nil
}

func (c *call) pushRules() (any, *failed) {
	return map[string]any{"global": map[string]any{}}, nil
}
