package storage

import (
	"fmt"
	"strings"
)

// messageTables are what a pack has of a message: that which never changes once it is there. All other tables are the
// state.
var messageTables = [...]struct{ name, id string }{
	{"message", "id"}, {"header", "message"}, {"sortkey", "message"}, {"body", "id"},
}

// tables calls each for the tables of an attached file that are satchel's, with the statement that makes each. What
// others keep in it (Litestream does) begins with "_".
func (c *conn) tables(schema string, each func(name, sql string) error) error {
	var names, texts []string
	err := c.query("SELECT name, sql FROM "+schema+`.sqlite_schema WHERE type = 'table' AND substr(name, 1, 1) != '_'
		AND substr(name, 1, 7) != 'sqlite_' ORDER BY rowid`, func(r row) error {
		names, texts = append(names, r.text(0)), append(texts, r.text(1))
		return nil
	})
	for i := range names {
		if err == nil {
			err = each(names[i], texts[i])
		}
	}
	return err
}

// isMessageTable reports whether packs have the table.
func isMessageTable(name string) bool {
	for _, t := range messageTables {
		if t.name == name {
			return true
		}
	}
	return false
}

// messageTablesLike makes the tables of a pack in one attached file as they are in another.
func (c *conn) messageTablesLike(from, to string) error {
	return c.tables(from, func(name, sql string) error {
		if !isMessageTable(name) {
			return nil
		}
		return c.makeTable(sql, to)
	})
}

// makeTable runs the statement that makes a table, for another attached file. SQLite keeps them all with one beginning.
func (c *conn) makeTable(sql, schema string) error {
	const begin = "CREATE TABLE "
	rest, ok := strings.CutPrefix(sql, begin)
	if !ok {
		return fmt.Errorf("%s: %w: a table made by %.40q", c.path, ErrCorrupt, sql)
	}
	return c.script(begin + schema + "." + rest)
}

// copyMessages copies what packs have of the messages from first to last, or of those of them that are in temp.needed.
// Columns that only one side has are left out: an older pack lacks those that a later schema has added.
func (c *conn) copyMessages(from, to string, first, last MessageID, neededOnly bool) error {
	for _, t := range messageTables {
		key, low, high := t.id, int64(first), int64(last)
		if t.name == "body" {
			key, low, high = "id >> 18", bodyKey(first, 0, 0), bodyKey(last+1, 0, 0)-1
		}
		columns, err := c.commonColumns(from, to, t.name)
		if err != nil {
			return err
		}
		if columns == "" {
			continue
		}
		where := ""
		if neededOnly {
			where = fmt.Sprintf(" AND +(%s) IN temp.needed", key) // the walk goes along the range
		}
		err = c.exec(fmt.Sprintf("INSERT INTO %s.%s (%s) SELECT %[3]s FROM %s.%[2]s WHERE %[5]s BETWEEN ? AND ?%s ORDER BY %[5]s",
			to, t.name, columns, from, t.id, where), low, high)
		if err != nil {
			return err
		}
	}
	return nil
}

// commonColumns lists the columns that a table has in both files, "" when one of them has no such table.
func (c *conn) commonColumns(a, b, table string) (list string, err error) {
	err = c.queryRow(`SELECT group_concat('"' || x.name || '"') FROM pragma_table_info(?, ?) x
		JOIN pragma_table_info(?, ?) y ON y.name = x.name`, func(r row) { list = r.text(0) }, table, a, table, b)
	return list, err
}

// keyColumns lists the columns of a table's primary key.
func (c *conn) keyColumns(schema, table string) (list []string, err error) {
	err = c.query("SELECT name FROM pragma_table_info(?, ?) WHERE pk > 0 ORDER BY pk",
		func(r row) error { list = append(list, quoted(r.text(0))); return nil }, table, schema)
	return list, err
}

// quoted is a name as SQL takes any.
func quoted(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }
