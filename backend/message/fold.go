package message

// Fold appends UTF-8 text prepared for comparison by i;unicode-casemap (RFC 5051).
func Fold(dst, s []byte) []byte { return append(dst, s...) }
