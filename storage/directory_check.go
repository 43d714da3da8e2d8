package storage

// Check looks for damage in directory.db with SQLite's own check. It returns what is wrong; the error is for what kept
// it from looking.
func (d *Directory) Check() (wrong []string, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	err = d.c.query("PRAGMA integrity_check(100)", func(r row) error {
		if text := r.text(0); text != "ok" {
			wrong = append(wrong, text)
		}
		return nil
	})
	return wrong, err
}
