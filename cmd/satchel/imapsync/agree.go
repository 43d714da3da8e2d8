package imapsync

import (
	"errors"
	"slices"

	"satchel/backend"
	"satchel/backend/message"
	"satchel/cmd/satchel/imapclient"
	"satchel/server/control"
)

// agrees reports whether the folder that is open has under the UIDs of an upstream's messages those messages, as far as
// Message-IDs tell. UIDVALIDITY should, but there are servers that give all folders the same, or the old one to a folder
// that is made anew.
func (p *Plan) agrees(c *imapclient.Client, o backend.Upstream) (bool, error) {
	var have []backend.UpstreamMessage
	err := p.admin.UpstreamMessages(p.to.Account, o.Name, func(some []backend.UpstreamMessage) error {
		have = append(have, some...)
		return nil
	})
	if err != nil || len(have) == 0 {
		return err == nil, err
	}
	here := map[backend.UID]message.ID{}
	err = p.admin.MessageIDs(p.to.Account, o.Mailbox, func(some []control.MessageID) error {
		for _, s := range some {
			here[s.UID] = s.ID
		}
		return nil
	})
	if err != nil {
		return false, err
	}
	known, same, other := 0, 0, 0
	err = c.List(imapclient.Wanted{MessageID: true, NoSize: true}, func(m *imapclient.Message) {
		i, ok := slices.BinarySearchFunc(have, m.UID, bySource)
		if !ok {
			return
		}
		known++
		switch there, id := idOf(m.MessageID), here[have[i].UID]; {
		case there == 0 || id == 0:
		case there == id:
			same++
		default:
			other++
		}
	})
	if errors.Is(err, imapclient.ErrUnsure) {
		err = nil
	}
	return known == 0 || same > 0 && other == 0, err
}

// idOf reads the Message-ID of a header; 0 for none that is valid.
func idOf(header []byte) message.ID {
	if len(header) == 0 {
		return 0
	}
	return message.Parse(header).SortKeys.ID()
}
