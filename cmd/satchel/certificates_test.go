package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
	"strconv"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

func cmdCertificate(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: certificate FILE DAYS NAME ...")
	}
	days, err := strconv.Atoi(args[1])
	ts.Check(err)
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	ts.Check(err)
	end := time.Now().AddDate(0, 0, days)
	template := &x509.Certificate{NotBefore: end.AddDate(0, 0, -90), NotAfter: end, DNSNames: args[2:]}
	leaf, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	ts.Check(err)
	key, err := x509.MarshalPKCS8PrivateKey(private)
	ts.Check(err)
	text := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})
	text = append(text, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: leaf})...)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), text, 0o600))
}

func cmdShown(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: shown ADDR NAME")
	}
	c, err := tls.Dial("tcp", args[0], &tls.Config{ServerName: args[1], InsecureSkipVerify: true})
	ts.Check(err)
	defer c.Close()
	fmt.Fprintln(ts.Stdout(), c.ConnectionState().PeerCertificates[0].DNSNames[0])
}
