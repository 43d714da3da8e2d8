package lmtp

import (
	"errors"
	"io"

	"github.com/emersion/go-smtp"

	"satchel/backend"
)

// answer maps errors to the codes of RFC 5321, 4.2 and RFC 3463. The texts say no more than the sender may know.
func answer(err error) error {
	for _, a := range []struct {
		err  error
		code int
		enh  smtp.EnhancedCode
		text string
	}{
		{backend.ErrNotFound, 550, smtp.EnhancedCode{5, 1, 1}, "No such user here"},
		{backend.ErrTooBig, 552, smtp.EnhancedCode{5, 3, 4}, "The message is larger than the limit"},
		{backend.ErrDeferred, 452, smtp.EnhancedCode{4, 2, 2}, "The mailbox is full, try again later"},
		{backend.ErrOverQuota, 552, smtp.EnhancedCode{5, 2, 2}, "The mailbox is full"},
		{backend.ErrLoop, 554, smtp.EnhancedCode{5, 4, 6}, "The message goes in circles: too many Received fields"},
		{backend.ErrFull, 452, smtp.EnhancedCode{4, 3, 1}, "No space left"},
		{backend.ErrClosed, 421, smtp.EnhancedCode{4, 3, 2}, "The server is stopping"},
		{io.ErrUnexpectedEOF, 451, smtp.EnhancedCode{4, 4, 2}, "The message was cut off"},
		{smtp.ErrDataReset, 451, smtp.EnhancedCode{4, 4, 2}, "The message was cut off"},
	} {
		if errors.Is(err, a.err) {
			return &smtp.SMTPError{Code: a.code, EnhancedCode: a.enh, Message: a.text}
		}
	}
	return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "Trouble here, try again later"}
}
