package wire

// Flag reads a flag: a keyword, or a backslash and an atom, in the case the client used.
func (c *Conn) Flag() (string, error) {
	prefix := ""
	if c.Skip('\\') {
		prefix = "\\"
	}
	word, err := c.word(atomChar, errFlag)
	if err != nil {
		return "", c.trouble(errFlag)
	}
	return prefix + word, nil
}

// FlagList reads flags in parentheses, or (RFC 3501, 9: store-att-flags) one or more without them up to the end of the
// command.
func (c *Conn) FlagList() ([]string, error) {
	var flags []string
	each := func() error {
		flag, err := c.Flag()
		flags = append(flags, flag)
		return err
	}
	if c.Peek() == '(' {
		err := c.List(each)
		return flags, err
	}
	for {
		if err := each(); err != nil {
			return nil, err
		}
		if !c.Skip(' ') || c.Peek() == 0 {
			return flags, nil
		}
	}
}
