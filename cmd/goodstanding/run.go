package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"

	"github.com/alecthomas/kong"

	"coopcloud.tech/goodstanding/roll"
)

// Run is the whole program: it carries out one command line in the given
// surroundings and returns the exit code.
func Run(ctx context.Context, args []string, env Env) int {
	a := &app{env: env, out: newPrinter(env.Stdout, env), note: newPrinter(env.Stderr, env)}
	err := a.run(ctx, args)
	if err == nil {
		err = a.out.err
	}
	if said := outputFault(err); said != nil {
		err = said
	}
	if err == nil {
		return exitOK
	}
	code := exitCode(err)
	if !is[silent](err) {
		a.note.line("goodstanding: %s", message(err))
	}
	return code
}

// message is what a person reads, with a way on where the error names none.
func message(err error) string {
	text := err.Error()
	missing, ok := errors.AsType[*roll.NotFound](err)
	if !ok || len(missing.Nearest) > 0 {
		return text
	}
	switch missing.What {
	case "member":
		text += "; goodstanding roll lists all"
	case "account":
		text += "; only accounts that Open Collective has shown are known here: run goodstanding sync, or look at the spelling"
	case "person":
		text += "; goodstanding people list shows all"
	case "hold":
		text += "; goodstanding holds show lists all"
	}
	return text
}

// app is one run of the program.
type app struct {
	env  Env
	cli  cli
	out  *printer // what was asked for
	note *printer // everything else
}

// exited ends the parser when it has printed a help text.
type exited struct{}

func (a *app) run(ctx context.Context, args []string) (err error) {
	if len(args) > 0 && args[0] == "help" {
		args = append(args[1:len(args):len(args)], "--help")
	}
	parser, err := kong.New(&a.cli,
		kong.Name("goodstanding"),
		kong.Description("Who is in good standing, and why: reads a federation's dues on Open Collective and keeps its roll."),
		kong.Writers(a.env.Stdout, a.env.Stderr),
		kong.Exit(func(int) { panic(exited{}) }),
		kong.Help(a.help),
		kong.ExplicitGroups(groups),
		kong.ConfigureHelp(kong.HelpOptions{}),
	)
	if err != nil {
		return fmt.Errorf("build the command line: %w", err)
	}
	defer func() {
		if r := recover(); r != nil {
			if _, ok := r.(exited); !ok {
				panic(r)
			}
			err = nil
		}
	}()
	k, err := parser.Parse(args)
	if err != nil {
		return a.misused(parser, args, err)
	}
	k.BindTo(ctx, (*context.Context)(nil))
	return k.Run(a)
}

// misused explains a command line that cannot be understood. Without any
// argument the help is all there is to say.
func (a *app) misused(parser *kong.Kong, args []string, err error) error {
	wrong, ok := errors.AsType[*kong.ParseError](err)
	if !ok {
		return &usageError{err.Error()}
	}
	if len(args) == 0 {
		if e := a.help(kong.HelpOptions{}, wrong.Context); e != nil {
			return e
		}
		return silent{exitUsage}
	}
	return &usageError{explainUsage(parser.Model, wrong)}
}

// create makes a file for a person, refusing to overwrite one.
func create(path string, mode os.FileMode) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if errors.Is(err, os.ErrExist) {
		return nil, &usageError{path + " exists: name another file, or remove it first"}
	}
	if err != nil {
		return nil, unwritable("the file "+path, path, err)
	}
	return f, nil
}

// written lets f write a file that was not there, and that is whole or not there: half a
// list, record or policy is worse than none.
func written(path string, mode os.FileMode, f func(io.Writer) error) error {
	file, err := create(path, mode)
	if err != nil {
		return err
	}
	err = f(file)
	if e := file.Close(); err == nil {
		err = e
	}
	if err != nil {
		_ = os.Remove(path)
	}
	return err
}

// writtenText is written with a text that is at hand.
func writtenText(path string, mode os.FileMode, text []byte) error {
	return written(path, mode, func(w io.Writer) error {
		_, err := w.Write(text)
		return err
	})
}

// unwritable says why something cannot be written to a path, and what would be right.
func unwritable(what, path string, err error) error {
	if err := folderOf(path); err != nil {
		return err
	}
	return fmt.Errorf("%s cannot be written (%s): name another place, or let the user who runs goodstanding write there", what, cause(err))
}

// folderOf refuses a path whose folder is not there.
func folderOf(path string) error {
	dir := filepath.Dir(path)
	switch info, err := os.Stat(dir); {
	case errors.Is(err, os.ErrNotExist):
		return &usageError{"the folder " + dir + " does not exist: create it, or name another"}
	case err == nil && !info.IsDir(), errors.Is(err, syscall.ENOTDIR):
		return &usageError{dir + " is not a folder: name another"}
	}
	return nil
}
