package message

func parseDate(value []byte) (unix int64, zone int32, ok bool) { return 0, 0, false }
