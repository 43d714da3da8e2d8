package backend

import (
	"slices"
	"sync"

	"satchel/storage/terms"
)

// answer is what is known of a text that was searched for: from the search index, and
// from searches that have read messages. Messages never change, so all of it stays
// true. It is shared by all searches of the account.
type answer struct {
	key answerKey

	asking sync.Mutex // held while the index is being asked

	mu       sync.Mutex
	covered  MessageID // the index knows the messages up to here; guarded by mu
	sure     terms.Set // messages that have the text; guarded by mu
	possible terms.Set // messages that may have it, by the index; guarded by mu
	read     terms.Set // messages that were read: those not in sure do not have it; guarded by mu
}

// answerKey names a text and where it is looked for.
type answerKey struct {
	op     QueryOp // QueryBody, QueryText, QueryHead or QueryHeader
	head   uint8   // for QueryHead
	name   string  // for QueryHeader, as it was written
	needle string  // folded
}

func (q *Query) answerKey() answerKey {
	return answerKey{q.Op, uint8(q.Head), q.Name, string(q.Needle)}
}

// fields are those that the index is asked for.
func (k *answerKey) fields() []terms.Field {
	switch k.op {
	case QueryBody:
		return []terms.Field{terms.Body}
	case QueryText:
		return []terms.Field{terms.Body, terms.Headers}
	case QueryHead:
		return []terms.Field{headFields[k.head]}
	}
	return []terms.Field{terms.Headers}
}

// verdicts gives the messages among some of a window for which the text is known to
// be there, and those for which it is known whether it is.
func (n *answer) verdicts(ids []MessageID, need mask) (yes, known mask) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for i := range need.all() {
		switch id := int64(ids[i]); {
		case n.sure.Has(id):
			yes.set(i)
			known.set(i)
		case n.read.Has(id) || ids[i] <= n.covered && !n.possible.Has(id):
			known.set(i)
		}
	}
	return yes, known
}

// note keeps what reading some messages of a window has shown.
func (n *answer) note(ids []MessageID, read, yes mask) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for i := range read.all() {
		n.read.Add(int64(ids[i]))
		if yes.has(i) {
			n.sure.Add(int64(ids[i]))
		}
	}
}

// ask takes in what the index knows by now. The error is that of more.
func (n *answer) ask(a *Account, more func() error) error {
	n.asking.Lock()
	defer n.asking.Unlock()
	if len(n.key.needle) == 0 || n.covered > 0 && !a.knowsBeyond(n.covered) {
		return nil
	}
	m, err := a.findText([]byte(n.key.needle), n.key.fields(), n.covered, more)
	if err != nil || m.Covered <= n.covered {
		return err
	}
	if n.key.op == QueryHeader { // it is in some field of the header
		m.Possible.Or(&m.Sure)
		m.Sure = terms.Set{}
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.covered = m.Covered
	n.sure.Or(&m.Sure)
	n.possible.Or(&m.Possible)
	return nil
}

// maxAnswers bounds those that an account keeps. Each takes at most three bits for
// every message of the account, and a text of the length of a command.
const maxAnswers = 16

// answers are those that an account keeps, used last first.
type answers struct {
	mu   sync.Mutex
	list []*answer // guarded by mu
}

// to gives the answer to a key.
func (s *answers) to(k answerKey) *answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.list, func(n *answer) bool { return n.key == k })
	var n *answer
	if i >= 0 {
		n = s.list[i]
		s.list = slices.Delete(s.list, i, i+1)
	} else {
		n = &answer{key: k}
	}
	s.list = slices.Insert(s.list, 0, n)
	s.list = s.list[:min(len(s.list), maxAnswers)]
	return n
}
