package backend

import (
	"fmt"

	"satchel/backend/message"
	"satchel/storage"
)

// previewBytes is how much of a message is read to make a preview afterwards.
const previewBytes = 1 << 20

// MakePreview makes the preview (RFC 8970) of a message that came before previews
// were made on arrival. Parts beyond its first MiB are not looked at.
func (v *View) MakePreview(r *Row) (string, error) {
	raw, err := v.AppendBytes(nil, r, 0, min(int64(r.Size), previewBytes))
	if err != nil {
		return "", err
	}
	return message.Preview(raw, &message.Parse(raw).Root), nil
}

// KeepPreviews stores previews that were made.
func (v *View) KeepPreviews(made map[MessageID]string) error {
	if len(made) == 0 {
		return nil
	}
	err := v.account.write(&change{run: func(tx *storage.Tx) error {
		for id, text := range made {
			if err := tx.SetPreview(id, text); err != nil {
				return err
			}
		}
		return nil
	}})
	if err != nil {
		return fmt.Errorf("keep previews of %q: %w", v.Name(), err)
	}
	return nil
}
