package clientprofile

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/pathproof/pathproof/internal/pki"
	"github.com/pathproof/pathproof/internal/pki/registry"
)

// Revoke keeps a user out from now on: servers read the list every minute, and a connection ends within an hour, when its
// keys are negotiated anew. PutOut does the same at what does not fetch lists. It reports how many certificates it revoked: none, if the user was revoked before.
func (u *Users) Revoke(ctx context.Context, user string) (int, error) {
	if err := CheckUser(user); err != nil {
		return 0, err
	}
	revoked := 0
	var lines []registry.Line // of which the user has or had certificates, among those that the PKI issues for
	err := u.PKI.Change(ctx, func(r *registry.Register) (bool, error) {
		revoked, lines = 0, nil
		all := r.Of(registry.OfClient, user)
		if len(all) == 0 {
			return false, u.unknown(r, user)
		}
		for _, c := range all {
			if c.Live(u.PKI.Now()) {
				revoked++
			}
			if slices.Contains(u.lines(), c.Line) {
				lines = append(lines, c.Line)
			}
		}
		return r.Revoke(all, u.PKI.Now()), nil
	})
	if err != nil {
		return 0, err
	}
	errs := []error{u.publish(ctx, lines)} // also when an earlier Revoke was interrupted before this
	if u.PutOut != nil {
		errs = append(errs, u.PutOut(ctx, user))
	}
	return revoked, errors.Join(append(errs, u.PKI.Secrets.Delete(ctx, u.secretName(user)))...)
}

// unknown is the error of a user who never was.
func (u *Users) unknown(r *registry.Register, user string) error {
	known := 0
	for _, s := range users(r, u.PKI.Now()) {
		if s.State == In {
			known++
		}
	}
	return inputf("user %s: nobody of that name was ever added to %s; %d are in, see client-profile list", user, u.Name, known)
}

// Get returns the profile of a user for a server, and when it ends. profile lacks only what is the user's.
func (u *Users) Get(ctx context.Context, user string, profile pki.Profile) (string, time.Time, error) {
	s, i, err := u.identity(ctx, user, registry.OfOpenVPN)
	if err != nil {
		return "", time.Time{}, err
	}
	profile.Authority = i.Authority
	profile.Identity = pki.Identity{Certificate: i.Certificate, Key: i.Key, TLSCrypt: s.TLSCrypt}
	return profile.Text(), i.NotAfter, nil
}

// GetClientVPN is like Get, for an endpoint of AWS Client VPN.
func (u *Users) GetClientVPN(ctx context.Context, user string, profile pki.ClientVPNProfile) (string, time.Time, error) {
	_, i, err := u.identity(ctx, user, registry.OfClientVPN)
	if err != nil {
		return "", time.Time{}, err
	}
	profile.Authority, profile.Identity = i.Authority, pki.Identity{Certificate: i.Certificate, Key: i.Key}
	return profile.Text(), i.NotAfter, nil
}

// identity is what a user has of a line.
func (u *Users) identity(ctx context.Context, user string, l registry.Line) (*secret, *identity, error) {
	if err := CheckUser(user); err != nil {
		return nil, nil, err
	}
	s, err := u.read(ctx, user)
	if errors.Is(err, registry.ErrMissing) {
		return nil, nil, u.why(ctx, user)
	}
	if err != nil {
		return nil, nil, err
	}
	i := s.of(l)
	switch {
	case i == nil:
		return nil, nil, inputf("user %s: was added before a Client VPN had certificates of %s, got none for it; run client-profile add, which makes one", user, u.Name)
	case !u.PKI.Now().Before(i.NotAfter):
		return nil, nil, inputf("user %s: the certificate ended, got %s; run client-profile add, which renews it", user, i.NotAfter.Format(time.DateOnly))
	}
	return s, i, nil
}

// why is the error of a user without a profile.
func (u *Users) why(ctx context.Context, user string) error {
	r, err := u.PKI.Read(ctx)
	if err != nil {
		return inputf("user %s: there is no profile (%v); run client-profile add", user, err)
	}
	all := r.Of(registry.OfClient, user)
	if len(all) == 0 {
		return u.unknown(r, user)
	}
	last := all[len(all)-1]
	if !last.Revoked.IsZero() {
		return inputf("user %s: revoked on %s; run client-profile add to let them in again", user, last.Revoked.Format(time.DateTime))
	}
	return inputf("user %s: adding them was interrupted on %s; run client-profile add", user, last.Issued.Format(time.DateTime))
}

// State is whether a user is in.
type State string

// The states.
const (
	In        State = "in"
	Out       State = "revoked"
	Ended     State = "ended"
	Unsettled State = "interrupted" // while being added
)

// User is a line of the list.
type User struct {
	Name     string
	State    State
	Serial   string
	NotAfter time.Time
	Revoked  time.Time
}

// List returns all users by name, each with the newest certificate.
func (u *Users) List(ctx context.Context) ([]User, error) {
	r, err := u.PKI.Read(ctx)
	if err != nil {
		return nil, err
	}
	return users(r, u.PKI.Now()), nil
}

func users(r *registry.Register, now time.Time) []User {
	newest := map[string]registry.Certificate{}
	for _, c := range r.Certificates {
		if c.Kind == registry.OfClient && c.Line == registry.OfOpenVPN { // everybody has one of this line
			newest[c.Name] = c
		}
	}
	var list []User
	for name, c := range newest {
		s := User{Name: name, State: In, Serial: c.Serial, NotAfter: c.NotAfter, Revoked: c.Revoked}
		switch {
		case !c.Revoked.IsZero():
			s.State = Out
		case !now.Before(c.NotAfter):
			s.State = Ended
		case c.Pending:
			s.State = Unsettled
		}
		list = append(list, s)
	}
	slices.SortFunc(list, func(a, b User) int { return cmp.Compare(a.Name, b.Name) })
	return list
}

// String is the line of a user.
func (s User) String() string {
	if s.State == Out {
		return fmt.Sprintf("%s  %s on %s", s.Name, s.State, s.Revoked.Format(time.DateTime))
	}
	return fmt.Sprintf("%s  %s until %s", s.Name, s.State, s.NotAfter.Format(time.DateOnly))
}
