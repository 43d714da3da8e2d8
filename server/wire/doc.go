// Package wire is the frame between a client's socket and go-imap: it cuts the input into commands, hands their
// arguments out as tokens, and collects the output.
//
// It owns the socket, its deadlines, TLS, compression, the input and output buffers, and every bound on what a client may
// cost before the command is understood. It never knows what a command means, and imports nothing of ours.
//
// go-imap reads from Conn.Face, and sees one line "T NAME" a command: never a byte whose number or nesting the client
// chose. The handler of the command then pulls the arguments from the Conn, one token at a time; what it leaves unread is
// thrown away before the next command, literals included, so that the connection stays in step after any error.
//
// Output is appended to one buffer, which is written when the input is about to block or when it has grown large. The
// answers to commands that arrived together therefore leave together.
//
// A Conn belongs to one goroutine and starts none. Only Interrupt, Shutdown and Close, and those
// that look on (Traffic, TLSVersion, Deflated), may be called from others.
package wire
