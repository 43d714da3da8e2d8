package message

func appendHeadText(dst []byte, fields []found) []byte { return dst }
