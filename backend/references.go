package backend

// link makes parents of references. RFC 5256, 3, REFERENCES, step 1.
func (f *forest) link() {
	c := &f.cache.threads
	nodes := make([]int32, len(c.numbers)+1) // by the number of the Message-ID
	for i := range nodes {
		nodes[i] = none
	}
	for i, p := range f.places {
		// Of messages with the same Message-ID the first has it.
		if own := c.own[p]; own != 0 && nodes[own] == none {
			nodes[own] = int32(i)
		}
	}
	f.sets = make([]int32, len(f.places), cap(f.parent))
	for i := range f.sets {
		f.sets[i] = int32(i)
	}
	f.steps = 1<<20 + 64*len(f.places)
	for i, p := range f.places {
		last := none
		for _, number := range c.references(p) {
			node := nodes[number]
			if node == none {
				node = f.newDummy()
				f.sets = append(f.sets, node)
				nodes[number] = node
			}
			if last != none && f.parent[node] == none {
				f.adopt(last, node)
			}
			last = node
		}
		if child := int32(i); f.parent[child] != last {
			f.parent[child] = none
			if last != none {
				f.adopt(last, child)
			}
		}
	}
}

// adopt makes a node the parent of one that has none, unless that would make a loop.
func (f *forest) adopt(parent, child int32) {
	if f.descends(parent, child) {
		return
	}
	f.parent[child] = parent
	f.sets[f.set(child)] = f.set(parent)
}

// descends reports whether a node is below a root or is that root. Nodes that were
// never linked, not even by links that are broken since, cannot be; only for others
// it climbs. Mail made to have it climb far and often is not linked any more in the
// end: that costs its maker's threads only.
func (f *forest) descends(node, root int32) bool {
	if f.set(node) != f.set(root) {
		return false
	}
	for ; node != none; node = f.parent[node] {
		if node == root || f.steps <= 0 {
			return true
		}
		f.steps--
	}
	return false
}

// set names the set of nodes that were ever linked with one.
func (f *forest) set(node int32) int32 {
	for f.sets[node] != node {
		f.sets[node] = f.sets[f.sets[node]]
		node = f.sets[node]
	}
	return node
}

// prune takes the dummies out, but for roots with several children. RFC 5256, 3,
// REFERENCES, steps 2 and 3.
func (f *forest) prune() {
	children := make([]int32, len(f.parent))
	for i := range f.places {
		f.parent[i] = f.ancestor(f.parent[i])
		if p := f.parent[i]; p != none {
			children[p]++
		}
	}
	for i := range f.places {
		if p := f.parent[i]; p != none && f.dummy(p) && children[p] == 1 {
			f.parent[i] = none
		}
	}
}

// ancestor climbs from a dummy to the next message, or to the root if there is none,
// and shortens the way there for the next time.
func (f *forest) ancestor(node int32) int32 {
	for node != none && f.dummy(node) && f.parent[node] != none {
		if up := f.parent[node]; f.dummy(up) && f.parent[up] != none {
			f.parent[node] = f.parent[up]
		}
		node = f.parent[node]
	}
	return node
}

// mergeSubjects joins threads with the same base subject. RFC 5256, 3, REFERENCES,
// step 5.
func (f *forest) mergeSubjects() {
	m := subjectMerger{forest: f, subjects: &f.cache.columns[SortSubject]}
	m.table = make([]int32, len(m.subjects.values))
	for i := range m.table {
		m.table[i] = none
	}
	m.first = make([]int32, len(f.parent))
	for i := range m.first {
		m.first[i] = none
	}
	m.findRoots()
	for _, r := range m.roots {
		m.enter(r)
	}
	for _, r := range m.roots {
		m.merge(r)
	}
	for i := range f.places {
		if p := f.parent[i]; p != none && f.dummy(p) && f.parent[p] != none {
			f.parent[i] = f.parent[p] // of a dummy that was merged into another
		}
	}
}

// subjectMerger is step 5 under way.
type subjectMerger struct {
	*forest
	subjects *column
	roots    []int32 // by date
	first    []int32 // of each dummy the first child
	table    []int32 // for each base subject a root
}

// findRoots lists the roots by date, a dummy by that of its first child.
func (m *subjectMerger) findRoots() {
	for _, i := range m.order {
		switch p := m.parent[i]; {
		case p == none:
			m.roots = append(m.roots, int32(i))
		case m.dummy(p) && m.first[p] == none:
			m.first[p] = int32(i)
			m.roots = append(m.roots, p)
		}
	}
}

// subject finds the place in the table for a root, nil for one without a subject.
func (m *subjectMerger) subject(root int32) *int32 {
	if m.dummy(root) {
		root = m.first[root]
	}
	rank := m.subjects.ranks[m.places[root]]
	if m.subjects.values[rank] == "" {
		return nil
	}
	return &m.table[rank]
}

// reply reports whether a root is a reply or a forward. Dummies are not.
func (m *subjectMerger) reply(root int32) bool {
	return !m.dummy(root) && m.cache.threads.replies[m.places[root]]
}

// enter is step 5 (B).
func (m *subjectMerger) enter(root int32) {
	held := m.subject(root)
	switch {
	case held == nil:
	case *held == none:
		*held = root
	case !m.dummy(*held) && (m.dummy(root) || m.reply(*held) && !m.reply(root)):
		*held = root
	}
}

// merge is step 5 (C).
func (m *subjectMerger) merge(root int32) {
	held := m.subject(root)
	switch {
	case held == nil || *held == root:
	case m.dummy(*held): // for a dummy: its children become those of the other
		m.parent[root] = *held
	case m.reply(root) && !m.reply(*held):
		m.parent[root] = *held
	default:
		d := m.newDummy()
		m.parent[root], m.parent[*held] = d, d
		*held = d
	}
}
