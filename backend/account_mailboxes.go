package backend

import (
	"fmt"
	"maps"
	"slices"

	"satchel/storage"
)

// enter adds a mailbox to the maps. Callers hold mu or are alone.
func (a *Account) enter(row storage.Mailbox) *mailbox {
	m := &mailbox{account: a, id: row.ID, row: row}
	a.byName[row.Name], a.byID[row.ID] = m, m
	return m
}

// mailbox finds a mailbox by its name, which need not be in canonical form.
func (a *Account) mailbox(name string) (*mailbox, error) {
	canonical, err := canonicalName(name)
	if err != nil {
		return nil, fmt.Errorf("mailbox %q: %w", name, ErrNotFound)
	}
	if canonical == "" {
		return nil, fmt.Errorf("mailbox %q: %w", name, ErrInvalidName)
	}
	a.mu.RLock()
	defer a.mu.RUnlock()
	if m := a.byName[canonical]; m != nil {
		return m, nil
	}
	return nil, fmt.Errorf("mailbox %q: %w", name, ErrNotFound)
}

// byMailboxID finds a mailbox by its ID, nil when it is gone.
func (a *Account) byMailboxID(id storage.MailboxID) *mailbox {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return a.byID[id]
}

// takeStep brings memory in step with a commit. The counters of a mailbox and its index
// come one after the other: a view that looked in between would take changes for told
// that it has not seen.
func (a *Account) takeStep(tx *storage.Tx, batch []*change) {
	a.step.Lock()
	defer a.step.Unlock()
	a.publish(tx.Touched(), tx.Grown())
	for _, c := range batch {
		if c.err == nil && c.apply != nil {
			c.apply()
		}
	}
}

// publish brings the mailboxes in memory in step with a commit: counters, new
// names, new mailboxes, and the usage by what it has grown. It runs in the
// writer's lane, with step held.
func (a *Account) publish(rows []storage.Mailbox, grown Usage) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.stamp++
	a.usage = a.usage.Plus(grown)
	for _, row := range rows {
		m := a.byID[row.ID]
		if m == nil {
			m = a.enter(row)
			a.stampRow(m, &storage.Mailbox{UIDNext: 1, ModSeq: row.ModSeq}, &row)
			a.listing = nil
			continue
		}
		m.mu.Lock()
		if m.row.Name != row.Name {
			if a.byName[m.row.Name] == m {
				delete(a.byName, m.row.Name)
			}
			a.byName[row.Name] = m
			a.listing = nil
		}
		if m.row.SpecialUse != row.SpecialUse {
			a.listing = nil
		}
		a.stampRow(m, &m.row, &row)
		row.Recent = max(row.Recent, m.row.Recent)
		m.row = row
		m.mu.Unlock()
	}
}

func (a *Account) wakeTouched(rows []storage.Mailbox) {
	a.mu.RLock()
	defer a.mu.RUnlock()
	for _, row := range rows {
		if m := a.byID[row.ID]; m != nil {
			m.wake()
		}
	}
}

// mailboxes is a snapshot of all.
func (a *Account) mailboxes() []*mailbox {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return slices.Collect(maps.Values(a.byID))
}

// keepRecent writes down which messages have been claimed as \Recent. Until
// then a crash makes them recent once more, which RFC 3501, 2.3.2 allows.
func (a *Account) keepRecent() error {
	var dirty []*mailbox
	for _, m := range a.mailboxes() {
		m.mu.Lock()
		if m.recentDirty && !m.gone {
			dirty = append(dirty, m)
		}
		m.recentDirty = false
		m.mu.Unlock()
	}
	if len(dirty) == 0 {
		return nil
	}
	return a.write(&change{run: func(tx *storage.Tx) error {
		for _, m := range dirty {
			m.mu.RLock()
			recent := m.row.Recent
			m.mu.RUnlock()
			if err := tx.SetRecent(m.id, recent); err != nil {
				return err
			}
		}
		return nil
	}})
}
