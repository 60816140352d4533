package opencollective

import (
	"runtime/debug"
	"sync"
)

// thriftPercent is by how much the heap may grow while a snapshot is read, in percent of
// what was in use, before the collector looks at it again; Go's own is 100. The garbage of a
// pull is pages, and comes on top of the most that a program here ever holds.
const thriftPercent = 33

// thrift is the one place that tells the collector, of which a process has one, however
// many pulls it makes at the same time.
var thrift struct {
	sync.Mutex
	pulls  int
	before int // what the process was told when the first of these pulls began
}

// Thrift lets the heap grow by less until done is called, and for as long as any other pull
// goes on: Client.Pull does while it reads, and whoever goes on with a large snapshot may.
// Where the operator lets it grow by more (GOGC), that is so again afterwards. Who was told
// to let it grow by less still, or not to look at all, is left alone.
func Thrift() (done func()) {
	thrift.Lock()
	defer thrift.Unlock()
	if thrift.pulls++; thrift.pulls == 1 {
		thrift.before = debug.SetGCPercent(thriftPercent)
		if thrift.before < thriftPercent {
			debug.SetGCPercent(thrift.before)
		}
	}
	return sync.OnceFunc(func() {
		thrift.Lock()
		defer thrift.Unlock()
		if thrift.pulls--; thrift.pulls == 0 {
			debug.SetGCPercent(thrift.before)
		}
	})
}
