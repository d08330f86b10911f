package lab

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"sync"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Cable describes a connection between two namespaces.
type Cable struct {
	// A and B are its ends; Device is the name of the network device that each gets.
	A, B   *Namespace
	Device string

	// Delay is how long a packet takes one way.
	Delay time.Duration

	// Drop, if set, says which packets get lost. It is called from one goroutine.
	Drop func(p Packet) bool
}

// Relay is a connected cable: a program that takes packets from one device and puts them into the other.
type Relay struct {
	cable Cable
	tun   [2]int   // descriptors; not files of package os, which would put them into its poller
	stop  *os.File // written to, ends the relay
	done  chan struct{}

	mu    sync.Mutex // guards what follows
	truth truth
}

// Connect makes both devices, up and without addresses, and relays between them until Close.
func (c Cable) Connect() (*Relay, error) {
	r := &Relay{cable: c, tun: [2]int{-1, -1}, done: make(chan struct{}), truth: newTruth()}
	for i, n := range []*Namespace{c.A, c.B} {
		err := n.Do(func() (err error) {
			r.tun[i], err = openTUN(c.Device)
			return err
		})
		if err == nil {
			err = n.IP("link set " + c.Device + " up")
		}
		if err != nil {
			return nil, errors.Join(err, r.closeFiles())
		}
	}
	stopRead, stopWrite, err := os.Pipe()
	if err != nil {
		return nil, errors.Join(err, r.closeFiles())
	}
	r.stop = stopWrite
	go r.relay(stopRead)
	return r, nil
}

// Close ends the relay and removes its devices.
func (r *Relay) Close() error {
	err := r.stop.Close()
	<-r.done
	return errors.Join(err, r.closeFiles())
}

func (r *Relay) closeFiles() error {
	var errs []error
	for _, fd := range r.tun {
		if fd >= 0 {
			errs = append(errs, unix.Close(fd))
		}
	}
	return errors.Join(errs...)
}

func openTUN(name string) (fd int, err error) {
	fd, err = unix.Open("/dev/net/tun", unix.O_RDWR|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return -1, fmt.Errorf("/dev/net/tun: %w", err)
	}
	ifr, err := unix.NewIfreq(name)
	if err == nil {
		ifr.SetUint16(unix.IFF_TUN | unix.IFF_NO_PI)
		err = unix.IoctlIfreq(fd, unix.TUNSETIFF, ifr)
	}
	if err != nil {
		_ = unix.Close(fd)
		return -1, fmt.Errorf("network device %s: %w", name, err)
	}
	return fd, nil
}

// queued is a packet on its way to end to.
type queued struct {
	due    time.Time
	to     int
	packet Packet
	data   []byte
}

// relay is one thread for both directions. It must be on time while the rest of the machine is busy, so it asks for
// precise timers and to go before everything else.
func (r *Relay) relay(stop *os.File) {
	defer close(r.done)
	defer stop.Close()
	runtime.LockOSThread() // and never unlocks: the priority must not get into other hands
	preferThisThread()
	fds := []unix.PollFd{
		{Fd: int32(r.tun[0]), Events: unix.POLLIN},
		{Fd: int32(r.tun[1]), Events: unix.POLLIN},
		{Fd: int32(stop.Fd()), Events: unix.POLLIN},
	}
	var queue []queued // in order of due: the delay is the same for all
	var free [][]byte
	for {
		for len(queue) > 0 && !time.Now().Before(queue[0].due) {
			r.deliver(queue[0])
			free = append(free, queue[0].data[:cap(queue[0].data)])
			queue = queue[1:]
		}
		var timeout *unix.Timespec
		if len(queue) > 0 {
			ts := unix.NsecToTimespec(max(0, time.Until(queue[0].due)).Nanoseconds())
			timeout = &ts
		}
		if _, err := unix.Ppoll(fds, timeout, nil); err != nil && err != unix.EINTR {
			return
		}
		if fds[2].Revents != 0 {
			return
		}
		for from := range 2 {
			if fds[from].Revents&unix.POLLIN != 0 {
				queue, free = r.take(from, queue, free)
			}
		}
	}
}

// take reads the packets that wait at one end.
func (r *Relay) take(from int, queue []queued, free [][]byte) ([]queued, [][]byte) {
	for {
		var b []byte
		if n := len(free); n > 0 {
			b, free = free[n-1], free[:n-1]
		} else {
			b = make([]byte, 2048)
		}
		n, err := unix.Read(r.tun[from], b)
		if err != nil || n <= 0 {
			return queue, append(free, b)
		}
		now := time.Now()
		p := parse(b[:n])
		p.FromA = from == 0
		r.mu.Lock()
		r.truth.taken(p, now)
		r.mu.Unlock()
		if r.cable.Drop != nil && r.cable.Drop(p) {
			free = append(free, b)
			continue
		}
		queue = append(queue, queued{now.Add(r.cable.Delay), 1 - from, p, b[:n]})
	}
}

func (r *Relay) deliver(q queued) {
	// A device that is down takes nothing; so would a cable.
	_, _ = unix.Write(r.tun[q.to], q.data)
	now := time.Now()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.truth.delivered(q.packet, now)
}

// preferThisThread asks for real-time scheduling, or else for a high priority. Neither is an error to miss.
func preferThisThread() {
	_ = unix.Prctl(unix.PR_SET_TIMERSLACK, 1, 0, 0, 0)
	attr := unix.SchedAttr{Size: uint32(unsafe.Sizeof(unix.SchedAttr{})), Policy: unix.SCHED_FIFO, Priority: 10}
	if unix.SchedSetAttr(0, &attr, 0) != nil {
		_ = unix.Setpriority(unix.PRIO_PROCESS, unix.Gettid(), -20)
	}
}
