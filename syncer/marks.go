package syncer

// marks are rows of one table that were noted: a bit for each row, where a map of ids takes
// as much as the rows. Only rows that were there when the marks were made can be noted.
type marks[K ~string] struct {
	place func(K) (int, bool)
	bits  []uint64
	n     int
}

// newMarks are none of the rows of a table.
func newMarks[K ~string, R any, P packing[R]](t *table[K, R, P]) *marks[K] {
	return &marks[K]{place: t.place, bits: make([]uint64, (t.len()+63)/64)}
}

// has says whether the row of that id was noted.
func (m *marks[K]) has(id K) bool {
	if m == nil {
		return false
	}
	place, known := m.place(id)
	return known && m.at(place)
}

// at says whether the row in that place was noted.
func (m *marks[K]) at(place int) bool {
	return place/64 < len(m.bits) && m.bits[place/64]&(1<<(place%64)) != 0
}

// add notes the row in that place.
func (m *marks[K]) add(place int) {
	if place/64 < len(m.bits) && !m.at(place) {
		m.bits[place/64] |= 1 << (place % 64)
		m.n++
	}
}

// len is how many rows were noted.
func (m *marks[K]) len() int {
	if m == nil {
		return 0
	}
	return m.n
}

// ids are those of what a snapshot shows: of what it holds, and of what is known.
type ids[K ~string] struct {
	here  map[K]bool
	known *marks[K]
}

func (s ids[K]) has(id K) bool { return s.here[id] || s.known.has(id) }

// add adds one that the snapshot holds.
func (s ids[K]) add(id K) {
	if !s.known.has(id) {
		s.here[id] = true
	}
}

func (s ids[K]) len() int { return len(s.here) + s.known.len() }
