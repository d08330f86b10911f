package gateway

import (
	"bytes"
	"embed"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"text/template"

	"github.com/pathproof/pathproof/internal/secret"
)

// Device is a kind of customer gateway that Render knows.
type Device string

// The devices.
const (
	StrongSwanFRR  Device = "strongswan-frr"
	StrongSwanBIRD Device = "strongswan-bird"
	FortiGate      Device = "fortigate"
)

// Devices lists them all.
func Devices() []Device { return []Device{StrongSwanFRR, StrongSwanBIRD, FortiGate} }

// File is one rendered file.
type File struct {
	Name    string      // slash-separated; on Linux the path below the root folder
	Mode    fs.FileMode // permission bits: 0600 if it holds keys
	Secret  bool        // whether pre-shared keys belong in it
	content []byte
}

// Content is the text of the file, pre-shared keys included.
func (f File) Content() []byte { return f.content }

// SecretFile is a file that holds keys, such as AWS's sample for a device.
func SecretFile(name string, text secret.Text) File {
	return File{Name: name, Mode: 0o600, Secret: true, content: []byte(text.Reveal())}
}

// Format writes the file's name only, for every verb: its content may hold keys.
func (f File) Format(s fmt.State, _ rune) { fmt.Fprintf(s, "%s (%d bytes)", f.Name, len(f.content)) }

//go:embed templates
var templates embed.FS

// part is a file of a device: its template and where it goes.
type part struct {
	template, name string
	mode           fs.FileMode
	secret         bool
}

// Names of the rendered files, for programs that load them.
const (
	FileConnections = "etc/swanctl/conf.d/pathproof.conf"
	FileSecrets     = "etc/swanctl/conf.d/pathproof-secrets.conf"
	FileCharon      = "etc/strongswan.d/pathproof.conf"
	FileSysctl      = "etc/sysctl.d/90-pathproof.conf"
	FileFirewall    = "etc/nftables.d/pathproof.nft"
	FileScript      = "usr/local/sbin/pathproof-tunnels"
	FileRules       = "etc/systemd/system/pathproof-firewall.service"
	FileUnit        = "etc/systemd/system/pathproof-tunnels.service"
	FileFRR         = "etc/frr/frr.conf"
	FileFRRDaemons  = "etc/frr/daemons"
	FileBIRD        = "etc/bird/bird.conf"
	FileFortiGate   = "fortigate.conf"
)

var linux = []part{
	{"swanctl.conf", FileConnections, 0o644, false},
	{"secrets.conf", FileSecrets, 0o600, true},
	{"charon.conf", FileCharon, 0o644, false},
	{"sysctl.conf", FileSysctl, 0o644, false},
	{"firewall.nft", FileFirewall, 0o644, false},
	{"firewall.service", FileRules, 0o644, false},
	{"tunnels.sh", FileScript, 0o755, false},
	{"tunnels.service", FileUnit, 0o644, false},
}

var parts = map[Device][]part{
	StrongSwanFRR:  append(linux[:len(linux):len(linux)], part{"frr.conf", FileFRR, 0o644, false}, part{"frr-daemons", FileFRRDaemons, 0o644, false}),
	StrongSwanBIRD: append(linux[:len(linux):len(linux)], part{"bird.conf", FileBIRD, 0o644, false}),
	FortiGate:      {{"fortigate.conf", FileFortiGate, 0o600, true}},
}

// Foreign lists the files that other devices have and this one has not: beside its own they would configure a second one.
func Foreign(d Device) []string {
	var names []string
	for _, other := range Devices() {
		for _, p := range parts[other] {
			own := slices.ContainsFunc(parts[d], func(x part) bool { return x.name == p.name })
			if !own && !slices.Contains(names, p.name) {
				names = append(names, p.name)
			}
		}
	}
	return names
}

// Render makes the configuration of a gateway for a device: ready to load when every outside address and key is known, with
// placeholders in their places otherwise.
func Render(g *Gateway, d Device) ([]File, error) {
	list, ok := parts[d]
	if !ok {
		return nil, fmt.Errorf("unknown device, got %q; use one of %s", d, join(Devices(), ", "))
	}
	if err := g.Validate(); err != nil {
		return nil, err
	}
	var files []File
	for _, p := range list {
		text, err := execute(p.template, view{Gateway: g, Device: d})
		if err != nil {
			return nil, err
		}
		files = append(files, File{Name: p.name, Mode: p.mode, Secret: p.secret, content: text})
	}
	return files, nil
}

func execute(name string, v view) ([]byte, error) {
	t, err := template.New(name+".tmpl").Option("missingkey=error").Funcs(functions).ParseFS(templates, "templates/head.tmpl", "templates/"+name+".tmpl")
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := t.Execute(&out, v); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// WriteText writes files one after the other, each below a line with its name and mode.
func WriteText(w io.Writer, files []File) error {
	for i, f := range files {
		gap := "\n"
		if i == 0 {
			gap = ""
		}
		if _, err := fmt.Fprintf(w, "%s### %s (mode %04o)\n%s", gap, f.Name, f.Mode, f.content); err != nil {
			return err
		}
	}
	return nil
}

func join[S ~string](list []S, sep string) string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = string(s)
	}
	return strings.Join(out, sep)
}
