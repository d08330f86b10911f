package clientprofile

import (
	"context"
	"crypto"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/pathproof/pathproof/internal/naming"
	"github.com/pathproof/pathproof/internal/pki"
	"github.com/pathproof/pathproof/internal/pki/registry"
)

// Users are the users of one PKI of a network.
type Users struct {
	PKI *registry.PKI
	// Network and Name are those of the network and of the PKI in its file.
	Network, Name string
	// PutOut is called when a user was revoked and the lists are published: it brings them to whatever does not fetch them, and ends
	// connections. It may run any number of times.
	// Default: nothing.
	PutOut func(ctx context.Context, user string) error
}

// InputError is an error of what was asked, not of what was done.
type InputError struct{ text string }

func (e *InputError) Error() string { return e.text }

func inputf(format string, args ...any) error { return &InputError{fmt.Sprintf(format, args...)} }

// userName is what a common name, the name of a secret and a file can hold.
var userName = regexp.MustCompile(`^[a-z0-9]([a-z0-9._@-]{0,62}[a-z0-9])?$`)

// CheckUser says whether something can be a user's name.
func CheckUser(user string) error {
	if !userName.MatchString(user) || strings.Contains(user, "..") {
		return inputf("user: not a name, got %.80q; use up to 64 of a-z, 0-9, dot, dash, underscore and @, beginning and ending with a letter or digit", user)
	}
	return nil
}

// identity is a certificate of a user with its key. The authority is in it so that whoever fetches a profile needs no other right.
type identity struct {
	Serial      string    `json:"serial"`
	NotAfter    time.Time `json:"notAfter"`
	Authority   string    `json:"authority"`
	Certificate string    `json:"certificate"`
	Key         string    `json:"key"`
}

// secret is what the secret of a user holds.
type secret struct {
	Version int    `json:"version"`
	User    string `json:"user"`
	identity
	TLSCrypt string `json:"tlsCrypt"`
	// ClientVPN is for AWS Client VPN, nil if the PKI issues nothing for it.
	ClientVPN *identity `json:"clientVpn,omitempty"`
}

// of returns the identity of a line, nil if there is none.
func (s *secret) of(l registry.Line) *identity {
	if l == registry.OfClientVPN {
		return s.ClientVPN
	}
	if s.Serial == "" {
		return nil
	}
	return &s.identity
}

const secretVersion = 1

func (u *Users) secretName(user string) string {
	return naming.ClientProfileSecret(u.Network, u.Name, user)
}

// read returns a user's secret.
func (u *Users) read(ctx context.Context, user string) (*secret, error) {
	text, err := u.PKI.Secrets.Get(ctx, u.secretName(user))
	if err != nil {
		return nil, err
	}
	s := &secret{}
	if json.Unmarshal([]byte(text), s) != nil || s.Version != secretVersion { // the cause would quote it
		return nil, fmt.Errorf("secret %s: not a profile of version %d; revoke %s and add them again", u.secretName(user), secretVersion, user)
	}
	return s, nil
}

// Added is what Add found or made.
type Added struct {
	// Serial is that of the certificate for OpenVPN servers, NotAfter when the first of the user's certificates ends.
	Serial   string
	NotAfter time.Time
	// New says that a certificate was issued just now.
	New bool
}

// claimed is how long an interrupted Add keeps others from beginning again.
const claimed = 2 * time.Minute

// lines are those that the PKI issues for.
func (u *Users) lines() []registry.Line {
	if u.PKI.HasClientVPN() {
		return []registry.Line{registry.OfOpenVPN, registry.OfClientVPN}
	}
	return []registry.Line{registry.OfOpenVPN}
}

// authority is that of a line.
func (u *Users) authority(ctx context.Context, l registry.Line) (*pki.Authority, error) {
	if l == registry.OfClientVPN {
		return u.PKI.ClientVPNAuthority(ctx)
	}
	return u.PKI.Authority(ctx)
}

// Add lets a user in, to every server and endpoint of the PKI. Somebody who is in already stays as they are, unless a certificate is
// missing (a Client VPN came later) or ends within pki.ClientRenew: then they get a new one, and the old one keeps working until its end.
func (u *Users) Add(ctx context.Context, user string, life time.Duration) (Added, error) {
	if err := CheckUser(user); err != nil {
		return Added{}, err
	}
	s, kept, err := u.held(ctx, user)
	if err != nil {
		return Added{}, err
	}
	due, err := u.due(ctx, s)
	if err != nil {
		return Added{}, err
	}
	var made []string
	for _, l := range due {
		serial, err := u.issue(ctx, s, l, life, made)
		if err != nil {
			return Added{}, err
		}
		made = append(made, serial)
	}
	if len(made) > 0 {
		if err := u.keep(ctx, s); err != nil {
			return Added{}, err
		}
		if err := u.finish(ctx, user, made, kept); err != nil {
			return Added{}, err
		}
	}
	return Added{Serial: s.Serial, NotAfter: u.ends(s), New: len(made) > 0}, nil
}

// due are the lines of which a user has no certificate, or one whose end is near. Their authorities are there: a key that is not deployed yet
// must not leave a certificate of the other line that nobody has.
func (u *Users) due(ctx context.Context, s *secret) ([]registry.Line, error) {
	var due []registry.Line
	for _, l := range u.lines() {
		if i := s.of(l); i != nil && !pki.Due(i.NotAfter, u.PKI.Now(), pki.ClientRenew) {
			continue
		}
		if _, err := u.authority(ctx, l); err != nil {
			return nil, err
		}
		due = append(due, l)
	}
	return due, nil
}

