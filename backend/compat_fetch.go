package backend

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	"github.com/emersion/go-imap"

	"satchel/backend/message"
)

// ListMessages sends what a FETCH asks for, in order, and closes ch.
func (m *imapMailbox) ListMessages(uid bool, set *imap.SeqSet, items []imap.FetchItem, ch chan<- *imap.Message) error {
	defer close(ch)
	readOnly := !setsSeen(items)
	return m.messages(uid, set, readOnly, func(v *View, s Selection) error {
		for from := 0; from < s.Len(); from += MaxBatch {
			rows := v.Rows(s, from, MaxBatch, nil)
			stored, err := v.Messages(rows, ColEnvelope|ColStructure|ColParts, nil)
			if err != nil {
				return err
			}
			for i := range rows {
				msg, err := imapMessage(v, &rows[i], &stored[i], items)
				if err != nil {
					return err
				}
				ch <- msg
			}
			if !readOnly {
				if _, err := v.MarkSeen(rows); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// setsSeen reports whether fetching the items marks messages as read (RFC 3501,
// 6.4.5).
func setsSeen(items []imap.FetchItem) bool {
	for _, item := range items {
		if section, err := imap.ParseBodySectionName(item); err == nil && !section.Peek {
			return true
		}
	}
	return false
}

// imapMessage makes one message with the items that were asked for.
func imapMessage(v *View, r *Row, stored *Message, items []imap.FetchItem) (*imap.Message, error) {
	msg := imap.NewMessage(r.Seq, items)
	for _, item := range items {
		var err error
		switch item {
		case imap.FetchUid:
			msg.Uid = uint32(r.UID)
		case imap.FetchFlags:
			msg.Flags = append(flagNames(r.Flags), r.Keywords...)
			if r.Recent {
				msg.Flags = append(msg.Flags, imap.RecentFlag)
			}
		case imap.FetchInternalDate:
			msg.InternalDate = time.Unix(r.Date, 0).UTC()
		case imap.FetchRFC822Size:
			msg.Size = r.Size
		case imap.FetchEnvelope:
			msg.Envelope = &imap.Envelope{}
			err = parseWire(stored.Envelope, msg.Envelope.Parse)
		case imap.FetchBody, imap.FetchBodyStructure:
			msg.BodyStructure = &imap.BodyStructure{Extended: item == imap.FetchBodyStructure}
			err = parseWire(stored.Structure, msg.BodyStructure.Parse)
		default:
			err = addSection(v, r, stored, msg, item)
		}
		if err != nil {
			return nil, fmt.Errorf("fetch %s of message %d: %w", item, r.UID, err)
		}
	}
	return msg, nil
}

// parseWire gives stored wire text, a parenthesised list, to one of go-imap's
// parsers.
func parseWire(text []byte, parse func([]interface{}) error) error {
	list, err := imap.NewReader(bytes.NewBuffer(text)).ReadList()
	if err != nil {
		return fmt.Errorf("stored structure: %w: %w", ErrCorrupt, err)
	}
	return parse(list)
}

// addSection adds the bytes of a BODY[...] item. A part that is not there is NIL.
func addSection(v *View, r *Row, stored *Message, msg *imap.Message, item imap.FetchItem) error {
	section, err := imap.ParseBodySectionName(item)
	if err != nil {
		return err
	}
	root, err := message.DecodeParts(stored.Parts)
	if err != nil {
		return err
	}
	from, to, ok := root.Locate(messageSection(section))
	if !ok {
		return nil
	}
	b, err := v.AppendBytes(nil, r, from, to)
	if err != nil {
		return err
	}
	if section.Fields != nil {
		b = message.AppendHeaderFields(nil, b, section.Fields, section.NotFields)
	}
	msg.Body[section] = bytes.NewReader(section.ExtractPartial(b))
	return nil
}

func messageSection(s *imap.BodySectionName) message.Section {
	kinds := map[imap.PartSpecifier]message.SectionKind{
		imap.EntireSpecifier: message.Whole, imap.HeaderSpecifier: message.Header,
		imap.MIMESpecifier: message.MIME, imap.TextSpecifier: message.Text,
	}
	return message.Section{Path: s.Path, Kind: kinds[imap.PartSpecifier(strings.ToUpper(string(s.Specifier)))]}
}
