import type { ComponentChildren } from 'preact'

export interface Happening {
  at?: ComponentChildren
  words: ComponentChildren
  state?: 'done' | 'now' | 'help' | 'stop' | undefined
}

/** What happened, in order, with its clock. */
export function Timeline({ items }: { items: readonly Happening[] }) {
  return (
    <ol class="timeline">
      {items.map(({ at, words, state }, place) => (
        <li key={place} data-state={state} aria-current={state === 'now' ? 'step' : undefined}>
          {at !== undefined && <time>{at}</time>}
          {words}
        </li>
      ))}
    </ol>
  )
}

/** Labels and values. */
export function Facts({ facts }: { facts: readonly (readonly [ComponentChildren, ComponentChildren])[] }) {
  return (
    <dl class="facts">
      {facts.map(([label, value], place) => [
        <dt key={`${place} label`}>{label}</dt>,
        <dd key={`${place} value`}>{value}</dd>,
      ])}
    </dl>
  )
}

/** A part of a whole, beside its words. Never more than whole. */
export function Ring({ done, of, big }: { done: number; of: number; big?: boolean }) {
  const part = of > 0 ? Math.min(done, of) : 0
  return (
    <svg class={big ? 'ring big' : 'ring'} viewBox="0 0 72 72" aria-hidden="true">
      <circle class="ground" cx="36" cy="36" r="30" />
      {part > 0 && (
        <circle class="value" cx="36" cy="36" r="30" pathLength={of} stroke-dasharray={`${part} ${of}`} />
      )}
    </svg>
  )
}
