package control

import (
	"context"

	"satchel/backend"
)

// Arguments of the operations on expunged messages.
type (
	expungedArgs struct {
		Account string
		Filter  backend.ExpungedFilter
		Most    int
	}
	undeleteArgs struct {
		Account string
		Filter  backend.ExpungedFilter
		Into    string
	}
)

// step says how far an operation is, and in its last one what came of it.
type step[R any] struct {
	Done, Total int
	Result      *R
}

// Expunged implements Admin.
func (l *Local) Expunged(ctx context.Context, account string, f backend.ExpungedFilter, most int) (p backend.ExpungedPage, err error) {
	err = l.with(account, func(a *backend.Account) error {
		p, err = a.Expunged(ctx, f, most)
		return err
	})
	return p, err
}

// Undelete implements Admin.
func (l *Local) Undelete(ctx context.Context, account string, f backend.ExpungedFilter, into string, each func(done, total int) error) (u backend.Undeleted, err error) {
	err = l.with(account, func(a *backend.Account) error {
		u, err = a.Undelete(ctx, f, into, each)
		return err
	})
	return u, err
}

// with opens an account's mail for the time of a call.
func (l *Local) with(account string, f func(*backend.Account) error) error {
	a, err := l.open(account)
	if err != nil {
		return err
	}
	defer a.Release()
	return f(a)
}

func expunged(l *Local, s *stream, args expungedArgs) error {
	return stepwise(s, func(ctx context.Context, _ func(done, total int) error) (backend.ExpungedPage, error) {
		return l.Expunged(ctx, args.Account, args.Filter, args.Most)
	})
}

func undelete(l *Local, s *stream, args undeleteArgs) error {
	return stepwise(s, func(ctx context.Context, each func(done, total int) error) (backend.Undeleted, error) {
		return l.Undelete(ctx, args.Account, args.Filter, args.Into, each)
	})
}

// stepwise answers with the steps of an operation that ends when nobody waits for them any more.
func stepwise[R any](s *stream, run func(ctx context.Context, each func(done, total int) error) (R, error)) error {
	ctx := s.attended()
	return steps(s, func(each func(done, total int) error) (R, error) { return run(ctx, each) })
}

// steps answers with the steps of an operation.
func steps[R any](s *stream, run func(each func(done, total int) error) (R, error)) error {
	result, err := run(func(done, total int) error { return s.sendItem(step[R]{Done: done, Total: total}) })
	if err == nil {
		err = s.send(kindItem, step[R]{Result: &result})
	}
	if err != nil {
		return err
	}
	return s.send(kindResult, nothing{})
}

// askSteps makes a request that stepwise answers. It ends early with ctx.
func askSteps[R any](ctx context.Context, r *Remote, op string, args any, each func(done, total int) error) (result R, err error) {
	err = askEach(ctx, r, op, args, func(st step[R]) error {
		if st.Result != nil {
			result = *st.Result
			return nil
		}
		return each(st.Done, st.Total)
	})
	return result, err
}

// Expunged implements Admin.
func (r *Remote) Expunged(ctx context.Context, account string, f backend.ExpungedFilter, most int) (backend.ExpungedPage, error) {
	return askSteps[backend.ExpungedPage](ctx, r, opExpunged, expungedArgs{account, f, most}, nil)
}

// Undelete implements Admin.
func (r *Remote) Undelete(ctx context.Context, account string, f backend.ExpungedFilter, into string, each func(done, total int) error) (backend.Undeleted, error) {
	return askSteps[backend.Undeleted](ctx, r, opUndelete, undeleteArgs{account, f, into}, each)
}
