package web

import (
	"bytes"
	"encoding/xml"
	"fmt"
)

// dict is a dictionary of a property list: its entries in order.
type dict []entry

// entry's value is a string, an int, a bool, a dict or a []dict.
type entry struct {
	key   string
	value any
}

// plist writes Apple's property list, in XML.
func plist(d dict) []byte {
	var b bytes.Buffer
	b.WriteString(xml.Header + `<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">` +
		"\n<plist version=\"1.0\">\n")
	writeProperty(&b, d)
	b.WriteString("</plist>\n")
	return b.Bytes()
}

func writeProperty(b *bytes.Buffer, value any) {
	switch v := value.(type) {
	case string:
		writeElement(b, "string", v)
	case int:
		fmt.Fprintf(b, "<integer>%d</integer>\n", v)
	case bool:
		fmt.Fprintf(b, "<%t/>\n", v)
	case dict:
		b.WriteString("<dict>\n")
		for _, e := range v {
			writeElement(b, "key", e.key)
			writeProperty(b, e.value)
		}
		b.WriteString("</dict>\n")
	case []dict:
		b.WriteString("<array>\n")
		for _, d := range v {
			writeProperty(b, d)
		}
		b.WriteString("</array>\n")
	default:
		panic(fmt.Sprintf("a property list has no %T", value))
	}
}

func writeElement(b *bytes.Buffer, name, text string) {
	fmt.Fprintf(b, "<%s>", name)
	xml.EscapeText(b, []byte(text)) // a Buffer takes everything
	fmt.Fprintf(b, "</%s>\n", name)
}
