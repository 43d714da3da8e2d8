//go:build !sqlite_fts5

package storage

// The search index needs SQLite's FTS5, which the driver compiles only under its own build tag.
// A build without the tag ends here, with the remedy as the name that the compiler cannot find.
var _ = build_with_make_or_pass_tags_sqlite_fts5
