// Package migrations holds the schemas of satchel's databases as numbered SQL files, one folder a database. A file is
// never edited once released: a change is the next number. It holds no code; storage applies the files.
package migrations

import "embed"

// Files has mail/NNNN_name.sql and search/NNNN_name.sql for each account's mail.db and search.db, and directory/NNNN_name.sql for
// directory.db.
//
//go:embed mail/*.sql search/*.sql directory/*.sql
var Files embed.FS
