// Package bench measures where the program stands against the figures that it
// sets itself. Where there is another side, a figure is a ratio of what the program does
// to the fastest plain way of doing the same work, taken in turns within one run, so
// that it says the same on a fast machine, a slow one and a busy one. The others are
// counts, sizes, processor time of one step, and how long a start takes.
//
// It has tests only. TestFigures runs with the flag -measure (make bench), prints
// one line a figure and, with -record, rewrites the table of docs/performance.md.
// TestAllocations and TestRequestCount hold the figures that are exact; CI runs
// those. The other side of each ratio is code like any other here: honest, the
// fastest plain way, and kept.
package bench
