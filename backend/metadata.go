package backend

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"satchel/storage"
)

// Bounds of annotations (RFC 5464). Their names and sizes are kept in memory.
const (
	// MaxAnnotation is the largest value of an annotation, in bytes.
	MaxAnnotation = 64 << 10
	// maxAnnotations is how many entries a mailbox, or the server, may have.
	maxAnnotations = 100
	// maxAllAnnotations is how many entries an account may have.
	maxAllAnnotations = 10_000
)

// Annotation is an entry of RFC 5464 and its value.
type Annotation struct {
	Entry string // in lower case
	Value []byte // nil stands for NIL: there is none
}

// AnnotationSize is an entry and the size of its value.
type AnnotationSize struct {
	Entry string // in lower case
	Size  int    // bytes
}

// useEntry is the special use of a mailbox (RFC 6154, 4), which is kept with it.
const useEntry = "/private/specialuse"

// Annotations lists the entries of a mailbox, or of the server where the name is
// "", sorted by name. It comes from memory and must not be changed.
func (a *Account) Annotations(mailbox string) ([]AnnotationSize, error) {
	if mailbox == "" {
		a.mu.RLock()
		defer a.mu.RUnlock()
		return slices.Concat(a.annotations, a.backend.annotations), nil
	}
	m, err := a.mailbox(mailbox)
	if err != nil {
		return nil, err
	}
	use := m.use()
	a.mu.RLock()
	defer a.mu.RUnlock()
	if use == "" {
		return m.annotations, nil
	}
	return annotated(m.annotations, useEntry, len(use)), nil
}

// Annotation reads the value of an entry, nil if there is none any more.
func (a *Account) Annotation(mailbox, entry string) ([]byte, error) {
	if mailbox == "" {
		if text, ok := a.backend.cfg.Annotations[entry]; ok {
			return []byte(text), nil
		}
		return a.readAnnotation(0, entry)
	}
	m, err := a.mailbox(mailbox)
	if err != nil {
		return nil, err
	}
	if use := m.use(); entry == useEntry && use != "" {
		return []byte(use), nil
	}
	return a.readAnnotation(m.id, entry)
}

func (a *Account) readAnnotation(id storage.MailboxID, entry string) ([]byte, error) {
	value, err := a.mail.Annotation(id, entry)
	if errors.Is(err, ErrNotFound) {
		return nil, nil
	}
	if value == nil && err == nil {
		value = []byte{}
	}
	return value, err
}

// Annotate sets and removes entries of a mailbox, or of the server where the name
// is "", all or none; by is the watch of the session that does it, or nil. The
// server's shared entries are the configuration's alone: ErrNotPermitted.
// ErrAnnotationSize and ErrAnnotations say which bound is reached; ErrUse, that a
// mailbox cannot have the special use.
func (a *Account) Annotate(mailbox string, set []Annotation, by *Watch) error {
	n := annotating{account: a, set: set}
	err := n.check(mailbox)
	if err == nil {
		err = a.write(&change{alters: []any{a}, run: n.run, apply: n.apply})
	}
	if err != nil {
		return fmt.Errorf("annotate %q: %w", mailbox, err)
	}
	if by != nil {
		by.noted = append(by.noted, n.stamp)
	}
	return nil
}

// annotating is one change of annotations.
type annotating struct {
	account *Account
	mailbox *mailbox // nil for the server
	set     []Annotation
	after   []AnnotationSize
	stamp   uint64
}

func (n *annotating) check(mailbox string) (err error) {
	for _, e := range n.set {
		if len(e.Value) > MaxAnnotation {
			return ErrAnnotationSize
		}
		if mailbox == "" && strings.HasPrefix(e.Entry, "/shared/") {
			return ErrNotPermitted
		}
	}
	if mailbox != "" {
		n.mailbox, err = n.account.mailbox(mailbox)
	}
	return err
}

// run writes the entries. Nobody else changes the account's names or annotations
// meanwhile, so the bounds hold.
func (n *annotating) run(tx *storage.Tx) error {
	a := n.account
	var id storage.MailboxID
	n.after = a.annotations
	if m := n.mailbox; m != nil {
		if id = m.id; a.byID[id] == nil {
			return ErrNotFound
		}
		n.after = m.annotations
	}
	before := len(n.after)
	for _, e := range n.set {
		if id != 0 && e.Entry == useEntry {
			if err := a.setUse(tx, id, string(e.Value)); err != nil {
				return err
			}
			continue
		}
		if err := tx.Annotate(id, e.Entry, e.Value); err != nil {
			return err
		}
		n.after = annotatedAs(n.after, e)
	}
	if more := len(n.after) - before; more > 0 && (len(n.after) > maxAnnotations || a.annotationCount+more > maxAllAnnotations) {
		return ErrAnnotations
	}
	return nil
}

// apply brings the memory in step.
func (n *annotating) apply() {
	a := n.account
	a.mu.Lock()
	defer a.mu.Unlock()
	a.stamp++
	n.stamp = a.stamp
	list, id := &a.annotations, storage.MailboxID(0)
	if n.mailbox != nil {
		list, id = &n.mailbox.annotations, n.mailbox.id
		a.touch(n.mailbox)
	}
	for _, e := range n.set {
		if _, there := findAnnotation(*list, e.Entry); there || e.Value != nil || e.Entry == useEntry {
			a.notes.add(a.stamp, id, e.Entry)
		}
	}
	a.annotationCount += len(n.after) - len(*list)
	*list = n.after
}

// copyAnnotations gives a new mailbox the annotations of another one.
func (a *Account) copyAnnotations(tx *storage.Tx, from *mailbox, to storage.MailboxID) error {
	if a.annotationCount+len(from.annotations) > maxAllAnnotations {
		return ErrAnnotations
	}
	return tx.CopyAnnotations(from.id, to)
}

// adoptAnnotations is copyAnnotations in memory.
func (a *Account) adoptAnnotations(from *mailbox, to storage.MailboxID) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.byID[to].annotations = from.annotations
	a.annotationCount += len(from.annotations)
}

// annotatedAs is the list as an entry changes it, a new one: lists are shared.
func annotatedAs(list []AnnotationSize, e Annotation) []AnnotationSize {
	if e.Value != nil {
		return annotated(list, e.Entry, len(e.Value))
	}
	i, there := findAnnotation(list, e.Entry)
	if !there {
		return list
	}
	return slices.Delete(slices.Clone(list), i, i+1)
}

func annotated(list []AnnotationSize, entry string, size int) []AnnotationSize {
	i, there := findAnnotation(list, entry)
	list = slices.Clone(list)
	if there {
		list[i].Size = size
		return list
	}
	return slices.Insert(list, i, AnnotationSize{entry, size})
}

func findAnnotation(list []AnnotationSize, entry string) (int, bool) {
	return slices.BinarySearchFunc(list, entry, func(e AnnotationSize, entry string) int {
		return strings.Compare(e.Entry, entry)
	})
}

// loadAnnotations brings the names of all entries into memory.
func (a *Account) loadAnnotations() error {
	all, err := a.mail.Annotations()
	if err != nil {
		return err
	}
	for _, e := range all {
		list := &a.annotations
		if e.Mailbox != 0 {
			m := a.byID[e.Mailbox]
			if m == nil {
				continue
			}
			list = &m.annotations
		}
		*list = append(*list, AnnotationSize{e.Entry, e.Size})
		a.annotationCount++
	}
	return nil
}
