package storage

import (
	"errors"
	"fmt"
	"strings"
)

// ErrOtherSchema says that two states have different tables.
var ErrOtherSchema = errors.New("the tables are different")

// DiffStates makes a file at path of what makes the state old the state now, and counts its rows: 0 when they are the
// same. ErrOtherSchema when the tables of one are not those of the other.
func DiffStates(path, old, now string) (rows int64, err error) {
	c, err := openPlain(path)
	if err != nil {
		return 0, err
	}
	defer c.close()
	for as, file := range map[string]string{"old": old, "now": now} {
		if err := c.attach(file, as, frozen); err != nil {
			return 0, err
		}
	}
	if err := c.script("PRAGMA page_size = 512; BEGIN"); err != nil {
		return 0, err
	}
	if same, err := c.sameTables(); err != nil || !same {
		return 0, errors.Join(err, ErrOtherSchema)
	}
	err = c.stateTables("now", func(name string) error {
		n, err := c.diffTable(name)
		rows += n
		return err
	})
	if err == nil {
		err = c.script("COMMIT")
	}
	return rows, wrapWriting(path, err)
}

// sameTables compares the tables of the states old and now.
func (c *conn) sameTables() (bool, error) {
	n, err := c.queryInt("SELECT count(*) FROM (SELECT name, sql FROM old._schema EXCEPT SELECT name, sql FROM now._schema)")
	if err != nil || n > 0 {
		return false, err
	}
	n, err = c.queryInt("SELECT (SELECT count(*) FROM old._schema) = (SELECT count(*) FROM now._schema)")
	if err != nil || n == 0 {
		return false, err
	}
	before, err := c.queryInt("PRAGMA old.user_version")
	if err != nil {
		return false, err
	}
	after, err := c.queryInt("PRAGMA now.user_version")
	return before == after, err
}

// diffTable notes the rows that are new or have changed in put_NAME, and the keys of those that are gone in gone_NAME.
func (c *conn) diffTable(name string) (rows int64, err error) {
	keys, err := c.keyColumns("now", name)
	if err != nil {
		return 0, err
	}
	all, err := c.commonColumns("old", "now", name)
	if err != nil {
		return 0, err
	}
	on := make([]string, len(keys))
	for i, k := range keys {
		on[i] = "o." + k + " = n." + k
	}
	columns := strings.Split(all, ",")
	put, gone, table := quoted("put_"+name), quoted("gone_"+name), quoted(name)
	err = c.script(fmt.Sprintf(`CREATE TABLE %[1]s AS SELECT n.* FROM now.%[3]s n LEFT JOIN old.%[3]s o ON %[4]s
			WHERE o.%[5]s IS NULL OR (%[6]s) IS NOT (%[7]s);
		CREATE TABLE %[2]s AS SELECT %[8]s FROM old.%[3]s o LEFT JOIN now.%[3]s n ON %[4]s WHERE n.%[5]s IS NULL`,
		put, gone, table, strings.Join(on, " AND "), keys[0], of("n", columns), of("o", columns), of("o", keys)))
	if err != nil {
		return 0, err
	}
	return c.queryInt(fmt.Sprintf("SELECT (SELECT count(*) FROM %s) + (SELECT count(*) FROM %s)", put, gone))
}

// of lists columns of a table.
func of(table string, columns []string) string {
	return table + "." + strings.Join(columns, ", "+table+".")
}

// PatchState makes a state what it was in the end when the difference was taken.
func PatchState(state, diff string) error {
	c, err := openPlain(state)
	if err != nil {
		return err
	}
	defer c.close()
	if err := c.attach(diff, "diff", frozen); err != nil {
		return err
	}
	if err := c.script("BEGIN"); err != nil {
		return err
	}
	err = c.stateTables("main", c.patchTable)
	if err == nil {
		err = c.script("COMMIT")
	}
	return wrapWriting(state, err)
}

func (c *conn) patchTable(name string) error {
	keys, err := c.keyColumns("main", name)
	if err != nil {
		return err
	}
	list := strings.Join(keys, ", ")
	return c.script(fmt.Sprintf(`DELETE FROM main.%[1]s WHERE (%[2]s) IN (SELECT %[2]s FROM diff.%[3]s);
		INSERT OR REPLACE INTO main.%[1]s SELECT * FROM diff.%[4]s`, quoted(name), list, quoted("gone_"+name), quoted("put_"+name)))
}
