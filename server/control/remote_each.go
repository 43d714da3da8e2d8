package control

import (
	"context"
	"encoding/json"

	"satchel/backend"
	"satchel/server/presence"
)

// Check implements Admin.
func (r *Remote) Check(accounts []string, deep bool, each func(backend.Problem) error) error {
	return askEach(context.Background(), r, opCheck, checkArgs{accounts, deep}, each)
}

// RebuildIndex implements Admin.
func (r *Remote) RebuildIndex(ctx context.Context, account string, each func(backend.IndexStatus) error) error {
	return askEach(ctx, r, opRebuild, account, each)
}

// Sessions implements Admin.
func (r *Remote) Sessions(which Which, each func(presence.Session) error) error {
	return askEach(context.Background(), r, opSessions, which, each)
}

// UpstreamMessages implements Admin.
func (r *Remote) UpstreamMessages(account, upstream string, each func([]backend.UpstreamMessage) error) error {
	return askEach(context.Background(), r, opUpMessages, nameAnd{account, upstream}, each)
}

// MessageIDs implements Admin.
func (r *Remote) MessageIDs(account, mailbox string, each func([]MessageID) error) error {
	return askEach(context.Background(), r, opMessageIDs, nameAnd{account, mailbox}, each)
}

// askEach makes a request that has any number of answers. It ends early with ctx.
func askEach[T any](ctx context.Context, r *Remote, op string, args any, each func(T) error) error {
	return askWith(ctx, r, op, args, func(_ *stream, item T) error { return each(item) })
}

// askWith is askEach for answers that may be questions.
func askWith[T any](ctx context.Context, r *Remote, op string, args any, each func(*stream, T) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s, err := r.begin(op, args)
	if err != nil {
		return err
	}
	defer s.conn.Close()
	defer context.AfterFunc(ctx, func() { s.conn.Close() })()
	if err = eachItem(s, each); err != nil && ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

func eachItem[T any](s *stream, each func(*stream, T) error) error {
	return s.answers(func(k kind, b []byte) error {
		var item T
		if k != kindItem || json.Unmarshal(b, &item) != nil {
			return errProtocol
		}
		return each(s, item)
	})
}

// answers sends the request off and gives each of the frames that answer it, up to the result.
func (s *stream) answers(each func(k kind, b []byte) error) error {
	if err := s.flush(); err != nil {
		return s.lost(err)
	}
	for {
		k, b, err := s.answer()
		if err != nil {
			return err
		}
		if k == kindResult {
			return nil
		}
		if err := each(k, b); err != nil {
			return err
		}
	}
}
