package main

import (
	"errors"
	"fmt"

	"satchel/server/control"
)

// statusJSON is what --json prints.
type statusJSON struct {
	control.Status
	Mail []accountMail `json:"mail,omitzero"` // with --accounts
}

// accountMail is how much mail an account has.
type accountMail struct {
	Account   string `json:"account"`
	Mailboxes int64  `json:"mailboxes"`
	Messages  int64  `json:"messages"`
	Bytes     int64  `json:"bytes"`
}

// mailOfAccounts opens each account. What is wrong with one of them does not keep it from the others.
func mailOfAccounts(a control.Admin) (list []accountMail, err error) {
	infos, err := a.Accounts()
	if err != nil {
		return nil, err
	}
	list = []accountMail{}
	var errs []error
	for _, info := range infos {
		boxes, err := a.Mailboxes(info.Name)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", info.Name, err))
			continue
		}
		m := accountMail{Account: info.Name}
		for _, box := range boxes {
			if box.Exists {
				m.Mailboxes, m.Messages, m.Bytes = m.Mailboxes+1, m.Messages+int64(box.Messages), m.Bytes+box.Size
			}
		}
		list = append(list, m)
	}
	return list, errors.Join(errs...)
}

func (m *accountMail) row() string {
	return fmt.Sprintf("%s\t%d\t%d\t%s", m.Account, m.Mailboxes, m.Messages, bytesText(m.Bytes))
}
