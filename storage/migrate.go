package storage

import (
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"satchel/migrations"
)

// migrate brings the database to the newest schema in the folder of migrations.Files: each missing file in its own
// transaction with the number it leaves in PRAGMA user_version. ErrNewerSchema when the file is ahead of this program.
func migrate(c *conn, folder string) error {
	files, err := fs.Glob(migrations.Files, folder+"/*.sql") // sorted by name
	if err != nil {
		return err
	}
	have, err := c.queryInt("PRAGMA user_version")
	if err != nil {
		return err
	}
	if have > int64(len(files)) {
		return fmt.Errorf("%s: %w: schema %d, this version knows %d", c.path, ErrNewerSchema, have, len(files))
	}
	for number := int(have) + 1; number <= len(files); number++ {
		if err := applyMigration(c, files[number-1], number); err != nil {
			return fmt.Errorf("%s: migrate to schema %d: %w", c.path, number, err)
		}
	}
	return nil
}

// applyMigration runs one file, unless another process has been faster.
func applyMigration(c *conn, file string, number int) error {
	if got, err := migrationNumber(file); err != nil || got != number {
		return fmt.Errorf("%s: not number %d", file, number)
	}
	sql, err := migrations.Files.ReadFile(file)
	if err != nil {
		return err
	}
	return c.transaction(func() error {
		have, err := c.queryInt("PRAGMA user_version")
		if err != nil || have >= int64(number) {
			return err
		}
		if err := c.script(string(sql)); err != nil {
			return err
		}
		return c.script("PRAGMA user_version = " + strconv.Itoa(number))
	})
}

// migrationNumber reads the 12 of "mail/0012_name.sql".
func migrationNumber(file string) (int, error) {
	name := file[strings.LastIndexByte(file, '/')+1:]
	digits, _, _ := strings.Cut(name, "_")
	return strconv.Atoi(digits)
}
