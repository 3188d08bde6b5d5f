import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { breathAt, type Pace } from '../model/breathing.ts'
import { spentAt, type Stopwatch } from '../model/stopwatch.ts'
import { t } from '../text/text.ts'

/** Seconds that a stopwatch shows, while it runs too. */
export function useSeconds(watch: Stopwatch, most: number): number {
  const [, tick] = useState(0)
  const seconds = spentAt(watch, Date.now(), most)
  const runs = watch.since !== null && seconds < most
  useEffect(() => {
    if (!runs) return
    const timer = setInterval(() => tick((n) => n + 1), 500)
    return () => clearInterval(timer)
  }, [runs])
  return seconds
}

interface CountdownProps {
  /** Seconds. */
  spent: number
  of: number
  children?: ComponentChildren
}

/** How much is left. It makes no sound, and nothing happens at its end. */
export function Countdown({ spent, of, children }: CountdownProps) {
  return (
    <div class="card stack tight">
      <p class="when">
        <time role="timer">{minutes(of - spent)}</time>
      </p>
      <progress value={spent} max={of} aria-label={t('timer.waited')} />
      {children}
    </div>
  )
}

/** 760 → "12:40" */
function minutes(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}

interface BreathingProps {
  pace: Pace
  /** Seconds since the first breath. */
  seconds: number
  runs: boolean
  over?: boolean
  /** Breathing in a box counts its sides. */
  box?: boolean
  /** Below the cue. */
  children?: ComponentChildren
}

/** A shape that breathes along. The words alone are enough. */
export function Breathing({ pace, seconds, runs, over, box, children }: BreathingProps) {
  const { phase, full, lasts, left } = breathAt(pace, seconds)
  const cue = t(`breath.${phase}`)
  return (
    <div class="breath">
      <svg viewBox="0 0 240 240" aria-hidden="true" data-full={runs && full} data-lasts={lasts}>
        {box ? (
          <>
            <rect class="still" x="10" y="10" width="220" height="220" rx="28" />
            <rect class="air" x="26" y="26" width="188" height="188" rx="22" />
          </>
        ) : (
          <>
            <circle class="still" cx="120" cy="120" r="118" />
            <circle class="air" cx="120" cy="120" r="112" />
          </>
        )}
      </svg>
      <p class="cue">{over ? t('breath.over') : !runs ? t('breath.ready') : box ? `${cue} ${left}` : cue}</p>
      {children}
    </div>
  )
}
