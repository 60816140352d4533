package loop

import "time"

// Exponential is a pause that doubles with each failure from first up to most:
// the nth failure in a row, n counted from 1, waits first x 2^(n-1).
func Exponential(first, most time.Duration, n int) time.Duration {
	pause := first
	for range max(n, 1) - 1 {
		if pause >= most/2 {
			return most
		}
		pause *= 2
	}
	return min(pause, most)
}
