package backend

import "context"

// ThreadAlgorithm is a way to thread.
type ThreadAlgorithm uint8

// The algorithms.
const (
	ThreadOrderedSubject ThreadAlgorithm = iota // RFC 5256, 3
	ThreadReferences                            // RFC 5256, 3
	// ThreadRefs is REFERENCES without the merging by subjects, and with the threads in
	// the order of their latest messages (draft-ietf-morg-inthread).
	ThreadRefs
)

// Threads are messages in trees. Siblings follow each other in the order of the
// algorithm.
type Threads struct {
	seqs        []uint32 // of each node; beyond its end are dummies
	child, next []int32  // of each node its first child and its next sibling, or none
	root        int32
}

// none is the node that is not there.
const none int32 = -1

// Root is the first root.
func (t *Threads) Root() (node int32, ok bool) { return t.root, t.root != none }

// Child is the first child of a node.
func (t *Threads) Child(node int32) (int32, bool) { return t.child[node], t.child[node] != none }

// Next is the next sibling of a node.
func (t *Threads) Next(node int32) (int32, bool) { return t.next[node], t.next[node] != none }

// Seq is the sequence number of a node's message. It is 0 for a dummy, which stands
// for a message that is not among those threaded: a root with at least two children.
func (t *Threads) Seq(node int32) uint32 {
	if int(node) < len(t.seqs) {
		return t.seqs[node]
	}
	return 0
}

// Thread threads messages of the view. It ends early with ctx's error.
func (v *View) Thread(ctx context.Context, s Selection, by ThreadAlgorithm) (t *Threads, err error) {
	need := [...]needs{
		ThreadOrderedSubject: 1<<SortDate | 1<<SortSubject,
		ThreadReferences:     1<<SortDate | 1<<SortSubject | threadNeed,
		ThreadRefs:           1<<SortDate | threadNeed,
	}[by]
	err = v.withSortKeys(ctx, need, func(c *sortCache) { t = c.threaded(v, s, by) })
	return t, err
}

func (c *sortCache) threaded(v *View, s Selection, by ThreadAlgorithm) *Threads {
	places := c.places(v, s)
	f := newForest(c, places)
	f.order = f.byDate(&c.columns[SortDate])
	if by == ThreadOrderedSubject {
		f.orderedSubject()
	} else {
		f.link()
		f.prune()
	}
	if by == ThreadReferences {
		f.mergeSubjects()
	}
	t := f.plant()
	if by == ThreadRefs {
		f.latestLast(t)
	}
	t.seqs = places
	c.toSeqs(v, places)
	return t
}

// forest is threads while they are being made. The first nodes are the messages, in
// the order of the mailbox; dummies come after them.
type forest struct {
	cache  *sortCache
	places []uint32 // of the messages, in the cache
	order  []uint32 // the messages by date
	parent []int32  // of each node, or none

	sets  []int32 // for each node another one that it was linked with, or itself: see set
	steps int     // that looking for loops may still take
}

func newForest(c *sortCache, places []uint32) *forest {
	f := &forest{cache: c, places: places, parent: make([]int32, len(places), 2*len(places))}
	for i := range f.parent {
		f.parent[i] = none
	}
	return f
}

// dummy reports whether a node stands for no message.
func (f *forest) dummy(node int32) bool { return int(node) >= len(f.places) }

// newDummy adds a node without parent.
func (f *forest) newDummy() int32 {
	f.parent = append(f.parent, none)
	return int32(len(f.parent) - 1)
}

// byDate gives the messages by date. RFC 5256, 2.2: those of the same date in the
// order of the mailbox.
func (f *forest) byDate(dates *column) []uint32 {
	sorted, _, _ := dates.arrange(f.places, make([]uint32, len(f.places)), false, nil)
	nodes := make([]uint32, len(f.cache.uids))
	for i, p := range f.places {
		nodes[p] = uint32(i)
	}
	for i, p := range sorted {
		sorted[i] = nodes[p]
	}
	return sorted
}

// plant makes trees of the parents. Every set of siblings comes by date, a dummy by
// that of its first child (RFC 5256, 3, REFERENCES, steps 4 and 6), because the
// messages are put where they belong in that order.
func (f *forest) plant() *Threads {
	n := len(f.parent)
	t := &Threads{child: make([]int32, n), next: make([]int32, n), root: none}
	last := make([]int32, n+1) // the last child of each node; of the root at the end
	for i := range t.child {
		t.child[i], t.next[i], last[i] = none, none, none
	}
	last[n] = none
	put := func(node, parent int32) {
		switch first := last[parent] == none; {
		case !first:
			t.next[last[parent]] = node
		case parent == int32(n):
			t.root = node
		default:
			t.child[parent] = node
		}
		last[parent] = node
	}
	for _, i := range f.order {
		node, parent := int32(i), f.parent[i]
		if parent == none {
			put(node, int32(n))
			continue
		}
		if f.dummy(parent) && t.child[parent] == none {
			put(parent, int32(n))
		}
		put(node, parent)
	}
	return t
}

// orderedSubject makes the first message of each base subject the parent of the
// others. RFC 5256, 3.
func (f *forest) orderedSubject() {
	subjects := &f.cache.columns[SortSubject]
	firsts := make([]int32, len(subjects.values))
	for i := range firsts {
		firsts[i] = none
	}
	for _, i := range f.order {
		first := &firsts[subjects.ranks[f.places[i]]]
		if f.parent[i] = *first; *first == none {
			*first = int32(i)
		}
	}
}

// latestLast puts the roots into the order of the latest messages of their threads.
func (f *forest) latestLast(t *Threads) {
	if t.root == none {
		return
	}
	seen := make([]bool, len(f.parent))
	t.root = none
	for k := len(f.order) - 1; k >= 0; k-- {
		root := f.rootOf(int32(f.order[k]))
		if !seen[root] {
			seen[root] = true
			t.next[root], t.root = t.root, root
		}
	}
}

// rootOf climbs to the root, and shortens the way there for the next time.
func (f *forest) rootOf(node int32) int32 {
	for f.parent[node] != none {
		if up := f.parent[f.parent[node]]; up != none {
			f.parent[node] = up
		}
		node = f.parent[node]
	}
	return node
}
