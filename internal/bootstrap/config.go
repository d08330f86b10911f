package bootstrap

import (
	"errors"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
)

// OS is a family of images. The text for each names its packages and where they come from.
type OS string

// The families.
const (
	AmazonLinux2023 OS = "al2023"
	Debian          OS = "debian"
)

// MaxUserData is EC2's limit for user data in bytes, before base64.
const MaxUserData = 16 << 10

// Places on a machine.
const (
	EnvFile    = "/etc/pathproof/boot.env"
	Folder     = "/opt/pathproof"
	HealthFile = "/run/pathproof/health"
)

// File is a file that cloud-init writes, owned by root. Mode "" is 0644.
type File struct{ Path, Mode, Content string }

// Script is a part of the boot, a check or a source of metrics. It runs under bash -euo pipefail, with every value of [EnvFile]
// in its environment. Name is that of its file: lower case, digits and dashes.
type Script struct{ Name, Body string }

// Config is what a machine of one role gets.
type Config struct {
	// OS is the family of its image. Required.
	OS OS
	// Role is "openvpn", "nginx" or "responder", or the like: lower case and dashes. Required.
	Role string
	// Name is the machine's name within the network, such as "seoul": the dimension Name of its metrics. Required.
	Name string
	// Namespace is where in CloudWatch its metrics go. Default: none are sent.
	Namespace string
	// Region is the AWS Region that it runs in. Required.
	Region string
	// Packages come from the repositories of the image, if they are missing. "awscli:aws" is the package awscli, which is not
	// missing where there is a program aws.
	Packages []string
	// HealthPort is where plain HTTP tells load balancers and accelerators whether the machine is healthy: status 200 or 503.
	// Default: nowhere.
	HealthPort int
	// Values are more shell variables for scripts. They may be tokens of CDK, never secrets.
	Values map[string]string
	// Files are written before anything runs. They may hold values, but no tokens.
	Files []File
	// Static are files, too. They are the same for every machine of the role and OS, and travel compressed, with all scripts.
	Static []File
	// Steps run in this order after the packages are there. Like checks and metrics they hold no values: those are in Values.
	Steps []Script
	// Checks decide, with the boot, whether the machine is healthy: each exits with 0 if so, or says on stdout why not.
	Checks []Script
	// Metrics print lines "NAME VALUE UNIT", with a unit of CloudWatch.
	Metrics []Script
	// Ready runs once in the machine's life, when it has booted and is healthy for the first time, before Signal is told.
	Ready []Script
	// Signal is who waits for the machine. Default: nobody.
	Signal Signal
	// Replaced says that the machine asks its auto scaling group for another one when it has served and then, for
	// 10 minutes, failed a check whose fault is its own (exit status other than [Outside]). It asks once in its life.
	Replaced bool
}

// Signal is the resource of CloudFormation that waits for machines to serve: an auto scaling group with WaitOnResourceSignals.
type Signal struct {
	// Stack is the stack's name, and Resource the group's logical id. Both or neither.
	Stack, Resource string
	// Tagged says that machines of several groups have this text: a step finds Resource in the tag that CloudFormation gives
	// whatever a group starts. It takes the place of Resource.
	Tagged bool
}

// TargetsTag begins the keys of tags with the ARNs of target groups that a machine, when Signal.Tagged, has to be healthy in before it
// says that it serves; a number ends them.
const TargetsTag = "pathproof:targets-"

// SignalVariable is the variable with the group's logical id in the user data of a machine that somebody waits for.
const SignalVariable = "SIGNAL_RESOURCE"

// Outside is the exit status of a check whose fault no other machine would be without, such as a certificate that has ended.
const Outside = 3

var (
	names     = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	variables = regexp.MustCompile(`^[A-Z][A-Z0-9_]*$`)
	modes     = regexp.MustCompile(`^0[0-7]{3}$`)
)

// check reports everything that is wrong with c.
func (c Config) check() error {
	var errs []error
	addf := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if c.OS != AmazonLinux2023 && c.OS != Debian {
		addf("os: unknown value, got %q; use %q or %q", c.OS, AmazonLinux2023, Debian)
	}
	for _, v := range []struct{ field, value string }{{"role", c.Role}, {"name", c.Name}} {
		if !names.MatchString(v.value) {
			addf("%s: not a name, got %q; use lower case, digits and dashes", v.field, v.value)
		}
	}
	if c.Region == "" {
		addf("region: missing; name the Region of the machine")
	}
	for _, k := range sortedKeys(c.Values) {
		if !variables.MatchString(k) {
			addf("values: not a variable, got %q; use upper case, digits and underscores", k)
		}
		if strings.ContainsAny(c.Values[k], "'\n\r\\") {
			addf("values.%s: a quote, backslash or line break in it; leave it out", k)
		}
	}
	if s := c.Signal; (s.Stack == "") != (s.Resource == "" && !s.Tagged) || s.Tagged && s.Resource != "" {
		addf("signal: half of it or too much, got stack %q, resource %q and tagged %t; give the stack and one of the others, or nothing", s.Stack, s.Resource, s.Tagged)
	}
	for _, list := range [][]Script{c.Steps, c.Checks, c.Metrics, c.Ready} {
		seen := map[string]bool{}
		for _, s := range list {
			if !names.MatchString(s.Name) || seen[s.Name] {
				addf("scripts: not a name of its own, got %q; use lower case, digits and dashes, each once", s.Name)
			}
			seen[s.Name] = true
		}
	}
	for _, f := range slices.Concat(c.Files, c.Static) {
		errs = append(errs, f.check())
	}
	return errors.Join(errs...)
}

func (f File) check() error {
	switch {
	case !path.IsAbs(f.Path) || path.Clean(f.Path) != f.Path:
		return fmt.Errorf("files: not an absolute path, got %q; write it whole", f.Path)
	case f.Mode != "" && !modes.MatchString(f.Mode):
		return fmt.Errorf("files.%s: not a mode, got %q; write it like 0644", f.Path, f.Mode)
	case f.Content == "" || strings.ContainsAny(f.Content[:1], " \t\n") || strings.ContainsAny(f.Content, "\r\x00"):
		return fmt.Errorf("files.%s: empty, begins with a space, or has a carriage return or NUL; YAML could not hold it as it is", f.Path)
	}
	return nil
}

// awaitTargets has the machine say that it serves when the load balancer calls it, and not before: it is late to learn of a new
// target. find comes first; it, or a step, writes which machine this is to zone.env, and the ARNs of target groups to the file targets, one a line.
func (c *Config) awaitTargets(find string) {
	c.Static = append(c.Static, File{units + "pathproof-ready.service.d/time.conf", "", "[Service]\nTimeoutStartSec=10min\n"}) // health, then targets
	c.Ready = append(c.Ready, Script{"targets", find + text("common/targets.sh")})
}

func sortedKeys(m map[string]string) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
