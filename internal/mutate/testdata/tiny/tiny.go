// Package tiny is mutated by the tests of the tool.
package tiny

// limit is compiled into the program: its mutant is compiled by itself.
const limit = 48

// Largest is the largest of the numbers, 0 where none is larger.
func Largest(numbers []int) int {
	best := 0
	for _, n := range numbers {
		if n > best {
			best = n
		}
	}
	return best
}

// Late says that the day is after the due one. No test asks about the due day.
func Late(day, due int) bool { return day > due }

// Allowed says that the number is within the limit.
func Allowed(n int) bool { return n <= limit }

// Word is a word for one or two.
func Word(n int) string {
	switch n {
	case 1:
		return "one"
	case 2:
		return "two"
	}
	return "many"
}

// Odd takes twos away until none is left.
func Odd(n int) bool {
	for n > 1 {
		n -= 2
	}
	return n == 1
}
