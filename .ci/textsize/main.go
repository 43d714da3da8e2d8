// Command textsize says what an index costs on disk: in bytes for each byte of
// the text that can be searched, and together with the mail for each byte of it.
//
//	textsize MBOX ACCOUNT
//
// MBOX is all the mail of the account, and ACCOUNT its folder, which no server has
// open. It prints figures as the tests of cmd/satchel/proof do.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"satchel/backend/message"
	"satchel/cmd/satchel/mbox"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "textsize:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 2 {
		return errors.New("want an mbox and an account's folder")
	}
	mail, text, err := count(args[0])
	if err != nil {
		return err
	}
	stored, err := size(args[1], "mail.db")
	if err != nil {
		return err
	}
	index, err := size(args[1], "search.db")
	if err != nil {
		return err
	}
	figure := func(name string, value float64, unit string) { fmt.Printf("figure\t%s\t%.3g\t%s\n", name, value, unit) }
	figure("mail", mail/1e6, "MB")
	figure("text in it that can be searched, folded", text/1e6, "MB")
	figure("mail.db", stored/1e6, "MB")
	figure("search.db", index/1e6, "MB")
	figure("search.db for a byte of the text", index/text, "bytes")
	figure("mail.db and search.db for a byte of mail", (stored+index)/mail, "bytes")
	return nil
}

// count gives the bytes of the mail, and those of its headers and bodies as a search
// sees them.
func count(path string) (mail, text float64, err error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, 0, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return 0, 0, err
	}
	r := mbox.NewReader(f, info.Size(), mbox.RD)
	var scratch message.Scratch
	for {
		m, err := r.Next()
		if err == io.EOF {
			return mail, text, nil
		}
		if err != nil {
			return 0, 0, err
		}
		raw, err := io.ReadAll(r.Open(m))
		if err != nil {
			return 0, 0, err
		}
		mail += float64(len(raw))
		scratch.Texts(raw, &message.Parse(raw).Root, true, func(p message.Piece) bool {
			text += float64(len(p.Text))
			return true
		})
	}
}

func size(folder, name string) (float64, error) {
	info, err := os.Stat(filepath.Join(folder, name))
	if err != nil {
		return 0, err
	}
	return float64(info.Size()), nil
}
