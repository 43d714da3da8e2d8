package backend

import (
	"fmt"
	"slices"
	"sort"
	"strings"
)

// threadMail is a message as the model of threading sees it.
type threadMail struct {
	id, subject string
	refs        []string
	reply       bool
	date        int
}

// modelNode is a node of the model's threads: RFC 5256, 3, word by word, with no
// thought of speed. It has no message for a dummy.
type modelNode struct {
	seq      int
	mail     *threadMail
	parent   *modelNode
	children []*modelNode
}

func (n *modelNode) add(c *modelNode) { c.parent, n.children = n, append(n.children, c) }

func (n *modelNode) leave() {
	if p := n.parent; p != nil {
		p.children = slices.DeleteFunc(p.children, func(c *modelNode) bool { return c == n })
		n.parent = nil
	}
}

func (n *modelNode) descends(from *modelNode) bool {
	for ; n != nil; n = n.parent {
		if n == from {
			return true
		}
	}
	return false
}

// head is the message that a node is sorted by and has its subject of.
func (n *modelNode) head() *modelNode {
	if n.mail == nil {
		return n.children[0].head()
	}
	return n
}

func sortModel(nodes []*modelNode) {
	sort.SliceStable(nodes, func(i, j int) bool {
		a, b := nodes[i].head(), nodes[j].head()
		return a.mail.date < b.mail.date || a.mail.date == b.mail.date && a.seq < b.seq
	})
}

func (n *modelNode) sortAll() {
	for _, c := range n.children {
		c.sortAll()
	}
	sortModel(n.children)
}

// modelLink is step 1.
func modelLink(mails []threadMail) (nodes []*modelNode) {
	byID := map[string]*modelNode{}
	for i := range mails {
		n := &modelNode{seq: i + 1, mail: &mails[i]}
		nodes = append(nodes, n)
		if id := mails[i].id; id != "" && byID[id] == nil {
			byID[id] = n
		}
	}
	for i := range mails {
		var last *modelNode
		for _, ref := range mails[i].refs {
			n := byID[ref]
			if n == nil {
				n = &modelNode{}
				byID[ref], nodes = n, append(nodes, n)
			}
			if last != nil && n.parent == nil && !last.descends(n) {
				last.add(n)
			}
			last = n
		}
		nodes[i].leave()
		if last != nil && !last.descends(nodes[i]) {
			last.add(nodes[i])
		}
	}
	return nodes
}

// prune is step 3, from the leaves up.
func (n *modelNode) prune(root bool) {
	var kept []*modelNode
	for _, c := range n.children {
		c.prune(false)
		if c.mail != nil || root && len(c.children) > 1 {
			kept = append(kept, c)
			continue
		}
		kept = append(kept, c.children...)
	}
	n.children = nil
	for _, c := range kept {
		n.add(c)
	}
}

// merge is step 5.
func (n *modelNode) merge() {
	table := map[string]*modelNode{}
	for _, c := range n.children {
		subject := c.head().mail.subject
		t := table[subject]
		if subject != "" && (t == nil || t.mail != nil && (c.mail == nil || t.mail.reply && !c.mail.reply)) {
			table[subject] = c
		}
	}
	for _, c := range slices.Clone(n.children) {
		subject := c.head().mail.subject
		t := table[subject]
		switch {
		case subject == "" || t == c || c.parent != n:
		case t.mail == nil && c.mail == nil:
			for _, g := range slices.Clone(c.children) {
				t.add(g)
			}
			c.leave()
		case t.mail == nil, c.mail.reply && !t.mail.reply:
			c.leave()
			t.add(c)
		default:
			d := &modelNode{}
			for _, m := range []*modelNode{c, t} {
				m.leave()
				d.add(m)
			}
			n.add(d)
			table[subject] = d
		}
	}
}

// modelThreads threads messages as RFC 5256 says.
func modelThreads(mails []threadMail, by ThreadAlgorithm) string {
	root := &modelNode{}
	if by == ThreadOrderedSubject {
		modelOrderedSubject(root, mails)
		return root.text()
	}
	for _, n := range modelLink(mails) {
		if n.parent == nil {
			root.add(n)
		}
	}
	root.prune(true)
	root.sortAll()
	if by == ThreadReferences {
		root.merge()
		root.sortAll()
		return root.text()
	}
	sort.SliceStable(root.children, func(i, j int) bool {
		return root.children[i].latest() < root.children[j].latest()
	})
	return root.text()
}

// latest is the date and the number of the latest message of a thread.
func (n *modelNode) latest() string {
	latest := ""
	if n.mail != nil {
		latest = fmt.Sprintf("%09d %09d", n.mail.date, n.seq)
	}
	for _, c := range n.children {
		latest = max(latest, c.latest())
	}
	return latest
}

func modelOrderedSubject(root *modelNode, mails []threadMail) {
	var nodes []*modelNode
	for i := range mails {
		nodes = append(nodes, &modelNode{seq: i + 1, mail: &mails[i]})
	}
	sortModel(nodes)
	first := map[string]*modelNode{}
	for _, n := range nodes {
		if first[n.mail.subject] == nil {
			first[n.mail.subject] = n
			root.add(n)
			continue
		}
		first[n.mail.subject].add(n)
	}
}

// text writes the children of a node as THREAD does.
func (n *modelNode) text() string {
	var b strings.Builder
	for _, c := range n.children {
		b.WriteByte('(')
		b.WriteString(c.members())
		b.WriteByte(')')
	}
	return b.String()
}

func (n *modelNode) members() string {
	number := ""
	if n.mail != nil {
		number = fmt.Sprint(n.seq)
	}
	switch {
	case len(n.children) == 0:
		return number
	case n.mail == nil:
		return n.text()
	case len(n.children) == 1:
		return number + " " + n.children[0].members()
	}
	return number + " " + n.text()
}
