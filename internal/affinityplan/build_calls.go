package affinityplan

import (
	"fmt"
	"math"
	"slices"

	"github.com/pathproof/pathproof/internal/config"
)

func (b *builder) calls() {
	if len(b.file.Calls) > maxCalls {
		b.bad("calls", "too many calls, got %d; use at most %d", len(b.file.Calls), maxCalls)
	}
	met := map[int]int{Caller: -1} // service to the call that met it first
	for i := range b.file.Calls {
		b.call(i, met)
	}
	if n := b.messages(); n > maxMessages {
		b.bad("calls", "too many messages of one request, got %d; use at most %d, by fewer times", n, maxMessages)
	}
	for i := range b.chain.Services {
		if _, ok := met[i]; !ok {
			b.bad("services["+b.chain.Services[i].Name+"]", "a service that no call meets, got %s; add it to calls, or remove it", b.chain.Services[i].Name)
		}
	}
}

// messages counts those of a request that makes every call.
func (b *builder) messages() int {
	n := 0
	for i := range b.file.Calls {
		n += int(math.Ceil(b.file.Calls[i].Times)) * (len(b.file.Calls[i].To) + 1)
	}
	return n
}

func (b *builder) call(i int, met map[int]int) {
	given := &b.file.Calls[i]
	path := fmt.Sprintf("calls[%d]", i)
	call := Call{
		Request: float64(given.Request), Response: float64(given.Response), Times: given.Times,
		Affinity: float64(given.Affinity), Charged: given.Charged,
	}
	if call.Times <= 0 || call.Times > 1000 {
		b.bad(path+".times", "out of range, got %v; use more than 0 and at most 1000", call.Times)
	}
	from, known := b.end(path+".from", given.From)
	if _, ok := met[from]; known && !ok {
		b.bad(path+".from", "a service that no earlier call meets, got %s; put the call to it before this one", given.From)
	}
	call.From = from
	before := from
	for k, name := range given.To {
		at := fmt.Sprintf("%s.to[%d]", path, k)
		if name == callerName {
			b.bad(at, "what calls, got caller; responses go back to from by themselves")
			known = false
			continue
		}
		to, ok := b.end(at, name)
		if known = known && ok; ok && to == before {
			b.bad(at, "a message of a service to itself, got %s; leave it out", name)
		}
		call.To, before = append(call.To, to), to
	}
	if !known {
		return
	}
	if len(call.To) > 1 && before == from {
		b.bad(path+".to", "an end that is from itself, got %s; leave it out, for the last one answers from", given.From)
	}
	b.affinityOnce(path, &call, met)
	for _, to := range call.To {
		if _, ok := met[to]; !ok {
			met[to] = i
		}
	}
	b.chain.Calls = append(b.chain.Calls, call)
}

// affinityOnce refuses affinity that means nothing, since an earlier call has met the service already.
func (b *builder) affinityOnce(path string, call *Call, met map[int]int) {
	first, ok := met[call.To[0]]
	if !ok || call.Affinity == 0 || first < 0 {
		return
	}
	earlier := &b.file.Calls[first]
	if float64(earlier.Affinity) != call.Affinity || slices.Index(earlier.To, config.Name(b.chain.Services[call.To[0]].Name)) != 0 {
		b.bad(path+".affinity", "no effect, got %s met by calls[%d] already; a request meets one instance of a service, so write it there",
			b.chain.Services[call.To[0]].Name, first)
	}
}

// end reads an end of a message.
func (b *builder) end(path string, name config.Name) (int, bool) {
	if name == callerName {
		return Caller, true
	}
	i, ok := b.services[name]
	if !ok {
		b.unknown(path, name)
	}
	return i, ok
}
