package bootstrap

import (
	"embed"
	"encoding/base64"
	"fmt"
	"maps"
	"strconv"
	"strings"
)

//go:embed files
var embedded embed.FS

// text is an embedded file; a missing one is this package's error.
func text(name string) string {
	b, err := embedded.ReadFile("files/" + name)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// UserData is the #cloud-config text. The error names everything that is wrong with c, or how many bytes are too many.
func (c Config) UserData() (string, error) {
	if err := c.check(); err != nil {
		return "", fmt.Errorf("user data of %s %s: %w", c.Role, c.Name, err)
	}
	text := c.text()
	if len(text) > MaxUserData {
		return "", fmt.Errorf("user data of %s %s: too long, got %d bytes; EC2 takes %d", c.Role, c.Name, len(text), MaxUserData)
	}
	return text, nil
}

// Size is how many bytes UserData is or would be. EC2 takes MaxUserData.
func (c Config) Size() int { return len(c.text()) }

func (c Config) text() string {
	var b strings.Builder
	b.WriteString("#cloud-config\n# Written by pathproof. No secret is in here: the machine fetches its own.\nwrite_files:\n")
	File{EnvFile, "", c.env()}.write(&b)
	whole, _ := pack(c.Packed())
	own := base64.StdEncoding.EncodeToString(squeeze(archive(c.own())))
	for _, a := range []struct{ file, text string }{{archiveFile, whole}, {ownFile, own}} {
		fmt.Fprintf(&b, "- path: %s\n  encoding: b64\n  content: %s\n", a.file, a.text)
	}
	fmt.Fprintf(&b, "runcmd:\n- [bash, -euc, 'for a in %s %s; do tar -xzf $a -C / --no-same-owner; done; exec %s/start']\n", archiveFile, ownFile, Folder)
	return b.String()
}

// Where the archives are written: of what all machines of the role have, and of the machine's own.
const (
	archiveFile = "/var/lib/pathproof-files.tar.gz"
	ownFile     = "/var/lib/pathproof-own.tar.gz"
)

// own are the machine's own files, with values but no tokens.
func (c Config) own() []File {
	var files []File
	if c.HealthPort > 0 {
		socket := strings.Replace(text("common/healthz.socket"), "PORT", strconv.Itoa(c.HealthPort), 1)
		files = append(files, File{"/etc/systemd/system/pathproof-healthz.socket", "", socket})
	}
	return append(files, c.Files...)
}

// Packed are the files of the archive: all scripts, units without values, and c.Static.
func (c Config) Packed() []File {
	const units = "/etc/systemd/system/pathproof-"
	files := []File{
		{Folder + "/start", "0755", text("common/start.sh")},
		{Folder + "/boot", "0755", text("common/boot.sh")},
		{Folder + "/health", "0755", text("common/health.sh")},
		{units + "boot.service", "", text("common/boot.service")},
		{units + "health.service", "", text("common/health.service")},
		{units + "health.timer", "", text("common/health.timer")},
		{Folder + "/boot.d/00-packages", "", text("common/packages-" + string(c.OS) + ".sh")},
	}
	if c.HealthPort > 0 {
		files = append(files, File{units + "healthz@.service", "", text("common/healthz.service")}, File{Folder + "/healthz", "0755", text("common/healthz.sh")})
	}
	files = append(files, c.Static...)
	for i, s := range c.Steps {
		files = append(files, s.file(fmt.Sprintf("boot.d/%02d-", i+1)))
	}
	for _, s := range c.Checks {
		files = append(files, s.file("checks.d/"))
	}
	for _, s := range c.Metrics {
		files = append(files, s.file("metrics.d/"))
	}
	for _, s := range c.Ready {
		files = append(files, s.file("ready.d/"))
	}
	if c.Signal != (Signal{}) || len(c.Ready) > 0 {
		files = append(files, File{Folder + "/ready", "0755", text("common/ready.sh")}, File{units + "ready.service", "", text("common/ready.service")})
	}
	if c.Replaced {
		files = append(files, File{Folder + "/watchdog", "0755", text("common/watchdog.sh")}, File{units + "health.service.d/watchdog.conf", "", text("common/watchdog.conf")})
	}
	return files
}

func (s Script) file(prefix string) File { return File{Folder + "/" + prefix + s.Name, "", s.Body} }

// env is the one file with values.
func (c Config) env() string {
	values := maps.Clone(c.Values)
	if values == nil {
		values = map[string]string{}
	}
	values["AWS_DEFAULT_REGION"] = c.Region
	values["METRIC_NAMESPACE"] = c.Namespace
	values["MACHINE_NAME"], values["MACHINE_ROLE"] = c.Name, c.Role
	values["PACKAGES"] = strings.Join(c.Packages, " ")
	if c.Signal != (Signal{}) {
		values["SIGNAL_STACK"], values[SignalVariable] = c.Signal.Stack, c.Signal.Resource
	}
	var b strings.Builder
	for _, k := range sortedKeys(values) {
		fmt.Fprintf(&b, "%s='%s'\n", k, values[k])
	}
	return b.String()
}

// write writes the file as a block of YAML, in which nothing needs an escape.
func (f File) write(b *strings.Builder) {
	fmt.Fprintf(b, "- path: %s\n", f.Path)
	if f.Mode != "" && f.Mode != "0644" {
		fmt.Fprintf(b, "  permissions: '%s'\n", f.Mode)
	}
	b.WriteString("  content: |\n")
	for line := range strings.Lines(f.Content) {
		if line != "\n" {
			b.WriteString("   ")
		}
		b.WriteString(line)
	}
	if !strings.HasSuffix(f.Content, "\n") {
		b.WriteString("\n")
	}
}
