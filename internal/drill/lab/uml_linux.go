package lab

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/pathproof/pathproof/internal/jsonfile"
)

// The kernel of Debian's package user-mode-linux, and where that has its modules.
const (
	umlKernel  = "linux.uml"
	umlModules = "/usr/lib/uml/modules"
)

// guestEnv keeps the guest's programs off the AVX registers. UML 6.1 saves a process's registers by a call that fails where
// the processor has more of them than it knows (AMX); without that call (see noWideRegisters) it saves the SSE registers
// only. The C library, OpenSSL and Go choose their code by the processor's features, and take these as orders.
var guestEnv = []string{
	"GLIBC_TUNABLES=glibc.cpu.hwcaps=-AVX,-AVX2,-AVX512F,-AVX512VL", "OPENSSL_ia32cap=0:0", "GODEBUG=cpu.all=off",
	"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "TERM=dumb", "LANG=C.UTF-8",
}

// boot runs this program as the first process of a user-mode Linux whose root is this machine's, read-only, and waits until
// that powers off. The result is in the cell's folder.
func boot(ctx context.Context, dir string) error {
	self, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return err
	}
	console, err := os.Create(filepath.Join(dir, "console.log"))
	if err != nil {
		return err
	}
	defer console.Close()
	args := []string{"mem=384M", "rootfstype=hostfs", "rootflags=/", "ro", "init=" + self, "con=null", "con0=null,fd:1", "quiet"}
	args = append(append(args, guestEnv...), "--")
	args = append(args, os.Args[1:]...) // as far as Main is concerned, the same again and one more
	cmd := exec.CommandContext(ctx, umlKernel, append(args, guest)...)
	cmd.Env = append(os.Environ(), "TMPDIR="+memoryFolder(dir)) // its memory is a file
	cmd.Stdout, cmd.Stderr = console, console
	if err := startWithoutWideRegisters(cmd); err != nil {
		return err
	}
	err = cmd.Wait()
	if _, missing := os.Stat(filepath.Join(dir, resultFile)); missing != nil {
		said, _ := os.ReadFile(console.Name())
		return fmt.Errorf("user-mode Linux left no result (%w): %s", errors.Join(err, missing), tail(said))
	}
	return nil
}

// memoryFolder prefers memory to a disk.
func memoryFolder(dir string) string {
	if unix.Access("/dev/shm", unix.W_OK) == nil {
		return "/dev/shm"
	}
	return dir
}

// startWithoutWideRegisters starts a program for which reading registers by PTRACE_GETREGSET and NT_X86_XSTATE fails. UML
// then uses PTRACE_GETFPREGS, as on processors that are older than that.
func startWithoutWideRegisters(cmd *exec.Cmd) error {
	if runtime.GOARCH != "amd64" {
		return cmd.Start()
	}
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // and never unlocks: the filter stays with the thread, which ends here
		if err := noWideRegisters(); err != nil {
			done <- err
			return
		}
		done <- cmd.Start()
	}()
	return <-done
}

// noWideRegisters installs a seccomp filter on this thread and what it starts.
func noWideRegisters() error {
	const (
		callAt, requestAt, kindAt = 0, 16, 32 // in struct seccomp_data: the call, its first and its third argument
		ptraceGetRegSet           = 0x4204
		ntX86XState               = 0x202
	)
	load := func(at uint32) unix.SockFilter {
		return unix.SockFilter{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: at}
	}
	unless := func(value uint32, skip uint8) unix.SockFilter {
		return unix.SockFilter{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, Jf: skip, K: value}
	}
	answer := func(value uint32) unix.SockFilter { return unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: value} }
	filter := []unix.SockFilter{
		load(callAt), unless(unix.SYS_PTRACE, 5),
		load(requestAt), unless(ptraceGetRegSet, 3),
		load(kindAt), unless(ntX86XState, 1),
		answer(unix.SECCOMP_RET_ERRNO | uint32(unix.EIO)),
		answer(unix.SECCOMP_RET_ALLOW),
	}
	program := unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("seccomp: %w", err)
	}
	if err := unix.Prctl(unix.PR_SET_SECCOMP, unix.SECCOMP_MODE_FILTER, uintptr(unsafe.Pointer(&program)), 0, 0); err != nil {
		return fmt.Errorf("seccomp: %w", err)
	}
	return nil
}