// ends is when the first of a user's certificates ends.
func (u *Users) ends(s *secret) time.Time {
	end := s.NotAfter
	for _, l := range u.lines() {
		if i := s.of(l); i != nil && i.NotAfter.Before(end) {
			end = i.NotAfter
		}
	}
	return end
}

// held returns of a user's secret what is live in the register, and the serial numbers of that. Of somebody who is not in, nothing.
func (u *Users) held(ctx context.Context, user string) (*secret, []string, error) {
	empty := &secret{Version: secretVersion, User: user}
	r, err := u.PKI.Read(ctx)
	if err != nil {
		return nil, nil, err
	}
	s, err := u.read(ctx, user)
	if errors.Is(err, registry.ErrMissing) {
		return empty, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	var live []string
	for _, c := range r.Of(registry.OfClient, user) {
		if i := s.of(c.Line); i != nil && i.Serial == c.Serial && c.Live(u.PKI.Now()) && !c.Pending {
			live = append(live, c.Serial)
		}
	}
	if i := s.of(registry.OfOpenVPN); i == nil || !slices.Contains(live, i.Serial) {
		s.identity, s.TLSCrypt = identity{}, ""
	}
	if i := s.of(registry.OfClientVPN); i != nil && !slices.Contains(live, i.Serial) {
		s.ClientVPN = nil
	}
	return s, live, nil
}

// issue makes a key and its certificate of a line, which is in the register then, pending, and returns its serial number. made are those
// that this run made before.
func (u *Users) issue(ctx context.Context, s *secret, l registry.Line, life time.Duration, made []string) (string, error) {
	a, err := u.authority(ctx, l)
	if err != nil {
		return "", err
	}
	if l == registry.OfOpenVPN {
		server, err := u.PKI.TLSCryptKey(ctx)
		if err != nil {
			return "", err
		}
		if s.TLSCrypt, err = pki.NewTLSCryptClientKey(server, u.PKI.Random, u.PKI.Now()); err != nil {
			return "", err
		}
	}
	key, err := newKey(l, u.PKI)
	if err != nil {
		return "", err
	}
	text, err := pki.EncodeKey(key)
	if err != nil {
		return "", err
	}
	c, err := u.certify(ctx, a, s.User, key.Public(), life, made)
	if err != nil {
		return "", err
	}
	i := identity{pki.SerialText(c.SerialNumber), c.NotAfter, pki.EncodeCertificate(a.Certificate), pki.EncodeCertificate(c), text}
	if l == registry.OfClientVPN {
		s.ClientVPN = &i
	} else {
		s.identity = i
	}
	return i.Serial, nil
}

func newKey(l registry.Line, p *registry.PKI) (crypto.Signer, error) {
	if l == registry.OfClientVPN {
		return pki.NewRSAKey(p.Random)
	}
	return pki.NewKey(p.Random)
}

func (u *Users) certify(ctx context.Context, a *pki.Authority, user string, key crypto.PublicKey, life time.Duration, made []string) (*x509.Certificate, error) {
	return u.PKI.Issue(ctx, a, registry.OfClient, user, key, life, func(r *registry.Register) error {
		for _, c := range r.Of(registry.OfClient, user) {
			if c.Pending && c.Live(u.PKI.Now()) && u.PKI.Now().Sub(c.Issued) < claimed && !slices.Contains(made, c.Serial) {
				return fmt.Errorf("user %s: being added by somebody else since %s; run it again in %s", user, c.Issued.Format(time.TimeOnly), claimed)
			}
		}
		return nil
	})
}

func (u *Users) keep(ctx context.Context, s *secret) error {
	text, err := json.Marshal(s)
	if err != nil {
		return errors.New("a profile cannot be written; this is an error of pathproof")
	}
	return u.PKI.Secrets.Put(ctx, u.secretName(s.User), "pathproof: profile of "+s.User+" at "+u.Network, string(text))
}

// finish says in the register that certificates are handed out, and revokes what is live besides them and keep: keys that are lost. Of a
// line of which this run made none only what was never handed out is lost: before a renewal people had another one, which stays good.
func (u *Users) finish(ctx context.Context, user string, made, keep []string) error {
	revokedMeanwhile := false
	var revoked []registry.Line
	err := u.PKI.Change(ctx, func(r *registry.Register) (bool, error) {
		var lost []*registry.Certificate
		found, lines := 0, map[registry.Line]bool{}
		revokedMeanwhile, revoked = false, nil
		all := r.Of(registry.OfClient, user)
		for _, c := range all {
			lines[c.Line] = lines[c.Line] || slices.Contains(made, c.Serial)
		}
		for _, c := range all {
			switch {
			case slices.Contains(made, c.Serial):
				found++
				revokedMeanwhile = revokedMeanwhile || !c.Revoked.IsZero()
				c.Pending = false
			case !slices.Contains(keep, c.Serial) && (c.Pending || lines[c.Line]):
				if c.Live(u.PKI.Now()) {
					revoked = append(revoked, c.Line)
				}
				lost = append(lost, c)
			}
		}
		revokedMeanwhile = revokedMeanwhile || found < len(made)
		r.Revoke(lost, u.PKI.Now())
		return true, nil
	})
	if err != nil {
		return err
	}
	if revokedMeanwhile {
		return errors.Join(fmt.Errorf("user %s: revoked by somebody else while being added; run it again if they are to be let in", user),
			u.PKI.Secrets.Delete(ctx, u.secretName(user)))
	}
	return u.publish(ctx, revoked)
}

// publish brings the lists of these lines up to date. One that fails stops no other.
func (u *Users) publish(ctx context.Context, lines []registry.Line) error {
	var errs []error
	slices.Sort(lines)
	for _, l := range slices.Compact(lines) {
		a, err := u.authority(ctx, l)
		if err == nil {
			err = u.PKI.Publish(ctx, a)
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}
