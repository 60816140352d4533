package tiny

import "testing"

func TestLargest(t *testing.T) {
	if Largest([]int{3, 5, 4}) != 5 || Largest(nil) != 0 {
		t.Error("not the largest")
	}
}

func TestLate(t *testing.T) {
	if !Late(3, 1) || Late(1, 3) {
		t.Error("late and early are mixed up")
	}
}

func TestAllowed(t *testing.T) {
	if !Allowed(48) || Allowed(49) {
		t.Error("the limit is another")
	}
}

func TestWord(t *testing.T) {
	if Word(1) != "one" || Word(2) != "two" || Word(3) != "many" {
		t.Error("another word")
	}
}

func TestOdd(t *testing.T) {
	if !Odd(5) || Odd(4) {
		t.Error("odd is even")
	}
}
