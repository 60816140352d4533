// Command goodstanding keeps a federation's roll: it reads who pays on Open
// Collective, says who is in good standing and why, and keeps every change that
// people make to it.
//
// The process is a value: Run takes the arguments and an Env (streams, clock,
// environment, login name) and returns the exit code, so that tests run the
// whole program in process. Nothing here decides anything about a member; the
// package reads settings, asks roll, syncer, policy and store, and prints.
//
// What is printed on standard output is for people or, with --json or --csv,
// for machines, and then nothing else is. Notes, progress and errors go to
// standard error. Choices made here, where domain.md is silent:
//
//   - a date without a time is midnight UTC, at its start;
//   - dates are shown in the federation's time zone, which is named;
//   - waive, pay, unlink, merge, pause, suspend, restore, acknowledge and
//     backdating need a --reason; the other changes record "no reason given"
//     when there is none;
//   - GOODSTANDING_OC_SLUG is asked for by what reads Open Collective and by
//     what would begin a new database, and by nothing else.
package main
