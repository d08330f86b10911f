package affinity

import (
	"fmt"
	"math"
	"time"
)

// How many answers a judgement takes: 20 make a median that is off by a factor of five practically impossible when half of the
// answers are usual; a comparison needs fewer, since it asks for a factor of two only after the first judgement.
const (
	enough      = 20
	enoughOther = 10
	fewOther    = 5
	patience    = 5 * time.Second  // then fewOther are enough
	giveUp      = 30 * time.Second // then nothing can be compared
)

// judgeSlow finds zones that answer, but so late that another zone is better. It reports whether anything changed.
//
// The zone's own past makes it suspect; only a comparison with another zone, which gets Compare of the calls meanwhile, opens its
// breaker. When every zone has become slower it is the work that has, and the new median becomes the usual one.
func (s *Service) judgeSlow(z *zoneState, now time.Duration) bool {
	recent := z.answers.Recent(now, 0, enough)
	if recent.N < enough {
		return false
	}
	typical := recent.Quantile(1 - s.cfg.Slow.Ratio)
	if limit := s.cfg.Slow.Duration; limit > 0 && typical > limit {
		s.openZone(z, now, fmt.Sprintf("answers take %v, over the limit of %v", short(typical), limit))
		return true
	}
	if s.cfg.Slow.Factor < 0 {
		return false
	}
	median := recent.Quantile(0.5)
	switch slow := z.usual > 0 && typical > s.lateAfter(z.usual); {
	case z.suspect && !slow:
		return s.clear(z, z.usual, "answers are as usual again")
	case z.suspect:
		return s.compare(z, typical, median, now)
	case slow && s.comparable(z):
		z.suspect, z.suspected = true, now
		s.note(Event{Kind: ZoneSuspect, Zone: z.id, Reason: fmt.Sprintf("answers take %v, usually %v", short(typical), short(z.usual))})
		return true
	}
	z.tail.Store(int64(recent.Quantile(0.95)))
	s.learn(z, median, recent.Quantile(0.99), now)
	return false
}

// compare decides about a suspect zone.
func (s *Service) compare(z *zoneState, typical, median, now time.Duration) bool {
	need := enoughOther
	if now-z.suspected > patience {
		need = fewOther
	}
	other, at := s.bestOther(z, z.suspected, now, need)
	switch {
	case other != nil && typical > max(2*at, at+s.cfg.Slow.Excess):
		s.openZone(z, now, fmt.Sprintf("answers take %v, usually %v, and %v from %s", short(typical), short(z.usual), short(at), other.id))
		return true
	case other != nil:
		return s.clear(z, median, fmt.Sprintf("%s is no faster: the work takes longer than before", other.id))
	case now-z.suspected > giveUp:
		return s.clear(z, median, "too few calls to compare zones")
	}
	return false
}

// bestOther is the fastest of the other zones that have answered often enough since a moment, and its median.
func (s *Service) bestOther(z *zoneState, since, now time.Duration, need int) (best *zoneState, at time.Duration) {
	for _, o := range s.zones {
		if o == z || o.evacuated || o.breaker.State() != Closed {
			continue
		}
		if r := o.answers.Recent(now, since, need); r.N >= need {
			if m := r.Quantile(0.5); best == nil || m < at {
				best, at = o, m
			}
		}
	}
	return best, at
}

// comparable says whether there is a zone to compare with.
func (s *Service) comparable(z *zoneState) bool {
	for _, o := range s.zones {
		if o != z && !o.evacuated && o.breaker.State() == Closed && len(o.usable(false)) > 0 {
			return true
		}
	}
	return false
}

func (s *Service) clear(z *zoneState, usual time.Duration, reason string) bool {
	z.suspect = false
	s.setUsual(z, usual)
	s.note(Event{Kind: ZoneCleared, Zone: z.id, Reason: reason})
	return true
}

// learn moves the usual median towards the recent one once a second: by a fifth when answers are faster, since cold starts made the
// first ones slow, and by a fiftieth when they are slower, so that getting used to a sick zone takes minutes.
func (s *Service) learn(z *zoneState, median, rare, now time.Duration) {
	before := time.Duration(z.rare.Load())
	z.rare.Store(int64(max(before, rare)))
	switch {
	case z.usual == 0:
		s.setUsual(z, median)
	case now-z.learned < time.Second:
		return
	case median < z.usual:
		s.setUsual(z, z.usual-(z.usual-median)/5)
	default:
		s.setUsual(z, z.usual+(median-z.usual)/50)
	}
	z.rare.Store(int64(max(rare, before-before/50)))
	z.learned = now
}

func (s *Service) setUsual(z *zoneState, usual time.Duration) {
	z.usual = usual
	if usual == 0 {
		return
	}
	z.expect.Store(int64(usual))
	late := s.lateAfter(usual)
	if s.cfg.Slow.Duration > 0 {
		late = min(late, s.cfg.Slow.Duration)
	}
	z.late.Store(int64(late))
}

// lateAfter is the latency from which an answer is slow.
func (s *Service) lateAfter(usual time.Duration) time.Duration {
	if s.cfg.Slow.Factor < 0 {
		return math.MaxInt64
	}
	return max(time.Duration(s.cfg.Slow.Factor*float64(usual)), usual+s.cfg.Slow.Excess)
}

// short rounds to three digits or so.
func short(d time.Duration) time.Duration {
	switch {
	case d > time.Second:
		return d.Round(10 * time.Millisecond)
	case d > 10*time.Millisecond:
		return d.Round(100 * time.Microsecond)
	}
	return d.Round(10 * time.Microsecond)
}
