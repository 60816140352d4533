package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// chain recomputes the hashes: each entry follows the one before, its hash is
// that of its content, and the texts beside it are those it names.
func (r *record) chain() error {
	prev := strings.Repeat("0", 64)
	for i := range r.Entries {
		e := &r.Entries[i]
		where := fmt.Sprintf("entry %d", i+1)
		if e.Seq != int64(i+1) {
			return fmt.Errorf("%s has the number %d: one was left out, or put in", where, e.Seq)
		}
		if e.Prev != prev {
			return fmt.Errorf("%s does not follow the entry before", where)
		}
		hash, err := r.hash(e)
		if err != nil {
			return fmt.Errorf("%s: %w", where, err)
		}
		if e.Hash != hash {
			return fmt.Errorf("%s: its content does not fit its hash", where)
		}
		for _, t := range []struct {
			what   string
			text   *text
			hashed string
		}{{"text", e.Text, e.Public.Text}, {"words", e.Words, e.Public.Words}, {"name", e.Name, e.Public.Name}} {
			if t.text == nil {
				continue
			}
			sum := sha256.Sum256([]byte(t.text.Salt + "\n" + t.text.Body))
			if hex.EncodeToString(sum[:]) != t.hashed {
				return fmt.Errorf("%s: its %s does not fit its hash", where, t.what)
			}
		}
		prev = e.Hash
	}
	if len(r.Entries) == 0 {
		return fmt.Errorf("there are no entries")
	}
	if r.Head != prev {
		return fmt.Errorf("the head is not the hash of the last entry")
	}
	return nil
}

// hash is that of an entry: SHA-256 over its parts, each preceded by its length in
// bytes and a colon.
func (r *record) hash(e *entry) (string, error) {
	at, err := micros(e.At)
	if err != nil {
		return "", err
	}
	due := int64(0)
	if e.Due != "" {
		if due, err = micros(e.Due); err != nil {
			return "", err
		}
	}
	h := sha256.New()
	for _, part := range []string{
		"goodstanding decision 1", e.Prev, r.Decision.ID, strconv.FormatInt(e.Seq, 10), strconv.FormatInt(at, 10), e.Kind,
		strconv.FormatInt(e.Number, 10), e.State, strconv.FormatInt(due, 10), e.Public.canonical, e.Private,
	} {
		_, _ = io.WriteString(h, strconv.Itoa(len(part))+":"+part)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// micros is an instant in microseconds since 1970; it has one way to be written.
func micros(s string) (int64, error) {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil || t.Format(time.RFC3339Nano) != s || !strings.HasSuffix(s, "Z") || t.Nanosecond()%1000 != 0 {
		return 0, fmt.Errorf("%q is not an instant in UTC, to the microsecond", s)
	}
	return t.UnixMicro(), nil
}
