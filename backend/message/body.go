package message

// AppendBody appends BODY, the form without extension data, made from the text of a BODYSTRUCTURE
// that Parse wrote.
func AppendBody(dst, structure []byte) []byte { return append(dst, structure...) }
