package latencyprobe

import (
	_ "embed" // the script and the unit
	"strings"
	"text/template"
)

//go:embed target-boot.sh
var bootScript string

//go:embed target.service
var bootUnit string

// maxUserData is EC2's limit in bytes, before base64.
const maxUserData = 16 << 10

// boot is what a target's first boot, and each one after it, has to know.
type boot struct {
	Signal              string // URL of the wait condition's handle
	Bucket, Key, Region string
	SHA256              string // of the program, in hex
	ZoneID              string
	Port                int
}

// Unit is the systemd unit of the service.
func (b boot) Unit() string { return fill(bootUnit, b) }

// script installs the service, starts it and reports.
func (b boot) script() string { return fill(bootScript, b) }

// userData has cloud-init run the script at each boot, not only at the first: a new program reaches an instance that is
// stopped, given new user data and started again.
func (b boot) userData() string {
	return `Content-Type: multipart/mixed; boundary="pathproof"
MIME-Version: 1.0

--pathproof
Content-Type: text/cloud-config; charset="us-ascii"

#cloud-config
cloud_final_modules:
- [scripts-user, always]
--pathproof
Content-Type: text/x-shellscript; charset="us-ascii"

` + b.script() + "--pathproof--\n"
}

// fill panics where the text does not fit boot: both are this package's.
func fill(text string, b boot) string {
	var out strings.Builder
	if err := template.Must(template.New("boot").Parse(text)).Execute(&out, b); err != nil {
		panic(err)
	}
	return out.String()
}
