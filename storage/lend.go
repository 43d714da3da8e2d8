package storage

/*
// What is called of SQLite here; the driver brings it along.
typedef struct sqlite3_stmt sqlite3_stmt;
int sqlite3_bind_int64(sqlite3_stmt *, int, long long);
int sqlite3_step(sqlite3_stmt *);
int sqlite3_reset(sqlite3_stmt *);
int sqlite3_column_count(sqlite3_stmt *);
long long sqlite3_column_int64(sqlite3_stmt *, int);
const void *sqlite3_column_blob(sqlite3_stmt *, int);
int sqlite3_column_bytes(sqlite3_stmt *, int);

enum { ROW = 100, DONE = 101, MOST = 3 };

// The numbers for a statement, and a row of its answer.
typedef struct {
	long long args[MOST];
	long long numbers[MOST];
	const void *blob;
	int size;
} lent_row;

static int next_row(sqlite3_stmt *s, lent_row *r) {
	int rc = sqlite3_step(s), last = sqlite3_column_count(s) - 1;
	if (rc != ROW)
		return rc;
	for (int i = 0; i < last && i < MOST; i++)
		r->numbers[i] = sqlite3_column_int64(s, i);
	r->blob = sqlite3_column_blob(s, last);
	r->size = sqlite3_column_bytes(s, last);
	return rc;
}

static int first_row(sqlite3_stmt *s, lent_row *r, int args) {
	for (int i = 0; i < args; i++) {
		int rc = sqlite3_bind_int64(s, i + 1, r->args[i]);
		if (rc)
			return rc;
	}
	return next_row(s, r);
}
*/
import "C"

import (
	"reflect"
	"unsafe"

	"github.com/mattn/go-sqlite3"
)

// lentRow is a row of numbers and, as its last column, a blob in the memory of SQLite. It is valid until the next row.
type lentRow struct {
	numbers [C.MOST]int64
	blob    []byte
}

// lender is what lend needs of a statement.
type lender struct {
	handle *C.sqlite3_stmt
	row    C.lent_row
}

// end gives the row's memory back to SQLite. No pointer to it stays where the collector looks: it may be Go's one day.
func (l *lender) end() {
	C.sqlite3_reset(l.handle)
	l.row.blob = nil
}

// lend is query for rows of numbers and a blob: at most MOST numbers, and as many arguments. The driver makes a copy of
// every blob; to make it and to have it collected is a third of the work of reading bodies. A text that is lent is not
// for query or exec as well.
func (c *conn) lend(sql string, each func(lentRow) error, args ...int64) error {
	s, err := c.prepare(sql)
	if err != nil {
		return err
	}
	l := &s.lender
	if l.handle == nil {
		// The driver keeps it to itself; should it be elsewhere one day, this panics in every test.
		l.handle = (*C.sqlite3_stmt)(reflect.ValueOf(s.raw).Elem().FieldByName("s").UnsafePointer())
	}
	for i, n := range args {
		l.row.args[i] = C.longlong(n)
	}
	defer l.end()
	rc := C.first_row(l.handle, &l.row, C.int(len(args)))
	for ; rc == C.ROW; rc = C.next_row(l.handle, &l.row) {
		r := lentRow{blob: unsafe.Slice((*byte)(l.row.blob), int(l.row.size))}
		for i := range r.numbers {
			r.numbers[i] = int64(l.row.numbers[i])
		}
		if err := each(r); err != nil {
			return err
		}
	}
	if rc != C.DONE {
		return c.wrap(sqlite3.Error{Code: sqlite3.ErrNo(rc & 0xff), ExtendedCode: sqlite3.ErrNoExtended(rc)})
	}
	return nil
}
