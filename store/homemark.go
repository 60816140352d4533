package store

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"coopcloud.tech/goodstanding/internal/instant"
)

// mark is what stands last in the file beside a SQLite file.
type mark struct {
	Instance string          `json:"instance"`
	Known    instant.Instant `json:"known"`
	Sends    int64           `json:"sends"`
}

// ahead says that the store of which the mark was made had come further.
func (m mark) ahead(of mark) bool {
	return m.Instance != of.Instance || m.Known > of.Known || m.Sends > of.Sends
}

// The file of marks is as long as markRoom from the beginning, and each mark is a line
// in it, after the one before: a mark is written before each mail leaves, and to write
// into a file that stays as long as it is takes the disk a quarter of what a new file
// takes it. A full one is replaced.
const markRoom = 4096

// marks says whether the engine keeps marks beside its file.
func (e engine) marks() bool { return e.dialect == sqliteDialect }

func (e engine) markFile() string { return e.where + ".home" }

// readMark reads the last mark; there is false where no file is. One that cannot be
// read is an error, not a copy. A line that was not written to its end is passed over:
// what it was to come before has not left.
func (e engine) readMark() (m mark, there bool, err error) {
	if !e.marks() {
		return m, false, nil
	}
	b, err := os.ReadFile(e.markFile())
	if errors.Is(err, fs.ErrNotExist) {
		return m, false, nil
	}
	if err == nil {
		m, err = lastMark(b)
	}
	if err != nil {
		return m, false, &badMark{e.markFile(), err}
	}
	return m, true, nil
}

// badMark says that the mark beside a file cannot be read.
type badMark struct {
	file string
	err  error
}

func (e *badMark) Error() string {
	return fmt.Sprintf("the mark %s of the database cannot be read: give the user that runs goodstanding the right to, or remove it and start the notices again: %v", e.file, e.err)
}

func (e *badMark) Unwrap() error { return e.err }

// lastMark is the last of some marks that was written to its end.
func lastMark(b []byte) (m mark, err error) {
	err = errors.New("no mark is in it")
	for b = bytes.TrimSpace(b); len(b) > 0; b = bytes.TrimSpace(b[:bytes.LastIndexByte(b, '\n')+1]) {
		line := b[bytes.LastIndexByte(b, '\n')+1:]
		m = mark{}
		if err = json.Unmarshal(line, &m); err == nil {
			return m, nil
		}
	}
	return m, err
}

// addMark adds a mark to those that are there, for good.
func (e engine) addMark(m mark) error {
	if !e.marks() {
		return nil
	}
	line, err := json.Marshal(m)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(e.markFile(), os.O_RDWR, 0)
	if err != nil { // replacing it says what is wrong
		return e.replaceMark(m)
	}
	added, err := addLine(f, append(line, '\n'))
	if err = errors.Join(err, f.Close()); err != nil || added {
		return err
	}
	return e.replaceMark(m)
}

// addLine writes a line after the last one; added is false where there is no room.
func addLine(f *os.File, line []byte) (added bool, err error) {
	b := make([]byte, markRoom+1)
	n, err := f.ReadAt(b, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return false, err
	}
	if n != markRoom { // also one of an earlier program, which was one mark long
		return false, nil
	}
	at := bytes.LastIndexByte(b[:n], '\n') + 1
	if at+len(line) > markRoom {
		return false, nil
	}
	if _, err = f.WriteAt(line, int64(at)); err == nil {
		err = f.Sync()
	}
	return err == nil, err
}

// replaceMark puts a mark in the place of all before, at once and for good.
func (e engine) replaceMark(m mark) error {
	if !e.marks() {
		return nil
	}
	line, err := json.Marshal(m)
	if err != nil {
		return err
	}
	room := bytes.Repeat([]byte{' '}, markRoom)
	copy(room, append(line, '\n'))
	f, err := os.CreateTemp(filepath.Dir(e.where), filepath.Base(e.markFile())+".")
	if err != nil {
		return err
	}
	_, err = f.Write(room)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), e.markFile())
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}
