package machine

import (
	"regexp"
	"strings"

	"github.com/pathproof/pathproof/internal/bootstrap"
	"github.com/pathproof/pathproof/internal/cdkx"
)

var (
	imageForm = regexp.MustCompile(`^ami-([0-9a-f]{8}|[0-9a-f]{17})$`)
	armForm   = regexp.MustCompile(`^[a-z]+[0-9]+g[a-z]*\.[a-z0-9-]+$`)
	nameForm  = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
)

// Token reports whether CDK knows a value only when it writes the template.
func Token(s string) bool { return strings.Contains(s, "${Token[") }

// Check reports what is wrong with the props that every machine has.
func (p Props) Check(f *cdkx.Fields) {
	if !nameForm.MatchString(p.Name) {
		f.Addf("name", "not a name, got %q; use lower case, digits and hyphens", p.Name)
	}
	switch {
	case p.ImageName == "":
		RequireText(f, "imageId", p.ImageId, "give the id of a pinned image, such as ami-0123456789abcdef0, or imageName")
	case p.ImageId != nil:
		f.Addf("imageName", "an image by id and by name, got %q and %q; leave one out", *p.ImageId, p.ImageName)
	case p.Provider == nil:
		f.Addf("imageName", "nothing finds its id, got %q; give a provider", p.ImageName)
	}
	if id := p.ImageId; id != nil && *id != "" && !Token(*id) && !imageForm.MatchString(*id) {
		f.Addf("imageId", "want the id of an image, such as ami-0123456789abcdef0, got %q; pin one for arm64 of this Region", *id)
	}
	if p.InstanceType != "" && !armForm.MatchString(p.InstanceType) {
		f.Addf("instanceType", "not one with a Graviton processor, got %q; use one such as %s", p.InstanceType, DefaultInstanceType)
	}
	if n := len(p.SecurityGroupIds); n < 1 || n > 5 {
		f.Addf("securityGroupIds", "want 1 to 5, got %d; give those that let people in", n)
	}
	switch n := len(p.UserData); {
	case n == 0:
		f.Addf("userData", "missing; give the #cloud-config text, for example of package bootstrap")
	case n > bootstrap.MaxUserData:
		f.Addf("userData", "too long, got %d bytes; EC2 takes %d", n, bootstrap.MaxUserData)
	case !strings.HasPrefix(p.UserData, "#cloud-config\n"):
		f.Addf("userData", "not #cloud-config text, got %.20q; begin it with that line", p.UserData)
	}
	CheckRetention(f, p.LogDays)
}

// CheckSignals wants user data that tells CloudFormation whether the machine serves where somebody waits for it: else every deployment would
// wait in vain and be rolled back.
func CheckSignals(f *cdkx.Fields, signals bool, userData string) {
	if signals && !strings.Contains(userData, bootstrap.SignalVariable+"=") {
		f.Addf("signals", "the user data tells nobody that the machine serves; give bootstrap's Signal, or leave this out")
	}
}

// RequireText wants a text or token.
func RequireText(f *cdkx.Fields, field string, v *string, todo string) {
	if v == nil || *v == "" {
		f.Addf(field, "missing; %s", todo)
	}
}
