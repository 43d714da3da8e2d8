package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"satchel/cmd/satchel/config"
	"satchel/server/control"
	"satchel/server/presence"
)

// Sessions are the clients of all fronts.
func (f *fronts) Sessions(which presence.Filter) []presence.Session {
	list := f.imap.Sessions(which)
	if f.lmtp != nil {
		list = append(list, f.lmtp.Sessions(which)...)
	}
	if f.web != nil {
		list = append(list, f.web.Sessions(which)...)
	}
	return list
}

// EndSessions ends the sessions of clients of all fronts.
func (f *fronts) EndSessions(which presence.Filter, text string) int {
	n := f.imap.EndSessions(which, text)
	if f.lmtp != nil {
		n += f.lmtp.EndSessions(which)
	}
	if f.web != nil {
		n += f.web.EndSessions(which)
	}
	return n
}

func (p *program) whoCommand() *cobra.Command {
	var address string
	var asJSON bool
	c := &cobra.Command{
		Use:   "who [ACCOUNT]",
		Short: "Show who is connected to the running server",
		Long: "One line for each connection, or for those of an account or an address:\n\n" +
			"  SESSION  its id, which is in every line of the log about it; \"satchel kick --session\" takes it\n" +
			"  ACCOUNT  who has logged in\n" +
			"  ADDRESS  where the client is; behind a load balancer, what proxy.from lets it tell\n" +
			"  FRONT    imap, imaps or lmtp; https or web for who has logged in by a browser\n" +
			"  TLS      its version, and \"deflate\" where the client asked for compression\n" +
			"  SINCE    how long it is connected\n" +
			"  DEVICE   the label of the app password that let it in; - for the account's own, a token or a certificate\n" +
			"  CLIENT   what the program calls itself (ID, RFC 2971); nothing checks that\n" +
			"  MAILBOX  the one that is selected\n" +
			"  STATE    the command under way and for how long, or how long none has been; IDLE waits for news\n" +
			"  IN, OUT  bytes that came and went, compressed, without TLS\n\n" +
			"With --json it is a list of objects, with the same and a few things more.",
		Example: "  satchel who\n" +
			"  satchel who alice@example.org\n" +
			"  satchel who --address 192.0.2.0/24",
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			which, err := whichSessions(args, "", address)
			if err != nil {
				return err
			}
			var list []presence.Session
			err = p.withAdmin(cmd.Context(), false, func(a control.Admin) error {
				return a.Sessions(which, func(s presence.Session) error {
					list = append(list, s)
					return nil
				})
			})
			if err != nil {
				return err
			}
			now := time.Now()
			return show(p.out, asJSON, list, whoHead, func(s *presence.Session) string { return whoRow(s, now) })
		},
	}
	c.Flags().StringVar(&address, "address", "", "only clients at this address, or in this network")
	jsonFlag(c, &asJSON)
	return c
}

// whichSessions reads what a command line says of sessions.
func whichSessions(account []string, session, address string) (which control.Which, err error) {
	which.Session = session
	if len(account) > 0 {
		which.Account = account[0]
	}
	if address != "" {
		if which.Network, err = config.ParseNetwork(address); err != nil {
			return which, usageError{fmt.Errorf("--address: %w", err)}
		}
	}
	return which, nil
}

// theSessions is whichSessions where all would be too many.
func theSessions(account []string, session, address string) (control.Which, error) {
	which, err := whichSessions(account, session, address)
	if err == nil && which == (control.Which{}) {
		err = usageError{errors.New("whose sessions? Name an account, or use --session or --address")}
	}
	return which, err
}

const whoHead = "SESSION\tACCOUNT\tADDRESS\tFRONT\tTLS\tSINCE\tDEVICE\tCLIENT\tMAILBOX\tSTATE\tIN\tOUT"

func whoRow(s *presence.Session, now time.Time) string {
	return fmt.Sprintf("%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s", s.ID, orDash(s.Account), addressText(s), s.Front, tlsText(s),
		age(now, s.Since), orDash(s.Device), orDash(clientText(s)), orDash(s.Mailbox), stateText(s, now), bytesText(int64(s.In)), bytesText(int64(s.Out)))
}

func addressText(s *presence.Session) string {
	if !s.Remote.IsValid() {
		return "unix"
	}
	return s.Remote.String()
}

func tlsText(s *presence.Session) string {
	text := orDash(s.TLS)
	if s.Compress {
		text += " deflate"
	}
	return text
}

func clientText(s *presence.Session) string {
	if s.Client == "" || s.Version == "" {
		return s.Client
	}
	return s.Client + " " + s.Version
}

func stateText(s *presence.Session, now time.Time) string {
	state := s.Command
	if state == "" {
		state = "waiting"
	}
	return state + " " + age(now, s.StateAge)
}

// age is how long ago something was, as short as it can be said.
func age(now, then time.Time) string {
	switch d := now.Sub(then); {
	case d < time.Minute:
		return fmt.Sprintf("%ds", max(d, 0)/time.Second)
	case d < time.Hour:
		return fmt.Sprintf("%dm", d/time.Minute)
	case d < 48*time.Hour:
		return fmt.Sprintf("%dh%02dm", d/time.Hour, d%time.Hour/time.Minute)
	default:
		return fmt.Sprintf("%dd", d/(24*time.Hour))
	}
}
