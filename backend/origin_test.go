package backend

import "testing"

func TestOrigin(t *testing.T) {
	b := testBackend(t)
	for _, tt := range []struct {
		name, header string
		want         Origin
	}{
		{"Postfix", "Received: from mx.example.net (mx.example.net [192.0.2.1])\r\n\tby mail.example.org (Postfix) with ESMTPS id 4XyZ12\r\n\tfor <a@example.org>; Mon, 5 Jan 2026 10:00:00 +0000 (UTC)\r\n" +
			"Received: from x by y id OTHER; Mon, 5 Jan 2026 09:59:00 +0000\r\nmessage-id:\r\n <1@example.net>\r\n", Origin{"<1@example.net>", "4XyZ12"}},
		{"Exim", "Received: from [192.0.2.1] (helo=x)\r\n\tby y with esmtp (Exim 4.96)\r\n\tid 1tU-0001-2B\r\n\tfor a; now\r\n", Origin{"", "1tU-0001-2B"}},
		{"nothing", "Subject: id 7\r\n", Origin{}},
		{"half", "Received: by y id\r\nMessage-ID: <a>\r\nMessage-ID: <b>\r\n", Origin{"<a>", ""}},
		{"after the clauses", "Received: by y; id 7\r\n", Origin{}},
	} {
		d, err := b.NewDelivery("", "", spoolOf(t, b, tt.header+"\r\n"))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(d.Close)
		if got := d.Origin(); got != tt.want {
			t.Errorf("%s: %+v, want %+v", tt.name, got, tt.want)
		}
	}
}
