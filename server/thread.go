package server

import (
	"satchel/backend"
	"satchel/server/wire"
)

// threadTable is the threading algorithms by name. RFC 5256, 3; REFS is that of
// draft-ietf-morg-inthread.
var threadTable = map[string]backend.ThreadAlgorithm{
	"ORDEREDSUBJECT": backend.ThreadOrderedSubject,
	"REFERENCES":     backend.ThreadReferences,
	"REFS":           backend.ThreadRefs,
}

// thread: "THREAD" SP thread-alg SP charset 1*(SP search-key). RFC 5256, 3; with UID
// the answer holds UIDs.
func (s *session) thread() error {
	if err := s.wire.SP(); err != nil {
		return err
	}
	word, err := s.wire.Word()
	if err != nil {
		return err
	}
	algorithm, known := threadTable[word]
	if !known {
		return &wire.SyntaxError{Text: "Unknown threading algorithm"}
	}
	p := &searchParser{s: s}
	if err := p.criteria(); err != nil {
		return err
	}
	if p.modseq { // RFC 7162, 3.1: MODSEQ enables CONDSTORE wherever it stands
		s.turnOn(condstore)
	}
	found, err := s.findAll(p)
	if err != nil {
		return err
	}
	threads, err := s.view.Thread(s.srv.ctx, found.Selection, algorithm)
	if err != nil {
		return s.stopped(err)
	}
	return s.writeThreads(threads)
}

// writeThreads writes the THREAD response: "* THREAD" [SP 1*thread-list]. RFC 5256,
// 4 and 5.
func (s *session) writeThreads(t *backend.Threads) error {
	b := append(s.begin(), "* THREAD"...)
	w := threadWriter{Threads: t, number: func(seq uint32) uint32 { return seq }}
	if s.uid {
		w.number = func(seq uint32) uint32 { return uint32(s.view.UID(seq)) }
	}
	root, ok := t.Root()
	if ok {
		b = append(b, ' ')
	}
	for ; ok; root, ok = t.Next(root) {
		b = w.appendThread(b, root)
	}
	return s.end(append(b, "\r\n"...))
}

// threadWriter writes threads. It keeps a stack of its own: nothing bounds how deep
// they nest.
type threadWriter struct {
	*backend.Threads
	number func(seq uint32) uint32
	open   []int32 // the nodes whose lists are open below the root's, outermost first
}

// appendThread writes one thread-list: a message and its only child follow each
// other; several children have a list each.
func (w *threadWriter) appendThread(b []byte, node int32) []byte {
	b = append(b, '(')
	for {
		seq := w.Seq(node)
		if seq != 0 {
			b = wire.AppendNumber(b, uint64(w.number(seq)))
		}
		child, ok := w.Child(node)
		if !ok {
			if b, node, ok = w.closeLists(b); !ok {
				return b
			}
			continue
		}
		if seq != 0 {
			b = append(b, ' ')
		}
		if _, several := w.Next(child); several {
			b = append(b, '(')
			w.open = append(w.open, child)
		}
		node = child
	}
}

// closeLists ends the lists that have no more to come, and begins that of the next
// sibling. ok is false when the thread has ended.
func (w *threadWriter) closeLists(b []byte) (_ []byte, node int32, ok bool) {
	for {
		b = append(b, ')')
		last := len(w.open) - 1
		if last < 0 {
			return b, 0, false
		}
		node, ok = w.Next(w.open[last])
		if ok {
			w.open[last] = node
			return append(b, '('), node, true
		}
		w.open = w.open[:last]
	}
}
