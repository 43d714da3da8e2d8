package server

import (
	"strconv"
	"strings"

	"satchel/backend"
	"satchel/backend/message"
	"satchel/server/wire"
)

// maxPath bounds the part numbers of a section: no message is nested deeper.
const maxPath = 200

// bodySection reads a section after its "[": [section-spec] "]" and
// ["<" number "." nz-number ">"]. RFC 3501, 9.
func (s *session) bodySection(it *fetchItem) error {
	label, err := s.sectionSpec(it, "BODY[")
	if err != nil {
		return err
	}
	if it.section.Kind == message.HeaderFields || it.section.Kind == message.HeaderFieldsNot {
		if err := s.headerFields(it); err != nil {
			return err
		}
		label += " " + fieldList(it.section.Fields)
	}
	if err := s.wire.Expect(']'); err != nil {
		return err
	}
	it.label = label + "]"
	return s.partial(it)
}

// sectionSpec reads a section up to its field names or "]", and gives the label with it.
func (s *session) sectionSpec(it *fetchItem, label string) (string, error) {
	if s.wire.Peek() == ']' {
		return label, nil
	}
	spec, err := s.wire.Word()
	if err == nil {
		it.section, err = parseSection(spec)
	}
	return label + spec, err
}

// parseSection reads a section's part numbers and its last word.
func parseSection(spec string) (section message.Section, err error) {
	words := strings.Split(spec, ".")
	for len(words) > 0 && words[0] != "" && words[0][0] <= '9' {
		n, err := strconv.ParseUint(words[0], 10, 31)
		if err != nil || words[0][0] == '0' || len(section.Path) == maxPath {
			return section, &wire.SyntaxError{Text: "Invalid part number"}
		}
		section.Path = append(section.Path, int(n))
		words = words[1:]
	}
	switch name := strings.Join(words, "."); {
	case name == "" && len(words) == 0:
		section.Kind = message.Whole
	case name == "HEADER":
		section.Kind = message.Header
	case name == "HEADER.FIELDS":
		section.Kind = message.HeaderFields
	case name == "HEADER.FIELDS.NOT":
		section.Kind = message.HeaderFieldsNot
	case name == "TEXT":
		section.Kind = message.Text
	case name == "MIME" && len(section.Path) > 0:
		section.Kind = message.MIME
	default:
		return section, &wire.SyntaxError{Text: "Invalid body section"}
	}
	return section, nil
}

// headerFields reads SP and the names of header fields.
func (s *session) headerFields(it *fetchItem) error {
	if err := s.wire.SP(); err != nil {
		return err
	}
	err := s.wire.List(func() error {
		if len(it.section.Fields) == maxListed {
			return backend.ErrLimit
		}
		name, err := s.wire.AString()
		it.section.Fields = append(it.section.Fields, name)
		return err
	})
	if err == nil && len(it.section.Fields) == 0 {
		err = &wire.SyntaxError{Text: "No header fields"}
	}
	return err
}

// fieldList writes field names as a section of the answer has them, in capitals.
func fieldList(fields []string) string {
	b := []byte{'('}
	for i, name := range fields {
		if i > 0 {
			b = append(b, ' ')
		}
		b = wire.AppendAString(b, strings.ToUpper(name))
	}
	return string(append(b, ')'))
}

// partial reads "<" number64 "." nz-number64 ">", if it is there. RFC 9051, 9.
func (s *session) partial(it *fetchItem) error {
	if !s.wire.Skip('<') {
		return nil
	}
	offset, err := s.wire.Number64()
	if err != nil {
		return err
	}
	if err := s.wire.Expect('.'); err != nil {
		return err
	}
	count, err := s.wire.Number64()
	if err == nil && count == 0 {
		err = &wire.SyntaxError{Text: "A range of no bytes"}
	}
	if err != nil {
		return err
	}
	it.partial, it.offset, it.count = true, int64(offset), int64(count)
	// RFC 3501, 7.4.2: the answer names the origin and not the count.
	it.label += "<" + strconv.FormatInt(it.offset, 10) + ">"
	return s.wire.Expect('>')
}

// sectionColumns is what a section needs of the database besides bytes.
func sectionColumns(it *fetchItem) backend.Columns {
	switch section := &it.section; {
	case it.label == "" || it.row.binary:
		return 0
	case len(section.Path) > 0 || section.Kind == message.Text:
		return backend.ColParts
	case section.Kind == message.Whole:
		return 0
	}
	return backend.ColHeader
}

// whole reports whether the item is a whole message, not a part of it.
func (it *fetchItem) whole() bool {
	return it.label != "" && !it.row.binary && it.section.Kind == message.Whole && len(it.section.Path) == 0 && !it.partial
}
