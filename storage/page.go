package storage

// How SQLite lays a row of the body table into pages of mailPageSize bytes (its file format, 1.6): a leaf page has a
// header of 8 bytes and takes cells, each with a pointer of 2; a row larger than maxLocal keeps some bytes in the leaf
// and the rest in overflow pages of its own. Bodies of some KiB, one row each, would leave a third of the leaves
// unused. So a chunk that does not fit into what is left of the last leaf is cut: the first piece fills that leaf.
const (
	leafSpace  = mailPageSize - 8
	maxLocal   = mailPageSize - 35
	minLocal   = (mailPageSize-12)*32/255 - 23
	overflow   = mailPageSize - 4 // bytes of a row in an overflow page
	cellExtra  = 2 + 3 + 9 + 6    // pointer, sizes and key at their longest, record header
	minFilling = 256              // bytes; a smaller piece is not worth its row
)

// fill returns how many of a chunk's n bytes go into a piece of their own before the rest, and keeps account of the
// last leaf. The account is an estimate: a wrong one costs space in a page, nothing else.
func (m *Mail) fill(n int) int {
	if cell := localSize(n); cell <= m.tail {
		m.tail -= cell
		return 0
	}
	filler := m.tail - cellExtra
	if filler < minFilling {
		filler = 0
	}
	m.tail = leafSpace - localSize(n-filler)
	return filler
}

// localSize is what a row with n bytes of data takes in its leaf.
func localSize(n int) int {
	payload := n + 6
	if payload <= maxLocal {
		return n + cellExtra
	}
	local := minLocal + (payload-minLocal)%overflow
	if local > maxLocal {
		local = minLocal
	}
	return local + cellExtra + 4
}
