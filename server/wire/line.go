package wire

import "bytes"

// cutLine returns b up to and with the first line feed, and whether there is one.
func cutLine(b []byte) ([]byte, bool) {
	if i := bytes.IndexByte(b, '\n'); i >= 0 {
		return b[:i+1], true
	}
	return b, false
}

// trimLine takes the end of line off a raw line.
func trimLine(line []byte, max int) ([]byte, error) {
	line = bytes.TrimSuffix(bytes.TrimSuffix(line, []byte("\n")), []byte("\r"))
	if len(line) > max {
		return nil, errLine
	}
	return line, nil
}
