// Package proof drives the built program from outside, as a person and mail
// clients would: it starts bin/satchel on loopback ports, kills it, fills its
// disk and damages its files, and looks at what is left. It holds tests only,
// imports nothing of ours, and speaks to the program through sockets, files
// and the command line alone.
//
// SATCHEL names the program; without it the tests build their own.
package proof
