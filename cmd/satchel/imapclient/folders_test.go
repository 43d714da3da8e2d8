package imapclient

import (
	"reflect"
	"testing"
)

func TestFolders(t *testing.T) {
	tests := []struct {
		name   string
		script []string
		want   []Folder
		shared int
	}{
		{"Dovecot", []string{"SPECIAL-USE LIST-EXTENDED NAMESPACE", "< NAMESPACE", `> * NAMESPACE (("" "/")) (("shared/" "/")) NIL` + "\n$ OK",
			`< LIST "" "*" RETURN (SPECIAL-USE)`, `> * LIST (\HasNoChildren \Sent) "/" Sent
* LIST (\Noselect) "/" Lists
* LIST () "/" "Lists/Gr&APwA3w-e"
* LIST () "/" "with \"quotes\" \\"
* LIST () "/" inbox
* LIST () "/" {4}
a/.b
* LIST () "/" shared/bob/INBOX
$ OK`, `< LSUB "" "*"`, "> * LSUB () \"/\" Sent\n$ OK"},
			[]Folder{{"inbox", "INBOX", "", false}, {"Lists/Gr&APwA3w-e", "Lists/Grüße", "", false}, {"Sent", "Sent", `\Sent`, true},
				{"a/.b", "a/.b", "", false}, {`with "quotes" \`, `with "quotes" \`, "", false}}, 1},
		{"Courier", []string{"NAMESPACE", "< NAMESPACE", `> * NAMESPACE (("INBOX." ".")) NIL (("#shared." ".")("shared." "."))` + "\n$ OK",
			`< LIST "" "*"`, `> * LIST (\Marked) "." "INBOX"
* LIST () "." "INBOX.Sent Items"
* LIST () "." "INBOX.a/b"
* LIST () "." "INBOX.INBOX"
* LIST () "." "shared.x"
$ OK`, `< LSUB "" "*"`, "> $ OK"},
			[]Folder{{"INBOX", "INBOX", "", false}, {"INBOX.INBOX", "INBOX_", "", false}, {"INBOX.Sent Items", "Sent Items", "", false}, {"INBOX.a/b", "a_b", "", false}}, 1},
		{"without NAMESPACE", []string{"", `< LIST "" "*"`, `> * LIST () "." INBOX
* LIST () "." INBOX.Sent
* LIST () "." INBOX.R&D
$ OK`, `< LSUB "" "*"`, "> $ OK"},
			[]Folder{{"INBOX", "INBOX", "", false}, {"INBOX.R&D", "R&D", "", false}, {"INBOX.Sent", "Sent", "", false}}, 0},
		{"flat", []string{"NAMESPACE", "< NAMESPACE", "> $ BAD what?", `< LIST "" "*"`, `> * LIST () NIL INBOX
* LIST () NIL a_b_
* LIST () NIL a/b
* LIST () NIL a_b
* LIST () NIL [Gmail]
$ OK`, `< LSUB "" "*"`, "> $ NO not here"},
			[]Folder{{"INBOX", "INBOX", "", false}, {"[Gmail]", "[Gmail]", "", false}, {"a_b", "a_b", "", false}, {"a_b_", "a_b_", "", false}, {"a/b", "a_b__", "", false}}, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			list, shared, err := connected(t, tt.script...).Folders()
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(list, tt.want) || shared != tt.shared {
				t.Errorf("%d shared, got\n%+v, want\n%+v", shared, list, tt.want)
			}
		})
	}
}
