package wire

// Limits bound what one command may cost.
type Limits struct {
	Line     int   // bytes of a command: its text and the literals that are read as strings
	Token    int   // largest literal that is read as a string
	Literal  int64 // largest literal
	Literals int   // literals of a command
	Depth    int   // nesting of parentheses
	Skip     int64 // bytes thrown away after an error, before the connection is ended instead
	Output   int   // bytes of output collected before they are written
	Faults   int   // bad commands in a row that are answered; the next ends the connection. 0: any number
	Commands int   // commands served while these limits hold; the next ends the connection. 0: any number
}

// PreAuth returns the limits of a client that has not logged in: all it can make the frame hold is about 20 KiB.
func PreAuth() Limits {
	return Limits{
		Line:     8 << 10,
		Token:    4 << 10,
		Literal:  4 << 10,
		Literals: 8,
		Depth:    64,
		Skip:     8 << 20,
		Output:   8 << 10,
		Faults:   20,
		Commands: 1000,
	}
}

// PostAuth returns the limits after login, where literal is the largest message that may be appended. The line is long
// enough for the UID sets that real clients send.
func PostAuth(literal int64) Limits {
	return Limits{
		Line:     2 << 20,
		Token:    64 << 10,
		Literal:  literal,
		Literals: 10000,
		Depth:    64,
		Skip:     64<<20 + 2*literal,
		Output:   64 << 10,
	}
}
