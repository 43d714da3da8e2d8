package main

// listenKeys are the part of the configuration file about ports.
func (s *setup) listenKeys() string {
	if s.boxed {
		return containerKeys
	}
	return `
[listen]
auth = "127.0.0.1:12325"      # Postfix asks who may log in: "satchel postfix"
socketmap = "127.0.0.1:12326" # and whose an address is
` + s.webKeys()
}

// containerKeys has all ports above 1024 and at every address. Who reaches them is decided by what the container
// publishes.
const containerKeys = `
[listen] # in the container; others reach the ports that it publishes (-p)
imap = ":1143"
imaps = ":1993"
lmtp = ":1024"
auth = ":12325"      # Postfix asks who may log in: "satchel postfix"
socketmap = ":12326" # and whose an address is
https = ":8443"      # mail programs set themselves up, people look after their accounts
http = ":8080"       # leads to https

[clients]
https_port = 443 # as which 8443 is published
`
