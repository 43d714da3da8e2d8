// Package restore brings mail back from a backup: all, an account, or messages.
//
// It owns what that means for those who have the mail: which messages are meant, which of them an account has already,
// which run stands in for one that is damaged, and that a data folder has all or nothing. Nothing that is there is changed
// or doubled. Backups are storage/backup's; an account that is in use is reached by control alone, so that a server may be
// running. It holds an entry of the index for each message that is meant, and one message for a search in its text; it
// knows no flags and no terminal.
//
// Values belong to one goroutine.
package restore

// Report is told what happens.
type Report interface {
	Line(format string, args ...any) // what somebody who watches should know
	Message(bytes int64)             // a message that was picked is there, of so many bytes
	More(messages int)               // so many more were put together, of a whole account
}
