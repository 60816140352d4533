package main

import (
	"context"
	"errors"
	"io/fs"
	"syscall"

	"coopcloud.tech/goodstanding/chair"
	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/invariants"
	"coopcloud.tech/goodstanding/policy"
	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/store"
	"coopcloud.tech/goodstanding/syncer"
	"coopcloud.tech/goodstanding/syncer/opencollective"
)

// The exit codes. They are part of the interface: none is ever given another
// meaning.
const (
	exitOK          = 0
	exitFailed      = 1
	exitUsage       = 2
	exitRefused     = 3
	exitUpstream    = 4
	exitNotFound    = 5
	exitDatabase    = 6
	exitInterrupted = 130
)

// exitCodes is what goodstanding --help says of them.
var exitCodes = []struct {
	code int
	what string
}{
	{exitOK, "done"},
	{exitFailed, "failed; the message says why"},
	{exitUsage, "the command line or a setting is wrong; nothing was done"},
	{exitRefused, "refused: by the rules, by faults in a file, or by your no; nothing was changed"},
	{exitUpstream, "Open Collective could not be read; the roll is as it was"},
	{exitNotFound, "no such member, account, person, hold, notice or decision, or several fit"},
	{exitDatabase, "the database cannot be used"},
	{exitInterrupted, "interrupted"},
}

// usageError is a command line that cannot be carried out.
type usageError struct{ text string }

func (e *usageError) Error() string { return e.text }

// declined is a no to the question whether to go on.
type declined struct{}

func (declined) Error() string { return "you said no: nothing was changed" }

// silent ends the program with a code after everything was said already.
type silent struct{ code int }

func (silent) Error() string { return "see above" }

// exitCode is the code for an error that a command returned.
func exitCode(err error) int {
	for _, k := range []func(error) int{quietCode, usageCode, wordCode, refusalCode, databaseCode, upstreamCode} {
		if code := k(err); code != 0 {
			return code
		}
	}
	if errors.Is(err, context.Canceled) {
		return exitInterrupted
	}
	return exitFailed
}

func quietCode(err error) int {
	if s, ok := errors.AsType[silent](err); ok {
		return s.code
	}
	return 0
}

func usageCode(err error) int {
	if is[*usageError](err) || is[*ConfigFaults](err) {
		return exitUsage
	}
	return 0
}

// wordCode is for words that name nothing, or too much.
func wordCode(err error) int {
	if is[*chair.NotFound](err) || is[*roll.NotFound](err) || is[*roll.Ambiguous](err) || is[*store.NoSuchMember](err) || is[*store.AmbiguousMember](err) {
		return exitNotFound
	}
	return 0
}

func refusalCode(err error) int {
	if is[*decisions.Refusal](err) || is[*chair.NotYours](err) || is[*chair.ImportFault](err) || is[*exportFault](err) || is[*roll.Refused](err) || is[*policy.Faults](err) || is[*policy.CurrencyFault](err) || is[declined](err) ||
		is[*store.BadBackup](err) || is[*store.NotEmpty](err) || is[*invariants.NotRepairable](err) ||
		is[*store.LinkOverlap](err) || is[*store.ReferenceSeen](err) || is[*store.EmailTaken](err) {
		return exitRefused
	}
	return 0
}

func databaseCode(err error) int {
	if is[*store.Fault](err) {
		return exitDatabase
	}
	return 0
}

// upstreamCode is for the errors of the client; an interruption is none.
func upstreamCode(err error) int {
	if is[*syncer.OutOfTime](err) || is[*syncer.Superseded](err) {
		return exitUpstream
	}
	switch opencollective.ClassOf(err) {
	case opencollective.ClassOK, opencollective.ClassOther, opencollective.ClassCancelled:
		return 0
	}
	return exitUpstream
}

func is[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

// outputFault explains why the answer itself could not be written; nil for
// other errors.
func outputFault(err error) error {
	switch {
	case errors.Is(err, syscall.EPIPE), errors.Is(err, fs.ErrClosed):
		return silent{exitFailed} // the reader went away: nobody is there to be told
	case errors.Is(err, syscall.ENOSPC):
		return errors.New("the output could not be written: no space is left on its disk; free some and run the command again")
	}
	return nil
}
