import type { VNode } from 'preact'

/** A page in one of its states. */
export interface Shot {
  name: string
  render: () => VNode
}

/** Tests read what a screen hands on. */
export function opened(...given: unknown[]): void {
  document.body.dataset.opened = JSON.stringify(given)
}
