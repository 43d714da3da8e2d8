package server

// rename: "RENAME" SP mailbox SP mailbox. RFC 3501, 6.3.5; RFC 9051, 6.3.6. The children go
// along; of INBOX the messages move and the mailbox stays.
func (s *session) rename() error {
	from, err := s.mailboxArgument()
	if err != nil {
		return err
	}
	to, err := s.onlyMailbox()
	if err != nil {
		return err
	}
	if err := s.account.Rename(from, to); err != nil {
		return err
	}
	s.news.watch.Renamed(from, to)
	if from == "INBOX" { // it is still there
		from = to
	}
	return s.tellName(to, from)
}
