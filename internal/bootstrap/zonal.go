package bootstrap

import (
	"errors"
	"fmt"
)

// ZonalMember is an instance of a zonal service. All zones have the same text: a machine asks where it is.
type ZonalMember struct {
	// OS, Name, Region and Namespace are those of Config. Metrics have the name NAME-AZ-ID.
	OS                      OS
	Name, Region, Namespace string
	// Responder answers callers GET /whoami; its ZoneID stays empty. Required.
	Responder Responder
	// CloudMapService is the id of the Cloud Map service that it registers with while it is healthy; may be a token. Default: none.
	CloudMapService string
	// SignalStack is the stack of the groups that wait for machines to serve: each finds its own group by its tags. Default: nobody waits.
	SignalStack string
	// LogGroup, on Amazon Linux, is where CloudWatch's agent sends what the boot says. Default: nowhere.
	LogGroup string
}

// drainSeconds is how long a machine goes on to answer after it left Cloud Map: twice as long as package affinity takes to look again.
const drainSeconds = "10"

// bootLog is the file that becomes the log: cloud-init's output, and by said that of the boot and of what follows it.
const (
	bootLog = "/var/log/cloud-init-output.log"
	said    = "[Service]\nStandardOutput=append:" + bootLog + "\nStandardError=append:" + bootLog + "\n"
)

// zoneFile is what a machine found out about itself.
const zoneFile = "/etc/pathproof/zone.env"

// Config is what the machine gets.
func (z ZonalMember) Config() (Config, error) {
	var errs []error
	if z.Responder.Port < 1 || z.Responder.Port > 65535 {
		errs = append(errs, fmt.Errorf("responder.port: not a port, got %d; use 1 to 65535", z.Responder.Port))
	}
	if z.Responder.ZoneID != "" {
		errs = append(errs, fmt.Errorf("responder.zoneId: the machine finds out itself, got %q; leave it out", z.Responder.ZoneID))
	}
	if err := errors.Join(errs...); err != nil {
		return Config{}, fmt.Errorf("zonal member %s: %w", z.Name, err)
	}
	c := Config{OS: z.OS, Role: "zonal", Name: z.Name, Region: z.Region, Namespace: z.Namespace, Packages: []string{"awscli:aws"},
		Values: map[string]string{"MACHINE_SERVICE": z.Name}}
	if z.LogGroup != "" && z.OS == AmazonLinux2023 { // first: a machine that fails to boot is ended, and its journal with it
		addLogs(&c, z.LogGroup, bootLog)
		c.Static = append(c.Static, File{units + "pathproof-boot.service.d/log.conf", "", said}, File{units + "pathproof-ready.service.d/log.conf", "", said})
	}
	c.Steps = append(c.Steps, Script{"zone", text("zonal/zone.sh")})
	if z.SignalStack != "" {
		c.Signal = Signal{Stack: z.SignalStack, Tagged: true}
		c.Steps = append(c.Steps, Script{"group", text("zonal/group.sh")})
	}
	r := z.Responder
	r.ZoneFile, r.HTTP = zoneFile, true
	r.add(&c)
	if z.CloudMapService != "" {
		c.Values["CLOUD_MAP_SERVICE"], c.Values["DRAIN_SECONDS"] = z.CloudMapService, drainSeconds
		const own = units + "pathproof-"
		c.Static = append(c.Static, File{Folder + "/registration", "0755", text("zonal/registration.sh")}, File{own + "registration.service", "", text("zonal/registration.service")},
			File{own + "registration.timer", "", text("zonal/registration.timer")}, File{own + "departure.service", "", text("zonal/departure.service")})
		c.Steps = append(c.Steps, Script{"register", text("zonal/register.sh")})
	}
	if z.SignalStack != "" { // where callers find it: only then an old one may go
		c.awaitTargets("")
		if z.CloudMapService != "" {
			c.Ready = append(c.Ready, Script{"registered", text("zonal/registered.sh")})
		}
	}
	return c, nil
}

// UserData is the text of Config.
func (z ZonalMember) UserData() (string, error) {
	c, err := z.Config()
	if err != nil {
		return "", err
	}
	return c.UserData()
}
