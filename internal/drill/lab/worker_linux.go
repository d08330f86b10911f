package lab

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"golang.org/x/sys/unix"

	"github.com/pathproof/pathproof/internal/atomicfile"
	"github.com/pathproof/pathproof/internal/drill"
	"github.com/pathproof/pathproof/internal/jsonfile"
)

// Files of a cell's folder.
const (
	jobFile    = "job.json"
	resultFile = "result.json"
)

// guest is the argument of Main that says that this is the first process of a user-mode Linux.
const guest = "guest"

// result is what a cell's process leaves behind.
type result struct {
	Row    *drill.Row `json:"row"`
	Kernel string     `json:"kernel"`
}

// Main runs one cell in this process, which Run started with the arguments: the cell's folder, and "guest" in user-mode
// Linux. It must not be called elsewhere: it hides folders of the machine from this process and makes network devices.
func Main(ctx context.Context, args []string) error {
	if len(args) == 0 || os.Getpid() != 1 {
		return errors.New("this is a part of the lab, and only the lab starts it")
	}
	dir := args[0]
	if len(args) > 1 && args[1] == guest { // UML's kernel appends arguments of its own
		return asGuest(ctx, dir)
	}
	var c Cell
	if err := jsonfile.Read(filepath.Join(dir, jobFile), &c); err != nil {
		return err
	}
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("private mounts: %w", err)
	}
	if err := unix.Mount("proc", "/proc", "proc", 0, ""); err != nil {
		return fmt.Errorf("mount /proc: %w", err)
	}
	if c.Tier == UML {
		preferThisProcess(1, 0)
		return boot(ctx, dir)
	}
	preferThisProcess(2, 0) // a whole guest takes more time, and must not keep others from theirs
	return inOwn(ctx, c, dir)
}

// preferThisProcess asks the scheduler to run this process before everything else, and all that it starts, unless the flags
// say otherwise: it needs little, but at once, and what is measured should not be how busy the machine is. Linux lets
// real-time processes have 95 % of a processor at most. It is no error to miss it; reports say how late probes were.
func preferThisProcess(priority uint32, flags uint64) {
	tasks, _ := os.ReadDir("/proc/self/task")
	for _, task := range tasks {
		id, err := strconv.Atoi(task.Name())
		attr := unix.SchedAttr{Size: unix.SizeofSchedAttr, Policy: unix.SCHED_RR, Priority: priority, Flags: flags}
		if err == nil && unix.SchedSetAttr(id, &attr, 0) != nil {
			_ = unix.Setpriority(unix.PRIO_PROCESS, id, -10)
		}
	}
}

// inOwn runs a cell where mounts, processes and network are this process's own, and writes its result.
func inOwn(ctx context.Context, c Cell, dir string) error {
	if err := ownFolders(); err != nil {
		return err
	}
	var name unix.Utsname
	if err := unix.Uname(&name); err != nil {
		return err
	}
	return writeJSON(filepath.Join(dir, resultFile), result{Row: act(ctx, c, dir), Kernel: unix.ByteSliceToString(name.Release[:])})
}

// fromEtc is what programs of the lab read in /etc and the lab does not write itself. The machine's own connections, keys and
// routing are none of it.
var fromEtc = []string{"frr/vtysh.conf", "group", "iproute2", "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "localtime", "nsswitch.conf", "passwd", "protocols", "services",
	"ssl/openssl.cnf", "strongswan.conf", "strongswan.d"}

// ownFolders covers the folders that daemons and rendered files write to, so that the machine's own stay as they are.
func ownFolders() error {
	for _, dir := range []string{"/run", "/usr/local/sbin"} {
		if err := unix.Mount("lab", dir, "tmpfs", 0, "mode=755"); err != nil {
			return fmt.Errorf("cover %s: %w", dir, err)
		}
	}
	const etc = "/run/lab/etc"
	for _, name := range fromEtc {
		if err := copyTree(filepath.Join("/etc", name), filepath.Join(etc, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if err := unix.Mount(etc, "/etc", "", unix.MS_BIND, ""); err != nil {
		return fmt.Errorf("cover /etc: %w", err)
	}
	return nil
}

// copyTree copies a file or a folder; links become what they point to.
func copyTree(from, to string) error {
	info, err := os.Stat(from)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return copyFile(from, to, info.Mode().Perm())
	}
	entries, err := os.ReadDir(from)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(to, info.Mode().Perm()); err != nil {
		return err
	}
	for _, e := range entries {
		if err := copyTree(filepath.Join(from, e.Name()), filepath.Join(to, e.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

func copyFile(from, to string, mode fs.FileMode) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	text, err := io.ReadAll(in)
	if err != nil {
		return err
	}
	return writeFile(to, string(text), mode)
}

func writeJSON(name string, v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return atomicfile.Write(name, text)
}
