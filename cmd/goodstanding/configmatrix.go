package main

import "coopcloud.tech/goodstanding/notify/matrix"

// matrix reads which room is spoken in, and by which account.
func (l *loader) matrix() {
	home, named := l.lookUp(settingNamed("MATRIX_URL"))
	token, kept := l.lookUp(settingNamed("MATRIX_TOKEN"))
	room, chosen := l.lookUp(settingNamed("MATRIX_ROOM"))
	if !named && !kept && !chosen {
		return
	}
	o := &matrix.Options{Token: token.value, Room: room.value}
	var err error
	if !named {
		l.fault(prefix+"MATRIX_URL", "is not set, and other settings of the room are: write where the homeserver of its account is, such as https://matrix.example.org")
	} else if o.URL, err = matrix.ParseURL(home.value); err != nil {
		l.fault(home.from, "%s", err)
	}
	if !kept && l.cfg.from["MATRIX_TOKEN"] == "" {
		l.fault(prefix+"MATRIX_TOKEN", "is not set: make an access token for the account that speaks in the room")
	}
	if !chosen {
		l.fault(prefix+"MATRIX_ROOM", "is not set: write the room's alias, such as #decisions:example.org, or its id")
	} else if why := matrix.RoomFault(room.value); why != "" {
		l.fault(room.from, "%s", why)
	}
	if l.cfg.from["PUBLIC_URL"] == "" {
		l.fault(prefix+"PUBLIC_URL", "is not set, and what is said in the Matrix room leads there: write where the world reaches this server, such as https://roll.example.org")
	}
	l.cfg.Matrix = o
}

// matrixOptions are the room's, empty for none.
func (c *Config) matrixOptions() matrix.Options {
	if c.Matrix == nil {
		return matrix.Options{}
	}
	return *c.Matrix
}

// matrixURL is where the homeserver is, as it may be shown.
func (c *Config) matrixURL() string {
	if c.Matrix == nil {
		return ""
	}
	return c.Matrix.URL.String()
}
