package fakeoc

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Fault is one thing that goes wrong with the answers of an upstream: a kind,
// its parameters, and which requests it strikes. Its text, as String writes and
// ParseFault reads it, is
//
//	fault KIND [NAME=VALUE]… [on OPERATION[,OPERATION]…] [always|times=N|from=K|nth=K]
//
// for instance "fault 429 retry-after=37.412 on DuesOrders times=2". FaultKinds
// lists the kinds with their parameters.
type Fault struct {
	Kind string
	// Params differ from the kind's own values; nil leaves all as they are.
	Params map[string]string
	// On are the operations that it strikes, by the names of the documents
	// (FaultOperations); none takes the kind's own choice.
	On []string
	// From is the first request that it strikes, counted from 1 among those it
	// could since it was set; 0 is 1.
	From int
	// Times is how many it strikes; 0 for all.
	Times int
}

// FaultOperations are the names of the documents that the program asks.
func FaultOperations() []string {
	return []string{
		"DuesPreflight", "DuesOrders", "DuesOrdersFrom", "DuesPausedByUser", "DuesTransactions",
		"DuesTransactionsFrom", "DuesRefunds", "DuesRefundsFrom", "DuesAccount", "DuesOrder",
	}
}

// FaultKind describes one kind of fault for people.
type FaultKind struct {
	Name  string
	Words string
	// Params are what can be set, with the value that holds otherwise.
	Params map[string]string
	// On are the operations that it strikes unless told otherwise; none for all.
	On []string
	// Patience says that it lasts until the client gives up.
	Patience bool
	// Plausible says that nobody can tell the answer from a true one, so that a
	// client has to believe it.
	Plausible bool
}

// FaultKinds lists all kinds, by name.
func FaultKinds() []FaultKind {
	all := make([]FaultKind, 0, len(faultKinds))
	for _, name := range slices.Sorted(maps.Keys(faultKinds)) {
		k := faultKinds[name]
		params := map[string]string{}
		for p, v := range k.params {
			params[p] = v.otherwise
		}
		all = append(all, FaultKind{
			Name: name, Words: k.words, Params: params, On: slices.Clone(k.on), Patience: k.patience, Plausible: k.plausible,
		})
	}
	return all
}

// String writes the fault as ParseFault reads it.
func (f Fault) String() string {
	words := []string{"fault", f.Kind}
	for _, name := range slices.Sorted(maps.Keys(f.Params)) {
		words = append(words, name+"="+f.Params[name])
	}
	if len(f.On) > 0 {
		words = append(words, "on", strings.Join(f.On, ","))
	}
	switch {
	case f.From > 0 && f.Times == 1:
		words = append(words, "nth="+strconv.Itoa(f.From))
	case f.From > 1:
		words = append(words, "from="+strconv.Itoa(f.From))
	}
	if f.Times > 1 || (f.Times == 1 && f.From == 0) {
		words = append(words, "times="+strconv.Itoa(f.Times))
	}
	return strings.Join(words, " ")
}

// ParseFault reads a fault's text; the leading word "fault" may be left out.
// The error says what is wrong and what is known.
func ParseFault(text string) (Fault, error) {
	words := strings.Fields(text)
	if len(words) > 0 && words[0] == "fault" {
		words = words[1:]
	}
	var f Fault
	err := f.read(words)
	if err == nil {
		err = f.check()
	}
	if err != nil {
		return Fault{}, fmt.Errorf("fault %q: %w", strings.Join(words, " "), err)
	}
	return f, nil
}

func (f *Fault) read(words []string) error {
	if len(words) == 0 {
		return fmt.Errorf("it names no kind: known are %s", knownKinds())
	}
	f.Kind = words[0]
	for i := 1; i < len(words); i++ {
		w := words[i]
		switch name, value, given := strings.Cut(w, "="); {
		case w == "on" && i+1 < len(words):
			i++
			f.On = strings.Split(words[i], ",")
		case w == "always":
			f.Times = 0
		case given && (name == "times" || name == "from" || name == "nth"):
			if err := f.strikes(name, value); err != nil {
				return err
			}
		case given:
			if f.Params == nil {
				f.Params = map[string]string{}
			}
			f.Params[name] = value
		default:
			return fmt.Errorf("%q is not understood: want NAME=VALUE, \"on OPERATION\", always, times=N, from=K or nth=K", w)
		}
	}
	return nil
}

func (f *Fault) strikes(name, value string) error {
	n, err := strconv.Atoi(value)
	if err != nil || n < 1 {
		return fmt.Errorf("%s=%s: want a whole number from 1 on", name, value)
	}
	switch name {
	case "times":
		f.Times = n
	case "from":
		f.From = n
	default:
		f.From, f.Times = n, 1
	}
	return nil
}

// check finds what this version does not know.
func (f *Fault) check() error {
	kind, known := faultKinds[f.Kind]
	if !known {
		return fmt.Errorf("the kind %q is not known: known are %s", f.Kind, knownKinds())
	}
	for _, name := range slices.Sorted(maps.Keys(f.Params)) {
		p, ok := kind.params[name]
		if !ok {
			return fmt.Errorf("%s has no parameter %q: %s", f.Kind, name, kind.knownParams())
		}
		if err := p.check(f.Params[name]); err != nil {
			return fmt.Errorf("%s=%s: %w", name, f.Params[name], err)
		}
	}
	for _, op := range f.On {
		if !slices.Contains(FaultOperations(), op) {
			return fmt.Errorf("the operation %q is not known: known are %s", op, strings.Join(FaultOperations(), ", "))
		}
	}
	if f.From < 0 || f.Times < 0 {
		return fmt.Errorf("it cannot strike a negative number of times")
	}
	return nil
}

func knownKinds() string { return strings.Join(slices.Sorted(maps.Keys(faultKinds)), ", ") }

// param is what a parameter says.
func (f Fault) param(name string) string {
	if v, ok := f.Params[name]; ok {
		return v
	}
	return faultKinds[f.Kind].params[name].otherwise
}

// concerns says whether the fault can strike an operation.
func (f Fault) concerns(op string) bool {
	on := f.On
	if len(on) == 0 {
		on = faultKinds[f.Kind].on
	}
	return len(on) == 0 || slices.Contains(on, op)
}

// due says whether it strikes the n-th request that it could, counted from 1.
func (f Fault) due(n int) bool {
	first := max(f.From, 1)
	return n >= first && (f.Times == 0 || n < first+f.Times)
}
