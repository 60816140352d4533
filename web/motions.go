package web

import (
	"coopcloud.tech/goodstanding/chair"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/store"
)

// motionNames say what somebody asks for that a second person has to agree to.
var motionNames = map[string]string{
	string(chair.AddSeat): "Add a member to an electorate", string(chair.RemoveSeat): "Take a member out of an electorate",
	string(chair.SettleIn): "Count a member that has gone since", string(chair.SettleOut): "Leave a member out that has gone since",
	roll.MotionPause: "Pause a member",
}

func motionWords(m *store.Motion) string { return motionNames[m.Kind] }
