// Package restore brings mail back from a backup.
//
// It owns which messages are meant, and which of them an account has already: nothing that is there is changed or doubled,
// whatever became of it since. Backups are storage/backup's, and accounts are reached by control alone, so that a server
// may be running. It holds an entry of the index for each message that is meant, and one message for a search in its text;
// it knows no flags and no terminal.
//
// Values belong to one goroutine.
package restore
