package gateway

import (
	"strings"
	"testing"
)

// frrScript starts FRR as its package does, in namespaces of its own, with the rendered files in place of the system's.
const frrScript = `set -eu
ip link set lo up
mount -t tmpfs none /etc/frr
mount -t tmpfs none /run
mkdir /run/frr
cp "$ROOT"/etc/frr/* /etc/frr/
echo 'service integrated-vtysh-config' >/etc/frr/vtysh.conf
chown -R frr:frr /etc/frr /run/frr
/usr/lib/frr/frrinit.sh start
for i in $(seq 100); do
  vtysh -c 'show running-config' >/run/config
  ! grep -q 'maximum-paths' /run/config || break
  sleep 0.1
done
cat /run/config`

// FRR itself takes every line, with the daemons that the rendered file names.
func TestDaemons_FRRRuns(t *testing.T) {
	needs(t, true, "vtysh", "unshare", "ip", "/usr/lib/frr/frrinit.sh")
	g := sample()
	root := write(t, g, StrongSwanFRR)
	out, err := run(t, []string{"ROOT=" + root}, "unshare", "-n", "-m", "-p", "--fork", "--kill-child", "--mount-proc", "sh", "-c", frrScript)
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for line := range strings.Lines(string(find(t, render(t, g, StrongSwanFRR), FileFRR).Content())) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "!") || strings.HasPrefix(line, "hostname ") { // the machine's name is another
			continue
		}
		if !strings.Contains(out, line+"\n") {
			t.Errorf("FRR does not have %q", line)
		}
	}
	if t.Failed() {
		t.Log(out)
	}
}
