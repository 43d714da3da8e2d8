package storage

import (
	"errors"
	"os"
	"sync"
)

// maxReaders bounds the connections that read one file at a time.
const maxReaders = 4

// readers are the connections that read one file. They are opened as they are needed.
type readers struct {
	file    string
	slots   chan struct{} // one for each connection in use
	mu      sync.Mutex
	options connOptions // guarded by mu
	idle    []*conn     // connections not in use, guarded by mu
	left    bool        // the file is not in its place, guarded by mu
}

// newReaders makes readers of a file that a connection with these options writes.
func newReaders(path string, o connOptions) readers {
	o.cache, o.create, o.readOnly = readCache, false, true
	return readers{file: path, options: o, slots: make(chan struct{}, maxReaders)}
}

// read runs f with a connection, opened when all are in use and there are fewer than maxReaders.
func (r *readers) read(f func(c *conn) error) error {
	r.slots <- struct{}{}
	defer func() { <-r.slots }()
	c, err := r.takeReader()
	if err != nil {
		return err
	}
	defer r.putReader(c)
	return f(c)
}

func (r *readers) takeReader() (*conn, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.left {
		return nil, replaced(r.file, nil)
	}
	if n := len(r.idle); n > 0 {
		c := r.idle[n-1] // the one used last, whose pages are in memory
		r.idle = r.idle[:n-1]
		return c, nil
	}
	return openConn(r.file, r.options)
}

func (r *readers) putReader(c *conn) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.idle = append(r.idle, c)
}

// pin has connections opened to this file alone, whatever has its name. Nobody reads meanwhile.
func (r *readers) pin(file os.FileInfo) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.options.is = file
}

// giveUp has no more connections opened.
func (r *readers) giveUp() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.left = true
}

// closeReaders closes the connections that are not in use.
func (r *readers) closeReaders() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	var err error
	for _, c := range r.idle {
		err = errors.Join(err, c.close())
	}
	r.idle = nil
	return err
}