// asGuest is the first process of the guest. It always ends by power off.
func asGuest(ctx context.Context, dir string) error {
	defer func() {
		unix.Sync()
		_ = unix.Reboot(unix.LINUX_REBOOT_CMD_POWER_OFF)
	}()
	// The folder of the cell is the machine's, and may be written to.
	for _, m := range []struct{ what, where, kind, data string }{
		{"proc", "/proc", "proc", ""}, {"sysfs", "/sys", "sysfs", ""}, {"none", dir, "hostfs", dir},
	} {
		if err := unix.Mount(m.what, m.where, m.kind, 0, m.data); err != nil {
			return fmt.Errorf("guest: mount %s: %w", m.where, err)
		}
	}
	preferThisProcess(1, unix.SCHED_FLAG_RESET_ON_FORK) // the guest has one processor, and starting a program takes it for long
	var c Cell
	if err := jsonfile.Read(filepath.Join(dir, jobFile), &c); err != nil {
		return err
	}
	err := loadModules(guestModules)
	if err == nil {
		err = inOwn(ctx, c, dir)
	}
	if err != nil {
		row := c.row()
		row.Break(fmt.Errorf("guest: %w", err))
		return writeJSON(filepath.Join(dir, resultFile), result{Row: row})
	}
	return nil
}

// guestModules are what the lab needs beside what is built into the kernel; the kernel cannot ask for them itself, because
// modprobe need not be installed.
var guestModules = []string{
	"veth", "xfrm_user", "esp4", "ip_vti", "gcm", "ctr", "cbc", "ghash-generic", "aes_generic", "hmac", "sha256_generic", "sha512_generic",
	"authenc", jitter, "drbg", "echainiv", "seqiv",
}

// jitter makes randomness of a clock's jitter. It refuses to load (EFAULT) where the host's clock has too little of that, and drbg
// then does without it: https://github.com/torvalds/linux/blob/v6.1/crypto/drbg.c, drbg_prepare_hrng.
const jitter = "jitterentropy_rng"

// loadModules loads modules and those that they need, in the order of modules.dep. What is built in is not in there.
func loadModules(names []string) error {
	var release unix.Utsname
	if err := unix.Uname(&release); err != nil {
		return err
	}
	root := filepath.Join(umlModules, unix.ByteSliceToString(release.Release[:]))
	text, err := os.ReadFile(filepath.Join(root, "modules.dep"))
	if err != nil {
		return err
	}
	for _, file := range moduleOrder(string(text), names) {
		err := loadModule(filepath.Join(root, file))
		if errors.Is(err, unix.EFAULT) && moduleName(file) == jitter {
			continue
		}
		if err != nil {
			return fmt.Errorf("module %s: %w", file, err)
		}
	}
	return nil
}

// moduleOrder reads modules.dep: each line has a module and, behind a colon, what it needs, the first needed last.
func moduleOrder(dep string, names []string) (files []string) {
	needs := map[string][]string{}
	for line := range strings.Lines(dep) {
		file, rest, _ := strings.Cut(line, ":")
		needs[moduleName(file)] = append([]string{file}, strings.Fields(rest)...)
	}
	seen := map[string]bool{}
	for _, name := range names {
		list := needs[strings.ReplaceAll(name, "-", "_")]
		for i := len(list) - 1; i >= 0; i-- {
			if !seen[list[i]] {
				seen[list[i]] = true
				files = append(files, list[i])
			}
		}
	}
	return files
}

// moduleName is the name of the module in a file, as the kernel spells it.
func moduleName(file string) string {
	return strings.ReplaceAll(strings.TrimSuffix(filepath.Base(file), ".ko"), "-", "_")
}

func loadModule(file string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := unix.FinitModule(int(f.Fd()), "", 0); err != nil && err != unix.EEXIST {
		return err
	}
	return nil
}
